#include "harness/analysis/flows/tls_sessions.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/tls_wire.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace cambench::recorded_tls {
/// How a camera deals with TLS, told from recordings alone: a table of handshakes, each at several ports and
/// in both families.
namespace {

const std::string vendor = "api.vendor.example";

struct Shown {
    std::string what;
    CertificateRequest certificate;
    std::uint16_t version;
    Reaction reaction;
    Verdict verified, versions;  ///< of tls-verified and no-old-tls
    std::uint8_t alert = 48;
};

const CertificateRequest right{{vendor}}, wildcard{{"*.vendor.example", "vendor.example"}},
    by_cn_of_issuer{{vendor, "other.vendor.example"}, "A public authority"};
const CertificateRequest of_another{{"proxy.example"}, "Another CA"}, deeper_wildcard{{"*.example"}},
    too_deep{{"*.api.vendor.example"}};
const CertificateRequest over{{vendor}, "Vendor CA", -400, -30}, weak{{vendor}, "Vendor CA", -100, 300, 512};
const CertificateRequest self_made{{vendor}, "", -400, 3000}, self_made_now{{vendor}, "", -1, 365},
    self_made_of_another{{"localhost"}, "", -400, 3000}, of_no_host{{"Vendor Cloud"}};
const CertificateRequest not_yet{{vendor}, "Vendor CA", 800, 1200};

const std::vector<Shown>& table() {
    using V = Verdict;
    using R = Reaction;
    constexpr std::uint16_t ssl3 = 0x0300, tls10 = 0x0301, tls11 = 0x0302, tls12 = 0x0303, tls13 = 0x0304;
    static const std::vector<Shown> all{
        {"the right name", right, tls12, R::data, V::inconclusive, V::pass},
        {"a star for its label", wildcard, tls12, R::data, V::inconclusive, V::pass},
        {"one of several names", by_cn_of_issuer, tls12, R::data, V::inconclusive, V::pass},
        {"another host", of_another, tls12, R::data, V::fail, V::pass},
        {"a star for two labels", deeper_wildcard, tls12, R::data, V::fail, V::pass},
        {"a star below the name", too_deep, tls12, R::data, V::fail, V::pass},
        {"expired", over, tls12, R::data, V::fail, V::pass},
        {"a short key", weak, tls12, R::data, V::fail, V::pass},
        {"signed itself, perhaps known by heart", self_made, tls12, R::data, V::inconclusive, V::pass},
        {"signed itself just now", self_made_now, tls12, R::data, V::fail, V::pass},
        {"signed itself for another host", self_made_of_another, tls12, R::data, V::fail, V::pass},
        {"names no host", of_no_host, tls12, R::data, V::inconclusive, V::pass},
        {"younger than the recording", not_yet, tls12, R::data, V::inconclusive, V::pass},
        {"another host, and no data", of_another, tls12, R::no_data, V::inconclusive, V::pass},
        {"another host, refused", of_another, tls12, R::alert, V::pass, V::pass, 42},
        {"an unknown authority, refused", self_made_now, tls12, R::alert, V::pass, V::pass, 48},
        {"another host, left without a word", of_another, tls12, R::silence, V::inconclusive, V::pass},
        {"TLS 1.0", right, tls10, R::data, V::inconclusive, V::fail},
        {"TLS 1.1", right, tls11, R::data, V::inconclusive, V::fail},
        {"SSL 3", right, ssl3, R::data, V::inconclusive, V::fail},
        {"TLS 1.1 and no data", right, tls11, R::no_data, V::inconclusive, V::fail},
        {"TLS 1.0, the certificate refused", of_another, tls10, R::alert, V::pass, V::fail, 46},
        {"TLS 1.0 refused", right, tls10, R::alert, V::inconclusive, V::pass, 70},
        {"TLS 1.0, left without a word", right, tls10, R::silence, V::inconclusive, V::inconclusive},
        {"TLS 1.0 for another host", of_another, tls10, R::data, V::fail, V::fail},
        {"TLS 1.3", right, tls13, R::data, V::inconclusive, V::pass},
        {"TLS 1.3, broken off", right, tls13, R::alert, V::inconclusive, V::pass},
        {"TLS 1.3, no data", right, tls13, R::no_data, V::inconclusive, V::pass},
    };
    return all;
}

struct Place {
    IpAddress server;
    std::uint16_t port;
};
const std::vector<Place> places{
    {ip("203.0.113.7"), 443}, {ip("2001:db8:9::7"), 443}, {ip("203.0.113.8"), 8883}};

void resolve(Wire& wire, const Place& place) { wire.lease().resolve(vendor, place.server); }

}  // namespace

