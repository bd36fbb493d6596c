#include "bench/probe/service_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/socket_client.hpp"
#include "bench/probe/tcp_services.hpp"
#include "bench/probe/udp_services.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

constexpr auto first_words = std::chrono::milliseconds(1500), usual_scan = std::chrono::milliseconds(1200),
               discovery_time = std::chrono::milliseconds(1500);
constexpr std::size_t most_heard = 64;
constexpr std::uint16_t discovery_port = 3702;

/// Where makers put their web pages, ONVIF and streams.
constexpr std::array<std::uint16_t, 24> usual_ports{80,   443,  554,  81,   88,   888,   2020,  5000,
                                                    5543, 6688, 7070, 8000, 8080, 8081,  8088,  8443,
                                                    8554, 8555, 8888, 8899, 9000, 10080, 10554, 34567};

bool anything(std::string_view text) { return !text.empty(); }

std::string answer_at(const IpAddress& address, std::uint16_t port, std::string_view words) {
    Connection connection(address, port, first_words);
    const auto deadline = Deadline::after(first_words);
    return connection.send(words, deadline) ? connection.receive(deadline, anything) : "";
}

/// RTSP's servers answer OPTIONS, HTTP's refuse it by a word of theirs, TLS's by an alert; who hangs up, or
/// answers as HTTP 0.9 did, is asked as a browser asks.
Speech listen_to(const IpAddress& address, std::uint16_t port) {
    auto speech = speech_of(answer_at(address, port, "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"));
    if (speech == Speech::nothing || speech == Speech::other) {
        const auto asked =
            speech_of(answer_at(address, port,
                                fmt::format("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                                            host_of(address, {port, false}))));
        if (asked != Speech::nothing) speech = asked;
    }
    if (speech == Speech::nothing && Connection(address, port, first_words, Connection::Cover::tls).stands())
        speech = Speech::tls;
    return speech;
}

bool speaks_http_in_tls(const IpAddress& address, std::uint16_t port) {
    const auto answered = ask_with_login(
        address, port, {},
        {.method = "GET",
         .uri = "/",
         .headers = fmt::format("Host: {}:{}\r\nConnection: close\r\n", host_of(address), port),
         .body = {},
         .tls = true});
    return status_of(answered.text) != 0;
}

template <typename T>
void add_new(std::vector<T>& into, const T& value) {
    if (std::find(into.begin(), into.end(), value) == into.end()) into.push_back(value);
}

bool is_soap(std::string_view answer) { return answer.find("Envelope") != std::string_view::npos; }

/// Whether a device service is there: everybody may ask it for the time.
bool is_device_service(const IpAddress& address, const OnvifPlace& place) {
    const auto text =
        ask_onvif(address, {}, place.path,
                  "<GetSystemDateAndTime xmlns=\"http://www.onvif.org/ver10/device/wsdl\"/>", place.web)
            .text;
    const auto status = status_of(text);
    return is_soap(body_of(text)) || status == 401;
}

class Search {
public:
    Search(const IpAddress& address, const std::vector<DeclaredPlace>& declared)
        : address_(address), declared_(declared) {
        told_ = onvif_places_of(
            udp_answer(address, discovery_port, udp_greeting(discovery_port), discovery_time));
    }

    void look_at(const std::vector<std::uint16_t>& open) {
        for (const auto port : open) {
            if (std::find(heard_.begin(), heard_.end(), port) != heard_.end() || heard_.size() >= most_heard)
                continue;
            heard_.push_back(port);
            const auto speech = listen_to(address_, port);
            if (speech == Speech::http) add_new(places_.web, WebPlace{port, false});
            if (speech == Speech::rtsp) add_new(places_.rtsp, port);
            if (speech == Speech::tls && speaks_http_in_tls(address_, port))
                add_new(places_.web, WebPlace{port, true});
        }
    }

    [[nodiscard]] bool has(Want want) const {
        return (want == Want::stream || !places_.web.empty()) &&
               (want == Want::page || !places_.rtsp.empty());
    }

    /// Ports to look at first.
    [[nodiscard]] std::vector<std::uint16_t> candidates() const {
        std::vector<std::uint16_t> ports;
        for (const auto& one : declared_) add_new(ports, one.port);
        for (const auto& one : told_) add_new(ports, one.web.port);
        for (const auto port : usual_ports) add_new(ports, port);
        return ports;
    }

    Places finish() {
        const auto rank = [&](std::uint16_t port, bool tls) {
            const auto named = std::find_if(declared_.begin(), declared_.end(),
                                            [&](const DeclaredPlace& one) { return one.port == port; });
            const auto place = named != declared_.end() ? named - declared_.begin()
                                                        : static_cast<std::ptrdiff_t>(declared_.size());
            return std::tuple(place, tls, port != http_port && port != https_port && port != rtsp_port);
        };
        std::stable_sort(places_.web.begin(), places_.web.end(), [&](const WebPlace& a, const WebPlace& b) {
            return rank(a.port, a.tls) < rank(b.port, b.tls);
        });
        std::stable_sort(places_.rtsp.begin(), places_.rtsp.end(),
                         [&](auto a, auto b) { return rank(a, false) < rank(b, false); });
        find_onvif();
        return std::move(places_);
    }

private:
    void find_onvif() {
        std::vector<OnvifPlace> candidates = told_;
        for (const auto& one : declared_)
            if (one.protocol == "onvif")
                add_new(candidates,
                        OnvifPlace{{one.port, std::find(places_.web.begin(), places_.web.end(),
                                                        WebPlace{one.port, true}) != places_.web.end()},
                                   device_service});
        for (const auto& web : places_.web) add_new(candidates, OnvifPlace{web, device_service});
        for (const auto& candidate : candidates) {
            if (!is_device_service(address_, candidate)) continue;
            places_.onvif = candidate;
            return;
        }
    }

    const IpAddress& address_;
    const std::vector<DeclaredPlace>& declared_;
    std::vector<OnvifPlace> told_;
    std::vector<std::uint16_t> heard_;
    Places places_;
};

}  // namespace

Speech speech_of(std::string_view first_bytes) {
    if (first_bytes.empty()) return Speech::nothing;
    if (first_bytes.starts_with("RTSP/")) return Speech::rtsp;
    const bool record = first_bytes.size() >= 3 && (first_bytes[0] == '\x15' || first_bytes[0] == '\x16') &&
                        first_bytes[1] == '\x03';
    if (record) return Speech::tls;
    if (!first_bytes.starts_with("HTTP/")) return Speech::other;
    const auto text = lower(first_bytes);
    const bool wants_tls = text.find("https port") != std::string::npos ||
                           text.find("ssl-enabled server port") != std::string::npos;  // nginx, Apache
    return wants_tls ? Speech::tls : Speech::http;
}

std::optional<OnvifPlace> onvif_place_of(std::string_view url) {
    constexpr std::size_t longest = 256;
    const bool tls = url.starts_with("https://");
    if ((!tls && !url.starts_with("http://")) || !is_plain(url) || url.size() > longest) return std::nullopt;
    url.remove_prefix(tls ? 8 : 7);
    const auto slash = std::min(url.find('/'), url.size());
    const auto host = url.substr(0, slash);
    OnvifPlace place{{tls ? https_port : http_port, tls},
                     slash < url.size() ? std::string(url.substr(slash)) : std::string(device_service)};
    if (host.empty() || host.starts_with(':')) return std::nullopt;
    if (const auto colon = host.rfind(':');
        colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
        place.web.port = whole_number<std::uint16_t>(host.substr(colon + 1)).value_or(0);
        if (place.web.port == 0) return std::nullopt;
    }
    return place;
}

std::vector<OnvifPlace> onvif_places_of(std::string_view probe_matches) {
    std::vector<OnvifPlace> places;
    for (const auto& text : element_texts(probe_matches, "XAddrs"))
        for (const auto& url : split(text, ' '))
            if (const auto place = onvif_place_of(url); place && places.size() < 8) add_new(places, *place);
    return places;
}

std::string service_path(std::string_view services, std::string_view name) {
    const auto names = element_texts(services, "Namespace"), addresses = element_texts(services, "XAddr");
    for (std::size_t i = 0; i < names.size() && names.size() == addresses.size(); ++i) {
        if (names[i].find(name) == std::string::npos) continue;
        const auto place = onvif_place_of(addresses[i]);
        return place ? place->path : "";
    }
    return "";
}

Places find_places(const IpAddress& address, const std::vector<DeclaredPlace>& declared, Want want,
                   const std::vector<std::uint16_t>* open) {
    Search search(address, declared);
    if (open != nullptr) {
        search.look_at(*open);
        return search.finish();
    }
    const auto candidates = search.candidates();
    auto usual = scan_ports(address, candidates, usual_scan).open;
    std::sort(usual.begin(), usual.end());
    search.look_at(usual);
    if (!search.has(want)) search.look_at(listening_ports(address));
    return search.finish();
}

}  // namespace cambench::probe
