#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_media_leaving {
namespace {

using analysis::ContentFact;
using analysis::ContentKind;
using analysis::Destination;

/// What a declared destination is for, as far as pictures go.
enum class Meant { media, other, unsaid };

Meant meant_for(const DeclaredDestination& entry) {
    const bool shown = speaks_of(entry.purpose, {"video", "media", "footage", "picture", "snapshot", "stream",
                                                 "clip", "view", "photo", "audio", "recording"});
    if (!shown && speaks_of(entry.purpose, {"firmware", "software", "upgrade", "update"}))
        return Meant::other;  // "firmware images" are none
    if (speaks_of(entry.purpose, {"video",   "media",  "footage", "record",    "picture", "snapshot", "image",
                                  "stream",  "clip",   "view",    "thumbnail", "photo",   "alarm",    "event",
                                  "storage", "backup", "upload",  "audio",     "relay",   "p2p"}))
        return Meant::media;
    if (speaks_of(entry.purpose, {"clock", "time", "ntp", "health", "telemetry", "update", "firmware",
                                  "status", "heartbeat", "diagnos", "config", "name", "regist", "log",
                                  "statistic", "licen", "crash", "connectivity", "discovery"}))
        return Meant::other;
    // A purpose says more than a protocol: what carries video may be declared for something else, and must
    // not carry video then.
    if (speaks_of(entry.protocol, {"rtsp", "rtp", "rtmp", "srt", "webrtc", "mpeg", "hls"}))
        return Meant::media;
    return Meant::unsaid;
}

Verdict weigh(const CheckInput& input, const Destination& destination, const Match& found) {
    if (!leaves_network(destination) && input.declaration == nullptr)
        return Verdict::pass;  // a recorder on its own network
    if (found.standing != Standing::declared || found.entry == nullptr)
        return unless_declared(found.standing, input.declaration);
    switch (meant_for(*found.entry)) {
        case Meant::media:
            return Verdict::pass;
        case Meant::other:
            return Verdict::fail;
        case Meant::unsaid:
            return Verdict::inconclusive;
    }
    return Verdict::inconclusive;
}

void judge_destination(const CheckInput& input, const Destination& destination,
                       std::vector<Finding>& findings) {
    if (destination.asked_for) return;
    for (const auto& fact : destination.contents) {
        if (fact.kind != ContentKind::media || !fact.outgoing) continue;
        const auto found = match(destination, input.observations, input.declaration);
        findings.push_back({fmt::format("sends media ({}) to {}", fact.what,
                                        describe_standing(destination, found, input.declaration)),
                            fmt::format("{}; {}", fact.inside_tls ? "seen inside TLS" : "seen in clear",
                                        describe_traffic(input.observations, destination)),
                            weigh(input, destination, found), pointers_to(input.observations, fact)});
    }
}

/// Callers from outside the camera's network who were given media.
void judge_visitor(const CheckInput& input, const Destination& visitor, std::vector<Finding>& findings) {
    const auto media = std::find_if(
        visitor.contents.begin(), visitor.contents.end(),
        [](const ContentFact& fact) { return fact.kind == ContentKind::media && fact.outgoing; });
    if (media == visitor.contents.end()) return;
    findings.push_back({fmt::format("gives media ({}) to a caller from outside its network, {}", media->what,
                                    visitor.addresses.front().to_string()),
                        describe_traffic(input.observations, visitor), Verdict::inconclusive,
                        pointers_to(input.observations, *media)});
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& destination : input.observations.destinations)
        judge_destination(input, destination, findings);
    for (const auto& visitor : input.observations.visitors) judge_visitor(input, visitor, findings);
    return conclude(input, std::move(findings),
                    {"sends no pictures or sound where they do not belong",
                     "The firmware sends media only to destinations that are declared for it.",
                     "Give the vendor's declaration, with the purpose of each destination stated."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "no-media-leaving",
                                 .doc = "The camera sends pictures, video and sound only to destinations "
                                        "declared for them, as far as the content can be seen."},
                     .why =
                         "What a camera sees is the reason to attack it. Footage that leaves for a "
                         "destination nobody named is the loss the whole test is about.",
                     .requirements = {"EXF-02", "EXF-03"},
                     .for_captures = true,
                     .judge = judge};

}  // namespace cambench::checks::no_media_leaving
