// What the probe and the operator's use of a camera read: answers in the manner of HTTP, XML, SDP, pages.

#include <cstdlib>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/camera_places.hpp"
#include "bench/probe/service_places.hpp"
#include "bench/probe/web_session.hpp"
#include "harness/learned/login_template.hpp"

using namespace cambench::probe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)status_of(text);
    (void)is_whole(text);
    for (const auto* name : {"Location", "Content-Base", "Session"}) (void)header_of(text, name);
    (void)authorization_for(header_of(text, "WWW-Authenticate"), "user", "password", "GET", "/");
    for (const auto& path : resources_of(text))
        if (!is_plain(path) || path[0] != '/') std::abort();
    const WebLogin login{
        .path = "/login", .good = "", .token = "data.token", .header = "X: {token}", .over = "over"};
    WebSession session;
    keep_cookies(session, text);
    if (const auto headers = session_headers(login, session); headers.find('\n') + 1 != headers.size())
        std::abort();
    const WebAnswer answer{std::string(text.substr(0, text.size() - body_of(text).size())), content_of(text)};
    const auto result = judge_login(login, answer);
    if (result.session && session_headers(login, *result.session).find("X: ") == std::string::npos)
        std::abort();
    (void)is_over(login, answer);
    (void)without_secrets(answer.body, session, "p");
    const auto track = track_of(body_of(text), "rtsp://192.0.2.1/live");
    if (!is_plain(track)) std::abort();
    (void)profile_tokens_of(text);
    for (const auto& neighbour : parse_neighbours(text)) (void)link_local_of(neighbour.mac);
    (void)link_local_of(text.substr(0, 32));
    (void)facts_of_sdp(text);
    (void)facts_of_onvif(text, text, text);
    (void)speech_of(text);
    (void)service_path(text, "/media/wsdl");
    for (const auto& place : onvif_places_of(text))
        if (!is_plain(place.path) || place.path[0] != '/' || place.web.port == 0) std::abort();
    (void)cambench::filled_in(text, "application/json", "u", "p");
    (void)cambench::unknown_login_words(text);
    return 0;
}
