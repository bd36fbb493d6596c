#include <algorithm>

#include "harness/checks/comparison.hpp"
#include "harness/checks/judgement.hpp"
#include "harness/checks/learn.hpp"
#include "harness/checks/learn_names.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace {

/// Whatever a recording of any test shows: the draft that is learnt from it does not accuse it.
void hold_against_its_own_draft(const analysis::Observations& seen) {
    if (!seen.camera.mac && seen.camera.addresses.empty()) return;
    const auto draft = draft_declaration(seen);
    auto settled = seen;  // as it is once the draft names the camera's MAC address
    settled.camera.rivals.clear();
    settled.camera.undeclared_mac = false;
    for (const auto& result : judge(settled, &draft.declaration, {}, Scope::captures).results) {
        INFO(result.check << ": " << result.title);
        CHECK(result.verdict != Verdict::fail);
        CHECK(result.verdict != Verdict::error);
    }
}

const struct Listening {
    Listening() { after_observing() = hold_against_its_own_draft; }
} listening;

Wire plain_unit() {
    Wire wire;
    wire.lease().resolve("time.maker.example", ip("203.0.113.1"));
    wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
    wire.resolve("a.cloud.maker.example", ip("203.0.113.2"));
    wire.connect(ip("203.0.113.2"), 443, client_hello("a.cloud.maker.example"));
    return wire;
}

bool has(const std::vector<Difference>& differences, Difference::Kind kind, const std::string& subject,
         const std::string& what) {
    return std::any_of(differences.begin(), differences.end(), [&](const Difference& difference) {
        return difference.kind == kind && difference.subject == subject &&
               difference.what.find(what) != std::string::npos;
    });
}

Verdict verdict_of(const std::string& check, const analysis::Observations& observations,
                   const Declaration& declaration) {
    for (const auto& result : judge(observations, &declaration, {}, Scope::captures).results)
        if (result.check == check) return result.verdict;
    return Verdict::error;
}

}  // namespace

TEST_CASE("a draft names what the unit was told by DNS, and the unit then keeps to it") {
    const auto seen = observe(plain_unit().frames, true);
    const auto draft = draft_declaration(seen);
    REQUIRE(draft.declaration.destinations.size() == 2);
    CHECK(draft.declaration.destinations[0].name == "time.maker.example");
    CHECK(draft.declaration.destinations[0].port == 123);
    CHECK(draft.declaration.destinations[0].protocol == "ntp");
    CHECK(draft.declaration.destinations[1].name == "a.cloud.maker.example");
    CHECK(draft.declaration.destinations[1].transport == Transport::tcp);
    CHECK(draft.withheld.empty());
    CHECK(draft.seen.at(1).find("1 attempt") != std::string::npos);
    CHECK(verdict_of("only-declared-destinations", seen, draft.declaration) == Verdict::pass);
}

TEST_CASE(
    "a draft excuses nothing: addresses nobody gave and foreign resolvers are told, not drafted, and are no "
    "surprise") {
    auto wire = plain_unit();
    wire.connect(ip("198.51.100.77"), 8000, client_hello("nobody.example"));
    wire.datagram(ip("198.51.100.9"), 53, ntp_request(), {});
    const auto seen = observe(wire.frames, true);
    const auto draft = draft_declaration(seen);
    CHECK(draft.declaration.destinations.size() == 2);
    CHECK(draft.withheld.size() == 2);
    CHECK(draft.declaration.unexplained.size() >= 2);
    CHECK(verdict_of("only-declared-destinations", seen, draft.declaration) == Verdict::inconclusive);
    CHECK(verdict_of("no-literal-addresses", seen, draft.declaration) == Verdict::inconclusive);
    wire.connect(ip("198.51.100.78"), 8000, client_hello("somebody.example"));
    CHECK(verdict_of("no-literal-addresses", observe(wire.frames, true), draft.declaration) == Verdict::fail);
    auto settled = draft.declaration;
    settled.unexplained.clear();
    CHECK(verdict_of("no-literal-addresses", seen, settled) == Verdict::fail);
}

