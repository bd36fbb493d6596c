#include "bench/internet/world/web.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "bench/internet/world/name_directory.hpp"
#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

struct Probe {
    std::string_view path, body, type;
    unsigned status;
};
/// What phones, desktops and camera SDKs fetch to learn whether they are online, and the exact body they
/// compare with.
constexpr std::array probes{
    Probe{"/generate_204", "", "", 204},
    Probe{"/gen_204", "", "", 204},
    Probe{"/hotspot-detect.html", "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>",
          "text/html", 200},
    Probe{"/library/test/success.html",
          "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>", "text/html", 200},
    Probe{"/ncsi.txt", "Microsoft NCSI", "text/plain", 200},
    Probe{"/connecttest.txt", "Microsoft Connect Test", "text/plain", 200},
    Probe{"/success.txt", "success\n", "text/plain", 200},
    Probe{"/canonical.html",
          "<meta http-equiv=\"refresh\" content=\"0;url=https://support.mozilla.org/kb/captive-portal\"/>",
          "text/html", 200},
    Probe{"/blank.html", "", "text/html", 200},
    Probe{"/kindle-wifi/wifistub.html", "81ce4465-7167-4dcb-835b-dcc9e44c112a", "text/html", 200},
    Probe{"/nm", "NetworkManager is online\n", "text/plain", 200},
    Probe{"/check_network_status.txt", "NetworkManager is online\n", "text/plain", 200}};

std::string websocket_accept(std::string_view key) {
    const auto text = fmt::format("{}258EAFA5-E914-47DA-95CA-C5AB0DC85B11", trim(key));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    return base64({reinterpret_cast<const char*>(digest.data()), size});
}

std::string value_of(std::string_view placeholder, const WebRequest& request) {
    const auto& head = request.head;
    if (placeholder == "host") return request.host;
    if (placeholder == "method") return head.method;
    if (placeholder == "path") return std::string(head.path());
    if (placeholder == "query") return std::string(head.query());
    if (placeholder == "camera") return request.camera;
    if (placeholder == "destination") return request.destination;
    if (placeholder == "time.http") return format_http_date(request.now);
    if (placeholder == "time.iso")
        return format_timestamp(std::chrono::floor<std::chrono::seconds>(request.now)).substr(0, 19) + "Z";
    if (placeholder == "time.unix")
        return fmt::format("{}",
                           std::chrono::floor<std::chrono::seconds>(request.now).time_since_epoch().count());
    if (placeholder.starts_with("header.")) return std::string(head.header(placeholder.substr(7)));
    return fmt::format("${{{}}}", placeholder);
}

std::string fill_in(std::string_view text, const WebRequest& request) {
    std::string filled;
    for (;;) {
        const auto open = text.find("${"),
                   close = text.find('}', open == std::string_view::npos ? open : open + 2);
        if (open == std::string_view::npos || close == std::string_view::npos) return filled += text;
        filled += text.substr(0, open);
        filled += value_of(text.substr(open + 2, close - open - 2), request);
        text = text.substr(close + 1);
    }
}

std::optional<WebAnswer> from_connectivity_checks(std::string_view path) {
    for (const auto& probe : probes) {
        if (probe.path != path) continue;
        WebAnswer found{{probe.status, {}, std::string(probe.body)}, "connectivity"};
        if (!probe.type.empty()) found.answer.headers.emplace_back("Content-Type", probe.type);
        return found;
    }
    return std::nullopt;
}

std::optional<WebAnswer> from_websocket(const WebRequest& request) {
    const auto key = request.head.header("Sec-WebSocket-Key");
    if (key.empty() || !request.head.header_has("Upgrade", "websocket")) return std::nullopt;
    WebAnswer answer{{101,
                      {{"Upgrade", "websocket"},
                       {"Connection", "Upgrade"},
                       {"Sec-WebSocket-Accept", websocket_accept(key)}},
                      ""},
                     "websocket",
                     true};
    if (const auto protocols = split(request.head.header("Sec-WebSocket-Protocol"), ','); !protocols.empty())
        answer.answer.headers.emplace_back("Sec-WebSocket-Protocol", trim(protocols.front()));
    return answer;
}

