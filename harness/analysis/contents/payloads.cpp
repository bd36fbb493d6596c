#include "harness/analysis/contents/payloads.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <istream>
#include <unordered_map>
#include <unordered_set>

#include "harness/analysis/flows/flow.hpp"
#include "harness/analysis/flows/inner_talk.hpp"
#include "harness/analysis/flows/protocol.hpp"
#include "harness/analysis/run/timeline_events.hpp"
#include "harness/core/file.hpp"
#include "harness/wire/http.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t longest_beginning = 16384, piece_size = 256U << 10;
constexpr std::size_t edge =
    1024;  ///< longer than any mark, any writing of an identifier and any line of a shell that tells

bool is_digest(std::string_view name) {
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Bytes read_start(const std::filesystem::path& file) {
    const auto opened = open_regular_stream(file, Links::refused);
    if (!opened) return {};
    auto& in = **opened;
    Bytes content(longest_beginning);
    in.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    return content;
}

/// The frame of the latest attempt before.
FrameRef carrier_of(const Destination& destination, WallTime when) {
    auto frame = destination.first_frame;
    for (const auto& attempt : destination.attempt_frames)
        if (attempt.time <= when) frame = attempt;
    return frame;
}

std::vector<InnerTalk> talks_of(const SeenInner& seen, ByteView content) {
    if (!seen.session) return find_carried(content, seen.layers);
    if (!seen.protocol.empty()) return {{seen.layers, seen.protocol, seen.toward, {}, {}, 0, 1}};
    return find_talk(content, as_bytes(seen.heard), seen.layers, seen.toward);
}

/// What a content shows; many events may be about the same one.
struct Shown {
    std::vector<std::string> media, identifiers;
};

class ContentReader {
public:
    ContentReader(const std::filesystem::path& folder, const Identifiers& identifiers,
                  Observations& observations)
        : folder_(folder), identifiers_(identifiers), observations_(observations) {
        for (auto& destination : observations.destinations)
            for (const auto& address : destination.addresses)
                at_[Endpoint{address, destination.port}].push_back(&destination);
    }
    void take(const Event& event) {
        if (const auto seen = payload_of(event)) take_content(*seen);
        for (const auto& seen : inner_of(event)) take_inner(seen);
    }

private:
    /// The destination of that endpoint; of several the one that speaks `protocol`.
    [[nodiscard]] Destination* destination_of(const Endpoint& endpoint, Transport transport,
                                              std::string_view protocol = {}) const {
        const auto there = at_.find(endpoint);
        if (there == at_.end()) return nullptr;
        Destination* found = nullptr;
        for (auto* one : there->second) {
            if (one->transport != transport) continue;
            if (found == nullptr || one->protocol == protocol) found = one;
            if (one->protocol == protocol) break;
        }
        return found;
    }

    void keep(Destination& destination, ContentFact fact) {
        if (!note(destination.contents, std::move(fact)))
            note_cut(Subject::contents, "more kinds of content at one destination than are kept");
    }

    void note_cut(Subject subject, std::string_view what) {
        auto& bounds = observations_.bounds;
        if (std::none_of(bounds.begin(), bounds.end(),
                         [&](const ReachedBound& one) { return one.what == what; }))
            bounds.push_back({subject, std::string(what), 0, 0, std::nullopt});
    }

    /// Who is asked need not be who the connection was for.
    void claim_host(const SeenPayload& seen, WallTime when, Destination& destination) {
        constexpr std::size_t most_claims = 256;
        const auto is = [&](const std::string& name) { return name == seen.host; };
        const auto known = [&](const ClaimedName& claim) { return claim.name == seen.host; };
        if (destination.name.empty() || is(destination.name) || !is_dns_name(seen.host)) return;
        // In clear the recording tells as well; only what lies deep in a long connection is news.
        const bool another_name =
            std::any_of(destination.aliases.begin(), destination.aliases.end(), is) ||
            std::any_of(destination.other_names.begin(), destination.other_names.end(), is);
        if (!seen.inside_tls && (another_name || destination.resolution == Resolution::lan)) return;
        if (std::any_of(destination.claims.begin(), destination.claims.end(), known)) return;
        if (destination.claims.size() >= most_claims)
            return note_cut(Subject::names, "more names asked of one destination than are kept");
        destination.claims.push_back({seen.host, Resolution::host, carrier_of(destination, when)});
    }

    const Shown& shown_by(const std::string& digest) {
        constexpr std::size_t most_remembered = 20'000;
        if (shown_.size() >= most_remembered) shown_.clear();
        const auto [entry, fresh] = shown_.try_emplace(digest);
        if (!fresh) return entry->second;
        auto& shown = entry->second;
        const auto add = [](std::vector<std::string>& list, std::string what) {
            if (std::find(list.begin(), list.end(), what) == list.end()) list.push_back(std::move(what));
        };
        each_piece(folder_ / digest, edge, [&](ByteView piece, bool first) {
            for (const auto& mark : find_marks(piece, first ? Position::start : Position::middle))
                if (mark.kind == ContentKind::media) add(shown.media, std::string(mark.what));
            for (const auto& found : identifiers_.find(piece)) add(shown.identifiers, found.what);
        });
        return shown;
    }

    void take_content(const SeenPayload& seen) {
        auto* destination = destination_of(seen.destination, seen.transport);
        const bool kept = is_digest(seen.digest);
        if (destination == nullptr || (!kept && !seen.digest.empty()) ||
            (seen.digest.empty() && seen.host.empty() && !seen.inside_tls))
            return;
        const FrameRef when{0, observations_.run.wall_zero + seen.time, 0};
        claim_host(seen, when.time, *destination);
        const auto add = [&](ContentKind kind, std::string what) {
            keep(*destination, {kind,
                                std::move(what),
                                true,
                                when,
                                kept ? "payloads/" + seen.digest : "timeline.jsonl",
                                1,
                                0,
                                true,
                                seen.inside_tls,
                                {}});
        };
        if (kept) {
            const auto& shown = shown_by(seen.digest);
            for (const auto& what : shown.media) add(ContentKind::media, what);
            for (const auto& what : shown.identifiers)
                add(ContentKind::identifier, what + (seen.inside_tls ? " inside TLS" : ""));
        }
        if (!seen.inside_tls) return;
        for (const auto& found : identifiers_.find(as_bytes(seen.statement)))
            add(ContentKind::identifier, found.what + " inside TLS");
    }

    /// One session is told once where its content tells nothing more.
    [[nodiscard]] bool is_news(const SeenInner& seen) {
        constexpr std::size_t most_remembered = 100'000;
        if (!seen.session || !seen.digest.empty()) return true;
        if (told_.size() >= most_remembered) told_.clear();
        return told_
            .insert(fmt::format("{} {} {} {} {}", seen.destination.to_string(), to_string(seen.transport),
                                seen.layers, seen.protocol, seen.toward))
            .second;
    }

    void take_inner(const SeenInner& seen) {
        if (!is_news(seen)) return;
        auto* destination =
            destination_of(seen.destination, seen.transport, seen.layers.substr(0, seen.layers.find('/')));
        if (destination == nullptr || (!is_digest(seen.digest) && !seen.digest.empty())) return;
        const auto content = seen.digest.empty() ? Bytes() : read_start(folder_ / seen.digest);
        const auto frame = carrier_of(*destination, observations_.run.wall_zero + seen.time);
        const auto payload = seen.digest.empty() ? std::string() : "payloads/" + seen.digest;
        for (auto& talk : talks_of(seen, content)) {
            talk.frame = frame;
            talk.payload = payload;
            if (!note(destination->inner, std::move(talk)))
                note_cut(Subject::contents, "more ways of speaking inside one destination than are kept");
        }
        if (seen.layers.empty() || !seen.session) return;
        if (const auto shell = shell_in(seen, content); !shell.what.empty())
            keep(*destination,
                 {ContentKind::command, std::string(shell.what), true, frame, payload, 1, 0, shell.certain});
    }

    /// At the beginning of what was said; what is certain, anywhere in it.
    [[nodiscard]] GivenShell shell_in(const SeenInner& seen, ByteView beginning) const {
        auto shell = find_given_shell(beginning, as_bytes(seen.heard));
        if ((!shell.what.empty() && shell.certain) || beginning.size() < longest_beginning) return shell;
        each_piece(folder_ / seen.digest, edge, [&](ByteView piece, bool first) {
            if (first || (!shell.what.empty() && shell.certain)) return;
            if (const auto later = find_given_shell(piece, as_bytes(seen.heard));
                later.certain && !later.what.empty())
                shell = later;
        });
        return shell;
    }

    const std::filesystem::path& folder_;
    const Identifiers& identifiers_;
    Observations& observations_;
    std::unordered_map<Endpoint, std::vector<Destination*>> at_;
    std::unordered_map<std::string, Shown> shown_;
    std::unordered_set<std::string> told_;
};

}  // namespace

