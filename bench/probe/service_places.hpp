#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/probe/client.hpp"
#include "harness/core/ip.hpp"

namespace cambench::probe {

/// Where a camera's services are, for its operator's tools.
struct Places {
    std::vector<WebPlace> web;  ///< the one first that a browser would be sent to
    std::optional<OnvifPlace> onvif;
    std::vector<std::uint16_t> rtsp;
};

/// A service that the declaration names.
struct DeclaredPlace {
    std::uint16_t port = 0;
    std::string protocol;  ///< "http", "https", "onvif", "rtsp", ...
};

/// What a port speaks, as its first words to a stranger tell.
enum class Speech { nothing, http, tls, rtsp, other };
[[nodiscard]] Speech speech_of(std::string_view first_bytes);

/// Of an URL such as "http://192.168.1.108:8000/onvif/device_service", whatever its host; nullopt when it is
/// none of HTTP.
[[nodiscard]] std::optional<OnvifPlace> onvif_place_of(std::string_view url);
/// The device services that an answer of WS-Discovery names in its XAddrs, in order.
[[nodiscard]] std::vector<OnvifPlace> onvif_places_of(std::string_view probe_matches);
/// The path of a service in ONVIF's GetServices, by a part of its namespace such as "/media/wsdl"; "" when it
/// is not there.
[[nodiscard]] std::string service_path(std::string_view services, std::string_view name);

enum class Want { page, stream, both };

/// Looks at the declared ports, at those that WS-Discovery names and at those that cameras of many makers
/// use; where that does not bring what is wanted, at all others. `open`: TCP ports that are known to listen,
/// so that no scan is needed.
[[nodiscard]] Places find_places(const IpAddress& address, const std::vector<DeclaredPlace>& declared,
                                 Want want, const std::vector<std::uint16_t>* open = nullptr);

}  // namespace cambench::probe
