#include <openssl/ssl.h>

#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/tls/dtls.hpp"

#include "bench/internet/tls/tls.hpp"
#include "harness/wire/coap_message.hpp"
#include "harness/wire/dtls_record.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

unsigned shared_key(SSL*, const char*, char* identity, unsigned, unsigned char* key, unsigned) {
    std::copy_n("cam-77", 7, identity);
    key[0] = 1;
    return 1;
}

/// A DTLS client without sockets that talks to the datagram service.
class Client {
public:
    explicit Client(DatagramService& service, World& world, Flow flow, bool with_shared_key = false)
        : service_(service), world_(world), flow_(std::move(flow)) {
        context_ = SSL_CTX_new(DTLS_client_method());
        if (with_shared_key) {
            SSL_CTX_set_cipher_list(context_, "PSK:@SECLEVEL=0");
            SSL_CTX_set_psk_client_callback(context_, shared_key);
        }
        ssl_ = SSL_new(context_);
        in_ = BIO_new(BIO_s_mem()), out_ = BIO_new(BIO_s_mem());
        SSL_set_bio(ssl_, in_, out_);
        SSL_set_options(ssl_, SSL_OP_NO_QUERY_MTU);
        SSL_set_mtu(ssl_, 1200);
        SSL_set_tlsext_host_name(ssl_, "iot.vendor.example");
        SSL_set_connect_state(ssl_);
    }
    ~Client() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }

    /// The first answer comes too late for it: what it says to it goes behind its hello, said once more.
    void be_impatient() { impatient_ = true; }

    bool shake_hands() {
        for (int i = 0; i < 20 && SSL_do_handshake(ssl_) != 1; ++i)
            if (!exchange()) return false;
        return SSL_is_init_finished(ssl_) != 0;
    }
    std::string ask(ByteView content) {
        (void)SSL_write(ssl_, content.data(), static_cast<int>(content.size()));
        (void)exchange();
        std::string answer(4096, '\0');
        const int size = SSL_read(ssl_, answer.data(), static_cast<int>(answer.size()));
        answer.resize(static_cast<std::size_t>(std::max(size, 0)));
        return answer;
    }
    void leave() {
        (void)SSL_shutdown(ssl_);
        (void)exchange();
    }
    std::size_t longest = 0;  ///< of the datagrams that came back

private:
    bool exchange() {
        char* data = nullptr;
        const auto size = BIO_get_mem_data(out_, &data);
        if (size <= 0) return false;
        auto said = to_bytes({data, static_cast<std::size_t>(size)});
        if (impatient_ && !hello_.empty()) {
            constexpr std::size_t last_of_number =
                10;  // of the record: one that was received before is no repetition
            hello_[last_of_number] = std::byte{30};
            said.insert(said.begin(), hello_.begin(), hello_.end());
            impatient_ = false;
        }
        if (hello_.empty()) hello_ = said;
        (void)BIO_reset(out_);
        for (const auto& datagram : dtls_datagrams(said, 1200)) {
            take(service_.received(flow_, datagram));
            for (const auto& further : std::exchange(world_.further_answers, {})) take(further);
        }
        return true;
    }
    void take(ByteView answer) {
        longest = std::max(longest, answer.size());
        if (!answer.empty()) (void)BIO_write(in_, answer.data(), static_cast<int>(answer.size()));
    }

    DatagramService& service_;
    World& world_;
    Flow flow_;
    SSL_CTX* context_;
    SSL* ssl_;
    BIO *in_, *out_;
    bool impatient_ = false;
    Bytes hello_;
};

struct DtlsWorld : TestWorld {
    DtlsWorld() { world.tls = tls.get(); }
    std::unique_ptr<TlsService> tls = TlsService::create(CertificateAuthority::create().value()).value();
    DatagramService service{world};
};

}  // namespace

TEST_CASE("a DTLS client's hello is answered, and what it says inside is heard") {
    DtlsWorld test;
    for (const std::uint16_t port : {5684, 17000}) {
        Client client(test.service, test.world, test.flow("198.51.100.9", port, Transport::udp));
        REQUIRE(client.shake_hands());
        CHECK(client.longest <= 1300);
        const auto asked = CoapWriter(CoapMessage::Type::confirmable, 1, 5, as_bytes("t"))
                               .option(CoapOption::uri_path, as_bytes("secret"))
                               .take({});
        const auto answer = client.ask(asked);
        CHECK(parse_coap(as_bytes(answer)).ok());
        CHECK(test.recorder.last("coap")["path"] == "/secret");
        CHECK(test.recorder.last("coap")["inside"] == "dtls");
        const auto event = test.recorder.last("tls");
        CHECK(event["protocol"] == "dtls");
        CHECK(event["outcome"] == "established");
        CHECK(event["sni"] == "iot.vendor.example");
        CHECK(event["version"] == "DTLS 1.2");
        CHECK_FALSE(test.recorder.secrets.empty());
        client.leave();
    }
    // Said again from the same port, it is a new session.
    Client again(test.service, test.world, test.flow("198.51.100.9", 5684, Transport::udp));
    CHECK(again.shake_hands());
    Client anew(test.service, test.world, test.flow("198.51.100.9", 5684, Transport::udp));
    CHECK(anew.shake_hands());
    CHECK(anew.ask(as_bytes("Hello, is anybody there?")).empty());
    CHECK(test.recorder.last("udp")["inside"] == "dtls");
}

TEST_CASE("of a client that trusts in a shared key alone, the key's name is told") {
    for (const bool impatient : {false, true}) {
        DtlsWorld test;
        Client client(test.service, test.world, test.flow("198.51.100.9", 5684, Transport::udp), true);
        if (impatient) client.be_impatient();
        CHECK_FALSE(client.shake_hands());
        test.service.finish_flows(DatagramService::Which::all);
        const auto told = test.recorder.all("tls");
        INFO((impatient ? "impatient" : "patient"));
        CHECK(std::any_of(told.begin(), told.end(), [](const Json& event) {
            return event.contains("shared_key") && event["shared_key"] == "cam-77";
        }));
        CHECK(std::none_of(told.begin(), told.end(),
                           [](const Json& event) { return event["outcome"] == "established"; }));
    }
}

TEST_CASE("a DTLS client that says hello again before it goes on is heard all the same") {
    DtlsWorld test;
    Client client(test.service, test.world, test.flow("198.51.100.9", 5684, Transport::udp));
    client.be_impatient();
    REQUIRE(client.shake_hands());
    CHECK(client.ask(as_bytes("Hello, is anybody there?")).empty());
    CHECK(test.recorder.last("udp")["inside"] == "dtls");
    CHECK(test.recorder.last("tls")["outcome"] == "established");
}

TEST_CASE("datagrams that only begin as DTLS does are recorded, not answered") {
    DtlsWorld test;
    const auto flow = test.flow("198.51.100.9", 5684, Transport::udp);
    CHECK(test.service.received(flow, as_bytes("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x05\1\0\0\0\0"s)).empty());
    CHECK(test.service.received(flow, as_bytes("\x17\xfe\xfd\0\1\0\0\0\0\0\0\0\3abc"s)).empty());
    CHECK(test.recorder.last("udp")["protocol"] == "dtls");
    CHECK_FALSE(is_dtls(as_bytes("\x16\xfe\xfd\0\0\0\0\0\0\0\0\xff\xff\1"s)));
    CHECK(dtls_datagrams(as_bytes("no records"s), 100).size() == 1);
}
