// What the probe and the operator's use of a camera read: answers in the manner of HTTP, XML, SDP, pages.

#include <cstdlib>

#include "bench/probe/camera_answers.hpp"

using namespace cambench::probe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)status_of(text);
    (void)is_whole(text);
    for (const auto* name : {"Location", "Content-Base", "Session"}) (void)header_of(text, name);
    (void)authorization_for(header_of(text, "WWW-Authenticate"), "user", "password", "GET", "/");
    for (const auto& path : resources_of(text))
        if (!is_plain(path) || path[0] != '/') std::abort();
    if (cookies_of(text).find('\n') != std::string::npos) std::abort();
    const auto track = track_of(body_of(text), "rtsp://192.0.2.1/live");
    if (!is_plain(track)) std::abort();
    (void)profile_tokens_of(text);
    (void)facts_of_sdp(text);
    (void)facts_of_onvif(text, text, text);
    (void)filled_in(text, "application/json", "u", "p");
    return 0;
}
