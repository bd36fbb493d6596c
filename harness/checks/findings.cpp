#include "harness/checks/findings.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "harness/checks/lookup_index.hpp"
#include "harness/checks/occasions.hpp"
#include "harness/checks/site_names.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench {
namespace {

constexpr std::size_t most_pointers_per_finding = 8;

std::string at_run_time(const analysis::Observations& observations, WallTime time) {
    const analysis::FrameRef frame{0, time, 0};
    const auto seconds = std::chrono::duration<double>(analysis::run_time(observations, frame)).count();
    return fmt::format("{:.1f} s", std::abs(seconds) < 0.05 ? 0.0 : seconds);
}

Verdict gravest(const std::vector<Finding>& findings) {
    std::vector<Verdict> verdicts{Verdict::pass};
    for (const auto& finding : findings) verdicts.push_back(finding.verdict);
    return combined(verdicts);
}

const Finding* first_with(const std::vector<Finding>& findings, Verdict verdict) {
    const auto found = std::find_if(findings.begin(), findings.end(),
                                    [&](const Finding& one) { return one.verdict == verdict; });
    return found == findings.end() ? nullptr : &*found;
}

std::string list_titles(const std::vector<Finding>& findings) {
    std::vector<std::string> titles;
    for (const auto& finding : findings) {
        if (titles.size() == 12) {
            titles.push_back(fmt::format("and {} more", findings.size() - titles.size()));
            break;
        }
        titles.push_back(finding.title);
    }
    return join(titles, "; ");
}

}  // namespace

Pointer pointer_to(const analysis::Observations& observations, const analysis::FrameRef& frame) {
    Pointer pointer;
    pointer.time = analysis::run_time(observations, frame);
    if (frame.number == 0) {  // seen by the bench, not in the capture
        pointer.file = "timeline.jsonl";
        return pointer;
    }
    pointer.frame = frame.number;
    if (frame.capture < observations.captures.size())
        pointer.file = observations.captures[frame.capture].file;
    return pointer;
}

Pointer pointer_to(const analysis::ConsoleLine& line) {
    return {.line = line.number, .time = line.time, .file = "console.log"};
}

Pointer pointer_to(const Event& event) { return {.time = event.time, .file = "timeline.jsonl"}; }

std::vector<Pointer> pointers_to(const analysis::Observations& observations,
                                 const analysis::Destination& destination) {
    std::vector<Pointer> pointers{pointer_to(observations, destination.first_frame)};
    for (const auto& frame : destination.attempt_frames) {
        if (pointers.size() >= most_pointers_per_finding) break;
        const bool known = frame.number == destination.first_frame.number &&
                           frame.capture == destination.first_frame.capture;
        if (!known) pointers.push_back(pointer_to(observations, frame));
    }
    return pointers;
}

std::string describe(const analysis::Destination& destination) {
    const auto& address = destination.addresses.front();
    const bool ports = destination.transport == Transport::tcp || destination.transport == Transport::udp;
    if (!ports) {
        const auto how =
            destination.transport == Transport::icmp ? std::string("icmp") : destination.protocol;
        return destination.name.empty()
                   ? fmt::format("{} by {}", address.to_string(), how)
                   : fmt::format("{} ({}) by {}", inert(destination.name), address.to_string(), how);
    }
    if (destination.name.empty())
        return fmt::format("{}/{}", Endpoint{address, destination.port}.to_string(),
                           to_string(destination.transport));
    return fmt::format("{}:{}/{} ({})", inert(destination.name), destination.port,
                       to_string(destination.transport), address.to_string());
}