/// Who takes a server for a proxy is let through: what he says to whom is heard here all the same.
std::optional<WebAnswer> from_proxy(const WebRequest& request) {
    if (request.head.method != "CONNECT") return std::nullopt;
    return WebAnswer{{200, {}, ""}, "proxy", true};
}

WebAnswer by_default(const WebRequest& request) {
    const auto& head = request.head;
    const bool json = head.header("Accept").find("json") != std::string_view::npos ||
                      head.header("Content-Type").find("json") != std::string_view::npos;
    if (json)
        return {{200, {{"Content-Type", "application/json"}}, "{\"code\":0,\"message\":\"success\"}\n"},
                "default"};
    return {{200,
             {{"Content-Type", "text/html"}},
             "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><p>OK</p></body></html>\n"},
            "default"};
}

bool host_fits(std::string_view pattern, std::string_view host) {
    return pattern == host || pattern == "*" || (pattern.starts_with("*.") && name_matches(pattern, host));
}

/// How much of a path a pattern says.
auto letters_of(std::string_view pattern) {
    return static_cast<std::ptrdiff_t>(pattern.size()) - std::count(pattern.begin(), pattern.end(), '*');
}

bool has_digit(std::string_view text) { return text.find_first_of("0123456789") != std::string_view::npos; }

/// 10: the path fits; 5: it has the same parts but for some with digits in both, as serial numbers are; 0:
/// another one.
double path_likeness(std::string_view learned, std::string_view path) {
    if (fits(learned, path)) return 10;
    const auto ours = split(learned, '/'), theirs = split(path, '/');
    if (ours.size() != theirs.size()) return 0;
    for (std::size_t i = 0; i < ours.size(); ++i)
        if (ours[i] != theirs[i] && !(has_digit(ours[i]) && has_digit(theirs[i]))) return 0;
    return 5;
}

/// The share of a recorded query's parts that a request's query has.
double shared_parts(std::string_view learned, std::string_view now) {
    const auto ours = split(learned, '&'), theirs = split(now, '&');
    const auto shared = std::count_if(ours.begin(), ours.end(), [&](const auto& part) {
        return std::find(theirs.begin(), theirs.end(), part) != theirs.end();
    });
    return ours.empty()
               ? 0
               : static_cast<double>(shared) / static_cast<double>(std::max(ours.size(), theirs.size()));
}

