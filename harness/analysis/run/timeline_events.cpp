#include "harness/analysis/run/timeline_events.hpp"

#include <algorithm>
#include <array>

#include "harness/core/event_fields.hpp"
#include "harness/core/file.hpp"
#include "harness/wire/protocol_words.hpp"

namespace cambench::analysis {
namespace {

/// The way to what an event is of: "tls", "connect/tls", "http/websocket"; "" when it is of the wire itself.
std::string layers_of(const Event& event) {
    auto layers = text_of(event.fields, "layers");
    return layers.empty() ? text_of(event.fields, "inside") : layers;
}

/// What is spoken, by the word of the service that answered; "" where its events do not tell.
std::string service_of(const Event& event) {
    static constexpr std::array<std::string_view, 10> of_connections{
        "udp",      "udp-stream",  "tcp-open", "tcp-close",   "tcp-attempt",
        "tcp-data", "tcp-payload", "tls",      "tls-attempt", "websocket"};
    if (std::find(of_connections.begin(), of_connections.end(), event.kind) != of_connections.end())
        return {};
    const auto protocol = text_of(event.fields, "protocol");
    const auto word = protocol_word(protocol);
    if (!word.known) return event.kind == "camera-cloud" ? protocol : std::string();
    return word.inner.empty() ? word.wire : word.inner;
}

std::optional<GivenName> given_by(const Event& event) {
    GivenName given{event.time, text_of(event.fields, "type"), {}, {}, is_said_in_clear(event.fields)};
    given.named.name = plain_name(text_of(event.fields, "question"));
    if (given.named.name.empty()) given.named.name = plain_name(text_of(event.fields, "name"));
    if (given.named.name.empty()) return std::nullopt;
    if (const auto resolver = IpAddress::parse(text_of(event.fields, "resolver"))) given.resolver = *resolver;
    given.named.addresses = told_addresses(event.fields);
    return given;
}

}  // namespace

Status each_network_event(const std::filesystem::path& timeline, const std::vector<std::string_view>& members,
                          const std::function<void(const Event&)>& take) {
    TRY_ASSIGN(const auto opened, open_regular_stream(timeline));
    auto& in = *opened;
    std::string line;
    const auto holds = [&line](std::string_view text) { return line.find(text) != std::string::npos; };
    while (std::getline(in, line)) {
        if (!holds("\"network\"") || std::none_of(members.begin(), members.end(), holds)) continue;
        if (const auto event = parse_event(line); event && event->lane == "network") take(*event);
    }
    return {};
}

GivenNames::GivenNames(const std::filesystem::path& timeline) {
    if (auto opened = open_regular_stream(timeline)) in_ = std::move(*opened);
}

std::optional<GivenName> GivenNames::next_by(Nanoseconds time) {
    while (!ahead_ && in_ && std::getline(*in_, line_)) {
        if (line_.find("\"dns-query\"") == std::string::npos) continue;
        if (const auto event = parse_event(line_);
            event && event->lane == "network" && event->kind == "dns-query")
            ahead_ = given_by(*event);
    }
    if (!ahead_ || ahead_->time > time) return std::nullopt;
    return std::exchange(ahead_, std::nullopt);
}

std::optional<SeenPayload> payload_of(const Event& event) {
    if (!event.fields.contains("payload") && event.kind != "http-request") return std::nullopt;
    auto digest = text_of(event.fields, "payload");
    const auto destination = endpoint_of(text_of(event.fields, "destination"));
    if (!destination || (digest.empty() && event.kind != "http-request")) return std::nullopt;
    SeenPayload seen{event.time,
                     std::move(digest),
                     *destination,
                     transport_of(event.fields),
                     is_inside_tls(event.fields),
                     {},
                     {}};
    if (event.kind != "http-request") return seen;
    seen.statement = text_of(event.fields, "target");
    seen.host = plain_name(text_of(event.fields, "host"));
    if (const auto headers = event.fields.find("headers"); headers != event.fields.end())
        seen.statement += "\n" + headers->dump(-1, ' ', false, Json::error_handler_t::replace);
    return seen;
}

std::vector<SeenInner> inner_of(const Event& event) {
    const auto layers = layers_of(event);
    const auto destination = endpoint_of(text_of(event.fields, "destination"));
    const bool message = event.kind == "websocket",
               body = event.kind == "http-request" && event.fields.contains("payload");
    if (!destination || layers == "http" || layers == "https")
        return {};  // names asked for over HTTP are part of it
    std::vector<SeenInner> found;
    SeenInner seen{event.time,
                   *destination,
                   transport_of(event.fields),
                   layers,
                   service_of(event),
                   text_of(event.fields, "toward"),
                   text_of(event.fields, "payload"),
                   text_of(event.fields, "heard")};
    if (message || body) {
        auto content = seen;
        content.session = false;
        content.layers += (layers.empty() ? "" : "/") + std::string(message ? "http/websocket" : "http/body");
        found.push_back(std::move(content));
    }
    const bool stream = event.kind == "tcp-payload" || (event.kind == "udp" && !layers.empty());
    if (layers.empty() || message || (!stream && seen.protocol.empty())) return found;
    if (!stream) seen.digest.clear();
    found.push_back(std::move(seen));
    return found;
}

}  // namespace cambench::analysis