std::string counted(std::uint64_t count, std::string_view thing) {
    return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string describe_traffic(const analysis::Observations& observations,
                             const analysis::Destination& destination) {
    auto text = counted(destination.attempts, "attempt");
    if (destination.failed == destination.attempts && destination.failed > 0)
        text += ", none of which was answered";
    else if (destination.failed > 0)
        text += fmt::format(", {} of them failed", destination.failed);
    text += fmt::format("; {} out, {} in", counted(destination.bytes_out, "byte"),
                        counted(destination.bytes_in, "byte"));
    if (!destination.protocol.empty()) text += "; speaks " + destination.protocol;
    if (destination.resolution == analysis::Resolution::sni)
        text += "; the name is only claimed in its TLS hello (SNI)";
    if (destination.resolution == analysis::Resolution::host)
        text += "; the name is only claimed in its Host header";
    if (destination.resolution == analysis::Resolution::literal) text += "; no DNS answer named the address";
    if (destination.by_events) text += "; the capture lost its frames, the fake internet answered it";
    if (destination.known_before && !observations.complete)
        text +=
            destination.under_way ? "; its beginning is not on record" : "; some of it was under way before";
    if (destination.addresses.size() > 1) text += fmt::format("; {} addresses", destination.addresses.size());
    const auto occasion = describe_occasion(observations, destination.first_seen);
    text += fmt::format("; first at {}{}, last at {}", at_run_time(observations, destination.first_seen),
                        occasion.empty() ? "" : " (" + occasion + ")",
                        at_run_time(observations, destination.last_seen));
    return text;
}

std::optional<Finding> too_little_seen(const analysis::Observations& observations) {
    const auto told = [&](const char* title, const char* detail) {
        Finding finding{title, detail, Verdict::inconclusive, {}};
        return std::optional(std::move(finding));
    };
    const auto& destinations = observations.destinations;
    if (observations.camera.frames_sent == 0 || (destinations.empty() && observations.lookups.empty()))
        return told("the camera sent nothing that could be judged", "Silence proves nothing.");
    const bool only_leases = std::all_of(destinations.begin(), destinations.end(), [](const auto& one) {
        return one.protocol == protocol::dhcp || one.protocol == protocol::dhcpv6;
    });
    if (only_leases && observations.lookups.empty())
        return told("the camera only asked for an address", "What it does once it has one was not seen.");
    return std::nullopt;
}

bool may_be_a_name(const analysis::Observations& observations, const analysis::Destination& destination) {
    return !observations.run.present && !destination.perhaps.empty();
}

std::string may_lack_its_name(const analysis::Observations& observations,
                              const analysis::Destination& destination) {
    const bool beyond =
        destination.cut.contains(analysis::Subject::names) ||
        (observations.names_cut_since && destination.first_seen >= *observations.names_cut_since);
    if (beyond && destination.resolution == analysis::Resolution::literal)
        return "the camera was given more names than are kept, perhaps one for it";
    if (observations.names_by_events) return {};
    if (observations.cut_answers > 0 || LookupIndex::of(observations).frames_dropped)
        return "frames are missing from the recording, perhaps the answer that named it";
    return {};
}

std::string may_be_neighbour(const analysis::Observations& observations,
                             const analysis::Destination& destination) {
    if (!destination.perhaps_lan || !LookupIndex::of(observations).frames_dropped) return {};
    return "frames are missing from the recording, perhaps those that show it to be on the camera's own "
           "network";
}

std::optional<Finding> half_recorded(const analysis::Observations& observations) {
    if (observations.flows_half_recorded == 0) return std::nullopt;
    return Finding{fmt::format("{}: only what others said is on record",
                               counted(observations.flows_half_recorded, "connection")),
                   "They acknowledge what the camera sent, and none of that was recorded. Whom they belong "
                   "to, and who began them, cannot be judged.",
                   Verdict::inconclusive,
                   {}};
}

std::string basis(const analysis::Observations& observations) {
    std::uint64_t attempts = 0;
    for (const auto& destination : observations.destinations) attempts += destination.attempts;
    const auto length = observations.recorded.value_or(Nanoseconds{});
    return fmt::format("{} in {} and {} asked for, over {} of recording",
                       counted(observations.destinations.size(), "destination"), counted(attempts, "attempt"),
                       counted(observations.lookups.size(), "name"), describe_duration(length));
}

CheckResult conclude(const CheckInput& input, std::vector<Finding> findings, const Texts& texts) {
    CheckResult result;
    result.verdict = gravest(findings);
    if (result.verdict == Verdict::pass && texts.rests_on_traffic) {
        if (auto doubt = too_little_seen(input.observations)) {
            findings.insert(findings.begin(), std::move(*doubt));
            result.verdict = Verdict::inconclusive;
        }
    }
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        const auto rank = [](Verdict verdict) {
            return verdict == Verdict::error          ? 0
                   : verdict == Verdict::fail         ? 1
                   : verdict == Verdict::inconclusive ? 2
                                                      : 3;
        };
        return rank(a.verdict) < rank(b.verdict);
    });
    if (result.verdict == Verdict::pass) {
        result.title = texts.pass_title;
        result.seen = basis(input.observations);
        if (!findings.empty()) result.seen += "; noted: " + list_titles(findings);
        for (const auto& destination : input.observations.destinations) {
            if (result.evidence.size() >= most_pointers_per_finding) break;
            result.evidence.push_back(pointer_to(input.observations, destination.first_frame));
        }
    } else {
        const auto* first = first_with(findings, result.verdict);
        const auto others = std::count_if(findings.begin(), findings.end(),
                                          [&](const Finding& one) { return one.verdict == result.verdict; }) -
                            1;
        result.title = first->title;
        if (others > 0) result.title += fmt::format(", and {} more", others);
        result.seen = list_titles(findings);
        result.remedy = result.verdict == Verdict::inconclusive && !texts.inconclusive_remedy.empty()
                            ? texts.inconclusive_remedy
                            : texts.remedy;
    }
    for (const auto& finding : findings)
        result.evidence.insert(result.evidence.end(), finding.evidence.begin(), finding.evidence.end());
    result.findings = std::move(findings);
    return result;
}

std::vector<const Event*> events_of(const analysis::Observations& observations, std::string_view lane,
                                    std::string_view kind) {
    std::vector<const Event*> found;
    for (const auto& event : observations.run.events) {
        if (event.lane == lane && event.kind == kind) found.push_back(&event);
    }
    return found;
}

void add_unexplained_site_names(const analysis::Observations& observations, std::vector<Finding>& findings) {
    const auto names = unexplained_site_names(observations);
    if (names.empty()) return;
    Finding finding{fmt::format("asks for {} of the local network that nothing explains, first {}",
                                counted(names.size(), "name"), inert(names.front()->name)),
                    "Whoever runs the resolver reads what is in them.",
                    Verdict::inconclusive,
                    {}};
    for (const auto* name : names)
        if (finding.evidence.size() < most_pointers_per_finding)
            finding.evidence.push_back(pointer_to(observations, name->query));
    findings.push_back(std::move(finding));
}

}  // namespace cambench
