#include "bench/internet/tls/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "bench/internet/tls/tls_attempt.hpp"
#include "bench/internet/tls/tls_hello.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/tls_names.hpp"

namespace cambench::internet {
namespace {

using Algorithm = CertificateAuthority::Algorithm;

class TlsDialogue final : public StreamDialogue {
public:
    enum class Carrier { stream, datagrams };
    TlsDialogue(World& world, Flow flow, DialogueMaker inside, Carrier carrier = Carrier::stream);
    ~TlsDialogue() override { SSL_free(ssl_); }

    void received(ByteView bytes, Output& output) override;
    void camera_finished(Output& output) override;
    void silence(Output& output) override;
    void woken(Output& output) override;
    void closed() override;

    void reset() override {
        if (attempt_) attempt_->reset();
    }

    int take_hello();
    int choose_certificate();
    void take_alert(int where, int value);
    void keep_secret(const char* line) { world_.recorder.tls_secret(line); }
    void take_shared_key(std::string_view identity) { shared_key_ = identity; }
    [[nodiscard]] const TlsOffer& offer() const { return offer_; }

private:
    void shake_hands(ByteView bytes, Output& output);
    void read_plaintext(Output& output);
    void send_plaintext(Output& inner, Output& output);
    void drain(Output& output);
    bool use(X509* certificate, EVP_PKEY* key, std::initializer_list<X509*> issuers);
    void record(std::string_view outcome);
    void fail(std::string_view outcome, Output& output);
    [[nodiscard]] std::string_view protocol() const {
        return carrier_ == Carrier::stream ? protocol::tls : protocol::dtls;
    }

