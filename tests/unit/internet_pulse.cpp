#include "bench/internet/link/pulse.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::internet;

TEST_CASE("a heartbeat of the bench is known by its key, once and in order", "[pulse]") {
    const auto key = make_pulse_key();
    CHECK(key.size() >= 64);
    CHECK(key != make_pulse_key());
    PulseEar ear(key);
    CHECK(ear.take(pulse_source(), pulse_destination(), pulse_payload(key, 1)) ==
          std::optional<std::uint64_t>(1));
    CHECK_FALSE(ear.take(pulse_source(), pulse_destination(), pulse_payload(key, 1)).has_value());
    CHECK(ear.take(pulse_source(), pulse_destination(), pulse_payload(key, 5)) ==
          std::optional<std::uint64_t>(5));
    CHECK_FALSE(ear.take(pulse_source(), pulse_destination(), pulse_payload(key, 4)).has_value());
}

TEST_CASE("what a camera makes to look like a heartbeat is none", "[pulse]") {
    const auto key = make_pulse_key();
    PulseEar ear(key);
    const auto payload = pulse_payload(key, 7);
    CHECK_FALSE(
        ear.take(pulse_source(), pulse_destination(), pulse_payload(make_pulse_key(), 7)).has_value());
    CHECK_FALSE(ear.take(pulse_destination(), pulse_source(), payload).has_value());
    CHECK_FALSE(ear.take({pulse_source().address, 10}, pulse_destination(), payload).has_value());
    for (std::size_t i = 0; i < payload.size(); ++i) {
        auto changed = payload;
        changed[i] ^= std::byte{1};
        CHECK_FALSE(ear.take(pulse_source(), pulse_destination(), changed).has_value());
        CHECK_FALSE(ear.take(pulse_source(), pulse_destination(), ByteView(payload).first(i)).has_value());
    }
    auto longer = payload;
    longer.push_back(std::byte{'0'});
    CHECK_FALSE(ear.take(pulse_source(), pulse_destination(), longer).has_value());
    CHECK(ear.take(pulse_source(), pulse_destination(), payload).has_value());
}

TEST_CASE("without a key nothing is a heartbeat", "[pulse]") {
    PulseEar ear("");
    CHECK_FALSE(ear.take(pulse_source(), pulse_destination(), pulse_payload("", 1)).has_value());
}
