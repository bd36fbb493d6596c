#include <fmt/format.h>
#include <algorithm>
#include <iterator>
#include <set>

#include "harness/checks/inner_protocols.hpp"
#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocol_words.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::checks::declared_protocols {
namespace {

using analysis::Destination;

std::optional<WallTime> last_moment(const analysis::Observations& observations) {
    std::optional<WallTime> last;
    for (const auto& capture : observations.captures)
        if (capture.last) last = std::max(last.value_or(*capture.last), *capture.last);
    return last;
}

std::string shown(const std::string& spoken) {
    return spoken.empty() ? "a protocol that is not recognised" : spoken;
}

/// What is spoken on the wire against the word that is declared.
std::optional<Verdict> weigh(const DeclaredDestination& entry, const Destination& destination) {
    const auto declared = protocol_word(entry.protocol);
    const auto spoken = wire_protocol(destination.protocol);
    if (destination.bytes_out == 0 || (spoken.empty() && !destination.head_whole)) return std::nullopt;
    if (spoken == declared.wire || are_kin(spoken, declared.wire) ||
        (protocol::has(spoken, protocol::upgrades_to_tls) &&
         protocol::has(declared.wire, protocol::encrypted)))
        return std::nullopt;
    // Whatever begins otherwise is no TLS and no SSH, known or not.
    if (destination.transport == Transport::tcp && protocol::has(declared.wire, protocol::encrypted) &&
        destination.head_whole)
        return Verdict::fail;
    const auto other = protocol_word(spoken);
    return declared.known && (other.recognised || (other.known && carries_or_lets_in(spoken)))
               ? Verdict::fail
               : Verdict::inconclusive;
}

std::optional<Finding> compare(const CheckInput& input, const DeclaredDestination& entry,
                               const Destination& destination) {
    const auto verdict = weigh(entry, destination);
    if (!verdict) return std::nullopt;
    const auto declared = protocol_word(entry.protocol);
    const auto spoken = wire_protocol(destination.protocol);
    const bool clear = protocol::has(declared.wire, protocol::encrypted) && !spoken.empty() &&
                       !protocol::has(spoken, protocol::encrypted);
    Finding finding;
    finding.title = fmt::format("speaks {}{} to {}, declared as {}", shown(spoken), clear ? " in clear" : "",
                                describe(destination), inert(entry.protocol));
    finding.detail = describe_traffic(input.observations, destination);
    if (!declared.known)
        finding.detail +=
            fmt::format("; nobody here knows a protocol of the name '{}'", inert(entry.protocol));
    finding.verdict = *verdict;
    finding.evidence = pointers_to(input.observations, destination);
    return finding;
}

void compare_inside(const CheckInput& input, const DeclaredDestination& entry, const Destination& destination,
                    std::vector<Finding>& findings) {
    for (const auto& one : inner_contradictions(entry, destination)) {
        const auto whom =
            one.talk->toward.empty() ? std::string() : fmt::format(" towards {}", inert(one.talk->toward));
        findings.push_back({fmt::format("{}{} to {}, declared as {}", one.what, whom, describe(destination),
                                        inert(entry.protocol.empty() ? entry.purpose : entry.protocol)),
                            describe_traffic(input.observations, destination), one.verdict,
                            pointers_to(input.observations, *one.talk)});
    }
}

/// Connections that stood and on which the camera never said what it came for. A spare one beside others that
/// spoke, soon closed, is the habit of clients that try two addresses at once.
void judge_silence(const CheckInput& input, const DeclaredDestination& entry, const Destination& destination,
                   std::vector<Finding>& findings) {
    constexpr std::chrono::seconds soon{3};
    if (destination.mute == 0 || !protocol::has(wire_protocol(entry.protocol), protocol::client_speaks_first))
        return;
    const auto end = last_moment(input.observations);
    const auto open = destination.mute_since && end ? *end - *destination.mute_since : Nanoseconds::zero();
    const bool never_spoke =
        destination.bytes_out == 0 && (destination.longest_mute > Nanoseconds::zero() || open >= soon);
    if (!never_spoke && std::max(open, destination.longest_mute) < soon) return;
    findings.push_back(
        {fmt::format("connects to {}, declared as {}, and {}says nothing", describe(destination),
                     inert(entry.protocol), destination.bytes_out == 0 ? "" : "at times "),
         fmt::format("{} without a word, up to {}; {}", counted(destination.mute, "connection"),
                     describe_duration(std::max(open, destination.longest_mute)),
                     describe_traffic(input.observations, destination)),
         Verdict::inconclusive, pointers_to(input.observations, destination)});
}

/// Of several entries for one endpoint any may be the one that fits.
void judge_destination(const CheckInput& input, const Destination& destination,
                       std::vector<Finding>& findings) {
    std::vector<Finding> contradictions;
    for (const auto& entry : input.declaration->destinations) {
        if (!names_endpoint(entry, destination, input.observations)) continue;
        std::vector<Finding> found;
        compare_inside(input, entry, destination, found);
        if (!entry.protocol.empty()) {
            if (auto finding = compare(input, entry, destination)) found.push_back(std::move(*finding));
            judge_silence(input, entry, destination, found);
        }
        if (found.empty()) return;
        contradictions = std::move(found);
    }
    std::move(contradictions.begin(), contradictions.end(), std::back_inserter(findings));
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    if (input.declaration == nullptr) {
        findings.push_back({"nothing is declared to compare with",
                            "Give the vendor's declaration of this product.",
                            Verdict::inconclusive,
                            {}});
    } else {
        for (const auto& destination : input.observations.destinations)
            judge_destination(input, destination, findings);
    }
    return conclude(input, std::move(findings),
                    {"speaks the declared protocols, encrypted where that is declared",
                     "The firmware uses the declared protocol, or the vendor declares what it uses.",
                     "Record from before power-on, with the vendor's declaration at hand."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "declared-protocols",
                .doc = "At declared destinations the camera speaks the declared protocol, on the wire and "
                       "inside of it, and nothing in clear where encryption is declared."},
    .why =
        "A declared destination on a declared port says little when something else is spoken there: the same "
        "door can carry pictures in clear, or a stranger's orders.",
    .requirements = {"NET-05", "UPD-01", "DOC-01"},
    .needs_declaration = true,
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::declared_protocols