    World& world_;
    Flow flow_;
    Carrier carrier_;
    DialogueMaker inside_;
    SSL* ssl_ = nullptr;
    BIO* from_camera_ = nullptr;  ///< owned by ssl_
    BIO* to_camera_ = nullptr;    ///< owned by ssl_
    TlsOffer offer_;
    std::string certificate_name_;
    std::string alert_;
    std::string shared_key_;             ///< the name of a key that client and server were to share
    std::optional<TlsAttempt> attempt_;  ///< when the camera's TLS is put to the test
    bool recorded_ = false;
    bool over_ = false;
    std::unique_ptr<StreamDialogue> inner_;
};

TlsDialogue* dialogue_of(const SSL* ssl) { return static_cast<TlsDialogue*>(SSL_get_app_data(ssl)); }

int on_hello(SSL* ssl, int*, void*) { return dialogue_of(ssl)->take_hello(); }
int on_certificate(SSL* ssl, void*) { return dialogue_of(ssl)->choose_certificate(); }
void on_information(const SSL* ssl, int where, int value) {
    if (auto* dialogue = dialogue_of(ssl)) dialogue->take_alert(where, value);
}
void on_secret(const SSL* ssl, const char* line) { dialogue_of(ssl)->keep_secret(line); }

/// HTTP/2 when offered, as real servers choose; then HTTP/1.1; else the first that is no other HTTP; else
/// none.
int on_protocols(SSL* ssl, const unsigned char** chosen, unsigned char* size, const unsigned char*, unsigned,
                 void*) {
    const auto& offered = dialogue_of(ssl)->offer().protocols;
    auto found = std::find(offered.begin(), offered.end(), "h2");
    if (found == offered.end()) found = std::find(offered.begin(), offered.end(), "http/1.1");
    const auto other = [](const auto& name) { return !name.starts_with("h3") && !name.empty(); };
    if (found == offered.end()) found = std::find_if(offered.begin(), offered.end(), other);
    if (found == offered.end()) return SSL_TLSEXT_ERR_NOACK;
    *chosen = reinterpret_cast<const unsigned char*>(found->data());
    *size = static_cast<unsigned char>(found->size());
    return SSL_TLSEXT_ERR_OK;
}

std::string error_reason() {
    const auto code = ERR_peek_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "handshake failed" : reason;
}

/// The key is unknown here; who it is for is worth knowing all the same.
unsigned on_shared_key(SSL* ssl, const char* identity, unsigned char*, unsigned) {
    if (identity != nullptr) dialogue_of(ssl)->take_shared_key(identity);
    return 0;
}

TlsDialogue::TlsDialogue(World& world, Flow flow, DialogueMaker inside, Carrier carrier)
    : world_(world), flow_(std::move(flow)), carrier_(carrier), inside_(std::move(inside)) {
    ssl_ = SSL_new(carrier == Carrier::stream ? world.tls->context() : world.tls->datagram_context());
    if (ssl_ == nullptr) return;
    if (carrier == Carrier::datagrams) {
        constexpr long longest_record = 1200;
        SSL_set_options(ssl_, SSL_OP_NO_QUERY_MTU);
        SSL_set_mtu(ssl_, longest_record);
    }
    from_camera_ = BIO_new(BIO_s_mem());
    to_camera_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_, from_camera_, to_camera_);
    SSL_set_app_data(ssl_, this);
    SSL_set_accept_state(ssl_);
}

int TlsDialogue::take_hello() {
    offer_ = read_hello(ssl_);
    flow_.server_name = offer_.server_name;
    certificate_name_ = offer_.server_name;
    const auto* known = world_.names.name_of(flow_.destination.address);
    if (certificate_name_.empty())
        certificate_name_ = known != nullptr ? *known : flow_.destination.address.to_string();
    if (auto* trials = world_.tls->trials(); trials != nullptr && !attempt_)
        attempt_.emplace(world_, *trials, flow_, offer_, certificate_name_);
    if (attempt_ && attempt_->certificate() == CertificateKind::old_version)
        SSL_set_max_proto_version(ssl_, carrier_ == Carrier::stream ? TLS1_1_VERSION : DTLS1_VERSION);
    if (offer_.only_shared_keys) SSL_set_psk_server_callback(ssl_, on_shared_key);
    return SSL_CLIENT_HELLO_SUCCESS;
}

int TlsDialogue::choose_certificate() {
    const auto offered = offer_.ecdsa ? Algorithm::ecdsa : Algorithm::rsa;
    const auto algorithm = attempt_ ? TlsService::trial_algorithm(attempt_->certificate(), offered) : offered;
    if (!world_.tls->ready(algorithm, flow_.connection)) return -1;
    if (attempt_) {
        const auto chain = world_.tls->trial_certificate(attempt_->certificate(), certificate_name_,
                                                         algorithm, world_.clock.now());
        if (!chain) return 0;
        attempt_->shown();
        return use(chain->leaf.get(), chain->key, {chain->between.get(), chain->root}) ? 1 : 0;
    }
    if (world_.tls->has_given_authority()) {
        const auto chain = world_.tls->trial_certificate(CertificateKind::given_authority, certificate_name_,
                                                         algorithm, world_.clock.now());
        return chain && use(chain->leaf.get(), chain->key, {chain->root}) ? 1 : 0;
    }
    const auto leaf = world_.tls->leaf(certificate_name_, algorithm);
    return leaf && use(leaf->certificate, leaf->key, {}) ? 1 : 0;
}

bool TlsDialogue::use(X509* certificate, EVP_PKEY* key, std::initializer_list<X509*> issuers) {
    if (SSL_use_certificate(ssl_, certificate) != 1 || SSL_use_PrivateKey(ssl_, key) != 1 ||
        SSL_clear_chain_certs(ssl_) != 1)
        return false;
    return std::all_of(issuers.begin(), issuers.end(), [&](X509* issuer) {
        return issuer == nullptr || SSL_add1_chain_cert(ssl_, issuer) == 1;
    });
}

void TlsDialogue::take_alert(int where, int value) {
    if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT) return;
    const auto description = static_cast<unsigned>(value) & 0xff;
    alert_ = tls_alert_name(description);
    if (attempt_) attempt_->alert(description);
}

void TlsDialogue::record(std::string_view outcome) {
    if (std::exchange(recorded_, true)) return;
    auto fields = flow_fields(world_, flow_, protocol());
    if (!offer_.server_name.empty()) fields.text("sni", offer_.server_name);
    fields.texts("alpn", offer_.protocols)
        .text("version_offered", tls_version_name(offer_.version))
        .text("outcome", outcome);
    if (!alert_.empty()) fields.text("alert", alert_);
    if (!shared_key_.empty()) fields.text("shared_key", shared_key_);
    if (!certificate_name_.empty()) fields.text("certificate", certificate_name_);
    if (ssl_ != nullptr && SSL_is_init_finished(ssl_) != 0) {
        fields.text("version", tls_version_name(static_cast<unsigned>(SSL_version(ssl_))))
            .text("cipher", SSL_get_cipher_name(ssl_));
        const unsigned char* protocol = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl_, &protocol, &size);
        if (size > 0) fields.text("alpn_chosen", {reinterpret_cast<const char*>(protocol), size});
    }
    world_.recorder.event(world_.now(), "tls", fields);
}