TEST_CASE("a draft names no server by an empty name, wherever it stands") {
    auto wire = plain_unit();
    wire.frames.erase(wire.frames.begin(), wire.frames.begin() + 4);
    wire.datagram(ip("192.168.7.1"), 123, ntp_request(), ntp_request());
    wire.connect(ip("192.168.7.9"), 8085, to_bytes("hello"));
    for (const auto& one : draft_declaration(observe(wire.frames)).declaration.destinations)
        CHECK((one.network || (one.name && !one.name->empty())));
}

TEST_CASE("in a run nothing is excused by what a draft left open") {
    auto wire = plain_unit();
    wire.connect(ip("198.51.100.77"), 8000, client_hello("nobody.example"));
    const auto seen = observe(wire.frames, true);
    auto declaration = draft_declaration(seen).declaration;
    declaration.unexplained.push_back({"no-literal-addresses", ""});
    const auto types = check_types();
    const auto type = std::find_if(types.begin(), types.end(), [](const CheckType* one) {
        return one->element.name == "no-literal-addresses";
    });
    REQUIRE(type != types.end());
    markup::Problems problems;
    const auto listed = markup::read_text("<no-literal-addresses/>", "test", (*type)->element, problems);
    REQUIRE(listed.ok());
    CHECK(judge(seen, &declaration, {}, Scope::captures).verdict == Verdict::inconclusive);
    CHECK(judge(seen, &declaration, {&*listed, 1}, Scope::run).verdict == Verdict::fail);
}

TEST_CASE("names that are asked for and never contacted are drafted, and many of one zone are not") {
    auto wire = plain_unit();
    wire.resolve("backup.maker.example", ip("203.0.113.3"));
    wire.ask("_mqtt._tcp.broker.maker.example", 33);
    auto seen = observe(wire.frames, true);
    auto draft = draft_declaration(seen);
    REQUIRE(draft.declaration.destinations.size() == 4);
    CHECK(draft.declaration.destinations[2].name == "backup.maker.example");
    CHECK_FALSE(draft.declaration.destinations[2].port);
    CHECK(draft.declaration.destinations[3].name == "broker.maker.example");
    CHECK(draft.seen.at(2).find("never contacted") != std::string::npos);
    CHECK(verdict_of("only-declared-destinations", seen, draft.declaration) == Verdict::pass);
    for (const char letter : std::string("abcdefghijklmnopqrst"))
        wire.resolve(std::string("x") + letter + letter + ".t.other.example", ip("203.0.113.4"));
    seen = observe(wire.frames, true);
    draft = draft_declaration(seen);
    CHECK(draft.declaration.destinations.size() == 4);
    CHECK(verdict_of("only-declared-destinations", seen, draft.declaration) == Verdict::inconclusive);
}

TEST_CASE("numbered hosts are proposed as a pattern, where the domain is not everybody's") {
    auto wire = plain_unit();
    const auto contact = [&](const std::string& name, const char* address) {
        wire.resolve(name, ip(address)), wire.connect(ip(address), 8883, client_hello(name));
    };
    contact("r0101.relay.maker.example", "203.0.113.11");
    contact("r0102.relay.maker.example", "203.0.113.12");
    contact("11-devaccess.maker.example", "203.0.113.13");
    contact("ec2-1-2-3-4.eu.compute.amazonaws.com", "203.0.113.14");
    contact("ec2-5-6-7-8.eu.compute.amazonaws.com", "203.0.113.15");
    const auto seen = observe(wire.frames, true);
    const auto draft = draft_declaration(seen);
    std::vector<std::string> names;
    for (const auto& one : draft.declaration.destinations) names.push_back(*one.name);
    CHECK(names == std::vector<std::string>{"time.maker.example", "a.cloud.maker.example",
                                            "*.relay.maker.example", "11-devaccess.maker.example",
                                            "ec2-1-2-3-4.eu.compute.amazonaws.com",
                                            "ec2-5-6-7-8.eu.compute.amazonaws.com"});
    CHECK(draft.seen.at(2).find("r0101.relay.maker.example, r0102.relay.maker.example") != std::string::npos);
    CHECK(
        draft.seen.at(3).find("numbered: if others of its kind are used as well, declare *.maker.example") !=
        std::string::npos);
    CHECK(draft.seen.at(4).find("numbered") == std::string::npos);
    CHECK(verdict_of("only-declared-destinations", seen, draft.declaration) == Verdict::pass);
}

