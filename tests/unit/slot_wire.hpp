#pragma once

#include <fmt/format.h>
#include <set>

#include "harness/checks/judgement.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

/// A camera on a slot as the bench records it: of each frame the side of the wire it came from.
namespace cambench::slot_wire {

using namespace cambench::packets;

inline const IpAddress planted = ip("198.51.100.77"), planted6 = ip("2a02:2e0:3fe:100::77"),
                       server = ip("203.0.113.2"), router6 = ip("fe80::1");
inline const MacAddress everybody = mac("ff:ff:ff:ff:ff:ff");
inline const std::string api = "api.cloud.vendor.example";

inline Bytes icmp(std::uint8_t type, std::uint8_t code, std::uint32_t rest, const Bytes& content = {}) {
    return ByteWriter().u8(type).u8(code).u16(0).u32(rest).bytes(content).take();
}
inline Bytes address_bytes(const IpAddress& address) {
    return Bytes(address.bytes().begin(), address.bytes().end());
}
inline Bytes secret(std::size_t length = 24) {
    return to_bytes(
        std::string("the key of the front door is 4711, and more of that kind").substr(0, length));
}
inline std::uint16_t type_of(const IpAddress& address) { return address.is_v4() ? 0x0800 : 0x86dd; }

inline Bytes pcapng(const std::vector<Stamped>& frames, const std::set<std::size_t>& by_camera,
                    std::string_view recorder = "cambench 1") {
    const auto block = [](std::uint32_t type, const Bytes& body) {
        const auto padding = (4 - body.size() % 4) % 4;
        const auto total = static_cast<std::uint32_t>(12 + body.size() + padding);
        return ByteWriter().u32_le(type).u32_le(total).bytes(body).zeros(padding).u32_le(total).take();
    };
    const auto named = ByteWriter()
                           .u16_le(4)
                           .u16_le(static_cast<std::uint16_t>(recorder.size()))
                           .text(recorder)
                           .zeros((4 - recorder.size() % 4) % 4)
                           .u32_le(0)
                           .take();
    auto file = block(
        0x0a0d0d0a,
        ByteWriter().u32_le(0x1a2b3c4d).u16_le(1).u16_le(0).u64_le(~std::uint64_t{0}).bytes(named).take());
    file = file + block(1, ByteWriter()
                               .u16_le(1)
                               .u16_le(0)
                               .u32_le(262144)
                               .u16_le(9)
                               .u16_le(1)
                               .u8(9)
                               .zeros(3)
                               .u32_le(0)
                               .take());
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const auto& [time, frame] = frames[i];
        const auto stamp = static_cast<std::uint64_t>(time.count());
        const auto size = static_cast<std::uint32_t>(frame.size());
        file = file + block(6, ByteWriter()
                                   .u32_le(0)
                                   .u32_le(static_cast<std::uint32_t>(stamp >> 32))
                                   .u32_le(static_cast<std::uint32_t>(stamp))
                                   .u32_le(size)
                                   .u32_le(size)
                                   .bytes(frame)
                                   .zeros((4 - frame.size() % 4) % 4)
                                   .u16_le(2)
                                   .u16_le(4)
                                   .u32_le(by_camera.contains(i) ? 1 : 2)
                                   .u32_le(0)
                                   .take());
    }
    return file;
}

class Slot {
public:
    Wire wire;
    bool directions = true;
    Nanoseconds power_on{100};  ///< since the beginning of the run

