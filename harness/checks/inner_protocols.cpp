#include "harness/checks/inner_protocols.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <optional>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocol_words.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench {
namespace {

using analysis::InnerTalk;

/// Fewer bytes may be the beginning of anything.
constexpr std::uint64_t fewest_telling = 8;

/// Purposes for which somebody outside is let in, or traffic of another kind is carried.
bool is_for_access(const DeclaredDestination& entry) {
    return speaks_of(entry.purpose, {"remote", "tunnel", "vpn", "support", "maintenance", "shell", "ssh",
                                     "console", "service access", "debug"});
}

std::string named(const std::string& protocol) {
    return protocol.empty()      ? "a protocol that is not recognised"
           : protocol == "shell" ? "what a shell says"
                                 : protocol;
}

std::optional<Verdict> judge_directly_inside(const ProtocolWord& word, const InnerTalk& talk) {
    const auto& expected = word.wire == talk.layers ? word.inner : word.wire;
    if (talk.protocol == protocol::tls)
        return Verdict::inconclusive;  // and what is inside that one nobody saw
    if (expected.empty() || talk.protocol == expected || are_kin(expected, talk.protocol))
        return std::nullopt;
    if (!talk.protocol.empty())
        return protocol_word(talk.protocol).known ? Verdict::fail : Verdict::inconclusive;
    if (talk.bytes < fewest_telling) return std::nullopt;
    return expected == protocol::http ? Verdict::fail : Verdict::inconclusive;
}

std::optional<Verdict> judge(const DeclaredDestination& entry, const InnerTalk& talk) {
    const auto word = protocol_word(entry.protocol);
    if (carries_or_lets_in(talk.protocol)) {
        if (talk.protocol == word.wire || talk.protocol == word.inner) return std::nullopt;
        if (is_for_access(entry)) return Verdict::inconclusive;
        // A tunnel is seen; what it carries, if that is known, is judged by itself.
        return talk.protocol == "httptunnel" ? Verdict::inconclusive : Verdict::fail;
    }
    if (!talk.toward.empty()) return std::nullopt;
    if (talk.layers == "tls" || talk.layers == "dtls") return judge_directly_inside(word, talk);
    return talk.protocol == protocol::tls ? std::optional(Verdict::inconclusive) : std::nullopt;
}

}  // namespace

std::string describe_layers(std::string_view layers) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> words{
        {{"tls", "TLS"},
         {"dtls", "DTLS"},
         {"http", "HTTP"},
         {"websocket", "a WebSocket"},
         {"connect", "a tunnel through a proxy"},
         {"upgrade", "a changed protocol"},
         {"body", "bodies of requests"},
         {"httptunnel", "an HTTP tunnel"}}};
    std::string text;
    for (auto rest = layers; !rest.empty();) {
        const auto layer = rest.substr(0, rest.find('/'));
        rest.remove_prefix(std::min(rest.size(), layer.size() + 1));
        if (layer == protocol::http && !rest.empty()) continue;  // the next layer says so
        const auto known =
            std::find_if(words.begin(), words.end(), [&](const auto& one) { return one.first == layer; });
        const auto word = known == words.end() ? inert(layer) : std::string(known->second);
        text = text.empty() ? word : fmt::format("{} inside {}", word, text);
    }
    return text;
}

std::vector<InnerContradiction> inner_contradictions(const DeclaredDestination& entry,
                                                     const analysis::Destination& destination) {
    std::vector<InnerContradiction> found;
    if (entry.protocol.empty() && entry.purpose.empty()) return found;
    for (const auto& talk : destination.inner) {
        const auto verdict = judge(entry, talk);
        if (verdict)
            found.push_back(
                {&talk, *verdict,
                 fmt::format("inside {} it speaks {}", describe_layers(talk.layers), named(talk.protocol))});
    }
    return found;
}

}  // namespace cambench
