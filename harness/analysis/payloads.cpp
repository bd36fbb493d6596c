#include "harness/analysis/payloads.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <istream>

#include "harness/analysis/flow.hpp"
#include "harness/analysis/inner_talk.hpp"
#include "harness/analysis/protocol.hpp"
#include "harness/core/file.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_read = 8U << 20, longest_beginning = 16384;

bool is_digest(std::string_view name) { return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

Bytes read_start(const std::filesystem::path& file, std::size_t most = most_read) {
    const auto opened = open_regular_stream(file, Links::refused);
    if (!opened) return {};
    auto& in = **opened;
    std::string content(most, '\0');
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    return to_bytes(content);
}

/// The destination of that endpoint; of several the one that speaks `protocol`.
Destination* destination_of(const Endpoint& endpoint, Transport transport, Observations& observations, std::string_view protocol = {}) {
    Destination* found = nullptr;
    for (auto& one : observations.destinations) {
        const bool same_address = std::find(one.addresses.begin(), one.addresses.end(), endpoint.address) != one.addresses.end();
        if (!same_address || one.port != endpoint.port || one.transport != transport) continue;
        if (found == nullptr || one.protocol == protocol) found = &one;
        if (one.protocol == protocol) break;
    }
    return found;
}

/// The frame of the latest attempt before.
FrameRef carrier_of(const Destination& destination, WallTime when) {
    auto frame = destination.first_frame;
    for (const auto& attempt : destination.attempt_frames)
        if (attempt.time <= when) frame = attempt;
    return frame;
}

/// Who is asked inside TLS need not be who the TLS was for.
void claim_host(const SeenPayload& seen, WallTime when, Destination& destination) {
    constexpr std::size_t most_claims = 32;
    const auto known = [&](const ClaimedName& claim) { return claim.name == seen.host; };
    if (!seen.inside_tls || destination.name.empty() || seen.host == destination.name || !is_dns_name(seen.host)) return;
    if (destination.claims.size() >= most_claims || std::any_of(destination.claims.begin(), destination.claims.end(), known)) return;
    destination.claims.push_back({seen.host, Resolution::host, carrier_of(destination, when)});
}

std::vector<InnerTalk> talks_of(const SeenInner& seen, ByteView content) {
    if (!seen.session) return find_carried(content, seen.layers);
    if (!seen.protocol.empty()) return {{seen.layers, seen.protocol, seen.toward, {}, {}, 0, 1}};
    return find_talk(content, as_bytes(seen.heard), seen.layers, seen.toward);
}

}  // namespace

void add_inner_talks(const std::filesystem::path& folder, const std::vector<SeenInner>& inner, Observations& observations) {
    for (const auto& seen : inner) {
        auto* destination = destination_of(seen.destination, seen.transport, observations, seen.layers.substr(0, seen.layers.find('/')));
        if (destination == nullptr || (!is_digest(seen.digest) && !seen.digest.empty())) continue;
        const auto content = seen.digest.empty() ? Bytes() : read_start(folder / seen.digest, longest_beginning);
        const auto frame = carrier_of(*destination, observations.run.wall_zero + seen.time);
        const auto payload = seen.digest.empty() ? std::string() : "payloads/" + seen.digest;
        for (auto& talk : talks_of(seen, content)) {
            talk.frame = frame;
            talk.payload = payload;
            note(destination->inner, std::move(talk));
        }
        if (seen.layers.empty() || !seen.session) continue;
        if (const auto shell = find_given_shell(content, as_bytes(seen.heard)); !shell.what.empty())
            note(destination->contents, {ContentKind::command, std::string(shell.what), true, frame, payload, 1, 0, shell.certain});
    }
}

void add_opened_contents(const std::filesystem::path& folder, const std::vector<SeenPayload>& payloads, const Identifiers& identifiers, Observations& observations) {
    for (const auto& seen : payloads) {
        auto* destination = destination_of(seen.destination, seen.transport, observations);
        const bool kept = is_digest(seen.digest);
        if (destination == nullptr || (!kept && !seen.digest.empty())) continue;
        const auto content = kept ? read_start(folder / seen.digest) : Bytes();
        const FrameRef when{0, observations.run.wall_zero + seen.time, 0};
        claim_host(seen, when.time, *destination);
        const auto add = [&](ContentKind kind, std::string what) { note(destination->contents, {kind, std::move(what), true, when, kept ? "payloads/" + seen.digest : "timeline.jsonl", 1, 0, true, seen.inside_tls, {}}); };
        for (const auto& mark : find_marks(content, Position::start)) {
            if (mark.kind == ContentKind::media) add(mark.kind, std::string(mark.what));
        }
        for (const auto& found : identifiers.find(content)) add(ContentKind::identifier, found.what + (seen.inside_tls ? " inside TLS" : ""));
        if (!seen.inside_tls) continue;
        for (const auto& found : identifiers.find(as_bytes(seen.statement))) add(ContentKind::identifier, found.what + " inside TLS");
    }
}

}  // namespace cambench::analysis
