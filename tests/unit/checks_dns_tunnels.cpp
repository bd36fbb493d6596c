#include "harness/checks/dns_tunnel.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"
#include "tests/unit/traffic_variations.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace cambench::tunnels {
/// Tunnels made of names, by rate, length, types and handshakes; and honest devices that ask for many names.
namespace {

using namespace std::chrono_literals;
using traffic::noise;

constexpr std::uint16_t a = 1, cname = 5, null_type = 10, mx = 15, txt = 16, key = 25, aaaa = 28, srv = 33,
                        private_type = 65399;

/// Somebody who asks for names: `name` of the number of the question.
struct Asker {
    std::string what;
    unsigned questions;
    Nanoseconds pause;
    std::function<std::string(unsigned)> name;
    std::vector<std::uint16_t> types;
    Verdict undeclared, declared;
    bool contacts = false;
};

std::string word(unsigned number, std::size_t length) { return noise(number * 7919 + 13, length); }

/// The names iodine's client asks for, in their order.
std::string iodine(unsigned number) {
    if (number == 0) return "yrbs2t";
    if (number == 1) return "vaaaakawlsq";
    if (number == 2) return "lacosm4jb4rthpaiai31d0gfrbsbmxfi";
    return "paa" + word(number, 5);
}

const std::vector<Asker>& askers() {
    const auto fail = Verdict::fail, doubt = Verdict::inconclusive, pass = Verdict::pass;
    static const std::vector<Asker> all{
        // Tunnels.
        {"seven types of short names",
         900,
         50ms,
         [](unsigned i) { return word(i, 8); },
         {null_type, private_type, txt, srv, mx, cname, a},
         fail,
         doubt},
        {"short names of addresses in a rush",
         400,
         100ms,
         [](unsigned i) { return word(i, 7); },
         {a},
         fail,
         doubt},
        {"short names, IPv6", 400, 100ms, [](unsigned i) { return word(i, 9); }, {aaaa}, fail, doubt},
        {"short names in texts", 150, 200ms, [](unsigned i) { return word(i, 9); }, {txt}, fail, doubt},
        {"numbers as data",
         300,
         150ms,
         [](unsigned i) {
             return std::to_string(1'000'000'000ULL + i * 2'654'435'761ULL % 9'000'000'000ULL);
         },
         {a},
         fail,
         doubt},
        {"several short labels",
         300,
         100ms,
         [](unsigned i) { return word(i, 5) + "." + word(i + 1000, 5); },
         {a},
         fail,
         doubt},
        {"medium names, slowly", 200, 2s, [](unsigned i) { return word(i, 20); }, {a}, fail, doubt},
        {"long names", 40, 1s, [](unsigned i) { return word(i, 50); }, {a}, fail, doubt},
        {"longest names, slowly",
         20,
         30s,
         [](unsigned i) { return word(i, 60) + "." + word(i + 99, 60) + "." + word(i + 77, 60); },
         {txt},
         fail,
         doubt},
        {"iodine's whole beginning", 60, 500ms, iodine, {null_type}, fail, fail},
        {"iodine in texts", 60, 500ms, iodine, {txt}, fail, fail},
        {"iodine as addresses", 60, 500ms, iodine, {a}, fail, fail},
        {"iodine's handshake alone", 3, 500ms, iodine, {null_type}, doubt, doubt},
        {"iodine that nobody answers", 2, 1s, [](unsigned) { return "vaaaakawlsq"; }, {txt}, doubt, doubt},
        {"dns2tcp", 4, 500ms, [](unsigned i) { return word(i, 8) + ".=auth"; }, {txt}, doubt, doubt},
        {"dns2tcp by keys",
         40,
         500ms,
         [](unsigned i) { return word(i, 8) + ".=connect"; },
         {key},
         fail,
         fail},
        {"three odd types of few names",
         9,
         1s,
         [](unsigned i) { return word(i, 6); },
         {txt, mx, srv},
         doubt,
         doubt},
        {"a type that nobody asks for",
         2,
         1s,
         [](unsigned i) { return word(i, 6); },
         {null_type},
         doubt,
         doubt},
        {"fifty short names in a minute", 50, 1s, [](unsigned i) { return word(i, 8); }, {a}, doubt, doubt},
        {"short names for a quarter of an hour",
         180,
         5s,
         [](unsigned i) { return word(i, 6); },
         {a},
         doubt,
         doubt},
        // Honest.
        {"a few hosts, again and again",
         300,
         1s,
         [](unsigned i) { return "host-" + std::string(1, static_cast<char>('a' + i % 5)); },
         {a, aaaa},
         pass,
         pass},
        {"numbered hosts of telemetry",
         200,
         300ms,
         [](unsigned i) { return "node-" + std::to_string(i) + ".telemetry"; },
         {a},
         pass,
         pass},
        {"numbered hosts in zones",
         200,
         300ms,
         [](unsigned i) { return "r" + std::to_string(1000 + i) + ".eu-" + std::to_string(i % 3); },
         {a, aaaa},
         pass,
         pass},
        {"block lists",
         200,
         100ms,
         [](unsigned i) {
             return std::to_string(i % 256) + "." + std::to_string(i * 7 % 256) + "." +
                    std::to_string(i * 31 % 256) + ".203.list";
         },
         {a, txt},
         pass,
         pass},
        {"block lists of IPv6",
         100,
         100ms,
         [](unsigned i) {
             std::string nibbles;
             for (unsigned k = 0; k < 32; ++k)
                 nibbles += std::string(1, "0123456789abcdef"[(i * 11 + k * 7) % 16]) + ".";
             return nibbles + "list";
         },
         {a},
         pass,
         pass},
        {"hashed hosts of a content network that are called",
         120,
         500ms,
         [](unsigned i) { return "d" + word(i, 13); },
         {a},
         pass,
         pass,
         true},
        {"short hashed hosts that are called",
         120,
         200ms,
         [](unsigned i) { return word(i, 8); },
         {a},
         pass,
         pass,
         true},
        {"proofs for certificates",
         30,
         1s,
         [](unsigned i) { return "_acme-challenge.host" + std::to_string(i % 6); },
         {txt},
         pass,
         pass},
        {"services of a domain",
         60,
         1s,
         [](unsigned i) { return std::string(i % 2 == 0 ? "_sip._udp." : "_stun._tcp.") + word(i % 9, 4); },
         {srv},
         pass,
         pass},
        {"mail and its proofs",
         12,
         1s,
         [](unsigned i) { return std::string(i % 2 == 0 ? "mail" : "_dmarc.mail"); },
         {mx, txt},
         pass,
         pass},
        {"a dozen names at the start",
         12,
         50ms,
         [](unsigned i) {
             return std::vector<std::string>{"api", "mqtt", "ota", "time", "log", "push",
                                             "p2p", "www",  "cfg", "auth", "cdn", "geo"}[i];
         },
         {a},
         pass,
         pass},
    };
    return all;
}

/// The same at another resolver and under another domain; over IPv6 the resolver has such an address.
struct Setting {
    std::string domain;
    bool v6;
};
const std::vector<Setting> settings{{"t.kamera-haus.example", false}, {"m.sensor.co.kr", true}};

Wire asked(const Asker& asker, const Setting& setting) {
    Wire wire;
    DhcpOptions given;
    wire.lease(given);
    for (unsigned i = 0; i < asker.questions; ++i) {
        wire.wait(asker.pause);
        const auto name = asker.name(i) + "." + setting.domain;
        const auto type = asker.types[i % asker.types.size()];
        const auto address = setting.v6 || type == aaaa ? ip("2001:db8:9::9") : ip("203.0.113.9");
        if (type == a || type == aaaa)
            wire.resolve(
                name,
                std::vector{address_record(name, type == aaaa ? ip("2001:db8:9::9") : ip("203.0.113.9"))},
                type);
        else
            wire.resolve(name, std::vector<Record>{}, type);
        if (asker.contacts) wire.connect(type == aaaa ? address : ip("203.0.113.9"), 443, client_hello(name));
    }
    return wire;
}

}  // namespace

TEST_CASE("tunnels_of_names_are_told_from_honest_devices_that_ask_much", "[checks][tunnels]") {
    for (const auto& setting : settings) {
        Declaration other, own;
        other.destinations.push_back({.name = "api.other.example",
                                      .port = 443,
                                      .transport = Transport::tcp,
                                      .protocol = "tls",
                                      .purpose = "health report"});
        own = other;
        own.destinations.push_back({.name = "*." + setting.domain, .purpose = "metrics"});
        for (const auto& asker : askers()) {
            const auto observations = observe(asked(asker, setting).frames, true);
            INFO(asker.what << " under " << setting.domain);
            const auto undeclared = judged("no-covert-channels", observations, &other),
                       declared = judged("no-covert-channels", observations, &own);
            INFO(undeclared.title << " | "
                                  << (undeclared.findings.empty() ? "" : undeclared.findings.front().detail));
            CHECK(undeclared.verdict == asker.undeclared);
            CHECK(declared.verdict == asker.declared);
            if (asker.undeclared == Verdict::fail) CHECK(undeclared.findings.size() == 1);
        }
    }
}

TEST_CASE("a_tunnel_is_one_finding_and_not_one_for_each_name", "[checks][tunnels]") {
    const auto observations = observe(asked(askers().front(), settings.front()).frames, true);
    Declaration declaration;
    const auto result = judged("only-declared-destinations", observations, &declaration);
    CHECK(result.verdict == Verdict::fail);
    CHECK(result.findings.size() == 1);
    CHECK(result.findings.front().title.find("names under kamera-haus.example") != std::string::npos);
}

TEST_CASE("handshakes_of_tunnels_are_known", "[checks][tunnels]") {
    CHECK(tunnel_tool("vaaaakawlsq.t.vendor.example") == "iodine");
    CHECK(tunnel_tool("abcd.=auth.t.vendor.example") == "dns2tcp");
    CHECK(tunnel_tool("dnscat.0123456789abcdef.vendor.example") == "dnscat2");
    CHECK(tunnel_tool("vaaaakawlsqlongname.vendor.example").empty());
    CHECK(tunnel_tool("vaaaak.vendor.example").empty());
    CHECK(tunnel_tool("authority.vendor.example").empty());
}

}  // namespace cambench::tunnels
