#include "harness/analysis/payloads.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>

#include "harness/analysis/flow.hpp"
#include "harness/analysis/protocol.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_read = 8U << 20;

bool is_digest(std::string_view name) { return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

Bytes read_start(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string content(most_read, '\0');
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    return to_bytes(content);
}

Destination* destination_of(const SeenPayload& seen, Observations& observations) {
    const auto fits = [&](const Destination& one) {
        const bool same_address = std::find(one.addresses.begin(), one.addresses.end(), seen.destination.address) != one.addresses.end();
        return same_address && one.port == seen.destination.port && one.transport == seen.transport;
    };
    const auto found = std::find_if(observations.destinations.begin(), observations.destinations.end(), fits);
    return found == observations.destinations.end() ? nullptr : &*found;
}

/// Who is asked inside TLS need not be who the TLS was for.
void claim_host(const SeenPayload& seen, WallTime when, Destination& destination) {
    constexpr std::size_t most_claims = 32;
    const auto known = [&](const ClaimedName& claim) { return claim.name == seen.host; };
    if (!seen.inside_tls || destination.name.empty() || seen.host == destination.name || !is_dns_name(seen.host)) return;
    if (destination.claims.size() >= most_claims || std::any_of(destination.claims.begin(), destination.claims.end(), known)) return;
    auto frame = destination.first_frame;
    for (const auto& attempt : destination.attempt_frames)
        if (attempt.time <= when) frame = attempt;
    destination.claims.push_back({seen.host, Resolution::host, frame});
}

}  // namespace

void add_opened_contents(const std::filesystem::path& folder, const std::vector<SeenPayload>& payloads, const Identifiers& identifiers, Observations& observations) {
    for (const auto& seen : payloads) {
        auto* destination = destination_of(seen, observations);
        const bool kept = is_digest(seen.digest);
        if (destination == nullptr || (!kept && !seen.digest.empty())) continue;
        const auto content = kept ? read_start(folder / seen.digest) : Bytes();
        const FrameRef when{0, observations.run.wall_zero + seen.time, 0};
        claim_host(seen, when.time, *destination);
        const auto add = [&](ContentKind kind, std::string what) { note(destination->contents, {kind, std::move(what), true, when, kept ? "payloads/" + seen.digest : "timeline.jsonl", 1, 0}); };
        for (const auto& mark : find_marks(content, Position::start)) {
            if (mark.kind == ContentKind::media) add(mark.kind, std::string(mark.what));
        }
        for (const auto& found : identifiers.find(content)) add(ContentKind::identifier, found.what + (seen.inside_tls ? " inside TLS" : ""));
        if (!seen.inside_tls) continue;
        for (const auto& found : identifiers.find(as_bytes(seen.statement))) add(ContentKind::identifier, found.what + " inside TLS");
    }
}

}  // namespace cambench::analysis
