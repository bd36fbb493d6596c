#include "harness/analysis/analyze.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <functional>
#include <set>

#include "harness/analysis/capture/packet_feed.hpp"
#include "harness/analysis/capture/reading.hpp"
#include "harness/analysis/contents/payloads.hpp"
#include "harness/analysis/flows/survey.hpp"
#include "harness/analysis/flows/tracker.hpp"
#include "harness/analysis/run/console_reader.hpp"
#include "harness/analysis/run/timeline_events.hpp"
#include "harness/analysis/run/timeline_reader.hpp"
#include "harness/analysis/run/witness.hpp"

namespace cambench::analysis {
namespace {

/// How far two passes over all captures have come. Of a packed file less is read than its frames say.
class ReadingProgress {
public:
    explicit ReadingProgress(const Inputs& inputs) : told_(inputs.progress) {
        for (const auto& capture : inputs.captures) {
            std::error_code unknown;
            const auto size = std::filesystem::file_size(capture.file, unknown);
            if (!unknown) expected_ += 2 * size;
        }
    }
    void add(std::uint64_t bytes, std::uint64_t frames) {
        read_ += bytes + frames * record_header;
        if (told_ && expected_ > 0)
            told_(std::min(1.0, static_cast<double>(read_) / static_cast<double>(expected_)));
    }

private:
    static constexpr std::uint64_t record_header = 16;
    const std::function<void(double)>& told_;
    std::uint64_t expected_ = 0, read_ = 0;
};

/// Until when there is time for the flows and contents; what is left then is not looked at.
class TimeAllowed {
public:
    explicit TimeAllowed(const std::function<bool()>& go_on) : go_on_(go_on) {}
    /// Whether it is up; `now` is how far the recording was read.
    [[nodiscard]] bool ask(std::optional<WallTime> now) {
        constexpr std::uint64_t often = 1024;
        if (up_ || !go_on_ || ++asked_ % often != 0 || go_on_()) return up_;
        up_ = true;
        since_ = now;
        return true;
    }
    [[nodiscard]] bool is_up() const { return up_; }
    [[nodiscard]] const std::optional<WallTime>& up_since() const { return since_; }

private:
    const std::function<bool()>& go_on_;
    std::uint64_t asked_ = 0;
    bool up_ = false;
    std::optional<WallTime> since_;
};

Status read_capture(const Recording& recording, std::uint32_t index, CaptureSummary* summary, bool on_slot,
                    ReadingProgress& progress, const std::function<void(const Packet&)>& take) {
    TRY_ASSIGN(const auto feed, PacketFeed::open(recording, index, summary, on_slot));
    return feed->run(take, [&](std::uint64_t bytes, std::uint64_t frames) { progress.add(bytes, frames); });
}

std::string cited_as(const Recording& recording) {
    return recording.cited_as.empty() ? recording.file.string() : recording.cited_as;
}

void describe_times(Observations& observations) {
    std::optional<WallTime> first, last;
    for (const auto& capture : observations.captures) {
        if (!capture.first) continue;
        first = std::min(first.value_or(*capture.first), *capture.first);
        last = std::max(last.value_or(*capture.last), *capture.last);
    }
    if (first) observations.recorded = *last - *first;
}

/// Whether what the fake internet says it told the camera counts: a capture that is whole shows itself what
/// was said in clear, and nothing but the bench's own addresses is given on ways it does not show.
bool names_something(const GivenName& given, const OwnNetwork& network, bool whole) {
    if (!network.told) return true;
    return !(given.clear && whole) &&
           std::all_of(given.named.addresses.begin(), given.named.addresses.end(),
                       [&](const IpAddress& address) { return network.gives(address); });
}

/// Names that the bench gave, as its timeline tells them one after the other.
class NamesOfBench {
public:
    NamesOfBench(const Inputs& inputs, const TimelineFacts& timeline, bool whole)
        : wall_zero_(timeline.run.wall_zero), network_(timeline.own_network), whole_(whole) {
        if (inputs.timeline) names_.emplace(*inputs.timeline);
    }
    /// Tells the tracker those that were given before a frame.
    void tell(Tracker& tracker, WallTime before) {
        if (!names_) return;
        while (auto given = names_->next_by(before - wall_zero_)) {
            if (names_something(*given, network_, whole_)) tracker.given(given->named);
            if (!tracker.saw_question(given->named.name, given->type)) keep(std::move(*given));
        }
    }
    /// Names given by ways that the capture does not show in clear, or whose frames it lost: they name
    /// addresses, and they were asked for.
    void add_unseen_lookups(Observations& observations) {
        while (auto given = names_ ? names_->next_by(Nanoseconds::max()) : std::nullopt)
            keep(std::move(*given));
        std::set<std::pair<std::string, std::string>> known;
        for (const auto& lookup : observations.lookups) known.emplace(lookup.name, lookup.type);
        for (auto& lookup : unseen_)
            if (known.emplace(lookup.name, lookup.type).second)
                observations.lookups.push_back(std::move(lookup));
        if (further_ > 0)
            observations.bounds.push_back({Subject::names, "names that only the fake internet saw asked for",
                                           most_unseen, further_, std::nullopt});
    }

private:
    static constexpr std::size_t most_unseen = NameBook::most_lookups;