TEST_CASE("what tells one unit from the next becomes a pattern: in its host name and in names of servers") {
    const auto unit = [](const char* mac_address, const char* hostname, const std::string& server) {
        Wire wire;
        wire.camera_mac = mac(mac_address);
        wire.hostname = hostname;
        wire.lease().resolve("time.maker.example", ip("203.0.113.1"));
        wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
        wire.resolve(server, ip("203.0.113.2"));
        wire.connect(ip("203.0.113.2"), 443, client_hello(server));
        return observe(wire.frames, true);
    };
    const std::vector<analysis::Observations> units{
        unit("02:4b:52:a1:b2:c3", "IPC-A1B2C3", "s421.cloud.maker.example"),
        unit("02:4b:52:d4:e5:f6", "IPC-D4E5F6", "s9077.cloud.maker.example")};
    const auto draft = draft_declaration(units);
    CHECK(draft.declaration.identity.hostname == "IPC-*");
    CHECK(draft.declaration.identity.mac_prefixes == std::vector<std::string>{"02:4b:52"});
    CHECK(verdict_of("only-declared-destinations",
                     unit("02:4b:52:07:08:09", "IPC-070809", "s1.cloud.maker.example"),
                     draft.declaration) == Verdict::pass);
    for (const auto& seen : units)
        CHECK(verdict_of("only-declared-destinations", seen, draft.declaration) == Verdict::pass);
    CHECK(host_pattern({"HV2100A0000017"}, {"HV2100A0000017"}).empty());
    CHECK(host_pattern({"cam-HV2100A0000017"}, {"HV2100A0000017"}) == "cam-*");
    CHECK(host_pattern({"HV2100A0000017"}, {}) == "HV*A*");
    CHECK(host_pattern({"camera"}, {"camerax"}) == "camera");
    CHECK(host_pattern({"", "ipc2"}, {}) == "ipc2");
}

TEST_CASE("two recordings of the same behaviour do not differ, whatever their addresses") {
    Wire other;
    other.lease().resolve("time.maker.example", ip("203.0.113.201"));
    other.datagram(ip("203.0.113.201"), 123, ntp_request(), ntp_request());
    other.resolve("a.cloud.maker.example", ip("203.0.113.202"));
    other.connect(ip("203.0.113.202"), 443, client_hello("a.cloud.maker.example"));
    CHECK(compare(observe(plain_unit().frames, true), observe(other.frames, true)).empty());
}

TEST_CASE("what only one recording shows is told on its side") {
    auto wire = plain_unit();
    wire.resolve("p2p.elsewhere.example", ip("203.0.113.9"));
    wire.connect(ip("203.0.113.9"), 443, client_hello("p2p.elsewhere.example"));
    const auto before = observe(plain_unit().frames, true), after = observe(wire.frames, true);
    const auto differences = compare(before, after);
    CHECK(has(differences, Difference::Kind::only_second, "destination", "p2p.elsewhere.example 443/tcp"));
    CHECK(has(differences, Difference::Kind::only_second, "name asked for", "p2p.elsewhere.example"));
    CHECK(has(compare(after, before), Difference::Kind::only_first, "destination",
              "p2p.elsewhere.example 443/tcp"));
}

TEST_CASE("a volume counts as changed when it is another order, not when it wavers") {
    const auto with = [](std::size_t size) {
        auto wire = plain_unit();
        wire.resolve("store.maker.example", ip("203.0.113.5"));
        wire.connect(ip("203.0.113.5"), 9000, Bytes(size, std::byte{0x55}));
        return observe(wire.frames, true);
    };
    CHECK(compare(with(1000), with(1300)).empty());
    CHECK(has(compare(with(1000), with(60000)), Difference::Kind::changed, "bytes sent",
              "store.maker.example"));
}