TEST_CASE("what a camera makes of a certificate and of a version is told from a recording alone",
          "[checks][family]") {
    unsigned recordings = 0;
    for (const auto& shown : table()) {
        const auto der = certificate(shown.certificate);
        for (const auto& place : places) {
            for (const bool named : {true, false}) {  // without SNI what DNS said counts
                Wire wire;
                resolve(wire, place);
                shake_hands(
                    wire, place.server, place.port,
                    handshake(named ? vendor : "", shown.version, {der}, shown.reaction, shown.alert));
                const auto seen = observe(wire.frames);
                ++recordings;
                INFO(shown.what << " at " << place.server.to_string() << " port " << place.port
                                << (named ? "" : ", without SNI"));
                const auto verified = judged("tls-verified", seen), versions = judged("no-old-tls", seen);
                INFO(verified.title << " | " << versions.title);
                CHECK(verified.verdict == shown.verified);
                CHECK(versions.verdict == shown.versions);
                if (verified.verdict == Verdict::fail) CHECK_FALSE(verified.evidence.empty());
            }
        }
    }
    CHECK(recordings >= 160);
}

TEST_CASE("how a camera took an interception is told apart: all, none, or after failures",
          "[checks][family]") {
    const auto first = certificate({{vendor}, "Proxy CA", -1, 365}),
               second = certificate({{vendor}, "Proxy CA", -1, 365}), genuine = certificate(right),
               foreign = certificate(of_another);
    const auto play = [&](const std::vector<std::pair<Bytes, Reaction>>& shown) {
        Wire wire;
        resolve(wire, places.front());
        for (const auto& [der, reaction] : shown)
            shake_hands(wire, places.front().server, 443, handshake(vendor, 0x0303, {der}, reaction));
        return observe(wire.frames);
    };
    const auto stance = [](const analysis::Observations& seen) {
        return std::string(
            to_string(interception_of(seen.destinations.back(), *seen.captures.front().first)));
    };
    using R = Reaction;
    const auto gives_way = play({{first, R::alert}, {first, R::alert}, {first, R::data}}),
               by_authority = play({{first, R::alert}, {second, R::data}});
    CHECK(stance(gives_way) == "accepts-after-failures");
    CHECK(judged("tls-verified", gives_way).verdict == Verdict::fail);
    CHECK(judged("tls-verified", gives_way).title.find("after it had refused the same certificate 2 times") !=
          std::string::npos);
    CHECK(stance(by_authority) == "accepts-after-failures");
    CHECK(judged("tls-verified", by_authority).verdict ==
          Verdict::inconclusive);  // its chain may have been incomplete at first
    const auto refuses = play({{first, R::alert}, {foreign, R::alert}, {genuine, R::data}});
    CHECK(stance(refuses) == "refuses");
    CHECK(judged("tls-verified", refuses).verdict == Verdict::pass);
    CHECK(stance(play({{foreign, R::data}, {foreign, R::data}})) == "accepts-all");
    CHECK(stance(play({{first, R::alert}, {foreign, R::data}})) == "accepts-some");
    CHECK(stance(play({{genuine, R::data}})) == "none");
}

TEST_CASE("TLS 1.3 hides which certificate was refused before data came", "[checks]") {
    Wire wire;
    resolve(wire, places.front());
    shake_hands(wire, places.front().server, 443, handshake(vendor, 0x0304, {}, Reaction::alert));
    shake_hands(wire, places.front().server, 443, handshake(vendor, 0x0304, {}, Reaction::data));
    CHECK(judged("tls-verified", observe(wire.frames)).verdict == Verdict::inconclusive);
}

TEST_CASE("a neighbour's certificate proves nothing of what the camera would take from the internet",
          "[checks]") {
    Wire wire;
    wire.lease();
    const auto hub = ip("192.168.7.9");
    shake_hands(wire, hub, 8443,
                handshake("", 0x0303, {certificate({{"hub"}, "", -1, 365})}, Reaction::data));
    CHECK(judged("tls-verified", observe(wire.frames)).verdict == Verdict::inconclusive);
}

