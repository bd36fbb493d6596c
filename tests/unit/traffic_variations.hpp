#pragma once

#include <cmath>
#include <functional>

#include "harness/checks/judgement.hpp"
#include "harness/core/text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

/// A camera with a declaration and a stranger beside it, judged under variations of what must not matter.
namespace cambench::traffic {

using namespace cambench::packets;
using namespace std::chrono_literals;

/// What must not matter: when it happens, what the strangers are called, lost frames, a shorter look.
struct Variation {
    std::string what;
    Nanoseconds start;
    std::string stranger, address;
    double pace = 1;
    unsigned lose_every = 0;
    bool half = false;
};

inline const std::vector<Variation>& variations() {
    static const std::vector<Variation> all{
        {"as written", 1'700'000'000s, "report.evil.example", "203.0.113.66"},
        {"another year, other names", 1'900'000'123s, "x7.telemetrie-dienst.example.net", "198.18.44.5"},
        {"slower", 1'700'000'000s, "report.evil.example", "203.0.113.66", 3.7},
        {"one frame in a hundred lost", 1'700'000'000s, "report.evil.example", "203.0.113.66", 1, 100},
        {"half the window", 1'700'000'000s, "report.evil.example", "203.0.113.66", 1, 0, true},
    };
    return all;
}

inline Declaration vendor() {
    Declaration declaration;
    declaration.destinations.push_back({.name = "time.vendor.example",
                                        .port = 123,
                                        .transport = Transport::udp,
                                        .protocol = "ntp",
                                        .purpose = "clock"});
    declaration.destinations.push_back({.name = "*.cloud.vendor.example",
                                        .port = 443,
                                        .transport = Transport::tcp,
                                        .protocol = "tls",
                                        .purpose = "health report"});
    return declaration;
}

inline DeclaredDestination entry(const Variation& variation, std::uint16_t port, Transport transport,
                                 std::string protocol, std::string purpose) {
    return {.name = variation.stranger,
            .port = port,
            .transport = transport,
            .protocol = std::move(protocol),
            .purpose = std::move(purpose)};
}

inline Wire begin(const Variation& variation) {
    Wire wire;
    wire.now = variation.start;
    wire.lease().resolve("time.vendor.example", ip("203.0.113.1"));
    wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
    wire.resolve(variation.stranger, ip(variation.address));
    return wire;
}

inline analysis::Observations seen(const Wire& wire, const Variation& variation, std::size_t setting = 8) {
    auto frames = wire.frames;
    if (variation.half) frames.resize(setting + (frames.size() - setting) / 2);
    if (variation.lose_every > 0) {
        std::vector<Stamped> kept;
        for (std::size_t i = 0; i < frames.size(); ++i) {
            if (i < setting || i % variation.lose_every != variation.lose_every / 2)
                kept.push_back(frames[i]);
        }
        frames = std::move(kept);
    }
    return observe(frames, true);
}

using Act = std::function<void(Wire&, const Variation&)>;

/// The act must fail undeclared, be inconclusive with nothing to compare, and pass when `allow` declares it.
inline void must_be_declared(const std::string& check, const Act& act,
                             const std::function<void(Declaration&, const Variation&)>& allow,
                             Verdict without = Verdict::inconclusive) {
    for (const auto& variation : variations()) {
        auto wire = begin(variation);
        act(wire, variation);
        const auto observations = seen(wire, variation);
        auto declaration = vendor();
        const auto bad = judged(check, observations, &declaration);
        INFO(check << ", " << variation.what << ": " << bad.title << " | " << bad.seen);
        CHECK(bad.verdict == Verdict::fail);
        REQUIRE_FALSE(bad.findings.empty());
        CHECK_FALSE(bad.findings.front().evidence.empty());
        CHECK(judged(check, observations, nullptr).verdict == without);
        allow(declaration, variation);
        const auto good = judged(check, observations, &declaration);
        INFO("declared: " << good.title);
        CHECK(good.verdict == Verdict::pass);
    }
}

inline Nanoseconds paced(const Variation& variation, double seconds) {
    return Nanoseconds(static_cast<std::int64_t>(seconds * variation.pace * 1e9));
}

inline Bytes pppp(std::uint8_t type, std::size_t length) {
    return ByteWriter().u8(0xf1).u8(type).u16(static_cast<std::uint16_t>(length)).zeros(length).take();
}

inline Bytes jpeg() {
    return ByteWriter().u32(0xffd8ffe0).u16(16).text("JFIF").u8(0).zeros(9).u32(0xffdb0043).zeros(400).take();
}

inline Bytes post(const std::string& host, const Bytes& body) {
    return to_bytes("POST /in HTTP/1.1\r\nHost: " + host +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n") +
           body;
}

/// Text without repetition, the same in every run.
inline std::string noise(unsigned seed, std::size_t length) {
    std::string text;
    std::uint32_t state = seed * 2654435761U + 12345;
    while (text.size() < length) {
        state = state * 1664525U + 1013904223U;
        text += "abcdefghijklmnopqrstuvwxyz234567"[state >> 27];
    }
    return text;
}

inline std::vector<WallTime> moments(const std::vector<double>& seconds) {
    std::vector<WallTime> times;
    for (const auto one : seconds) times.emplace_back(Nanoseconds(static_cast<std::int64_t>(one * 1e9)));
    return times;
}

}  // namespace cambench::traffic
