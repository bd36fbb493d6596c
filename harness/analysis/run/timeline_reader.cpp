#include "harness/analysis/run/timeline_reader.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <istream>

#include "harness/analysis/flows/update_requests.hpp"
#include "harness/analysis/run/tls_trials.hpp"
#include "harness/analysis/run/upgrades.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/file.hpp"
#include "harness/core/json.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_update_requests = 1024, most_handshakes = 100'000, most_events = 1'000'000;

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
    SeenContacts contacts;
    Stopwatch power, window;
    std::uint64_t unsent = 0;  ///< answers that the bench could not give
    Nanoseconds unsent_since = Nanoseconds::max();

    void take(Event event);
    void take_network(const Event& event);
    void take_bench(const Event& event);
    void take_own_network(const Event& event);
    void finish();
};

void Reading::take_network(const Event& event) {
    facts.claims.take(event);
    trials.take(event);
    facts.deliveries.take(event);
    contacts.take(event);
    if (auto request = update_request_of(event)) {
        if (facts.update_requests.size() < most_update_requests)
            facts.update_requests.push_back(std::move(*request));
        else
            facts.bounds.note(Subject::firmware, "requests inside TLS that could be for firmware",
                              most_update_requests, facts.run.wall_zero + event.time);
    }
    if (event.kind == "unsent")
        unsent = std::max(unsent, count_of(event.fields, "datagrams")),
        unsent_since = std::min(unsent_since, event.time);
    if (event.kind != "tls") return;
    if (facts.tls.size() < most_handshakes)
        facts.tls.push_back(tls_outcome(event));
    else
        facts.bounds.note(Subject::sessions, "handshakes of TLS", most_handshakes,
                          facts.run.wall_zero + event.time);
}

void Reading::take_bench(const Event& event) {
    if (event.kind == "run") {
        if (const auto wall = parse_timestamp(text_of(event.fields, "wall_zero")))
            facts.run.wall_zero = *wall;
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
        if (const auto subnet = Cidr::parse(text_of(event.fields, "subnet")))
            network.subnets.push_back(*subnet);
    network.loses = network.loses || flag_of(event.fields, "loses_datagrams");
}

void Reading::take(Event event) {
    auto& run = facts.run;
    run.length = std::max(run.length, event.time);
    upgrades.take(event);
    if (event.lane == "network") return take_network(event);
    if (event.lane == "console" && event.kind == "data") {
        facts.console.push_back(
            {event.time, count_of(event.fields, "offset"), count_of(event.fields, "length")});
        return;
    }
    if (event.lane == "console" && event.kind == "gap") ++facts.console_gaps;
    if (event.lane == "power" && event.kind == "on") {
        power.begin(event.time);
        if (!facts.power_on) facts.power_on = event.time;
    }
    if (event.lane == "power" && event.kind == "off") power.end(event.time);
    if (event.lane == "scenario" && event.kind == "window") {
        const auto state = text_of(event.fields, "state");
        const bool begins = event.fields.contains("begins") || state == "begin" || state == "begins";
        begins ? window.begin(event.time) : window.end(event.time);
    }
    if (event.lane != "network" && (event.kind == "off" || event.kind == "network-cable"))
        facts.own_network.cuts.push_back(event.time);
    if (event.lane == "bench") take_bench(event);
    if (run.events.size() < most_events)
        run.events.push_back(std::move(event));
    else
        facts.bounds.note(Subject::timeline, "events of the run", most_events, run.wall_zero + event.time);
}

void Reading::finish() {
    power.end(facts.run.length);
    window.end(facts.run.length);
    facts.run.powered = power.total();
    facts.run.observed = window.total();
    trials.finish(facts.tls_trials, facts.plain_contacts, facts.bounds);
    facts.upgrade_offers = upgrades.finish();
    std::stable_sort(facts.console.begin(), facts.console.end(),
                     [](const auto& a, const auto& b) { return a.offset < b.offset; });
    if (unsent > 0)
        facts.bounds.note(Subject::everything, "datagrams that the bench could not answer", 0,
                          facts.run.wall_zero + unsent_since, unsent);
    facts.contacts = contacts.finish(facts.run.wall_zero, facts.bounds);
}

/// The next line without its end, as std::getline has it; of one that is longer than any event only a
/// beginning, which is none.
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
    return {std::move(name),
            endpoint_of(text_of(event.fields, "destination")),
            transport_of(event.fields),
            text_of(event.fields, "outcome"),
            text_of(event.fields, "alert"),
            text_of(event.fields, "version"),
            event.time};
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