void TlsDialogue::fail(std::string_view outcome, Output& output) {
    drain(output);
    record(outcome);
    over_ = output.close = true;
}

void TlsDialogue::drain(Output& output) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(to_camera_, &data);
    if (size <= 0) return;
    output.bytes.append(data, static_cast<std::size_t>(size));
    (void)BIO_reset(to_camera_);
}

void TlsDialogue::shake_hands(ByteView bytes, Output& output) {
    ERR_clear_error();
    if (carrier_ == Carrier::datagrams)
        (void)DTLSv1_handle_timeout(ssl_);  // the client waited, too: it says its part again
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) {
        drain(output);
        record("established");
        if (attempt_)
            attempt_->established(static_cast<unsigned>(SSL_version(ssl_)), SSL_get_cipher_name(ssl_));
        auto inside = within(flow_, protocol());
        inside.inside = protocol();
        inner_ = inside_(world_, std::move(inside));
        Output inner;
        inner_->opened(inner);
        return send_plaintext(inner, output);
    }
    const int error = SSL_get_error(ssl_, done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_X509_LOOKUP) return drain(output);
    const auto reason = error_reason();
    if (const auto unread = read_plain_alert(bytes); unread && alert_.empty())
        take_alert(SSL_CB_READ_ALERT, static_cast<int>(*unread));
    if (attempt_) attempt_->failed(reason, static_cast<unsigned>(SSL_version(ssl_)));
    fail(!alert_.empty() ? "refused by the camera" : reason, output);
}

void TlsDialogue::read_plaintext(Output& output) {
    std::array<std::byte, 16384> plain;
    for (;;) {
        ERR_clear_error();
        const int count = SSL_read(ssl_, plain.data(), static_cast<int>(plain.size()));
        Output inner;
        if (count > 0) {
            if (attempt_) attempt_->data();
            inner_->received(ByteView(plain).first(static_cast<std::size_t>(count)), inner);
            send_plaintext(inner, output);
            if (over_) return;
            continue;
        }
        const int error = SSL_get_error(ssl_, count);
        if (error == SSL_ERROR_WANT_READ) return;
        if (error == SSL_ERROR_ZERO_RETURN) inner_->camera_finished(inner);
        inner.close = true;
        ERR_clear_error();
        return send_plaintext(inner, output);
    }
}

void TlsDialogue::send_plaintext(Output& inner, Output& output) {
    output.delay = std::max(output.delay, inner.delay);
    if (!inner.bytes.empty()) (void)SSL_write(ssl_, inner.bytes.data(), static_cast<int>(inner.bytes.size()));
    if (carrier_ == Carrier::datagrams)
        for (const auto& further : std::exchange(world_.further_answers, {}))
            (void)SSL_write(ssl_, further.data(), static_cast<int>(further.size()));
    if (inner.close) {
        (void)SSL_shutdown(ssl_);
        over_ = output.close = true;
    }
    ERR_clear_error();
    drain(output);
}

void TlsDialogue::received(ByteView bytes, Output& output) {
    if (over_) return;
    if (ssl_ == nullptr) return fail("no memory for a session", output);
    (void)BIO_write(from_camera_, bytes.data(), static_cast<int>(bytes.size()));
    if (!inner_) shake_hands(bytes, output);
    if (inner_ && !over_) read_plaintext(output);
    if (!over_) drain(output);
}

void TlsDialogue::camera_finished(Output& output) {
    if (attempt_) attempt_->camera_finished();
    if (inner_ && !over_) {
        Output inner;
        inner_->camera_finished(inner);
        send_plaintext(inner, output);
    }
    if (!inner_) record("the camera ended the connection");
    output.close = true;
}

void TlsDialogue::silence(Output& output) {
    if (!inner_ || over_) return;
    Output inner;
    inner_->silence(inner);
    send_plaintext(inner, output);
}

void TlsDialogue::woken(Output& output) {
    if (over_ || ssl_ == nullptr) return;
    if (!inner_) {
        shake_hands({}, output);
        if (inner_ && !over_) read_plaintext(output);
        return;
    }
    Output inner;
    inner_->woken(inner);
    send_plaintext(inner, output);
}

void TlsDialogue::closed() {
    record("the connection ended");
    if (attempt_) attempt_->closed();
    if (inner_) inner_->closed();
}

