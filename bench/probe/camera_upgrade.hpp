#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bench/probe/camera_places.hpp"
#include "bench/probe/camera_use.hpp"

namespace cambench::probe {

/// Where ONVIF's StartFirmwareUpgrade wants the package brought, and after what pause (ONVIF Core, 8.4.9).
struct UploadPlace {
    std::uint16_t port = http_port;
    std::string path;
    Milliseconds delay{0};
    bool tls = false;
};

/// Out of the answer to StartFirmwareUpgrade; nullopt when it names no place on that camera.
[[nodiscard]] std::optional<UploadPlace> upload_place_of(std::string_view answer, const IpAddress& camera);

/// Seconds of an XML duration such as "PT1M30S"; nullopt when it is none, or longer than an hour.
[[nodiscard]] std::optional<Milliseconds> duration_of(std::string_view text);

/// Brings a package as a recorder or a maker's tool does by ONVIF: StartFirmwareUpgrade and a POST to the
/// place it names, or else UpgradeSystemFirmware with the package attached (MTOM), which older cameras know.
/// The last call is the one that carried it.
[[nodiscard]] Use upgrade_by_onvif(const IpAddress& address, const Access& access, std::string_view package,
                                   const OnvifPlace& onvif = {});

/// Brings a package, as it is, to every TCP port that listens at any of these places of one camera and is not
/// among `known`, without any login; to web servers there also by a POST to "/". One call for each attempt.
/// It fails only when nothing listens at all.
[[nodiscard]] Use upgrade_by_ports(const std::vector<Place>& places, std::string_view package,
                                   const std::vector<std::uint16_t>& known);

}  // namespace cambench::probe
