#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "bench/internet/tls/certificate_parts.hpp"
#include "bench/internet/tls/tls.hpp"
#include "bench/internet/tls/tls_attempt.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"
#include "tests/unit/internet_tls_wire.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

constexpr auto server_name = "cloud.vendor.example";

/// An authority as a vendor gives one to a laboratory: certificate and key in one PEM.
struct GivenAuthority {
    GivenAuthority()
        : key(make_elliptic_key().value()), certificate(begin_certificate("laboratory", key.get(), nullptr)) {
        REQUIRE(
            add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE"));
        REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
    }
    [[nodiscard]] std::string pem() const {
        const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
        PEM_write_bio_X509(memory.get(), certificate.get());
        PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        char* text = nullptr;
        const auto size = BIO_get_mem_data(memory.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }
    Key key;
    Certificate certificate;
};

struct TrialWorld : TestWorld {
    explicit TrialWorld(const TlsLadder& ladder)
        : service(TlsService::create(CertificateAuthority::create().value()).value()) {
        world.tls = service.get();
        REQUIRE(service->begin_trials(ladder).ok());
    }
    [[nodiscard]] Json last_attempt() const { return recorder.last("tls-attempt"); }
    std::unique_ptr<TlsService> service;
};

/// What a camera's stack checks.
struct Care {
    X509* authority = nullptr;  ///< the only one it trusts; nullptr: it checks nothing
    bool name = true;
    int security_level = 2;
    int oldest = TLS1_2_VERSION, newest = 0;
};
constexpr Care careless{.name = false, .security_level = 0, .oldest = TLS1_VERSION};

/// One connection of a camera's TLS, over memory.
class TrialClient {
public:
    TrialClient(TrialWorld& test, const Care& care, std::uint16_t port = 443, const char* sni = server_name)
        : dialogue_(make_conversation(test.world, test.flow("198.51.100.77", port, Transport::tcp))),
          context_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX_set_security_level(context_, care.security_level);
        SSL_CTX_set_min_proto_version(context_, care.oldest);
        SSL_CTX_set_max_proto_version(context_, care.newest);
        if (care.security_level == 0) SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
        if (care.authority != nullptr) {
            SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
            X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), care.authority);
        }
        ssl_ = SSL_new(context_);
        if (sni != nullptr) SSL_set_tlsext_host_name(ssl_, sni);
        if (care.name && sni != nullptr) SSL_set1_host(ssl_, sni);
        from_server_ = BIO_new(BIO_s_mem());
        to_server_ = BIO_new(BIO_s_mem());
        SSL_set_bio(ssl_, from_server_, to_server_);
        SSL_set_connect_state(ssl_);
    }
    ~TrialClient() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }
    TrialClient(const TrialClient&) = delete;
    TrialClient& operator=(const TrialClient&) = delete;

    bool shake_hands() {
        (void)SSL_do_handshake(ssl_);
        exchange();
        return SSL_is_init_finished(ssl_) != 0;
    }
    void send(std::string_view text) {
        (void)SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
        exchange();
    }
    void finish() {
        Output ignored;
        dialogue_->camera_finished(ignored);
        dialogue_->closed();
    }
    /// Ends TLS in order, and the connection later, however that comes about.
    void say_goodbye() {
        (void)SSL_shutdown(ssl_);
        exchange();
        dialogue_->closed();
    }
    void reset() {
        dialogue_->reset();
        dialogue_->closed();
    }
    /// From the first byte to the last, sending a request when the handshake went well.
    bool converse() {
        const bool done = shake_hands();
        if (done) send("GET / HTTP/1.1\r\nHost: cloud.vendor.example\r\n\r\n");
        finish();
        return done;
    }

private:
    void exchange() { (void)carry(ssl_, from_server_, to_server_, *dialogue_); }

    std::unique_ptr<StreamDialogue> dialogue_;
    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    BIO* from_server_ = nullptr;
    BIO* to_server_ = nullptr;
};

TlsLadder only(CertificateKind kind, const std::string& authority = {}) {
    return {.certificates = {kind}, .authority = authority};
}

}  // namespace

