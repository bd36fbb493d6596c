#include "harness/analysis/timeline_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <istream>

#include "harness/analysis/event_fields.hpp"
#include "harness/analysis/tls_trials.hpp"
#include "harness/analysis/update_requests.hpp"
#include "harness/analysis/upgrades.hpp"
#include "harness/core/file.hpp"
#include "harness/core/json.hpp"
#include "harness/core/protocol_words.hpp"

namespace cambench::analysis {
namespace {

/// Sums up the time between a beginning and an end, over the whole run.
class Stopwatch {
public:
    void begin(Nanoseconds time) {
        if (!since_) since_ = time;
    }
    void end(Nanoseconds time) {
        if (since_) total_ += time - *since_;
        since_.reset();
    }
    [[nodiscard]] Nanoseconds total() const { return total_; }

private:
    std::optional<Nanoseconds> since_;
    Nanoseconds total_{};
};

struct Reading {
    TimelineFacts facts;
    TlsTrialReader trials;
    UpgradeReader upgrades;
    Stopwatch power, window;

    void take(Event event);
    void take_network(const Event& event);
    void take_payload(const Event& event);
    void take_inner(const Event& event);
    void take_bench(const Event& event);
    void take_own_network(const Event& event);
    void finish();
};

void Reading::take_network(const Event& event) {
    if (event.fields.contains("payload") || event.kind == "http-request") take_payload(event);
    take_inner(event);
    facts.claims.take(event);
    trials.take(event);
    facts.deliveries.take(event);
    if (facts.update_requests.size() < 1024)
        if (auto request = update_request_of(event)) facts.update_requests.push_back(std::move(*request));
    if (event.kind == "dns-query" && facts.given.size() < 200'000) {
        GivenName given{event.time, text_of(event.fields, "type"), {}, {}, is_said_in_clear(event.fields)};
        given.named.name = plain_name(text_of(event.fields, "question"));
        if (given.named.name.empty()) given.named.name = plain_name(text_of(event.fields, "name"));
        if (const auto resolver = IpAddress::parse(text_of(event.fields, "resolver"))) given.resolver = *resolver;
        given.named.addresses = told_addresses(event.fields);
        if (!given.named.name.empty()) facts.given.push_back(std::move(given));
    }
    if (event.kind == "tls" && facts.tls.size() < 100'000) facts.tls.push_back(tls_outcome(event));
}

void Reading::take_payload(const Event& event) {
    auto digest = text_of(event.fields, "payload");
    const auto destination = endpoint_of(text_of(event.fields, "destination"));
    const bool tells = !digest.empty() || (event.kind == "http-request" && is_inside_tls(event.fields));
    if (!tells || !destination || facts.payloads.size() >= 20'000) return;
    SeenPayload seen{event.time, std::move(digest), *destination, transport_of(event.fields), is_inside_tls(event.fields), {}, {}};
    if (event.kind == "http-request") {
        seen.statement = text_of(event.fields, "target");
        seen.host = plain_name(text_of(event.fields, "host"));
        if (const auto headers = event.fields.find("headers"); headers != event.fields.end()) seen.statement += "\n" + headers->dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    facts.payloads.push_back(std::move(seen));
}

/// The way to what an event is of: "tls", "connect/tls", "http/websocket"; "" when it is of the wire itself.
std::string layers_of(const Event& event) {
    auto layers = text_of(event.fields, "layers");
    return layers.empty() ? text_of(event.fields, "inside") : layers;
}

/// What is spoken, by the word of the service that answered; "" where its events do not tell.
std::string service_of(const Event& event) {
    static constexpr std::array<std::string_view, 10> of_connections{"udp", "udp-stream", "tcp-open", "tcp-close", "tcp-attempt", "tcp-data", "tcp-payload", "tls", "tls-attempt", "websocket"};
    if (std::find(of_connections.begin(), of_connections.end(), event.kind) != of_connections.end()) return {};
    const auto protocol = text_of(event.fields, "protocol");
    const auto word = protocol_word(protocol);
    if (!word.known) return event.kind == "camera-cloud" ? protocol : std::string();
    return word.inner.empty() ? word.wire : word.inner;
}

void Reading::take_inner(const Event& event) {
    constexpr std::size_t most = 20'000;
    const auto layers = layers_of(event);
    const auto destination = endpoint_of(text_of(event.fields, "destination"));
    const bool message = event.kind == "websocket", body = event.kind == "http-request" && event.fields.contains("payload");
    // Names asked for over HTTP are part of it.
    if (!destination || layers == "http" || layers == "https" || facts.inner.size() >= most) return;
    SeenInner seen{event.time, *destination, transport_of(event.fields), layers, service_of(event), text_of(event.fields, "toward"), text_of(event.fields, "payload"), text_of(event.fields, "heard")};
    if (message || body) {
        auto content = seen;
        content.session = false;
        content.layers += (layers.empty() ? "" : "/") + std::string(message ? "http/websocket" : "http/body");
        facts.inner.push_back(std::move(content));
    }
    const bool stream = event.kind == "tcp-payload" || (event.kind == "udp" && !layers.empty());
    if (layers.empty() || message || (!stream && seen.protocol.empty())) return;
    if (!stream) seen.digest.clear();
    const auto same = [&](const SeenInner& one) { return one.session && one.digest.empty() && one.destination == seen.destination && one.transport == seen.transport && one.layers == seen.layers && one.protocol == seen.protocol && one.toward == seen.toward; };
    if (stream || std::none_of(facts.inner.begin(), facts.inner.end(), same)) facts.inner.push_back(std::move(seen));
}

void Reading::take_bench(const Event& event) {
    if (event.kind == "run") {
        if (const auto wall = parse_timestamp(text_of(event.fields, "wall_zero"))) facts.run.wall_zero = *wall;
    }
    if (const auto mac = MacAddress::parse(text_of(event.fields, "bench_mac"))) facts.bench_macs.insert(*mac);
    take_own_network(event);
}

void Reading::take_own_network(const Event& event) {
    auto& network = facts.own_network;
    const auto each = [&](const char* member, const auto& use) {
        const auto list = event.fields.find(member);
        if (list == event.fields.end() || !list->is_array()) return;
        for (const auto& text : *list)
            if (text.is_string()) use(text.get<std::string>());
    };
    each("name_pools", [&](const std::string& text) {
        if (const auto pool = Cidr::parse(text)) network.pools.push_back(*pool), network.told = true;
    });
    each("stated_names", [&](const std::string& text) {
        if (const auto address = IpAddress::parse(text)) network.stated.push_back(*address);
    });
    if (event.kind == "own-network" && flag_of(event.fields, "stated"))
        if (const auto subnet = Cidr::parse(text_of(event.fields, "subnet"))) network.subnets.push_back(*subnet);
    network.loses = network.loses || flag_of(event.fields, "loses_datagrams");
}

void Reading::take(Event event) {
    auto& run = facts.run;
    run.length = std::max(run.length, event.time);
    upgrades.take(event);
    if (event.lane == "network") return take_network(event);
    if (event.lane == "console" && event.kind == "data") {
        facts.console.push_back({event.time, count_of(event.fields, "offset"), count_of(event.fields, "length")});
        return;
    }
    if (event.lane == "console" && event.kind == "gap") ++facts.console_gaps;
    if (event.lane == "power" && event.kind == "on") power.begin(event.time), facts.power_switched_on = true;
    if (event.lane == "power" && event.kind == "off") power.end(event.time);
    if (event.lane == "scenario" && event.kind == "window") {
        const auto state = text_of(event.fields, "state");
        const bool begins = event.fields.contains("begins") || state == "begin" || state == "begins";
        begins ? window.begin(event.time) : window.end(event.time);
    }
    if (event.lane != "network" && (event.kind == "off" || event.kind == "network-cable"))
        facts.own_network.cuts.push_back(event.time);
    if (event.lane == "bench") take_bench(event);
    if (run.events.size() < 1'000'000) run.events.push_back(std::move(event));
}

void Reading::finish() {
    power.end(facts.run.length);
    window.end(facts.run.length);
    facts.run.powered = power.total();
    facts.run.observed = window.total();
    trials.finish(facts.tls_trials, facts.plain_contacts);
    facts.upgrade_offers = upgrades.finish();
    std::stable_sort(facts.console.begin(), facts.console.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
    std::stable_sort(facts.given.begin(), facts.given.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
}

/// The next line without its end, as std::getline has it; of one that is longer than any event only a beginning, which
/// is none.
bool next_line(std::istream& in, std::string& line) {
    constexpr std::size_t longest = 16U << 20;
    std::array<char, 1U << 14> piece{};
    for (line.clear();;) {
        in.getline(piece.data(), piece.size());
        const auto got = static_cast<std::size_t>(in.gcount());
        const bool whole = !in.eof() && !in.fail();
        if (line.size() < longest) line.append(piece.data(), whole ? got - 1 : got);
        if (whole) return true;
        if (in.eof() || in.bad() || got == 0) return !line.empty();
        in.clear(in.rdstate() & ~std::ios::failbit);
    }
}

}  // namespace

TlsOutcome tls_outcome(const Event& event) {
    auto name = text_of(event.fields, "sni");
    if (name.empty()) name = text_of(event.fields, "name");
    return {std::move(name), endpoint_of(text_of(event.fields, "destination")), transport_of(event.fields), text_of(event.fields, "outcome"),
            text_of(event.fields, "alert"), text_of(event.fields, "version"), event.time};
}

std::optional<Event> parse_event(std::string_view line) {
    auto json = parse_json(line);
    if (!json.is_object()) return std::nullopt;
    const auto time = json.find("t");
    if (time == json.end() || !time->is_number_integer()) return std::nullopt;
    Event event{Nanoseconds(time->get<std::int64_t>()), text_of(json, "lane"), text_of(json, "kind"), {}};
    if (event.lane.empty() || event.kind.empty()) return std::nullopt;
    for (const auto* key : {"t", "lane", "kind"}) json.erase(key);
    event.fields = std::move(json);
    return event;
}

Result<TimelineFacts> read_timeline(const std::filesystem::path& file) {
    TRY_ASSIGN(const auto opened, open_regular_stream(file));
    auto& in = *opened;
    Reading reading;
    reading.facts.run.present = true;
    std::string line;
    while (next_line(in, line)) {
        if (line.empty()) continue;
        auto event = parse_event(line);
        if (event) reading.take(std::move(*event));
        if (!event || in.eof()) reading.facts.run.torn = true;  // the last line has its end, too
    }
    if (in.bad()) return bench_error(fmt::format("read {}: {}", file.string(), std::strerror(errno)));
    reading.finish();
    return std::move(reading.facts);
}

}  // namespace cambench::analysis