    Slot() { wire.camera6 = ip("2001:db8:7::20"); }
    /// A frame that the camera put on its wire, whatever it says of itself.
    Slot& sends(Bytes frame) {
        (void)wire.put(std::move(frame));
        by_camera_.insert(wire.frames.size() - 1);
        return *this;
    }
    Slot& hears(Bytes frame) {
        (void)wire.put(std::move(frame));
        by_bench_.insert(wire.frames.size() - 1);
        return *this;
    }
    Slot& sends_ip(const IpAddress& to, std::uint8_t protocol, const Bytes& content) {
        return sends(framed(to, protocol, content));
    }
    Slot& hears_ip(const IpAddress& from, std::uint8_t protocol, const Bytes& content) {
        return hears(ethernet(wire.camera_mac, wire.router_mac, type_of(from),
                              ip_datagram(from, wire.own(from), protocol, content)));
    }
    [[nodiscard]] Bytes framed(const IpAddress& to, std::uint8_t protocol, const Bytes& content) const {
        return ethernet(wire.router_mac, wire.camera_mac, type_of(to),
                        ip_datagram(wire.own(to), to, protocol, content));
    }
    /// What an honest camera does from its start on.
    Slot& live() {
        const auto own_local = ip("fe80::4b"), nobody = ip("::"), all = ip("ff02::1"),
                   routers = ip("ff02::2");
        const auto camera = [&](const IpAddress& from, const IpAddress& to, const Bytes& message) {
            sends(ethernet(mac("33:33:00:00:00:01"), wire.camera_mac, 0x86dd, ipv6(from, to, 58, message)));
        };
        camera(nobody, ip("ff02::1:ff00:4b"), icmp(135, 0, 0, address_bytes(own_local)));
        camera(own_local, routers,
               icmp(133, 0, 0, ByteWriter().u8(1).u8(1).bytes(wire.camera_mac.bytes()).take()));
        const auto prefix = ByteWriter()
                                .u8(3)
                                .u8(4)
                                .u8(64)
                                .u8(0xc0)
                                .u32(86400)
                                .u32(14400)
                                .u32(0)
                                .bytes(ip("2001:db8:7::").bytes())
                                .take();
        hears(ethernet(
            mac("33:33:00:00:00:01"), wire.router_mac, 0x86dd,
            ipv6(router6, all, 58, icmp(134, 0, 0x40000708, ByteWriter().zeros(8).bytes(prefix).take()))));
        camera(nobody, ip("ff02::1:ff00:20"), icmp(135, 0, 0, address_bytes(wire.camera6)));
        wire.lease();
        sends(
            ethernet(everybody, wire.camera_mac, 0x0806, arp(1, wire.camera_mac, wire.camera, wire.router)));
        hears(ethernet(wire.camera_mac, wire.router_mac, 0x0806,
                       arp(2, wire.router_mac, wire.router, wire.camera)));
        wire.resolve("time.vendor.example", ip("203.0.113.1"));
        wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
        wire.resolve(api, server);
        wire.connect(server, 443, client_hello(api),
                     ByteWriter().u8(22).u16(0x0303).u16(4).u8(14).u24(0).take());
        return *this;
    }
    [[nodiscard]] analysis::Observations observe() const {
        std::set<std::size_t> by_camera = by_camera_;
        for (std::size_t i = 0; i < wire.frames.size(); ++i) {
            const auto& frame = wire.frames[i].frame;
            if (!by_bench_.contains(i) && MacAddress::from(ByteView(frame).subspan(6, 6)) == wire.camera_mac)
                by_camera.insert(i);
        }
        const TemporaryFile capture(directions ? pcapng(wire.frames, by_camera) : pcap(wire.frames)),
            timeline(run_around());
        analysis::Inputs inputs;
        inputs.captures = {{capture.path(), "capture.pcapng"}};
        inputs.timeline = timeline.path();
        auto seen = analysis::analyze(inputs);
        REQUIRE(seen.ok());
        return std::move(seen).value();
    }

private:
    [[nodiscard]] std::string run_around() const {
        const auto end = (wire.now - wire.frames.front().time).count() + 2'000'000'000;
        return "{\"t\":0,\"lane\":\"bench\",\"kind\":\"run\",\"wall_zero\":\"2023-11-14T22:13:20Z\"}\n{\"t\":"
               "10,"
               "\"lane\":\"bench\",\"kind\":\"sandbox\",\"bench_mac\":\"" +
               wire.router_mac.to_string() +
               "\"}\n{\"t\":50,\"lane\":\"bench\",\"kind\":\"containment\",\"self_test\":true}\n" +
               fmt::format("{{\"t\":{},\"lane\":\"power\",\"kind\":\"on\"}}\n", power_on.count()) +
               fmt::format(
                   "{{\"t\":{},\"lane\":\"bench\",\"kind\":\"capture-closed\",\"frames\":{},\"bytes\":0,"
                   "\"dropped\":0}}"
                   "\n",
                   end, wire.frames.size()) +
               fmt::format("{{\"t\":{},\"lane\":\"bench\",\"kind\":\"containment\",\"escaped_packets\":0}}\n",
                           end + 1);
    }

    std::set<std::size_t> by_camera_, by_bench_;
};

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

inline Judgement judged_run(const analysis::Observations& observations, const Declaration& declaration) {
    std::vector<markup::Node> checks;
    for (const auto* name :
         {"only-declared-destinations", "no-literal-addresses", "no-covert-channels", "declared-protocols"}) {
        for (const auto* type : check_types()) {
            markup::Problems problems;
            if (type->element.name != name) continue;
            auto node = markup::read_text(fmt::format("<{}/>", name), "test", type->element, problems);
            REQUIRE(node.ok());
            checks.push_back(std::move(node).value());
        }
    }
    return judge(observations, &declaration, checks);
}

struct Way {
    std::string what;
    std::function<void(Slot&)> act;
};

}  // namespace cambench::slot_wire
