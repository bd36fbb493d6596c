#include <algorithm>

#include "harness/checks/comparison.hpp"
#include "harness/checks/judgement.hpp"
#include "harness/checks/learn.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace {

Wire plain_unit() {
    Wire wire;
    wire.lease().resolve("time.maker.example", ip("203.0.113.1"));
    wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
    wire.resolve("a.cloud.maker.example", ip("203.0.113.2"));
    wire.connect(ip("203.0.113.2"), 443, client_hello("a.cloud.maker.example"));
    return wire;
}

bool has(const std::vector<Difference>& differences, Difference::Kind kind, const std::string& subject, const std::string& what) {
    return std::any_of(differences.begin(), differences.end(), [&](const Difference& difference) {
        return difference.kind == kind && difference.subject == subject && difference.what.find(what) != std::string::npos;
    });
}

Verdict verdict_of(const std::string& check, const analysis::Observations& observations, const Declaration& declaration) {
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

TEST_CASE("a draft excuses nothing: addresses nobody gave and foreign resolvers are told, not drafted") {
    auto wire = plain_unit();
    wire.connect(ip("198.51.100.77"), 8000, client_hello("nobody.example"));
    wire.datagram(ip("198.51.100.9"), 53, ntp_request(), {});
    const auto seen = observe(wire.frames, true);
    const auto draft = draft_declaration(seen);
    CHECK(draft.declaration.destinations.size() == 2);
    CHECK(draft.withheld.size() == 2);
    CHECK(verdict_of("only-declared-destinations", seen, draft.declaration) == Verdict::fail);
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
    CHECK(has(compare(after, before), Difference::Kind::only_first, "destination", "p2p.elsewhere.example 443/tcp"));
}

TEST_CASE("a volume counts as changed when it is another order, not when it wavers") {
    const auto with = [](std::size_t size) {
        auto wire = plain_unit();
        wire.resolve("store.maker.example", ip("203.0.113.5"));
        wire.connect(ip("203.0.113.5"), 9000, Bytes(size, std::byte{0x55}));
        return observe(wire.frames, true);
    };
    CHECK(compare(with(1000), with(1300)).empty());
    CHECK(has(compare(with(1000), with(60000)), Difference::Kind::changed, "bytes sent", "store.maker.example"));
}
