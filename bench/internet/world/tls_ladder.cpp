#include "bench/internet/world/tls_ladder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cambench::internet {
namespace {

/// An attempt that has not come to an end by then no longer holds up the next certificate.
constexpr std::chrono::seconds attempt_patience{10};
constexpr std::size_t most_servers = 16384;

constexpr std::array<std::pair<CertificateKind, std::string_view>, 10> kind_words{
    {{CertificateKind::unknown_authority, "unknown-authority"},
     {CertificateKind::self_signed, "self-signed"},
     {CertificateKind::wrong_name, "wrong-name"},
     {CertificateKind::expired, "expired"},
     {CertificateKind::not_yet_valid, "not-yet-valid"},
     {CertificateKind::not_an_authority, "not-an-authority"},
     {CertificateKind::weak_key, "weak-key"},
     {CertificateKind::weak_signature, "weak-signature"},
     {CertificateKind::old_version, "old-version"},
     {CertificateKind::given_authority, "given-authority"}}};

}  // namespace

std::string_view to_string(CertificateKind kind) {
    for (const auto& [known, word] : kind_words)
        if (known == kind) return word;
    return "";
}

Result<CertificateKind> parse_certificate_kind(std::string_view text) {
    std::string all;
    for (const auto& [kind, word] : kind_words) {
        if (word == text) return kind;
        all += fmt::format("{}{}", all.empty() ? "" : ", ", word);
    }
    return usage_error(fmt::format("certificate '{}' is not one of {}", text, all));
}

const std::vector<CertificateKind>& defective_certificates() {
    static const std::vector<CertificateKind> all{
        CertificateKind::unknown_authority, CertificateKind::self_signed,
        CertificateKind::wrong_name,        CertificateKind::expired,
        CertificateKind::not_yet_valid,     CertificateKind::not_an_authority,
        CertificateKind::weak_key,          CertificateKind::weak_signature,
        CertificateKind::old_version};
    return all;
}

TlsTrials::TlsTrials(TlsLadder ladder, Authority authority)
    : ladder_(std::move(ladder)), authority_(authority) {
    if (ladder_.certificates.empty()) ladder_.certificates = defective_certificates();
    ladder_.attempts = std::max(1U, ladder_.attempts);
    ladder_.rounds = std::max(1U, ladder_.rounds);
}

CertificateKind TlsTrials::certificate_at(std::uint64_t rung) const {
    const auto count = ladder_.certificates.size();
    if (given() && rung >= count * ladder_.rounds) return CertificateKind::given_authority;
    return ladder_.certificates[rung % count];
}

void TlsTrials::climb(Server& server) {
    ++server.rung;
    server.ended = server.open = 0;
}

TlsTrials::Attempt TlsTrials::begin(std::string name, Monotonic::time_point now) {
    auto found = servers_.find(name);
    if (found == servers_.end()) {
        if (servers_.size() >= most_servers) return {std::move(name), ladder_.certificates.front(), 1, 0, 1};
        found = servers_.emplace(name, Server{}).first;
    }
    auto& server = found->second;
    if (server.open > 0 && now - server.latest > attempt_patience) climb(server);
    server.latest = now;
    ++server.open;
    const auto count = ladder_.certificates.size();
    return {std::move(name), certificate_at(server.rung), ++server.attempts, server.rung,
            static_cast<unsigned>(server.rung / count) + 1};
}

void TlsTrials::end(const Attempt& attempt) {
    const auto found = servers_.find(attempt.server);
    if (found == servers_.end() || found->second.rung != attempt.rung) return;
    auto& server = found->second;
    if (server.open > 0) --server.open;
    if (++server.ended >= ladder_.attempts) climb(server);
}

}  // namespace cambench::internet
