#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <semaphore>

#include "bench/internet/tls/tls.hpp"
#include "harness/wire/tls_names.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"
#include "tests/unit/internet_tls_wire.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

struct TlsWorld : TestWorld {
    TlsWorld() : service(TlsService::create(CertificateAuthority::create().value()).value()) {
        world.tls = service.get();
    }
    std::unique_ptr<TlsService> service;
};

enum class Trust { nobody_asked, nobody };

/// A camera's TLS stack, over memory.
class TlsTestClient {
public:
    TlsTestClient(TlsWorld& test, const Flow& flow, Trust trust, int version = 0, const char* name = nullptr)
        : dialogue(make_conversation(test.world, flow)) {
        context_ = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_min_proto_version(context_, version);
        SSL_CTX_set_max_proto_version(context_, version);
        SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
        SSL_CTX_set_security_level(context_, 0);
        if (trust == Trust::nobody) SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        ssl = SSL_new(context_);
        if (name != nullptr) SSL_set_tlsext_host_name(ssl, name);
        from_server_ = BIO_new(BIO_s_mem());
        to_server_ = BIO_new(BIO_s_mem());
        SSL_set_bio(ssl, from_server_, to_server_);
        SSL_set_connect_state(ssl);
    }
    ~TlsTestClient() {
        SSL_free(ssl);
        SSL_CTX_free(context_);
    }

    /// Carries bytes to and fro until neither has any.
    void exchange() { closed = carry(ssl, from_server_, to_server_, *dialogue) || closed; }
    /// What the server says unasked.
    void take(const Output& output) {
        BIO_write(from_server_, output.bytes.data(), static_cast<int>(output.bytes.size()));
        (void)SSL_do_handshake(ssl);
        exchange();
    }
    bool shake_hands() {
        (void)SSL_do_handshake(ssl);
        exchange();
        return SSL_is_init_finished(ssl) != 0;
    }
    std::string ask(std::string_view text) {
        SSL_write(ssl, text.data(), static_cast<int>(text.size()));
        exchange();
        std::string answer(100000, '\0');
        const int count = SSL_read(ssl, answer.data(), static_cast<int>(answer.size()));
        answer.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return answer;
    }
    [[nodiscard]] std::string certificate_name() const {
        X509* certificate = SSL_get1_peer_certificate(ssl);
        REQUIRE(certificate != nullptr);
        auto* names = static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
        REQUIRE(sk_GENERAL_NAME_num(names) == 1);
        const auto* entry = sk_GENERAL_NAME_value(names, 0);
        const auto* string = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(entry, nullptr));
        std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                         static_cast<std::size_t>(ASN1_STRING_length(string)));
        if (entry->type == GEN_IPADD) text = IpAddress::v4(as_bytes(text)).to_string();
        GENERAL_NAMES_free(names);
        X509_free(certificate);
        return text;
    }

    std::unique_ptr<StreamDialogue> dialogue;
    SSL* ssl = nullptr;
    bool closed = false;

private:
    SSL_CTX* context_ = nullptr;
    BIO* from_server_ = nullptr;
    BIO* to_server_ = nullptr;
};

}  // namespace

TEST_CASE("every TLS version a camera may speak is spoken, and HTTP goes on inside") {
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsWorld test;
        TlsTestClient client(test, test.flow("198.51.100.77", 8443, Transport::tcp), Trust::nobody_asked,
                             version, "cloud.vendor.example");
        REQUIRE(client.shake_hands());
        CHECK(client.certificate_name() == "cloud.vendor.example");
        CHECK(client.ask("GET /x HTTP/1.1\r\nHost: cloud.vendor.example\r\n\r\n")
                  .starts_with("HTTP/1.1 200 OK"));
        const auto event = test.recorder.last("tls");
        CHECK(event["outcome"] == "established");
        CHECK(event["sni"] == "cloud.vendor.example");
        CHECK(event["version"] == tls_version_name(static_cast<unsigned>(version)));
        CHECK(event["version_offered"] == event["version"]);
        CHECK(test.recorder.last("http-request")["protocol"] == "https");
        CHECK(test.recorder.last("http-request")["inside"] == "tls");
        CHECK_FALSE(test.recorder.secrets.empty());
    }
}

TEST_CASE("without SNI the certificate is for the name whose address it is, or for the address") {
    TlsWorld test;
    const auto own = test.world.names.own("config.vendor.example").v4;
    TlsTestClient named(test, test.flow(own.to_string(), 443, Transport::tcp), Trust::nobody_asked);
    REQUIRE(named.shake_hands());
    CHECK(named.certificate_name() == "config.vendor.example");
    CHECK(test.recorder.last("tls")["name"] == "config.vendor.example");
    CHECK_FALSE(test.recorder.last("tls").contains("sni"));
    TlsTestClient literal(test, test.flow("198.51.100.77", 443, Transport::tcp), Trust::nobody_asked,
                          TLS1_2_VERSION);
    REQUIRE(literal.shake_hands());
    CHECK(literal.certificate_name() == "198.51.100.77");
}

TEST_CASE("a camera that trusts only its own authority is recorded with the alert it sent") {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsWorld test;
        TlsTestClient client(test, test.flow("198.51.100.77", 443, Transport::tcp), Trust::nobody, version,
                             "pinned.vendor.example");
        CHECK_FALSE(client.shake_hands());
        const auto event = test.recorder.last("tls");
        CHECK(event["outcome"] == "refused by the camera");
        CHECK(event["alert"] == "unknown_ca");
        CHECK(client.closed);
    }
}