    void keep(GivenName given) {
        if (!kept_.emplace(given.named.name, given.type).second) return;
        if (unseen_.size() >= most_unseen) {
            kept_.erase({given.named.name, given.type});
            ++further_;
            return;
        }
        DnsLookup lookup;
        lookup.name = std::move(given.named.name);
        lookup.type = std::move(given.type);
        lookup.resolver.address = given.resolver;
        lookup.query.time = wall_zero_ + given.time;
        lookup.answer = lookup.query;
        lookup.answers = std::move(given.named.addresses);
        unseen_.push_back(std::move(lookup));
    }

    WallTime wall_zero_;
    const OwnNetwork& network_;
    bool whole_;
    std::optional<GivenNames> names_;
    std::vector<DnsLookup> unseen_;
    std::set<std::pair<std::string, std::string>> kept_;
    std::uint64_t further_ = 0;
};

/// What tells this unit from others: its own MAC addresses, the serial number of its boot log, a host name
/// with a number in it.
Identifiers identifiers_of(const CameraIdentity& identity, const std::vector<std::string>& serials,
                           const Observations& observations) {
    Identifiers identifiers;
    for (const auto& serial : serials) identifiers.add("serial number", serial);
    constexpr std::size_t most_macs = 4;
    std::size_t macs = 0;
    for (const auto& mac : identity.macs) {
        if (macs++ < most_macs) identifiers.add(mac);
    }
    for (const auto& fact : observations.console.facts) {
        if (fact.key == "serial") identifiers.add("serial number", fact.value);
    }
    const auto& hostname = observations.camera.hostname;
    if (hostname.size() >= 8 &&
        std::count_if(hostname.begin(), hostname.end(), [](unsigned char c) { return std::isdigit(c); }) >= 3)
        identifiers.add("host name", hostname);
    return identifiers;
}

void note_console(Observations& observations) {
    const auto& console = observations.console;
    if (console.lines_cut)
        observations.bounds.push_back(
            {Subject::console, "lines of the console", console.lines.size(), 0, std::nullopt});
    const auto cut = std::count_if(console.lines.begin(), console.lines.end(),
                                   [](const ConsoleLine& line) { return line.cut; });
    if (cut > 0)
        observations.bounds.push_back({Subject::console, "bytes in one line of the console",
                                       ConsoleReader::longest_line, 0, std::nullopt});
}

/// The first pass, once more wherever it shows that the recording is to be read otherwise.
class FirstPass {
public:
    FirstPass(const Inputs& inputs, const TimelineFacts& timeline, ReadingProgress& progress)
        : inputs_(inputs),
          hints_{inputs.camera, timeline.bench_macs, inputs.mac_prefixes},
          progress_(progress) {
        if (timeline.power_on) power_on_ = timeline.run.wall_zero + *timeline.power_on;
    }

