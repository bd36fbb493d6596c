#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/probe/client.hpp"
#include "bench/probe/web_session.hpp"

namespace cambench::probe {

/// One call to the camera and what it answered; status 0: nothing.
struct Call {
    std::string what;
    int status = 0;
};

/// What came of using the camera in one way.
struct Use {
    std::vector<Call> calls;
    bool succeeded = false;
    std::string why;  ///< why it counts as used, or not
    bool delivered =
        false;  ///< of an upgrade: the camera has the package, also when it starts anew instead of answering
    std::optional<WebSession> session;  ///< of the web page, when somebody logged in there
};

/// Logs in to the web page as a browser would, and loads what the page shows.
[[nodiscard]] Use use_web(const IpAddress& address, const Access& access, const WebLogin& login,
                          const WebPlace& web = {});
/// Asks what a video recorder asks of a camera that is added to it.
[[nodiscard]] Use use_onvif(const IpAddress& address, const Access& access, const OnvifPlace& place = {});
/// Plays the main stream over its RTSP connection for `watch`.
[[nodiscard]] Use use_rtsp(const IpAddress& address, const Access& access, Nanoseconds watch,
                           std::uint16_t port = rtsp_port);

}  // namespace cambench::probe
