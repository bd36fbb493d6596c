#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/internet/world/dialogue.hpp"
#include "bench/internet/world/world.hpp"
#include "harness/core/event.hpp"

namespace cambench::internet {

/// Keeps what services record; payloads must be begun, ended and named in order.
class MemoryRecorder final : public Recorder {
public:
    PayloadId begin_payload() override {
        payloads_[++last_] = {};
        return last_;
    }
    void append(PayloadId payload, ByteView bytes) override { payloads_.at(payload).append(as_text(bytes)); }
    void end_payload(PayloadId payload) override { ended_[payload] = payloads_.at(payload); }
    void event(Nanoseconds, std::string_view kind, const JsonText& fields,
               std::optional<PayloadId> payload = {}) override {
        auto json = Json::parse("{" + std::string(fields.members()) + "}");
        if (payload) json["payload"] = ended_.at(*payload);
        events.emplace_back(std::string(kind), std::move(json));
    }
    void tls_secret(std::string_view line) override { secrets.emplace_back(line); }

    [[nodiscard]] std::vector<Json> all(std::string_view kind) const {
        std::vector<Json> found;
        for (const auto& [name, fields] : events)
            if (name == kind) found.push_back(fields);
        return found;
    }
    [[nodiscard]] Json last(std::string_view kind) const {
        const auto found = all(kind);
        return found.empty() ? Json() : found.back();
    }

    std::vector<std::pair<std::string, Json>> events;
    std::vector<std::string> secrets;

private:
    PayloadId last_ = 0;
    std::map<PayloadId, std::string> payloads_, ended_;
};

inline IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }
inline Cidr cidr(std::string_view text) { return Cidr::parse(text).value(); }

inline Network test_network() {
    Network network;
    network.interface = "cam0";
    network.mac = MacAddress::parse("02:00:00:00:77:01").value();
    network.router = ip("192.168.77.1");
    network.operator_address = ip("192.168.77.2");
    network.lan = cidr("192.168.77.0/24");
    network.first_lease = ip("192.168.77.100");
    network.last_lease = ip("192.168.77.102");
    network.router6 = ip("2001:2:0:1::1");
    network.operator_address6 = ip("2001:2:0:1::2");
    network.link_local6 = ip("fe80::1");
    network.lan6 = cidr("2001:2:0:1::/64");
    network.name_pool = cidr("198.18.0.0/15");
    network.name_pool6 = cidr("2001:2:0:ffff::/64");
    return network;
}

/// A world without sockets.
struct TestWorld {
    explicit TestWorld(Personality personality = {}, Network the_network = test_network())
        : network(std::move(the_network)), world(network, personality, RunClock::start(), recorder) {}

    Network network;
    MemoryRecorder recorder;
    World world;

    Flow flow(std::string_view destination, std::uint16_t port, Transport transport) const {
        const auto address = ip(destination);
        const auto camera = address.is_v4() ? ip("192.168.77.100") : ip("2001:2:0:1::100");
        return {{camera, 40000}, {address, port}, transport, transport == Transport::tcp ? 1U : 0U};
    }
};

inline WallTime at(std::string_view timestamp) { return parse_timestamp(timestamp).value(); }

/// Feeds text to a dialogue, all at once or byte by byte; gives what it says.
inline std::string say(StreamDialogue& dialogue, std::string_view text, std::size_t piece = 0) {
    std::string answer;
    if (piece == 0) piece = std::max<std::size_t>(1, text.size());
    for (std::size_t i = 0; i < text.size(); i += piece) {
        Output output;
        dialogue.received(as_bytes(text.substr(i, piece)), output);
        answer += output.bytes;
    }
    return answer;
}

}  // namespace cambench::internet