    [[nodiscard]] Status run(Observations& observations) {
        constexpr unsigned most_layers = 4;
        TRY(survey(observations, true));
        // On a bench's own wire nothing is a mirror: what the camera wraps is the camera's.
        for (unsigned layer = 0; hints_.bench.empty() && !survey_.by_wire() && layer < most_layers; ++layer) {
            auto mirrors = tunnels_.mirrors();
            if (mirrors == reading.mirrors) break;
            reading.mirrors = std::move(mirrors);
            TRY(survey(observations, false));
        }
        if (!survey_.macs_tell(hints_)) {
            reading.without_macs = true;
            TRY(survey(observations, false));
        }
        observations.by_wire = survey_.by_wire();
        observations.wrapped = tunnels_.summary(reading.mirrors);
        return {};
    }
    /// Whether the recording shows all that the camera did since it got its power: the bench switched it on,
    /// and what is plugged in by hand, or has a supply of its own, was not at work before.
    [[nodiscard]] bool saw_start() const { return power_on_ && !at_work_; }
    [[nodiscard]] CameraIdentity conclude(Observations& observations) const {
        return survey_.conclude(hints_, observations.camera, observations.network);
    }

    Interpretation reading;

private:
    Status survey(Observations& observations, bool summarise) {
        survey_ = Survey();
        tunnels_ = TunnelSurvey();
        PacketTaker taker(reading, &tunnels_);
        const auto use = [&](const Packet& packet) {
            survey_.add(packet);
            at_work_ = at_work_ || is_early_work(packet);
        };
        for (std::uint32_t i = 0; i < inputs_.captures.size(); ++i)
            TRY(read_capture(inputs_.captures[i], i, summarise ? &observations.captures[i] : nullptr,
                             !hints_.bench.empty(), progress_,
                             [&](const Packet& packet) { taker.take(packet, use); }));
        return {};
    }

    /// What a camera sends to somebody before it is switched on. Not what the system behind a cable says of
    /// itself.
    [[nodiscard]] bool is_early_work(const Packet& packet) const {
        constexpr auto margin = std::chrono::milliseconds(100);
        const bool to_one = !packet.target.is_multicast() && !packet.target.is_broadcast();
        return power_on_ && packet.side == Packet::Side::camera && (packet.is_tcp() || packet.is_udp()) &&
               to_one && packet.frame.time + margin < *power_on_;
    }

