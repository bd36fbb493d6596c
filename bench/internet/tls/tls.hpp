#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "bench/internet/tls/authority.hpp"
#include "bench/internet/tls/trial_certificates.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "bench/internet/world/tls_ladder.hpp"

struct ssl_ctx_st;

namespace cambench::internet {

/// What all TLS servers of the world share. One thread, apart from the making of RSA keys.
class TlsService {
public:
    [[nodiscard]] static Result<std::unique_ptr<TlsService>> create(CertificateAuthority authority);
    ~TlsService();
    TlsService(const TlsService&) = delete;
    TlsService& operator=(const TlsService&) = delete;

    /// From now on RSA keys, a second's work, are made in a thread when the first old client comes; `made` is
    /// called in that thread when they are there, and whoever take_waiting() then lists may go on. Else they
    /// are made in place, while the caller waits.
    void make_keys_aside(std::function<void()> made);
    /// Whether certificates of this kind can be had now. False: the keys are being made, and `connection` is
    /// among the waiting.
    [[nodiscard]] bool ready(CertificateAuthority::Algorithm algorithm, std::uint64_t connection);
    [[nodiscard]] std::vector<std::uint64_t> take_waiting();
    [[nodiscard]] Result<CertificateAuthority::Leaf> leaf(std::string_view name,
                                                          CertificateAuthority::Algorithm algorithm);
    /// From now on every camera's TLS is put to the test.
    [[nodiscard]] Status begin_trials(const TlsLadder& ladder);
    [[nodiscard]] TlsTrials* trials() const { return trials_.get(); }  ///< nullptr: it is not put to the test
    /// What the certificate of a server on the ladder is signed with, for a client that takes `offered`.
    [[nodiscard]] static CertificateAuthority::Algorithm trial_algorithm(
        CertificateKind kind, CertificateAuthority::Algorithm offered);
    /// From now on every server's certificate is from this authority (PEM with its key).
    [[nodiscard]] Status take_authority(const std::string& pem);
    [[nodiscard]] bool has_given_authority() const {
        return trial_certificates_ != nullptr && trials_ == nullptr;
    }
    /// For servers on the ladder, or with a given authority; `told` is the time the camera is told.
    [[nodiscard]] Result<TrialCertificates::Chain> trial_certificate(
        CertificateKind kind, std::string_view name, CertificateAuthority::Algorithm algorithm,
        WallTime told);
    [[nodiscard]] ssl_ctx_st* context() const { return context_; }
    [[nodiscard]] ssl_ctx_st* datagram_context() const { return datagram_context_; }  ///< DTLS

private:
    explicit TlsService(CertificateAuthority authority);
    [[nodiscard]] Status set_up();

    CertificateAuthority authority_;
    std::unique_ptr<TlsTrials> trials_;
    std::unique_ptr<TrialCertificates> trial_certificates_;
    ssl_ctx_st* context_ = nullptr;
    ssl_ctx_st* datagram_context_ = nullptr;
    std::function<void()> keys_made_;
    std::vector<std::uint64_t> waiting_;
    std::atomic<bool> has_keys_ = false;
    std::jthread maker_;  ///< last: it uses the others
};

/// TLS; what comes out of it is a conversation from its first byte, or what `inside` makes of it (STARTTLS
/// and its kin).
[[nodiscard]] std::unique_ptr<StreamDialogue> make_tls_dialogue(World& world, Flow flow,
                                                                DialogueMaker inside = make_conversation);

/// The same over datagrams (DTLS): each call of received() is one, and what it puts out are whole records.
/// World::tls must be there.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_dtls_dialogue(World& world, Flow flow,
                                                                 DialogueMaker inside);

}  // namespace cambench::internet