TEST_CASE(
    "a camera that verifies refuses every defective certificate, and gives data under that of the authority "
    "it was given") {
    const GivenAuthority authority;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TrialWorld test({.authority = authority.pem()});
        const Care care{.authority = authority.certificate.get(), .newest = version};
        for (const auto kind : defective_certificates()) {
            TrialClient client(test, care);
            CHECK_FALSE(client.converse());
            const auto attempt = test.last_attempt();
            INFO(attempt.dump());
            CHECK(attempt["certificate"] == to_string(kind));
            CHECK(attempt["server"] == "cloud.vendor.example:443");
            CHECK(attempt["outcome"] == (kind == CertificateKind::old_version && version == TLS1_3_VERSION
                                             ? "not-offered"
                                             : "alert"));
        }
        TrialClient client(test, care);
        CHECK(client.converse());
        CHECK(test.last_attempt()["certificate"] == "given-authority");
        CHECK(test.last_attempt()["outcome"] == "data");
        CHECK(test.last_attempt()["issuer"] == "given");
        CHECK(test.last_attempt()["attempt"] == 10);
        CHECK(test.recorder.all("tls-attempt").size() == 10);
    }
}

TEST_CASE("each defect is the only one: who overlooks it takes the certificate") {
    const GivenAuthority authority;
    const auto takes = [&](CertificateKind kind, Care care) {
        TrialWorld test(only(kind, authority.pem()));
        care.authority = authority.certificate.get();
        TrialClient client(test, care);
        const bool done = client.converse();
        CHECK((test.last_attempt()["outcome"] == "data") == done);
        return done;
    };
    CHECK(takes(CertificateKind::wrong_name, {.name = false}));
    CHECK_FALSE(takes(CertificateKind::wrong_name, {}));
    CHECK(takes(CertificateKind::weak_key, {.security_level = 1}));
    CHECK_FALSE(takes(CertificateKind::weak_key, {}));
    CHECK(takes(CertificateKind::weak_signature, {.security_level = 0}));
    CHECK_FALSE(takes(CertificateKind::weak_signature, {.security_level = 1}));
    CHECK(takes(CertificateKind::old_version, {.security_level = 0, .oldest = TLS1_VERSION}));
    CHECK_FALSE(takes(CertificateKind::old_version, {.security_level = 0}));
    for (const auto kind : {CertificateKind::expired, CertificateKind::not_yet_valid,
                            CertificateKind::not_an_authority, CertificateKind::self_signed})
        CHECK_FALSE(takes(kind, {.name = false, .security_level = 0}));
}

TEST_CASE("the alert tells what a camera found wrong") {
    const GivenAuthority authority;
    const auto alert = [&](CertificateKind kind) {
        TrialWorld test(only(kind, authority.pem()));
        TrialClient client(test, {.authority = authority.certificate.get()});
        CHECK_FALSE(client.converse());
        return test.last_attempt();
    };
    CHECK(alert(CertificateKind::unknown_authority)["alert"] == "unknown_ca");
    CHECK(alert(CertificateKind::unknown_authority)["alert_number"] == 48);
    CHECK(alert(CertificateKind::expired)["alert"] == "certificate_expired");
    CHECK(alert(CertificateKind::not_yet_valid)["alert"] == "bad_certificate");
    CHECK(alert(CertificateKind::self_signed)["issuer"] == "itself");
    CHECK(alert(CertificateKind::expired)["issuer"] == "given");
}

TEST_CASE("a camera that checks nothing gives data under every certificate, in every version") {
    TrialWorld test({});
    for (const auto kind : defective_certificates()) {
        TrialClient client(test, careless);
        CHECK(client.converse());
        const auto attempt = test.last_attempt();
        INFO(attempt.dump());
        CHECK(attempt["certificate"] == to_string(kind));
        CHECK(attempt["outcome"] == "data");
        CHECK(attempt["version"] == (kind == CertificateKind::old_version ? "TLS 1.1" : "TLS 1.3"));
        CHECK_FALSE(attempt.value("cipher", "").empty());
        CHECK(test.recorder.last("http-request")["status"] == 200);
    }
    Care rsa_only = careless;
    rsa_only.newest = TLS1_VERSION;
    TrialClient old(test, rsa_only, 8443);
    CHECK(old.converse());
    CHECK(test.last_attempt()["version"] == "TLS 1.0");
}