    const Inputs& inputs_;
    Survey::Hints hints_;
    ReadingProgress& progress_;
    std::optional<WallTime> power_on_;
    bool at_work_ = false;
    Survey survey_;
    TunnelSurvey tunnels_;
};

bool is_whole(const Observations& observations) {
    return std::all_of(
        observations.captures.begin(), observations.captures.end(),
        [](const CaptureSummary& one) { return !one.truncated && one.dropped.value_or(0) == 0; });
}

/// What the fake internet said of traffic that no frame bears out, and how much was not looked at.
struct Unborne {
    std::vector<Witness::Contradiction> contradictions;
    std::uint64_t not_held = 0;
};

/// What the second pass leaves beside the observations.
struct Followed {
    OwnLink link;
    Unborne unborne;
};

void note_contradictions(Unborne unborne, Observations& observations) {
    constexpr std::size_t most = 16;
    const auto all = unborne.contradictions.size();
    std::stable_partition(unborne.contradictions.begin(), unborne.contradictions.end(),
                          [](const auto& one) { return !one.unanswered; });
    unborne.contradictions.resize(std::min(all, most));
    if (unborne.not_held > 0)
        observations.run.events.push_back(
            {observations.run.length, "bench", "not-held", {{"events", unborne.not_held}}});
    for (auto& one : unborne.contradictions)
        observations.run.events.push_back(
            {one.time,
             "bench",
             "contradiction",
             {{"text", std::move(one.text)}, {"all", all}, {"unanswered", one.unanswered}}});
}

Result<Followed> follow_flows(const Inputs& inputs, const TimelineFacts& timeline,
                              const CameraIdentity& identity, const Interpretation& reading,
                              ReadingProgress& progress, TimeAllowed& time, Observations& observations) {
    const auto begins =
        observations.complete ? Tracker::Begins::before_power : Tracker::Begins::in_the_middle;
    auto network = observations.network;
    network.subnets.insert(network.subnets.end(), timeline.own_network.subnets.begin(),
                           timeline.own_network.subnets.end());
    Tracker tracker(identity, network, begins, identifiers_of(identity, inputs.serials, observations));
    Witness witness(timeline.claims, timeline.own_network, timeline.run.wall_zero);
    const bool whole = is_whole(observations);
    NamesOfBench names(inputs, timeline, whole);
    const auto take = [&](const Packet& packet) {
        if (time.ask(packet.frame.time)) return;
        names.tell(tracker, packet.frame.time);
        tracker.add(packet);
        witness.add(packet, identity);
    };
    PacketTaker taker(reading, nullptr);
    for (std::uint32_t i = 0; i < inputs.captures.size(); ++i)
        TRY(read_capture(inputs.captures[i], i, nullptr, !timeline.bench_macs.empty(), progress,
                         [&](const Packet& packet) { taker.take(packet, take); }));
    tracker.finish(observations);
    names.add_unseen_lookups(observations);
    Followed followed{tracker.own_link(), {}};
    // Of frames that were not read nothing can be told.
    if (!time.is_up()) followed.unborne = {witness.contradictions(), witness.not_held()};
    return followed;
}

}  // namespace

Result<Observations> analyze(const Inputs& inputs) {
    Observations observations;
    TimelineFacts timeline;
    if (inputs.timeline) {
        TRY_ASSIGN(timeline, read_timeline(*inputs.timeline));
    }
    for (const auto& capture : inputs.captures) observations.captures.emplace_back().file = cited_as(capture);
    ReadingProgress progress(inputs);
    TimeAllowed time(inputs.go_on);
    FirstPass first_pass(inputs, timeline, progress);
    TRY(first_pass.run(observations));
    const auto identity = first_pass.conclude(observations);
    if (inputs.console) {
        TRY_ASSIGN(observations.console, read_console(*inputs.console, timeline.console));
        observations.console.gaps = timeline.console_gaps;
    }
    const auto& facts = observations.console.facts;
    observations.serial_known =
        !inputs.serials.empty() || std::any_of(facts.begin(), facts.end(),
                                               [](const IdentityFact& fact) { return fact.key == "serial"; });
    observations.complete = inputs.complete.value_or(first_pass.saw_start());
    TRY_ASSIGN(auto followed,
               follow_flows(inputs, timeline, identity, first_pass.reading, progress, time, observations));
    observations.run = std::move(timeline.run);
    observations.names_by_events = observations.run.present && !observations.run.torn;
    add_seen_contacts(timeline.contacts, followed.link, observations);
    if (inputs.payloads && inputs.timeline)
        TRY(add_kept_contents(*inputs.timeline, *inputs.payloads,
                              identifiers_of(identity, inputs.serials, observations), observations,
                              [&] { return !time.ask(std::nullopt); }));
    timeline.deliveries.finish(observations.destinations, timeline.tls, timeline.bounds);
    describe_times(observations);
    observations.tls = std::move(timeline.tls);
    observations.tls_trials = std::move(timeline.tls_trials);
    observations.upgrade_offers = std::move(timeline.upgrade_offers);
    for (auto& request : timeline.update_requests) {
        request.frame.time = timeline.run.wall_zero + request.time.value_or(Nanoseconds::zero());
        observations.update_requests.push_back(std::move(request));
    }
    observations.plain_contacts = std::move(timeline.plain_contacts);
    note_contradictions(std::move(followed.unborne), observations);
    for (const auto& bound : timeline.bounds.all()) observations.bounds.push_back(bound);
    note_console(observations);
    if (time.is_up())
        observations.bounds.push_back({Subject::everything,
                                       "more than could be looked at in the time that there was", 0, 0,
                                       time.up_since()});
    return observations;
}

Result<std::variant<MacAddress, IpAddress>> parse_camera(std::string_view text) {
    if (const auto mac = MacAddress::parse(text)) return std::variant<MacAddress, IpAddress>(*mac);
    if (const auto address = IpAddress::parse(text)) return std::variant<MacAddress, IpAddress>(*address);
    return usage_error(fmt::format(
        "'{}' is neither a MAC nor an IP address; write it as 02:4b:52:00:00:01 or 192.0.2.1", text));
}

Nanoseconds run_time(const Observations& observations, const FrameRef& frame) {
    if (observations.run.present) return frame.time - observations.run.wall_zero;
    std::optional<WallTime> first;
    for (const auto& capture : observations.captures) {
        if (capture.first) first = std::min(first.value_or(*capture.first), *capture.first);
    }
    return first ? frame.time - *first : Nanoseconds{};
}

}  // namespace cambench::analysis