Result<SSL_CTX*> make_context(const SSL_METHOD* method, int oldest) {
    auto* context = SSL_CTX_new(method);
    // Old cameras speak old versions with weak keys; they shall be heard all the same.
    const bool done = context != nullptr && SSL_CTX_set_min_proto_version(context, oldest) == 1 &&
                      SSL_CTX_set_max_proto_version(context, 0) == 1 &&
                      SSL_CTX_set_cipher_list(context, "ALL:!aNULL:!eNULL:@SECLEVEL=0") == 1 &&
                      SSL_CTX_set_num_tickets(context, 0) == 1;
    if (!done) {
        SSL_CTX_free(context);
        return bench_error(fmt::format("set up TLS: {}", error_reason()));
    }
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(
        context, SSL_OP_NO_TICKET | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_client_hello_cb(context, on_hello, nullptr);
    SSL_CTX_set_cert_cb(context, on_certificate, nullptr);
    SSL_CTX_set_info_callback(context, on_information);
    SSL_CTX_set_alpn_select_cb(context, on_protocols, nullptr);
    SSL_CTX_set_keylog_callback(context, on_secret);
    return context;
}

}  // namespace

TlsService::TlsService(CertificateAuthority authority) : authority_(std::move(authority)) {}

TlsService::~TlsService() {
    SSL_CTX_free(context_);
    SSL_CTX_free(datagram_context_);
}

Result<std::unique_ptr<TlsService>> TlsService::create(CertificateAuthority authority) {
    std::unique_ptr<TlsService> service(new TlsService(std::move(authority)));
    TRY(service->set_up());
    return service;
}

Status TlsService::set_up() {
    TRY_ASSIGN(context_, make_context(TLS_server_method(), TLS1_VERSION));
    TRY_ASSIGN(datagram_context_, make_context(DTLS_server_method(), DTLS1_VERSION));
    (void)SSL_CTX_set_tlsext_use_srtp(
        datagram_context_,
        "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM");  // without it a browser's peer goes away
    return {};
}

void TlsService::make_keys_aside(std::function<void()> made) { keys_made_ = std::move(made); }

bool TlsService::ready(Algorithm algorithm, std::uint64_t connection) {
    if (algorithm == Algorithm::ecdsa || !keys_made_ || has_keys_) return true;
    try {
        if (!maker_.joinable())
            maker_ = std::jthread([this] {
                (void)authority_.prepare();  // what failed is told where the keys are used
                has_keys_ = true;
                keys_made_();
            });
    } catch (const std::system_error&) {
        return true;  // no thread to be had: they are made in place
    }
    waiting_.push_back(connection);
    return false;
}

std::vector<std::uint64_t> TlsService::take_waiting() { return std::exchange(waiting_, {}); }

Result<CertificateAuthority::Leaf> TlsService::leaf(std::string_view name, Algorithm algorithm) {
    return authority_.leaf(name, algorithm);
}

Status TlsService::begin_trials(const TlsLadder& ladder) {
    TRY_ASSIGN(auto certificates, TrialCertificates::create(ladder.authority));
    const auto authority = certificates.given() ? TlsTrials::Authority::given : TlsTrials::Authority::none;
    trials_ = std::make_unique<TlsTrials>(ladder, authority);
    trial_certificates_ = std::make_unique<TrialCertificates>(std::move(certificates));
    return {};
}

Status TlsService::take_authority(const std::string& pem) {
    TRY_ASSIGN(auto certificates, TrialCertificates::create(pem));
    trial_certificates_ = std::make_unique<TrialCertificates>(std::move(certificates));
    return {};
}

Algorithm TlsService::trial_algorithm(CertificateKind kind, Algorithm offered) {
    return kind == CertificateKind::weak_key ? Algorithm::rsa : offered;
}

Result<TrialCertificates::Chain> TlsService::trial_certificate(CertificateKind kind, std::string_view name,
                                                               Algorithm algorithm, WallTime told) {
    TRY_ASSIGN(const auto signer, authority_.signer(trial_algorithm(kind, algorithm)));
    return trial_certificates_->make(kind, name, signer, told);
}

std::unique_ptr<StreamDialogue> make_tls_dialogue(World& world, Flow flow, DialogueMaker inside) {
    if (world.tls == nullptr) return make_sink_dialogue(world, std::move(flow));
    return std::make_unique<TlsDialogue>(world, std::move(flow), std::move(inside));
}

std::unique_ptr<StreamDialogue> make_dtls_dialogue(World& world, Flow flow, DialogueMaker inside) {
    return std::make_unique<TlsDialogue>(world, std::move(flow), std::move(inside),
                                         TlsDialogue::Carrier::datagrams);
}

}  // namespace cambench::internet
