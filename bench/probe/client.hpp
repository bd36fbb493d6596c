#pragma once

#include <string>
#include <string_view>

#include "harness/core/ip.hpp"
#include "harness/core/time.hpp"

namespace cambench::probe {

constexpr auto device_service = "/onvif/device_service";
constexpr std::uint16_t http_port = 80, https_port = 443, rtsp_port = 554;
constexpr auto answer_time = std::chrono::seconds(6);  ///< with one answer; a busy camera takes its time

/// A web server of a camera, and what of ONVIF is at one.
struct WebPlace {
    std::uint16_t port = http_port;
    bool tls = false;
    bool operator==(const WebPlace&) const = default;
};
struct OnvifPlace {
    WebPlace web = {};
    std::string path = device_service;  ///< of the device service
    bool operator==(const OnvifPlace&) const = default;
};

/// Who looks: the operator's account and where his stream is.
struct Access {
    std::string user, password, stream = "/";
};

/// A request in the manner of HTTP. Once without a login and, when the answer asks for one, once more with
/// it.
struct Asked {
    std::string method, uri;
    std::string_view version = "HTTP/1.1";
    std::string headers, body;  ///< each header ends with CR LF
    Nanoseconds patience = answer_time;
    bool tls = false;
};
struct Answered {
    std::string text;
    bool with_login = false;  ///< it was asked for, and given
    bool delivered = false;   ///< the camera has the whole request, also when it did not answer
};
[[nodiscard]] Answered ask_with_login(const IpAddress& address, std::uint16_t port, const Access& access,
                                      const Asked& asked);

/// One operation of ONVIF; the element that stands in the envelope's body. Where HTTP's own login does not
/// do, a UsernameToken is given.
[[nodiscard]] Answered ask_onvif(const IpAddress& address, const Access& access, const std::string& path,
                                 const std::string& operation, const WebPlace& web = {});

/// A SOAP 1.2 envelope around what stands in its body, with a header or without.
[[nodiscard]] std::string envelope_around(std::string_view operation, std::string_view header = "");

/// The header that names the account by a digest (OASIS WS-Security UsernameToken Profile 1.0, 3.1, as ONVIF
/// Core 5.9 wants it). `nonce` is raw bytes; `created` like "2026-03-01T12:00:00Z", of the camera's own
/// clock.
[[nodiscard]] std::string username_token(const Access& access, std::string_view nonce,
                                         std::string_view created);
/// A UsernameToken of this moment by the camera's own clock; by the bench's where the camera does not say
/// what it shows.
[[nodiscard]] std::string fresh_token(const IpAddress& address, const Access& access,
                                      const OnvifPlace& place = {});

/// "192.0.2.1", "[2001:db8::1]"
[[nodiscard]] std::string host_of(const IpAddress& address);
/// The same with the port where it is not the usual one: what a Host header says.
[[nodiscard]] std::string host_of(const IpAddress& address, const WebPlace& web);

}  // namespace cambench::probe
