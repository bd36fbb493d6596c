#include <fmt/format.h>

#include <algorithm>

#include "bench/supply_witness.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace std::chrono_literals;
using sandbox::Sender;

namespace {

const MacAddress unit = *MacAddress::parse("02:4b:52:00:00:01"),
                 other = *MacAddress::parse("02:00:00:00:00:99");
constexpr Monotonic::time_point start{1000s};

Sender sender(const MacAddress& mac, std::uint64_t frames, Monotonic::time_point last,
              Nanoseconds longest_pause) {
    return {mac, frames, last, longest_pause};
}

/// A slot that was watched for `off` without power, then had power for a minute.
FrameWitness after_a_run(Nanoseconds off, const std::vector<Sender>& before, const std::vector<Sender>& after,
                         const std::set<MacAddress>& leased = {}) {
    FrameWitness witness;
    witness.watch({}, start);
    witness.before_power_on(before, start + off);
    witness.before_power_off(after, leased, start + off + 60s);
    witness.watch(after, start + off + 61s);
    return witness;
}

}  // namespace

TEST_CASE("a link that came up with the power and does not fall with it accuses the contact", "[bench]") {
    LinkWitness link;
    link.before_power_on(false);
    link.before_power_off(true);
    CHECK(link.accuses(true));
    CHECK_FALSE(link.accuses(false));
}

TEST_CASE("a link that is always up, as behind a switch, accuses nobody", "[bench]") {
    LinkWitness link;
    link.before_power_on(true);
    link.before_power_off(true);
    CHECK_FALSE(link.accuses(true));
    CHECK_FALSE(link.tells());
}

TEST_CASE("a link that never came up tells nothing", "[bench]") {
    LinkWitness link;
    link.before_power_on(false);
    link.before_power_off(false);
    link.after_power_off(false);
    CHECK_FALSE(link.tells());
}

TEST_CASE("a link that fell once with the power can tell from then on", "[bench]") {
    LinkWitness link;
    link.before_power_on(true);  // the unit was found with power
    link.before_power_off(true);
    link.after_power_off(false);
    link.before_power_on(false);
    link.before_power_off(true);
    CHECK(link.accuses(true));
}

TEST_CASE("frames of an address that took a lease with power, and was not heard without, accuse the contact",
          "[bench]") {
    const auto begin = start + 60s;
    const auto witness = after_a_run(300ms, {}, {sender(unit, 40, begin, 20s)}, {unit});
    CHECK(witness.tells());
    CHECK_FALSE(witness.accuses({sender(unit, 40, begin, 20s)}));
    CHECK(witness.accuses({sender(unit, 41, begin + 3s, 20s)}) == unit);
    CHECK_FALSE(witness.accuses({sender(unit, 40, begin, 20s), sender(other, 7, begin + 3s, 1s)}));
}

TEST_CASE(
    "frames of a unit that was silent without power for much longer than it ever pauses accuse the contact",
    "[bench]") {
    const auto last = start + 10s + 60s - 1s;
    const auto witness = after_a_run(10s, {}, {sender(unit, 3000, last, 2s)});
    CHECK(witness.accuses({sender(unit, 3001, last + 4s, 2s)}) == unit);
}

TEST_CASE("a talker that pauses longer than the watch without power is not known as the unit", "[bench]") {
    const auto last = start + 60s;
    const auto witness = after_a_run(300ms, {}, {sender(other, 30, last, 2s)});
    CHECK_FALSE(witness.tells());
    CHECK_FALSE(witness.accuses({sender(other, 31, last + 4s, 2s)}));
}

TEST_CASE("who is heard without power is somebody else, whatever he does with power", "[bench]") {
    const auto last = start + 5s + 60s - 1s;
    const auto witness =
        after_a_run(5s, {sender(other, 2, start + 2s, 1s)}, {sender(other, 3000, last, 1s)}, {other});
    CHECK_FALSE(witness.tells());
    CHECK_FALSE(witness.accuses({sender(other, 3001, last + 2s, 1s)}));
}

TEST_CASE("senders are told apart, with their pauses; groups and torn frames are left out", "[bench]") {
    const auto frame = [](const char* from) {
        Bytes bytes(60);
        const auto sender = MacAddress::parse(from).value();
        const auto mac = sender.bytes();
        std::copy(mac.begin(), mac.end(), bytes.begin() + 6);
        return bytes;
    };
    sandbox::Senders senders;
    senders.hear(frame("02:4b:52:00:00:01"), start);
    senders.hear(frame("02:4b:52:00:00:01"), start + 3s);
    senders.hear(frame("02:4b:52:00:00:01"), start + 4s);
    senders.hear(frame("01:00:5e:00:00:01"), start);
    senders.hear(Bytes(11), start);
    const auto list = senders.list();
    REQUIRE(list.size() == 1);
    CHECK(list[0].mac == unit);
    CHECK(list[0].frames == 3);
    CHECK(list[0].longest_pause == 3s);
    CHECK(list[0].last == start + 4s);
    for (unsigned i = 0; i < 1000; ++i)
        senders.hear(frame(fmt::format("02:00:00:00:{:02x}:{:02x}", i / 256, i % 256).c_str()), start);
    CHECK(senders.list().size() == 64);
}
