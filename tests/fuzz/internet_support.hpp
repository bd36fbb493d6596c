#pragma once

#include "bench/internet/world/world.hpp"
#include "harness/core/time.hpp"

namespace cambench::internet {

/// Takes everything and keeps nothing.
class NullRecorder final : public Recorder {
public:
    PayloadId begin_payload() override { return ++last_; }
    void append(PayloadId, ByteView) override {}
    void end_payload(PayloadId) override {}
    void event(Nanoseconds, std::string_view, const JsonText& fields, std::optional<PayloadId>) override {
        // Whatever came in, an event is JSON.
        if (!Json::accept("{" + std::string(fields.members()) + "}")) std::abort();
    }
    void tls_secret(std::string_view) override {}

private:
    PayloadId last_ = 0;
};

inline Network fuzz_network() {
    const auto ip = [](std::string_view text) { return IpAddress::parse(text).value(); };
    Network network;
    network.router = ip("192.168.77.1");
    network.operator_address = ip("192.168.77.2");
    network.lan = Cidr(ip("192.168.77.0"), 24);
    network.first_lease = ip("192.168.77.100");
    network.last_lease = ip("192.168.77.199");
    network.router6 = ip("2001:2:0:1::1");
    network.operator_address6 = ip("2001:2:0:1::2");
    network.link_local6 = ip("fe80::1");
    network.lan6 = Cidr(ip("2001:2:0:1::"), 64);
    network.name_pool = Cidr(ip("198.18.0.0"), 15);
    network.name_pool6 = Cidr(ip("2001:2:0:ffff::"), 64);
    return network;
}

/// A world of its own for every input, so that a finding repeats.
struct FuzzWorld {
    Network network = fuzz_network();
    NullRecorder recorder;
    World world{network, {}, RunClock{}, recorder};

    [[nodiscard]] Flow flow(std::uint16_t port, Transport transport) const {
        return {{network.first_lease, 40000},
                {IpAddress::v4(0xc6336401), port},
                transport,
                transport == Transport::tcp ? 1U : 0U};
    }
};

}  // namespace cambench::internet
