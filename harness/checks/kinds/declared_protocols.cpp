#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::declared_protocols {
namespace {

using analysis::Destination;

bool is_encrypted(const std::string& protocol) {
    static const std::set<std::string> encrypted{"tls", "quic", "dtls", "ssh"};
    return encrypted.contains(protocol);
}

/// Protocols that are recognised whenever they are spoken, so that a declaration of them can be compared.
bool is_comparable(const std::string& protocol) {
    static const std::set<std::string> known{"tls",  "http", "quic", "dtls", "ssh",  "dns",  "ntp",  "mqtt", "rtsp", "rtmp", "stun",      "ftp",
                                             "smtp", "pop3", "imap", "irc",  "srt",  "pppp", "tutk", "sip",  "tftp", "tuya", "dahua-p2p", "telnet"};
    return known.contains(protocol);
}

std::optional<Finding> compare(const CheckInput& input, const DeclaredDestination& entry, const Destination& destination) {
    const auto declared = wire_protocol(entry.protocol), spoken = wire_protocol(destination.protocol);
    if (!is_comparable(declared) || declared == spoken || destination.bytes_out == 0) return std::nullopt;
    const bool clear = is_encrypted(declared) && !spoken.empty() && !is_encrypted(spoken);
    if (spoken.empty() && !destination.head_whole) return std::nullopt;
    if (may_upgrade(spoken) && is_encrypted(declared)) return std::nullopt;
    Finding finding;
    const auto what = spoken.empty() ? std::string("a protocol that is not recognised") : spoken;
    finding.title = clear ? fmt::format("speaks {} in clear to {}, declared as {}", what, describe(destination), entry.protocol)
                          : fmt::format("speaks {} to {}, declared as {}", what, describe(destination), entry.protocol);
    finding.detail = describe_traffic(input.observations, destination);
    // Whatever begins otherwise is no TLS and no SSH, known or not.
    const bool contradicts = destination.transport == Transport::tcp && is_encrypted(declared) && destination.head_whole;
    finding.verdict = is_comparable(spoken) || contradicts ? Verdict::fail : Verdict::inconclusive;
    finding.evidence = pointers_to(input.observations, destination);
    return finding;
}

/// Of several entries for one endpoint any may be the one that fits.
void judge_destination(const CheckInput& input, const Destination& destination, std::vector<Finding>& findings) {
    std::optional<Finding> contradiction;
    for (const auto& entry : input.declaration->destinations) {
        if (!names_endpoint(entry, destination, input.observations)) continue;
        if (entry.protocol.empty()) return;
        auto finding = compare(input, entry, destination);
        if (!finding) return;
        contradiction = std::move(finding);
    }
    if (contradiction) findings.push_back(std::move(*contradiction));
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    if (input.declaration == nullptr) {
        findings.push_back({"nothing is declared to compare with", "Give the vendor's declaration of this product.", Verdict::inconclusive, {}});
    } else {
        for (const auto& destination : input.observations.destinations) judge_destination(input, destination, findings);
    }
    return conclude(input, std::move(findings),
                    {"speaks the declared protocols, encrypted where that is declared", "The firmware uses the declared protocol, or the vendor declares what it uses.",
                     "Record from before power-on, with the vendor's declaration at hand."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "declared-protocols", .doc = "At declared destinations the camera speaks the declared protocol, and nothing in clear where encryption is declared."},
    .why = "A declared destination on a declared port says little when something else is spoken there: the same door can carry pictures in clear, or a stranger's orders.",
    .requirements = {"NET-05", "UPD-01", "DOC-01"},
    .needs_declaration = true,
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::declared_protocols