/// Query and body, 2 each when they are the same; and the field Authorization, which tells a challenge from
/// what comes after.
double asked_likeness(const HttpRoute::Asked& asked, const WebRequest& request) {
    const double body = asked.body == request.body ? 2
                        : asked.body.empty() || request.body.empty()
                            ? 0
                            : likeness(DialogueTemplate::literal(asked.body), request.body);
    const double query =
        asked.query == request.head.query() ? 2 : shared_parts(asked.query, request.head.query());
    const bool authorised = !request.head.header("Authorization").empty();
    return query + body + (authorised == asked.authorised ? 3 : 0);
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p, ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

void Web::add(HttpRoute route) {
    route.host = canonical_name(route.host);
    auto& places = route.host.find('*') == std::string::npos ? by_host_[route.host] : any_host_;
    places.push_back(routes_.size());
    routes_.push_back({std::move(route)});
}

void Web::offer(std::uint64_t number, std::vector<HttpRoute> routes) {
    offer_number_ = number;
    offers_ = std::move(routes);
    for (auto& route : offers_) route.host = canonical_name(route.host);
}

std::optional<WebAnswer> Web::from_offers(const WebRequest& request) const {
    // Where both fit, as with package="*", the one that says more goes first.
    const HttpRoute* closest = nullptr;
    for (const auto& route : offers_) {
        if (route.asked || !host_fits(route.host, request.host) || !fits(route.path, request.head.path()))
            continue;
        if (closest == nullptr || letters_of(route.path) > letters_of(closest->path)) closest = &route;
    }
    if (closest != nullptr) return WebAnswer{closest->answers.back(), "update", false, closest->role};
    const auto* learned = learned_like(request);
    return learned == nullptr
               ? std::nullopt
               : std::optional(WebAnswer{learned->answers.back(), "update", false, learned->role});
}

const HttpRoute* Web::package_for(std::string_view host) const {
    const auto found = std::find_if(offers_.begin(), offers_.end(), [&](const HttpRoute& route) {
        return route.role == UpdateRole::package && !route.asked && host_fits(route.host, host);
    });
    return found == offers_.end() ? nullptr : &*found;
}

const HttpRoute* Web::learned_like(const WebRequest& request) const {
    const HttpRoute* best = nullptr;
    double most = 0;
    for (const auto& route : offers_) {
        if (!route.asked || !host_fits(route.host, request.host)) continue;
        const bool method =
            route.method == request.head.method || (route.method == "GET" && request.head.method == "HEAD");
        const auto path = path_likeness(route.path, request.head.path());
        if (!method || path == 0) continue;
        const auto likeness = path + asked_likeness(*route.asked, request);
        if (likeness > most) most = likeness, best = &route;
    }
    return best;
}

std::optional<WebAnswer> Web::from_routes(const WebRequest& request) {
    if (routes_.empty()) return std::nullopt;
    const auto try_one = [&](std::size_t index) -> std::optional<WebAnswer> {
        auto& [route, taken] = routes_[index];
        const bool method = route.method == "*" || route.method == request.head.method;
        if (!method || !fits(route.path, request.head.path())) return std::nullopt;
        WebAnswer found{route.answers[std::min(taken++, route.answers.size() - 1)], "route"};
        if (!found.answer.literal) found.answer.body = fill_in(found.answer.body, request);
        for (auto& header : found.answer.headers) header.second = fill_in(header.second, request);
        return found;
    };
    const std::vector<std::size_t>* candidates = nullptr;
    if (const auto found = by_host_.find(request.host); found != by_host_.end()) candidates = &found->second;
    // Later routes go first: a route added at run time replaces what the scenario began with.
    for (std::size_t i = candidates == nullptr ? 0 : candidates->size(); i-- > 0;)
        if (auto answer = try_one((*candidates)[i])) return answer;
    for (std::size_t i = any_host_.size(); i-- > 0;) {
        const auto& pattern = routes_[any_host_[i]].route.host;
        if (!(pattern == "*" || (pattern.starts_with("*.") ? name_matches(pattern, request.host)
                                                           : fits(pattern, request.host))))
            continue;
        if (auto answer = try_one(any_host_[i])) return answer;
    }
    return std::nullopt;
}

/// The registration dialogues of one large maker's clouds: the camera's clock is wrong at first, so its first
/// token is refused with the right date; only then does it go on to the ports it is told.
std::optional<WebAnswer> Web::from_camera_clouds(const WebRequest& request) {
    const auto path = request.head.path();
    const auto first_time = [&] {
        return challenged_.size() < 65536 &&
               challenged_.insert(fmt::format("{} {}", request.camera, path)).second;
    };
    if (path.starts_with("/online/p2psrv/")) {
        if (first_time())
            return WebAnswer{{401,
                              {{"WWW-Authenticate", "WSSE realm=\"p2p\", profile=\"UsernameToken\""},
                               {"Content-Type", "text/xml"}},
                              "<body><Error>TimeOut</Error></body>"},
                             "dahua-p2p"};
        return WebAnswer{{200, {{"Content-Type", "text/xml"}}, "<body><DS>:8802</DS><US>:8803</US></body>"},
                         "dahua-p2p"};
    }
    if (path.starts_with("/heartbeat/") || path == "/heartbeat" || path.starts_with("/setup/device/") ||
        path.starts_with("/probe/p2psrv"))
        return WebAnswer{{200, {{"Content-Type", "text/xml"}}, ""}, "dahua-p2p"};
    if (path == "/p2pdev/update") {
        if (first_time())
            return WebAnswer{{401,
                              {{"WWW-Authenticate",
                                "Basic DahuaDeviceAuth method=0,domain=\"dahuap2p.com\",variable=\"0\""}},
                              ""},
                             "dahua-registration"};
        return WebAnswer{{200, {}, ""}, "dahua-registration"};
    }
    return std::nullopt;
}

WebAnswer Web::answer(const WebRequest& request) {
    if (auto found = from_offers(request)) return std::move(*found);
    if (auto found = from_routes(request)) return std::move(*found);
    if (auto found = from_connectivity_checks(request.head.path())) return std::move(*found);
    if (auto found = from_camera_clouds(request)) return std::move(*found);
    if (auto found = from_websocket(request)) return std::move(*found);
    if (auto found = from_proxy(request)) return std::move(*found);
    return by_default(request);
}

}  // namespace cambench::internet