TEST_CASE("without a given authority the list is walked anew, and a camera that gives way is caught") {
    const GivenAuthority nobody;
    TrialWorld test({.certificates = {CertificateKind::self_signed, CertificateKind::wrong_name}});
    for (int i = 0; i < 2; ++i)
        CHECK_FALSE(TrialClient(test, {.authority = nobody.certificate.get()}).converse());
    CHECK(TrialClient(test, careless).converse());
    CHECK(test.last_attempt()["certificate"] == "self-signed");
    CHECK(test.last_attempt()["round"] == 2);
    CHECK(test.last_attempt()["attempt"] == 3);
}

TEST_CASE("servers are told apart by name and port, and climb on their own") {
    TrialWorld test({.certificates = {CertificateKind::self_signed, CertificateKind::expired}});
    CHECK(TrialClient(test, careless).converse());
    CHECK(TrialClient(test, careless, 8443).converse());
    CHECK(test.last_attempt()["certificate"] == "self-signed");
    CHECK(TrialClient(test, careless, 443, "other.vendor.example").converse());
    CHECK(test.last_attempt()["certificate"] == "self-signed");
    CHECK(TrialClient(test, careless, 443, nullptr).converse());
    CHECK(test.last_attempt()["server"] == "198.51.100.77:443");
    CHECK(TrialClient(test, careless).converse());
    CHECK(test.last_attempt()["certificate"] == "expired");
}

TEST_CASE("a finished handshake is no acceptance: data is") {
    TrialWorld test({.certificates = {CertificateKind::self_signed}});
    {
        TrialClient client(test, careless);
        CHECK(client.shake_hands());
        CHECK(test.recorder.all("tls-attempt").empty());
        client.finish();
        CHECK(test.last_attempt()["outcome"] == "no-data");
    }
    {
        TrialClient client(test, careless);
        CHECK(client.shake_hands());
        client.reset();
        CHECK(test.last_attempt()["outcome"] == "no-data");
    }
    {
        TrialClient client(test, careless);
        CHECK(client.shake_hands());
        client.say_goodbye();
        CHECK(test.last_attempt()["outcome"] == "no-data");
    }
    CHECK(test.recorder.all("tls-attempt").size() == 3);
}

TEST_CASE("a connection that ends in mid-handshake says how") {
    const std::string hello("\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03", 11);
    TrialWorld test(only(CertificateKind::self_signed));
    const auto outcome = [&](auto end) {
        auto dialogue = make_conversation(test.world, test.flow("198.51.100.77", 443, Transport::tcp));
        Output output;
        dialogue->received(
            as_bytes(hello + std::string(32, 'r') + std::string("\x00\x00\x02\x00\x2f\x01\x00", 7)), output);
        end(*dialogue, output);
        dialogue->closed();
        return test.last_attempt().value("outcome", "");
    };
    CHECK(outcome([](StreamDialogue& dialogue, Output& output) { dialogue.camera_finished(output); }) ==
          "closed");
    CHECK(outcome([](StreamDialogue& dialogue, Output&) { dialogue.reset(); }) == "reset");
    CHECK(outcome([](StreamDialogue&, Output&) {}) == "unfinished");
}

TEST_CASE("an alert in clear is read at the end of what came") {
    const auto read = [](std::string_view bytes) { return read_plain_alert(as_bytes(bytes)); };
    CHECK(read(std::string_view("\x15\x03\x03\x00\x02\x02\x46", 7)) == 70U);
    CHECK(read(std::string_view("rest\x15\x03\x01\x00\x02\x01\x00", 11)) == 0U);
    CHECK_FALSE(read(std::string_view("\x15\x03\x03\x00\x02\x02", 6)));
    CHECK_FALSE(read(std::string_view("\x17\x03\x03\x00\x02\x02\x46", 7)));
    CHECK_FALSE(read(std::string_view("\x15\x03\x03\x00\x03\x02\x46", 7)));
    CHECK_FALSE(read(""));
}

