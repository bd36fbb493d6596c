#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;
using namespace std::chrono_literals;

namespace cambench::doubts {
/// What a recording can prove where it lacks something, or where one thing stands for another.
namespace {

const auto cloud = ip("203.0.113.2"), elsewhere = ip("198.51.100.66");

DeclaredDestination entry(std::string name, std::uint16_t port, std::string protocol,
                          std::string purpose = "telemetry") {
    return {.name = std::move(name),
            .port = port,
            .transport = Transport::tcp,
            .protocol = std::move(protocol),
            .purpose = std::move(purpose)};
}

Declaration declared(std::initializer_list<DeclaredDestination> entries) {
    Declaration declaration;
    declaration.destinations = entries;
    return declaration;
}

Verdict verdict(const std::string& check, const Wire& wire, const Declaration* declaration) {
    return judged(check, observe(wire.frames), declaration).verdict;
}

Bytes mqtt_connect() {
    return ByteWriter()
        .u8(0x10)
        .u8(0x14)
        .u16(4)
        .text("MQTT")
        .u8(4)
        .u8(2)
        .u16(60)
        .u16(8)
        .text("camera77")
        .take();
}

Wire& with_cloud(Wire& wire) {
    wire.resolve("a.vendor.example", cloud);
    wire.connect(cloud, 443, client_hello("a.vendor.example"));
    return wire.wait(10s);  // what comes sooner may have been resolved just before the recording
}

/// A sentence over a connection that a neighbour of the camera opens.
void asked_by(Wire& wire, const IpAddress& neighbour, std::uint16_t port, std::string_view request,
              std::string_view answer) {
    wire.in(neighbour, 6, tcp(50001, port, 1000, 0, syn));
    wire.out(neighbour, 6, tcp(port, 50001, 7000, 1001, syn | ack));
    wire.in(neighbour, 6, tcp(50001, port, 1001, 7001, ack | psh, to_bytes(request)));
    wire.out(neighbour, 6,
             tcp(port, 50001, 7001, 1001 + static_cast<std::uint32_t>(request.size()), ack | psh,
                 to_bytes(answer)));
}

}  // namespace

TEST_CASE("an_address_that_fits_a_declared_name_may_have_been_resolved_before_the_recording", "[checks]") {
    const auto declaration =
        declared({entry("mqtt.vendor.example", 1883, "mqtt"), entry("a.vendor.example", 443, "tls")});
    Wire cached;
    with_cloud(cached).connect(elsewhere, 1883, mqtt_connect());
    for (const auto* check : {"only-declared-destinations", "no-literal-addresses"}) {
        CHECK(verdict(check, cached, &declaration) == Verdict::inconclusive);
        Wire resolved;  // the name was asked for, and given other addresses
        with_cloud(resolved).resolve("mqtt.vendor.example", cloud);
        resolved.connect(elsewhere, 1883, mqtt_connect());
        CHECK(verdict(check, resolved, &declaration) == Verdict::fail);
        Wire other_port;
        with_cloud(other_port).connect(elsewhere, 1884, mqtt_connect());
        CHECK(verdict(check, other_port, &declaration) == Verdict::fail);
        Wire other_protocol;
        with_cloud(other_protocol).connect(elsewhere, 1883, to_bytes("\x01\x02 something else"));
        CHECK(verdict(check, other_protocol, &declaration) == Verdict::fail);
        Wire from_start;
        from_start.lease();
        with_cloud(from_start).connect(elsewhere, 1883, mqtt_connect());
        CHECK(verdict(check, from_start, &declaration) == Verdict::fail);
    }
}

TEST_CASE("a_camera_that_ran_before_the_recording_may_know_addresses_from_then", "[checks]") {
    Wire wire;
    wire.out(cloud, 6, tcp(40001, 8883, 5000, 9000, ack | psh, to_bytes("amid a connection")));
    wire.in(cloud, 6, tcp(8883, 40001, 9000, 5017, ack));
    wire.connect(elsewhere, 9000, to_bytes("hello"));
    CHECK(verdict("no-literal-addresses", wire, nullptr) == Verdict::inconclusive);
    Wire fresh;
    with_cloud(fresh).connect(elsewhere, 9000, to_bytes("hello"));
    CHECK(verdict("no-literal-addresses", fresh, nullptr) == Verdict::fail);
    Wire at_once;
    at_once.resolve("a.vendor.example", cloud);
    at_once.connect(elsewhere, 9000, to_bytes("hello"));
    CHECK(verdict("no-literal-addresses", at_once, nullptr) == Verdict::inconclusive);
}

TEST_CASE("a_private_address_may_stand_in_the_settings_and_a_declaration_tells", "[checks]") {
    Wire wire;
    wire.lease().connect(ip("10.9.8.7"), 445, to_bytes("files"));
    CHECK(verdict("no-literal-addresses", wire, nullptr) == Verdict::inconclusive);
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    CHECK(verdict("no-literal-addresses", wire, &declaration) == Verdict::fail);
}

TEST_CASE("a_declared_name_in_a_hello_to_an_address_that_dns_never_gave_is_not_passed", "[checks]") {
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    const auto hello = client_hello("a.vendor.example");
    Wire belied;
    belied.lease();
    with_cloud(belied).connect(elsewhere, 443, hello);
    CHECK(verdict("no-literal-addresses", belied, &declaration) == Verdict::fail);
    Wire unknown_start;
    with_cloud(unknown_start).connect(elsewhere, 443, hello);
    CHECK(verdict("no-literal-addresses", unknown_start, &declaration) == Verdict::inconclusive);
    Wire changing;  // a content network that gives the address later
    changing.lease();
    with_cloud(changing).connect(elsewhere, 443, hello);
    changing.resolve("a.vendor.example", elsewhere);
    CHECK(verdict("no-literal-addresses", changing, &declaration) == Verdict::pass);
    Wire never_asked;
    never_asked.connect(elsewhere, 443, hello);
    CHECK(verdict("no-literal-addresses", never_asked, &declaration) == Verdict::pass);
}

TEST_CASE("of_two_declared_names_of_one_address_the_one_whose_port_fits_is_meant", "[checks]") {
    const auto declaration =
        declared({entry("a.vendor.example", 443, "tls"), entry("b.vendor.example", 8883, "tls")});
    Wire wire;
    wire.lease().resolve("b.vendor.example", cloud);
    wire.resolve("a.vendor.example", cloud);
    wire.connect(cloud, 443, client_hello("a.vendor.example"));
    wire.connect(cloud, 8883, client_hello(""));
    CHECK(verdict("only-declared-destinations", wire, &declaration) == Verdict::pass);
    wire.resolve("evil.example", cloud);
    wire.connect(cloud, 443, client_hello(""));
    CHECK(verdict("only-declared-destinations", wire, &declaration) == Verdict::fail);
}

TEST_CASE("whom_a_declared_proxy_is_asked_for_has_to_be_declared", "[checks]") {
    const auto proxy = ip("192.168.7.9");
    auto declaration = declared({entry("a.vendor.example", 443, "tls"),
                                 {.network = Cidr::parse("192.168.7.9/32").value(),
                                  .transport = Transport::tcp,
                                  .purpose = "the site's proxy"}});
    const auto through = [&](const std::string& request) {
        Wire wire;
        wire.lease().connect(proxy, 3128, to_bytes(request), to_bytes("HTTP/1.1 200 OK\r\n\r\n"));
        return verdict("only-declared-destinations", wire, &declaration);
    };
    CHECK(through("CONNECT a.vendor.example:443 HTTP/1.1\r\nHost: a.vendor.example:443\r\n\r\n") ==
          Verdict::pass);
    CHECK(through("CONNECT a.vendor.example:4444 HTTP/1.1\r\nHost: a.vendor.example:4444\r\n\r\n") ==
          Verdict::fail);
    CHECK(through("CONNECT evil.example:443 HTTP/1.1\r\nHost: a.vendor.example:443\r\n\r\n") ==
          Verdict::fail);
    CHECK(through("GET http://evil.example/x HTTP/1.1\r\nHost: evil.example\r\n\r\n") == Verdict::fail);
    CHECK(through("GET https://a.vendor.example/x HTTP/1.1\r\nHost: a.vendor.example\r\n\r\n") ==
          Verdict::pass);
    CHECK(through("GET /x HTTP/1.1\r\nHost: nas.site.example\r\n\r\n") ==
          Verdict::pass);  // its own name, on the local network
}

TEST_CASE("a_neighbour_that_subscribes_is_answered_and_no_other", "[checks]") {
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    const auto recorder = ip("192.168.7.8");
    const std::string soap =
        "POST /events HTTP/1.1\r\nHost: "
        "c\r\n\r\n<ConsumerReference><Address>http://192.168.7.8:8085/notify</Address></ConsumerReference>";
    Wire wire;
    wire.lease();
    asked_by(wire, recorder, 80, soap, "HTTP/1.1 200 OK\r\n\r\n");
    wire.connect(recorder, 8085, to_bytes("POST /notify HTTP/1.1\r\nHost: 192.168.7.8\r\n\r\n"));
    CHECK(verdict("only-declared-destinations", wire, &declaration) == Verdict::pass);
    wire.connect(recorder, 8086, to_bytes("POST /notify HTTP/1.1\r\nHost: 192.168.7.8\r\n\r\n"));
    CHECK(verdict("only-declared-destinations", wire, &declaration) == Verdict::fail);
    Wire third;  // a neighbour cannot send it to somebody else
    third.lease();
    asked_by(third, ip("192.168.7.44"), 80, soap, "HTTP/1.1 200 OK\r\n\r\n");
    third.connect(recorder, 8085, to_bytes("POST /notify HTTP/1.1\r\nHost: 192.168.7.8\r\n\r\n"));
    CHECK(verdict("only-declared-destinations", third, &declaration) == Verdict::fail);
}

TEST_CASE("a_group_that_a_viewer_was_told_is_the_viewers_wish", "[checks]") {
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    const auto media = [](Wire& wire) {
        for (std::uint16_t i = 0; i < 20; ++i)
            wire.group(ip("239.192.44.5"), 6970, 5000,
                       ByteWriter().u8(0x80).u8(96).u16(i).u32(i).u32(7).zeros(600).take());
    };
    Wire asked;
    asked.lease();
    asked_by(asked, ip("192.168.7.8"), 554,
             "SETUP rtsp://c/t RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP;multicast\r\n\r\n",
             "RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: "
             "RTP/AVP;multicast;destination=239.192.44.5;port=5000-5001;ttl=5\r\n\r\n");
    media(asked);
    CHECK(verdict("only-declared-destinations", asked, &declaration) == Verdict::pass);
    Wire unasked;
    unasked.lease();
    media(unasked);
    CHECK(verdict("only-declared-destinations", unasked, &declaration) == Verdict::fail);
}

TEST_CASE("names_of_neighbours_by_broadcast_are_no_questions_to_a_resolver", "[checks]") {
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    Wire wire;
    wire.lease();
    with_cloud(wire);
    auto question = ByteWriter()
                        .u16(1)
                        .u16(0x0110)
                        .u16(1)
                        .u16(0)
                        .u16(0)
                        .u16(0)
                        .u8(32)
                        .text("FEEFFDFECACACACACACACACACACACAAA")
                        .u8(0)
                        .u16(32)
                        .u16(1)
                        .take();
    wire.datagram(ip("192.168.7.255"), 137, question);
    CHECK(verdict("resolver-discipline", wire, &declaration) == Verdict::pass);
    CHECK(verdict("only-declared-destinations", wire, &declaration) == Verdict::pass);
}

TEST_CASE("a_question_about_the_network_is_no_name_of_the_internet", "[checks]") {
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    Wire wire;
    wire.lease();
    with_cloud(wire).resolve("ipv4only.arpa", ip("64:ff9b::c000:aa"));
    CHECK(verdict("only-declared-destinations", wire, &declaration) == Verdict::pass);
}

TEST_CASE("the_outer_name_of_an_encrypted_hello_accuses_nobody", "[checks]") {
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    auto hello = client_hello("front.example");
    const auto grow = [&](std::size_t at, unsigned by) {
        hello[at] = static_cast<std::byte>(std::to_integer<unsigned>(hello[at]) + by);
    };
    const auto extensions =
        hello.size() - (4 + 13 + 5) - 7 - 2;  // SNI and supported versions behind the length
    grow(4, 12), grow(8, 12), grow(extensions + 1, 12);
    hello = hello + ByteWriter().u16(0xfe0d).u16(8).zeros(8).take();
    const auto speaks = [&](const Bytes& first) {
        Wire wire;
        wire.lease().resolve("a.vendor.example", cloud);
        wire.connect(cloud, 443, first);
        return verdict("only-declared-destinations", wire, &declaration);
    };
    CHECK(speaks(hello) == Verdict::inconclusive);
    CHECK(speaks(client_hello("front.example")) == Verdict::fail);
}

TEST_CASE("services_of_the_domain_of_a_declared_server_may_be_asked_for", "[checks]") {
    const auto declaration =
        declared({entry("broker.vendor.example", 8883, "tls"), entry("web.vendor.example", 80, "http")});
    const auto asking_for = [&](std::string_view name, std::uint16_t type) {
        Wire wire;
        wire.lease().resolve(name, std::vector<Record>{}, type);
        wire.resolve("web.vendor.example", cloud);
        wire.connect(cloud, 80, to_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        return verdict("only-declared-destinations", wire, &declaration);
    };
    constexpr std::uint16_t a = 1, srv = 33;
    CHECK(asking_for("_mqtt._tcp.vendor.example", srv) == Verdict::pass);
    CHECK(asking_for("vendor.example", a) == Verdict::fail);
    CHECK(asking_for("_mqtt._tcp.evil.example", srv) == Verdict::fail);
}

TEST_CASE("an_answer_whose_question_was_lost_accuses_nobody_and_many_to_a_stranger_are_a_channel",
          "[checks]") {
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    Bytes noise;
    for (unsigned i = 0, value = 7; i < 200; ++i)
        noise.push_back(static_cast<std::byte>((value = value * 1103515245 + 12345) >> 16));
    Wire near, far;
    with_cloud(near.lease()).out(ip("192.168.7.30"), 1, icmp_echo(9, noise, 0));
    CHECK(verdict("only-declared-destinations", near, &declaration) == Verdict::pass);
    far.lease();
    for (int i = 0; i < 5; ++i) far.wait(3s).out(elsewhere, 1, icmp_echo(9, noise, 0));
    CHECK(verdict("no-covert-channels", far, &declaration) == Verdict::fail);
}

TEST_CASE("a_peer_that_a_declared_rendezvous_may_have_introduced_is_not_accused", "[checks]") {
    Declaration declaration;
    declaration.destinations = {{.name = "p2p.vendor.example",
                                 .port = 32100,
                                 .transport = Transport::udp,
                                 .protocol = "pppp",
                                 .purpose = "remote viewing (p2p)"}};
    const auto hello = to_bytes(std::string("\xf1\0\0\0", 4)),
               punch = ByteWriter().u16(0xf141).u16(20).zeros(20).take(),
               ready = ByteWriter().u16(0xf142).u16(20).zeros(20).take();
    const auto meets = [&](std::uint16_t from) {
        Wire wire;
        wire.lease().resolve("p2p.vendor.example", cloud);
        wire.out(cloud, 17, udp(45000, 32100, hello));
        wire.in(cloud, 17, udp(32100, 45000, ByteWriter().u16(0xf101).u16(16).zeros(16).take()));
        wire.out(elsewhere, 17, udp(from, 40000, punch));
        wire.in(elsewhere, 17, udp(40000, from, ready));
        wire.out(elsewhere, 17, udp(from, 40000, ready));
        return wire;
    };
    for (const auto* check : {"only-declared-destinations", "no-literal-addresses", "no-rendezvous"}) {
        CHECK(verdict(check, meets(45000), &declaration) == Verdict::inconclusive);
        CHECK(verdict(check, meets(45001), &declaration) == Verdict::fail);
    }
    CHECK(verdict("no-literal-addresses", meets(45000), nullptr) == Verdict::inconclusive);
    CHECK(verdict("no-literal-addresses", meets(45001), nullptr) == Verdict::fail);
}

TEST_CASE("a_stream_to_a_neighbour_that_was_running_already_proves_nothing", "[checks]") {
    const auto declaration = declared({entry("a.vendor.example", 443, "tls")});
    const auto streams = [](Wire wire) {
        for (std::uint16_t i = 0; i < 20; ++i)
            wire.out(ip("192.168.7.8"), 17,
                     udp(6970, 50000, ByteWriter().u8(0x80).u8(96).u16(i).u32(i).u32(7).zeros(600).take()));
        return wire;
    };
    Wire running, from_start;
    with_cloud(running);
    with_cloud(from_start.lease());
    CHECK(verdict("only-declared-destinations", streams(running), &declaration) == Verdict::inconclusive);
    CHECK(verdict("only-declared-destinations", streams(from_start), &declaration) == Verdict::fail);
}

TEST_CASE("mail_that_goes_over_to_tls_is_what_was_declared", "[checks]") {
    const auto declaration = declared({entry("mail.vendor.example", 587, "smtps", "alarm mails")});
    Wire wire;
    wire.lease().resolve("mail.vendor.example", cloud);
    wire.connect(cloud, 587, to_bytes("EHLO cam\r\nSTARTTLS\r\n"), to_bytes("220 mail ESMTP\r\n"));
    CHECK(verdict("only-declared-destinations", wire, &declaration) == Verdict::pass);
}

TEST_CASE("an_answer_is_missing_only_from_a_resolver_that_answers", "[checks]") {
    const auto after_question_to = [](const IpAddress& resolver) {
        Wire wire;
        with_cloud(wire).wait(5s).out(resolver, 17, udp(41999, 53, dns_query(9, "c2.example")));
        wire.wait(1s).connect(elsewhere, 9000, to_bytes("hello"));
        return wire;
    };
    CHECK(verdict("no-literal-addresses", after_question_to(ip("192.168.7.1")), nullptr) ==
          Verdict::inconclusive);  // half a look-up
    const auto seen = observe(after_question_to(elsewhere).frames);
    REQUIRE(find(seen, elsewhere.to_string(), 9000) != nullptr);
    CHECK(find(seen, elsewhere.to_string(), 9000)->perhaps.empty());
}

}  // namespace cambench::doubts