TEST_CASE("a session that goes on from one before the recording says that the address was known then",
          "[checks]") {
    const Bytes ticket(32, std::byte{7});
    for (const std::uint16_t version : {0x0303, 0x0304}) {
        for (const bool complete : {false, true}) {
            Wire wire;
            wire.resolve("time.vendor.example", ip("203.0.113.1"));
            wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
            Handshake resumed{tls_client_hello("", version, ticket),
                              tls_server_hello(version, ticket, version == 0x0304) +
                                  tls_record(20, Bytes(1)) +
                                  tls_record(version == 0x0304 ? 23 : 22, Bytes(53)),
                              tls_record(20, Bytes(1)) + tls_record(version == 0x0304 ? 23 : 22, Bytes(53)) +
                                  tls_record(23, Bytes(100))};
            shake_hands(wire, ip("203.0.113.7"), 443, resumed);
            INFO(version << " " << complete);
            CHECK(judged("no-literal-addresses", observe(wire.frames, complete)).verdict ==
                  (complete ? Verdict::fail : Verdict::inconclusive));
        }
    }
}

TEST_CASE("names in hellos after STARTTLS, STLS and AUTH TLS are read at whatever port", "[checks][family]") {
    struct Talk {
        std::string what, protocol;
        std::vector<std::pair<Bytes, Bytes>> before;
        std::uint16_t port;
    };
    const auto said = [](const char* theirs, const char* ours) {
        return std::pair{to_bytes(std::string(theirs)), to_bytes(std::string(ours))};
    };
    const std::vector<Talk> talks{
        {"SMTP",
         "smtp",
         {said("220 mx ESMTP\r\n", "EHLO cam\r\n"), said("250-mx\r\n250 STARTTLS\r\n", "STARTTLS\r\n"),
          said("220 go ahead\r\n", "")},
         587},
        {"POP3",
         "pop3",
         {said("+OK ready\r\n", "CAPA\r\n"), said("+OK\r\nSTLS\r\n.\r\n", "STLS\r\n"),
          said("+OK begin\r\n", "")},
         110},
        {"IMAP", "imap", {said("* OK ready\r\n", "a1 STARTTLS\r\n"), said("a1 OK begin\r\n", "")}, 143},
        {"FTP", "ftp", {said("220 FTP ready\r\n", "AUTH TLS\r\n"), said("234 go\r\n", "")}, 21}};
    Declaration declaration;
    unsigned recordings = 0;
    for (const auto& talk : talks) {
        for (const auto port : {talk.port, static_cast<std::uint16_t>(talk.port + 2000)}) {
            for (const auto& server : {ip("198.51.100.25"), ip("2001:db8:9::25")}) {
                for (const bool foreign : {false, true}) {
                    declaration.destinations = {{.name = "mail.vendor.example",
                                                 .port = port,
                                                 .transport = Transport::tcp,
                                                 .protocol = talk.protocol,
                                                 .purpose = "alarms"}};
                    Wire unnamed, named;
                    named.lease().resolve("mail.vendor.example", server);
                    const auto hands = handshake(foreign ? "drop.elsewhere.example" : "mail.vendor.example",
                                                 0x0304, {}, Reaction::data);
                    shake_hands(unnamed, server, port, hands, talk.before);
                    shake_hands(named, server, port, hands, talk.before);
                    recordings += 2;
                    INFO(talk.what << " at port " << port << ", " << server.to_string()
                                   << (foreign ? ", a foreign name" : ""));
                    const auto by_name = observe(unnamed.frames);
                    REQUIRE(by_name.destinations.size() == 1);
                    CHECK(by_name.destinations.front().resolution == analysis::Resolution::sni);
                    CHECK(by_name.destinations.front().protocol == talk.protocol);
                    CHECK(judged("no-literal-addresses", by_name).verdict != Verdict::fail);
                    CHECK(judged("only-declared-destinations", observe(named.frames), &declaration).verdict ==
                          (foreign ? Verdict::fail : Verdict::pass));
                }
            }
        }
    }
    CHECK(recordings >= 60);
}

}  // namespace cambench::recorded_tls
