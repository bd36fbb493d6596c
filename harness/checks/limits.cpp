#include "harness/checks/limits.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "harness/checks/bounds.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench {
namespace {

using analysis::Destination;
using analysis::Observations;

std::string label(const Destination& destination) {
    return fmt::format(
        "{}:{}",
        destination.name.empty() ? destination.addresses.front().to_string() : inert(destination.name),
        destination.port);
}

/// Names whose TLS with the camera the bench looked into.
std::set<std::string_view> opened_names(const Observations& observations) {
    std::set<std::string_view> names;
    for (const auto& tls : observations.tls)
        if (tls.opened() && !tls.name.empty()) names.insert(tls.name);
    return names;
}

std::string refusal(const Observations& observations, const Destination& destination) {
    const auto refused =
        std::find_if(observations.tls.begin(), observations.tls.end(), [&](const analysis::TlsOutcome& tls) {
            return !tls.opened() && tls.name == destination.name && !tls.name.empty();
        });
    if (refused == observations.tls.end() && destination.alerts.empty()) return {};
    const auto& reason = refused != observations.tls.end() && !refused->reason().empty() ? refused->reason()
                         : destination.alerts.empty()                                    ? std::string()
                                                      : destination.alerts.front();
    return fmt::format(": the camera refused the bench's certificate{}",
                       reason.empty() ? "" : " (" + inert(reason) + ")");
}

void add_opaque(const Observations& observations, std::vector<std::string>& limits) {
    std::set<std::string> said;
    const auto opened = opened_names(observations);
    for (const auto& destination : observations.destinations) {
        if (!destination.opaque || opened.contains(destination.name) ||
            !said.insert(label(destination)).second)
            continue;
        if (said.size() > 20) {
            limits.push_back("further encrypted connections were not opened either");
            return;
        }
        const auto what = destination.protocol == protocol::tls    ? "TLS"
                          : destination.protocol == protocol::quic ? "QUIC"
                                                                   : inert(destination.protocol);
        limits.push_back(fmt::format("{} to {} was not opened{}; its content was not seen", what,
                                     label(destination),
                                     observations.run.present ? refusal(observations, destination) : ""));
    }
}

void add_time(const Observations& observations, std::vector<std::string>& limits) {
    if (observations.run.present && observations.run.observed > Nanoseconds{})
        limits.push_back(
            fmt::format("observed for {}; what happens later, or on another occasion, was not seen",
                        describe_duration(observations.run.observed)));
    else if (observations.recorded)
        limits.push_back(fmt::format(
            "the recording covers {}; what happens before, later or on another occasion was not seen",
            describe_duration(*observations.recorded)));
}

/// Nobody can look for a number that nobody knows.
void add_unknown_serial(const Observations& observations, std::vector<std::string>& limits) {
    if (observations.captures.empty() || observations.serial_known) return;
    limits.push_back(
        "the unit's serial number is not known (--unit tells it), so it could not be looked for in what the "
        "camera sent");
}

}  // namespace

std::vector<std::string> limits_of(const Observations& observations) {
    std::vector<std::string> limits;
    add_time(observations, limits);
    add_opaque(observations, limits);
    add_unknown_serial(observations, limits);
    if (!observations.complete && !observations.captures.empty())
        limits.push_back(
            "the recording is not known to begin before the camera's power: names resolved earlier, and what "
            "the network told it then, were not seen");
    if (observations.flows_unanswered > 0)
        limits.push_back(
            fmt::format("{} on which others sent and the camera nothing, or only a refusal: calls to nobody "
                        "and leftovers of older sessions, which are no destinations of its",
                        counted(observations.flows_unanswered, "flow")));
    for (const auto& capture : observations.captures) {
        if (capture.dropped.value_or(0) > 0)
            limits.push_back(fmt::format("{} were dropped while recording {}",
                                         counted(*capture.dropped, "frame"), inert(capture.file)));
        if (!capture.dropped && !observations.run.present)
            limits.push_back(fmt::format("{} does not say whether frames were dropped", inert(capture.file)));
        if (capture.cut_frames > 0)
            limits.push_back(fmt::format("{} of {} were recorded only in part",
                                         counted(capture.cut_frames, "frame"), inert(capture.file)));
        if (capture.unreadable_frames > 0)
            limits.push_back(fmt::format(
                "{} of {} could not be decoded{}{}", counted(capture.unreadable_frames, "frame"),
                inert(capture.file), capture.notes.empty() ? "" : ": ", inert(join(capture.notes, "; "))));
        if (capture.truncated)
            limits.push_back(fmt::format("{} ends torn; what came after was not seen", inert(capture.file)));
    }
    for (const auto& one : observations.unaccounted)
        limits.push_back(fmt::format("{} of the camera with {}: what they carry was not judged",
                                     counted(one.frames, "frame"), one.what));
    for (const auto& one : observations.wrapped)
        limits.push_back(
            fmt::format("{} from {} to {} were wrapped in {}{}", counted(one.frames, "frame"),
                        one.from.to_string(), one.to.to_string(), one.kind,
                        one.opened ? ", and stand for what is inside" : "; what is inside was not seen"));
    for (const auto& bound : observations.bounds)
        limits.push_back("the recording has " + describe(bound, observations));
    if (observations.run.present && !observations.console.recorded)
        limits.push_back("the console was not recorded");
    if (observations.console.lines_cut) limits.push_back("the console sent more than is kept for judging");
    return limits;
}

}  // namespace cambench
