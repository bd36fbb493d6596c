#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/dns_tunnel.hpp"
#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::checks::no_covert_channels {
namespace {

using analysis::ContentFact;
using analysis::ContentKind;
using analysis::Destination;

std::vector<Pointer> pointers_to(const CheckInput& input, const std::vector<analysis::FrameRef>& frames) {
    std::vector<Pointer> pointers;
    for (const auto& frame : frames) pointers.push_back(pointer_to(input.observations, frame));
    return pointers;
}

/// Whether the declaration names what the stream is made of: the names under its domain, or one after the
/// other.
bool is_declared_under(const NameStream& stream, const Declaration& declaration) {
    return is_declared_name("x." + stream.under, declaration) ||
           std::all_of(stream.names.begin(), stream.names.end(),
                       [&](const std::string& name) { return is_declared_name(name, declaration); });
}

/// One finding for a tunnel, however many names it is made of.
void judge_names(const CheckInput& input, std::vector<Finding>& findings) {
    for (const auto& stream : find_name_streams(input.observations)) {
        Finding finding;
        const auto manner =
            stream.certain ? "sends data in names" : "asks for names that have the looks of a tunnel";
        finding.title = stream.by_resolver ? fmt::format("{}, to the resolver {}", manner, stream.under)
                                           : fmt::format("{} under {}", manner, inert(stream.under));
        if (!stream.tool.empty()) finding.title += fmt::format(", as {} does", stream.tool);
        finding.detail = fmt::format(
            "{} distinct names in {} over {}, about {:.0f} bytes of information; {}", stream.names.size(),
            counted(stream.questions, "question"), describe_duration(stream.span), stream.bytes,
            join(std::vector<std::string>(stream.types.begin(), stream.types.end()), ", "));
        if (!stream.certain) finding.verdict = Verdict::inconclusive;
        if (!stream.by_resolver && input.declaration != nullptr &&
            is_declared_under(stream, *input.declaration)) {
            if (stream.tool.empty()) finding.verdict = Verdict::inconclusive;
            finding.detail += "; names under this domain are declared, though not what they carry";
        }
        finding.evidence = pointers_to(input, stream.frames);
        findings.push_back(std::move(finding));
    }
}

/// Echo requests and time requests that carry something: once may be a whim of a tool, three times is a
/// channel. The same bytes said again are a tool's pattern: whoever sends a message sends more than one.
void judge_datagrams(const CheckInput& input, const Destination& destination,
                     std::vector<Finding>& findings) {
    for (const auto& fact : destination.contents) {
        if (fact.kind != ContentKind::covert || !fact.outgoing) continue;
        const bool pattern =
            fact.variants.size() == 1 && fact.times > 1 && fact.what.find("requests") != std::string::npos;
        if (pattern) continue;
        const auto messages = fact.variants.size() > 1 ? fact.variants.size() : fact.times;
        Finding finding;
        finding.title = fmt::format("sends {} to {}", fact.what, describe(destination));
        finding.detail = fmt::format("{}, {}; {}", counted(fact.times, "packet"), counted(fact.bytes, "byte"),
                                     describe_traffic(input.observations, destination));
        finding.verdict = messages >= 3 ? Verdict::fail : Verdict::inconclusive;
        finding.evidence = cambench::pointers_to(input.observations, fact);
        findings.push_back(std::move(finding));
    }
}

/// Bytes on the port of DNS that are no DNS: filters let that port pass.
bool misuses_dns_port(const Destination& destination) {
    return destination.port == 53 && destination.transport == Transport::udp && destination.bytes_out > 0 &&
           destination.protocol != protocol::dns && destination.head_whole && !destination.under_way;
}

void judge_protocols(const CheckInput& input, const Destination& destination,
                     std::vector<Finding>& findings) {
    const bool odd = destination.transport == Transport::other && leaves_network(destination);
    if (!odd && !misuses_dns_port(destination)) return;
    const auto found = match(destination, input.observations, input.declaration);
    const auto title =
        odd ? fmt::format("uses a protocol beside TCP, UDP and ICMP ({}) towards {}", destination.protocol,
                          describe_standing(destination, found, input.declaration))
            : fmt::format("sends what is no DNS to the port of DNS at {}",
                          describe_standing(destination, found, input.declaration));
    findings.push_back({title, describe_traffic(input.observations, destination),
                        unless_declared(found.standing, input.declaration),
                        cambench::pointers_to(input.observations, destination)});
}

/// What is neither IP nor ARP is seen by no firewall of the network. What keeps a link in order is noted.
void judge_other_frames(const CheckInput& input, std::vector<Finding>& findings) {
    for (const auto& one : input.observations.other_frames) {
        const auto type = one.type == 0 ? std::string("802.3") : fmt::format("EtherType {:04x}", one.type);
        const auto what = one.meaning.empty() ? fmt::format("frames of an unknown kind ({})", type)
                                              : fmt::format("{} ({})", one.meaning, type);
        const auto to = one.to.to_string() + (one.to.is_group() ? ", a group" : "");
        const auto detail = fmt::format("{}, {}", counted(one.frames, "frame"), counted(one.bytes, "byte"));
        const bool upkeep = !one.meaning.empty() && !one.carries_data;
        const auto verdict = upkeep ? Verdict::pass : Verdict::inconclusive;
        const auto title = fmt::format("sends {} to {}", what, to);
        findings.push_back({title, detail, verdict, {pointer_to(input.observations, one.first)}});
    }
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    judge_names(input, findings);
    add_unexplained_site_names(input.observations, findings);
    judge_other_frames(input, findings);
    for (const auto& destination : input.observations.destinations) {
        judge_datagrams(input, destination, findings);
        judge_protocols(input, destination, findings);
    }
    return conclude(input, std::move(findings),
                    {"hides no data in DNS, ICMP, NTP or odd protocols",
                     "The firmware sends data only by protocols meant for it, to declared destinations.",
                     "Give the vendor's declaration, and record for longer."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "no-covert-channels",
                .doc = "The camera hides no data in names it asks for, in pings, in time requests or in "
                       "unusual protocols."},
    .why = "Filters let names, pings and the time pass. Data that travels in them was meant not to be seen.",
    .requirements = {"EXF-04"},
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::no_covert_channels