void each_piece(const std::filesystem::path& file, std::size_t overlap,
                const std::function<void(ByteView piece, bool first)>& take) {
    const auto opened = open_regular_stream(file, Links::refused);
    if (!opened) return;
    auto& in = **opened;
    Bytes buffer(overlap + piece_size);
    std::size_t kept = 0;
    for (bool first = true; in; first = false) {
        in.read(reinterpret_cast<char*>(buffer.data() + kept),
                static_cast<std::streamsize>(buffer.size() - kept));
        const auto got = static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0));
        if (got == 0) return;
        const auto size = kept + got;
        take(ByteView(buffer).first(size), first);
        kept = std::min(overlap, size);
        std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(size - kept),
                  buffer.begin() + static_cast<std::ptrdiff_t>(size), buffer.begin());
    }
}

Status add_kept_contents(const std::filesystem::path& timeline, const std::filesystem::path& folder,
                         const Identifiers& identifiers, Observations& observations,
                         const std::function<bool()>& go_on) {
    ContentReader reader(folder, identifiers, observations);
    bool ended = false;
    // What payload_of() and inner_of() need.
    const std::vector<std::string_view> members{"\"payload\"", "\"http-request\"", "\"websocket\"",
                                                "\"layers\"", "\"inside\""};
    return each_network_event(timeline, members, [&](const Event& event) {
        if (ended || !go_on()) {
            ended = true;
            return;
        }
        reader.take(event);
    });
}

}  // namespace cambench::analysis
