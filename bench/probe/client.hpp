#pragma once

#include <string>
#include <string_view>

#include "harness/core/ip.hpp"
#include "harness/core/time.hpp"

namespace cambench::probe {

constexpr std::uint16_t http_port = 80, rtsp_port = 554;
constexpr auto answer_time = std::chrono::milliseconds(1500);  ///< with one answer

/// Who looks: the operator's account and where his stream is.
struct Access {
    std::string user, password, stream = "/";
};

/// A request in the manner of HTTP. Once without a login and, when the answer asks for one, once more with it.
struct Asked {
    std::string method, uri;
    std::string_view version = "HTTP/1.1";
    std::string headers, body;  ///< each header ends with CR LF
};
struct Answered {
    std::string text;
    bool with_login = false;  ///< it was asked for, and given
};
[[nodiscard]] Answered ask_with_login(const IpAddress& address, std::uint16_t port, const Access& access, const Asked& asked);

/// One operation of ONVIF; the element that stands in the envelope's body.
[[nodiscard]] Answered ask_onvif(const IpAddress& address, const Access& access, const std::string& path, const std::string& operation);

/// "192.0.2.1", "[2001:db8::1]"
[[nodiscard]] std::string host_of(const IpAddress& address);

}  // namespace cambench::probe