TEST_CASE("a client of ECDSA gets ECDSA, one without gets RSA") {
    TlsWorld test;
    TlsTestClient modern(test, test.flow("198.51.100.77", 443, Transport::tcp), Trust::nobody_asked,
                         TLS1_2_VERSION);
    REQUIRE(modern.shake_hands());
    CHECK(std::string(SSL_get_cipher_name(modern.ssl)).find("ECDSA") != std::string::npos);
    TlsTestClient old(test, test.flow("198.51.100.77", 443, Transport::tcp), Trust::nobody_asked,
                      TLS1_2_VERSION);
    SSL_set_cipher_list(old.ssl, "AES128-SHA@SECLEVEL=0");
    REQUIRE(old.shake_hands());
    CHECK(std::string(SSL_get_cipher_name(old.ssl)) == "AES128-SHA");
}

TEST_CASE("a client of RSA waits while the keys are made, and goes on when it is woken") {
    TlsWorld test;
    std::binary_semaphore made(0);
    test.service->make_keys_aside([&made] { made.release(); });
    auto flow = test.flow("198.51.100.77", 443, Transport::tcp);
    flow.connection = 7;
    TlsTestClient client(test, flow, Trust::nobody_asked, TLS1_2_VERSION);
    SSL_set_cipher_list(client.ssl, "AES128-SHA@SECLEVEL=0");
    CHECK_FALSE(client.shake_hands());
    CHECK(test.recorder.last("tls").is_null());
    made.acquire();
    CHECK(test.service->take_waiting() == std::vector<std::uint64_t>{7});
    Output output;
    client.dialogue->woken(output);
    client.take(output);
    CHECK(client.ask("GET /x HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200 OK"));
    CHECK(test.recorder.last("tls")["outcome"] == "established");
}

TEST_CASE("of the protocols offered HTTP/2 is taken, then HTTP/1.1, else the first that is not HTTP/3") {
    const auto chosen = [](std::string_view offered) {
        TlsWorld test;
        TlsTestClient client(test, test.flow("198.51.100.77", 443, Transport::tcp), Trust::nobody_asked);
        SSL_set_alpn_protos(client.ssl, reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
        CHECK(client.shake_hands());
        return test.recorder.last("tls").value("alpn_chosen", "");
    };
    CHECK(chosen("\x02h2\x08http/1.1") == "h2");
    CHECK(chosen("\x02h3").empty());
    CHECK(chosen("\x02h3\x04mqtt") == "mqtt");
}

TEST_CASE("the authority's roots verify its leaves") {
    auto authority = CertificateAuthority::create().value();
    const auto pem = authority.certificates_pem().value();
    BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509_STORE* store = X509_STORE_new();
    int roots = 0;
    while (X509* root = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr)) {
        X509_STORE_add_cert(store, root);
        X509_free(root);
        ++roots;
    }
    CHECK(roots == 2);
    for (const auto algorithm :
         {CertificateAuthority::Algorithm::ecdsa, CertificateAuthority::Algorithm::rsa}) {
        const auto leaf = authority.leaf("a.example", algorithm).value();
        X509_STORE_CTX* check = X509_STORE_CTX_new();
        X509_STORE_CTX_init(check, store, leaf.certificate, nullptr);
        CHECK(X509_verify_cert(check) == 1);
        CHECK(X509_check_host(leaf.certificate, "a.example", 0, 0, nullptr) == 1);
        CHECK(X509_check_private_key(leaf.certificate, leaf.key) == 1);
        X509_STORE_CTX_free(check);
        CHECK(authority.leaf("a.example", algorithm).value().certificate == leaf.certificate);
    }
    X509_STORE_free(store);
    BIO_free(memory);
    CHECK(authority.leaf(std::string(300, 'x') + ",DNS:evil\n", CertificateAuthority::Algorithm::ecdsa).ok());
}

TEST_CASE("a hello that is cut or bent is recorded and closed, never a crash") {
    TlsWorld test;
    for (const std::string_view bad : {std::string_view("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10),
                                       std::string_view("\x16\x03\x01\x00\x02\x01\x02", 7)}) {
        auto dialogue = make_conversation(test.world, test.flow("198.51.100.77", 443, Transport::tcp));
        Output output;
        dialogue->received(as_bytes(bad), output);
        dialogue->closed();
        CHECK(test.recorder.last("tls")["outcome"] != "established");
    }
    auto cut = make_conversation(test.world, test.flow("198.51.100.77", 443, Transport::tcp));
    Output output;
    cut->received(as_bytes(std::string_view("\x16\x03\x01\x01\x00\x01", 6)), output);
    cut->camera_finished(output);
    cut->closed();
    CHECK(test.recorder.last("tls")["outcome"] == "the camera ended the connection");
}

TEST_CASE("a body of many records is kept whole") {
    TlsWorld test;
    TlsTestClient client(test, test.flow("198.51.100.77", 443, Transport::tcp), Trust::nobody_asked, 0,
                         "up.example");
    REQUIRE(client.shake_hands());
    std::string body(300000, 'v');
    CHECK(client.ask("PUT /clip HTTP/1.1\r\nHost: up.example\r\nContent-Length: 300000\r\n\r\n" + body)
              .starts_with("HTTP/1.1 200"));
    CHECK(test.recorder.last("http-request")["payload"] == body);
}