TEST_CASE("connections side by side see one certificate; the next comes when enough of them have ended") {
    TlsTrials trials(
        {.certificates = {CertificateKind::self_signed, CertificateKind::expired}, .attempts = 2},
        TlsTrials::Authority::none);
    const Monotonic::time_point now{};
    const auto first = trials.begin("a:443", now), second = trials.begin("a:443", now),
               third = trials.begin("a:443", now);
    CHECK(third.certificate == CertificateKind::self_signed);
    trials.end(first);
    CHECK(trials.begin("a:443", now).certificate == CertificateKind::self_signed);
    trials.end(second);
    CHECK(trials.begin("a:443", now).certificate == CertificateKind::expired);
    trials.end(third);  // of the rung below: counts no more
    CHECK(trials.begin("a:443", now).certificate == CertificateKind::expired);
    CHECK(trials.begin("b:443", now).certificate == CertificateKind::self_signed);
}

TEST_CASE("who keeps a connection open without a word does not hold up the ladder for ever") {
    TlsTrials trials({.certificates = {CertificateKind::self_signed, CertificateKind::expired}},
                     TlsTrials::Authority::given);
    const Monotonic::time_point now{};
    (void)trials.begin("a:443", now);
    CHECK(trials.begin("a:443", now + std::chrono::seconds(5)).certificate == CertificateKind::self_signed);
    CHECK(trials.begin("a:443", now + std::chrono::seconds(16)).certificate == CertificateKind::expired);
    CHECK(trials.begin("a:443", now + std::chrono::seconds(32)).certificate ==
          CertificateKind::given_authority);
    CHECK(trials.begin("a:443", now + std::chrono::seconds(64)).certificate ==
          CertificateKind::given_authority);
}

TEST_CASE("an authority for the tests needs a certificate that may issue, and its key") {
    const GivenAuthority authority, other;
    CHECK(TrialCertificates::create(authority.pem()).ok());
    CHECK_FALSE(TrialCertificates::create("no PEM").ok());
    const auto pem = authority.pem(), others = other.pem();
    const auto key_at = pem.find("-----BEGIN PRIVATE KEY");
    CHECK_FALSE(TrialCertificates::create(pem.substr(0, key_at)).ok());
    CHECK_FALSE(TrialCertificates::create(pem.substr(0, key_at) +
                                          others.substr(others.find("-----BEGIN PRIVATE KEY")))
                    .ok());
}

TEST_CASE("<tls> says which certificates are shown, in which order and how often") {
    const auto personality = [](const std::string& text) {
        markup::Problems problems;
        const auto node =
            markup::read_text("<internet>" + text + "</internet>", "x.xml", internet_element(), problems);
        REQUIRE(node.ok());
        return make_personality(*node);
    };
    CHECK_FALSE(personality("").value().tls.has_value());
    CHECK(personality("<tls/>").value().tls->certificates == defective_certificates());
    const auto chosen =
        personality(R"(<tls certificates="expired self-signed" attempts="2" rounds="3"/>)").value();
    REQUIRE(chosen.tls.has_value());
    CHECK(chosen.tls->certificates == std::vector{CertificateKind::expired, CertificateKind::self_signed});
    const auto carried = personality_from_json(to_json(chosen)).value();
    REQUIRE(carried.tls.has_value());
    CHECK(carried.tls->certificates == chosen.tls->certificates);
    CHECK(carried.tls->attempts == 2);
    CHECK(carried.tls->rounds == 3);
    CHECK(personality(R"(<tls certificates="best"/>)").error().message.find("'best' is not one of") !=
          std::string::npos);
    CHECK(personality(R"(<tls certificates="given-authority"/>)").error().message.find("always comes last") !=
          std::string::npos);
}
