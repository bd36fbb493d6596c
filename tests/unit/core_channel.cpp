#include "harness/core/channel.hpp"

#include <memory>
#include <thread>

#include "tests/catch.hpp"

using namespace cambench;

TEST_CASE("what is put into a channel comes out once and in order", "[core]") {
    Channel<std::unique_ptr<int>> channel(2);  // far less than what goes through
    constexpr int many = 10'000;
    std::jthread putter([&] {
        const Closing ends(channel);
        for (int i = 0; i < many; ++i) channel.put(std::make_unique<int>(i));
    });
    int next = 0;
    while (const auto value = channel.take()) {
        if (**value != next) break;
        ++next;
    }
    CHECK(next == many);
    CHECK_FALSE(channel.take().has_value());
}

TEST_CASE("who waits for room in a channel is let go when it is closed", "[core]") {
    Channel<int> channel(1);
    REQUIRE(channel.put(1));
    bool put = true;
    std::jthread putter([&] { put = channel.put(2); });
    channel.close();
    putter.join();
    CHECK_FALSE(put);
    CHECK(channel.take() == 1);  // what was put before stays
    CHECK_FALSE(channel.take().has_value());
    CHECK_FALSE(channel.take_if_any().has_value());
}
