#pragma once

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "harness/analysis/analyze.hpp"
#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"

/// Frames made by hand, for tests of what reads them. Checksums are left zero: no reader of ours looks at
/// them.
namespace cambench::packets {

inline IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }
inline MacAddress mac(std::string_view text) { return MacAddress::parse(text).value(); }

inline Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Bytes ethernet(const MacAddress& to, const MacAddress& from, std::uint16_t type,
                      const Bytes& payload) {
    return ByteWriter().bytes(to.bytes()).bytes(from.bytes()).u16(type).bytes(payload).take();
}

inline Bytes ipv4(const IpAddress& from, const IpAddress& to, std::uint8_t protocol, const Bytes& payload,
                  std::uint16_t id = 1, std::uint16_t fragment = 0) {
    return ByteWriter()
        .u8(0x45)
        .u8(0)
        .u16(static_cast<std::uint16_t>(20 + payload.size()))
        .u16(id)
        .u16(fragment)
        .u8(64)
        .u8(protocol)
        .u16(0)
        .bytes(from.bytes())
        .bytes(to.bytes())
        .bytes(payload)
        .take();
}

inline Bytes ipv6(const IpAddress& from, const IpAddress& to, std::uint8_t next, const Bytes& payload) {
    return ByteWriter()
        .u32(0x60000000)
        .u16(static_cast<std::uint16_t>(payload.size()))
        .u8(next)
        .u8(64)
        .bytes(from.bytes())
        .bytes(to.bytes())
        .bytes(payload)
        .take();
}

inline Bytes ip_datagram(const IpAddress& from, const IpAddress& to, std::uint8_t protocol,
                         const Bytes& payload) {
    return from.is_v4() ? ipv4(from, to, protocol, payload) : ipv6(from, to, protocol, payload);
}

inline Bytes udp(std::uint16_t from, std::uint16_t to, const Bytes& payload) {
    return ByteWriter()
        .u16(from)
        .u16(to)
        .u16(static_cast<std::uint16_t>(8 + payload.size()))
        .u16(0)
        .bytes(payload)
        .take();
}

enum Flags : std::uint8_t { fin = 1, syn = 2, rst = 4, psh = 8, ack = 16 };

inline Bytes tcp(std::uint16_t from, std::uint16_t to, std::uint32_t sequence, std::uint32_t acknowledged,
                 unsigned flags, const Bytes& payload = {}) {
    return ByteWriter()
        .u16(from)
        .u16(to)
        .u32(sequence)
        .u32(acknowledged)
        .u8(0x50)
        .u8(static_cast<std::uint8_t>(flags))
        .u16(65535)
        .u16(0)
        .u16(0)
        .bytes(payload)
        .take();
}

inline Bytes icmp_echo(std::uint16_t id, const Bytes& payload = to_bytes("ping"), std::uint8_t type = 8) {
    return ByteWriter().u8(type).u8(0).u16(0).u16(id).u16(1).bytes(payload).take();
}

inline void put_name(ByteWriter& out, std::string_view name) {
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        out.u8(static_cast<std::uint8_t>(label.size())).text(label);
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    out.u8(0);
}

inline Bytes dns_query(std::uint16_t id, std::string_view name, std::uint16_t type = 1) {
    ByteWriter out;
    out.u16(id).u16(0x0100).u16(1).u16(0).u16(0).u16(0);
    put_name(out, name);
    return out.u16(type).u16(1).take();
}

struct Record {
    std::string owner;
    std::uint16_t type;
    Bytes data;
};
inline Record address_record(std::string owner, const IpAddress& address) {
    return {std::move(owner), static_cast<std::uint16_t>(address.is_v4() ? 1 : 28),
            Bytes(address.bytes().begin(), address.bytes().end())};
}
inline Record alias_record(std::string owner, std::string_view target) {
    ByteWriter data;
    put_name(data, target);
    return {std::move(owner), 5, data.take()};
}

inline Bytes dns_answer(std::uint16_t id, std::string_view name, const std::vector<Record>& records,
                        std::uint16_t type = 1) {
    ByteWriter out;
    out.u16(id).u16(0x8180).u16(1).u16(static_cast<std::uint16_t>(records.size())).u16(0).u16(0);
    put_name(out, name);
    out.u16(type).u16(1);
    for (const auto& record : records) {
        put_name(out, record.owner);
        out.u16(record.type)
            .u16(1)
            .u32(60)
            .u16(static_cast<std::uint16_t>(record.data.size()))
            .bytes(record.data);
    }
    return out.take();
}

/// A ClientHello in one record, with SNI unless `name` is empty.
inline Bytes client_hello(std::string_view name) {
    ByteWriter extensions;
    if (!name.empty()) {
        const auto length = static_cast<std::uint16_t>(name.size());
        extensions.u16(0).u16(length + 5).u16(length + 3).u8(0).u16(length).text(name);
    }
    extensions.u16(43).u16(3).u8(2).u16(0x0304);
    ByteWriter body;
    body.u16(0x0303)
        .zeros(32)
        .u8(0)
        .u16(2)
        .u16(0x1301)
        .u8(1)
        .u8(0)
        .u16(static_cast<std::uint16_t>(extensions.size()))
        .bytes(extensions.view());
    ByteWriter record;
    record.u8(22)
        .u16(0x0301)
        .u16(static_cast<std::uint16_t>(body.size() + 4))
        .u8(1)
        .u24(static_cast<std::uint32_t>(body.size()))
        .bytes(body.view());
    return record.take();
}

inline Bytes ntp_request() { return ByteWriter().u8(0x23).zeros(47).take(); }

struct DhcpOptions {
    std::uint8_t type = 1;
    std::string hostname, vendor_class, domain;
    std::vector<IpAddress> resolvers, routers, time_servers;
    std::uint32_t mask = 0;
};

inline Bytes dhcp(bool reply, const MacAddress& client, const IpAddress& yours, const DhcpOptions& options) {
    ByteWriter out;
    out.u8(reply ? 2 : 1)
        .u8(1)
        .u8(6)
        .u8(0)
        .u32(0x12345678)
        .u32(0)
        .zeros(4)
        .bytes(yours.bytes())
        .zeros(8)
        .bytes(client.bytes())
        .zeros(10 + 64 + 128)
        .u32(0x63825363);
    out.u8(53).u8(1).u8(options.type);
    const auto put_text = [&](std::uint8_t code, const std::string& text) {
        if (!text.empty()) out.u8(code).u8(static_cast<std::uint8_t>(text.size())).text(text);
    };
    const auto put_list = [&](std::uint8_t code, const std::vector<IpAddress>& list) {
        if (list.empty()) return;
        out.u8(code).u8(static_cast<std::uint8_t>(list.size() * 4));
        for (const auto& each : list) out.bytes(each.bytes());
    };
    put_text(12, options.hostname);
    put_text(60, options.vendor_class);
    put_text(15, options.domain);
    if (options.mask != 0) out.u8(1).u8(4).u32(options.mask);
    put_list(3, options.routers);
    put_list(6, options.resolvers);
    put_list(42, options.time_servers);
    return out.u8(255).take();
}

inline Bytes arp(std::uint16_t operation, const MacAddress& sender_mac, const IpAddress& sender,
                 const IpAddress& target) {
    return ByteWriter()
        .u16(1)
        .u16(0x0800)
        .u8(6)
        .u8(4)
        .u16(operation)
        .bytes(sender_mac.bytes())
        .bytes(sender.bytes())
        .zeros(6)
        .bytes(target.bytes())
        .take();
}

struct Stamped {
    Nanoseconds time{};
    Bytes frame;
};

inline Bytes pcap(const std::vector<Stamped>& frames, std::uint32_t link_type = 1) {
    ByteWriter out;
    out.u32_le(0xa1b23c4d).u16_le(2).u16_le(4).u32_le(0).u32_le(0).u32_le(262144).u32_le(link_type);
    for (const auto& [time, frame] : frames) {
        const auto size = static_cast<std::uint32_t>(frame.size());
        out.u32_le(static_cast<std::uint32_t>(time.count() / 1'000'000'000))
            .u32_le(static_cast<std::uint32_t>(time.count() % 1'000'000'000))
            .u32_le(size)
            .u32_le(size)
            .bytes(frame);
    }
    return out.take();
}

/// A file that lives as long as the test.
class TemporaryFile {
public:
    explicit TemporaryFile(ByteView content) {
        char name[] = "/tmp/cambench-test-XXXXXX";
        const int descriptor = ::mkstemp(name);
        ::close(descriptor);
        path_ = name;
        std::ofstream(path_, std::ios::binary)
            .write(reinterpret_cast<const char*>(content.data()),
                   static_cast<std::streamsize>(content.size()));
    }
    explicit TemporaryFile(std::string_view text) : TemporaryFile(as_bytes(text)) {}
    ~TemporaryFile() { std::filesystem::remove(path_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// A camera and its network on one wire; every call adds frames a millisecond apart.
class Wire {
public:
    MacAddress camera_mac = mac("02:4b:52:00:00:01"), router_mac = mac("02:00:5e:00:00:01");
    IpAddress camera = ip("192.168.7.20"), router = ip("192.168.7.1");
    IpAddress camera6 = ip("2001:db8:7::20");
    IpAddress resolver = ip("192.168.7.1");
    std::string hostname = "cam-0001";
    Nanoseconds now = std::chrono::seconds(1'700'000'000);
    std::vector<Stamped> frames;

    Wire& wait(Nanoseconds pause) {
        now += pause;
        return *this;
    }
    std::uint64_t put(Bytes frame) {
        now += std::chrono::milliseconds(1);
        frames.push_back({now, std::move(frame)});
        return frames.size();
    }
    /// Frames of the camera go to the router's MAC address, as in a sandbox that answers for every address.
    std::uint64_t out(const IpAddress& to, std::uint8_t protocol, const Bytes& payload) {
        return put(ethernet(router_mac, camera_mac, to.is_v4() ? 0x0800 : 0x86dd,
                            ip_datagram(own(to), to, protocol, payload)));
    }
    std::uint64_t in(const IpAddress& from, std::uint8_t protocol, const Bytes& payload) {
        return put(ethernet(camera_mac, router_mac, from.is_v4() ? 0x0800 : 0x86dd,
                            ip_datagram(from, own(from), protocol, payload)));
    }
    std::uint64_t group(const IpAddress& to, std::uint16_t from_port, std::uint16_t port,
                        const Bytes& payload) {
        return put(ethernet(mac("01:00:5e:00:00:fb"), camera_mac, 0x0800,
                            ipv4(camera, to, 17, udp(from_port, port, payload))));
    }
    [[nodiscard]] IpAddress own(const IpAddress& like) const { return like.is_v4() ? camera : camera6; }

    /// Discover, offer, request, acknowledgement.
    Wire& lease(const DhcpOptions& given = {}) {
        const auto all = mac("ff:ff:ff:ff:ff:ff");
        const auto ask = [&](std::uint8_t type) {
            put(ethernet(all, camera_mac, 0x0800,
                         ipv4(ip("0.0.0.0"), ip("255.255.255.255"), 17,
                              udp(68, 67,
                                  dhcp(false, camera_mac, ip("0.0.0.0"),
                                       {type, hostname, "udhcp", "", {}, {}, {}, 0})))));
        };
        const auto tell = [&](std::uint8_t type) {
            auto options = given;
            options.type = type;
            if (options.resolvers.empty()) options.resolvers = {resolver};
            if (options.routers.empty()) options.routers = {router};
            if (options.mask == 0) options.mask = 0xffffff00;
            put(ethernet(camera_mac, router_mac, 0x0800,
                         ipv4(router, camera, 17, udp(67, 68, dhcp(true, camera_mac, camera, options)))));
        };
        ask(1), tell(2), ask(3), tell(5);
        return *this;
    }
    /// A question of the camera and its answer. The frame number of the question.
    std::uint64_t resolve(std::string_view name, const IpAddress& address) {
        return resolve(name, {address_record(std::string(name), address)}, address.is_v4() ? 1 : 28);
    }
    std::uint64_t resolve(std::string_view name, const std::vector<Record>& records, std::uint16_t type = 1) {
        const auto question = ask(name, type);
        in(resolver, 17, udp(53, port_, dns_answer(id_, name, records, type)));
        return question;
    }
    std::uint64_t ask(std::string_view name, std::uint16_t type = 1) {
        ++port_, ++id_;
        return out(resolver, 17, udp(port_, 53, dns_query(id_, name, type)));
    }
    /// A whole TCP connection: hello and its reply, then the end. The frame number of the SYN.
    std::uint64_t connect(const IpAddress& to, std::uint16_t port, const Bytes& hello,
                          const Bytes& reply = to_bytes("reply")) {
        const auto first = out(to, 6, tcp(++port_, port, 1000, 0, syn));
        const auto sent = static_cast<std::uint32_t>(hello.size()),
                   got = static_cast<std::uint32_t>(reply.size());
        in(to, 6, tcp(port, port_, 5000, 1001, syn | ack));
        out(to, 6, tcp(port_, port, 1001, 5001, ack));
        if (!hello.empty()) out(to, 6, tcp(port_, port, 1001, 5001, ack | psh, hello));
        if (!reply.empty()) in(to, 6, tcp(port, port_, 5001, 1001 + sent, ack | psh, reply));
        out(to, 6, tcp(port_, port, 1001 + sent, 5001 + got, fin | ack));
        in(to, 6, tcp(port, port_, 5001 + got, 1002 + sent, fin | ack));
        return first;
    }
    std::uint64_t datagram(const IpAddress& to, std::uint16_t port, const Bytes& payload,
                           const Bytes& reply = {}) {
        const auto first = out(to, 17, udp(++port_, port, payload));
        if (!reply.empty()) in(to, 17, udp(port, port_, reply));
        return first;
    }
    [[nodiscard]] std::uint16_t last_port() const { return port_; }

private:
    std::uint16_t port_ = 40000, id_ = 100;
};

/// Hears of everything that tests let observe: what holds for any recording is tested with all of theirs.
inline std::function<void(const analysis::Observations&)>& after_observing() {
    static std::function<void(const analysis::Observations&)> listener;
    return listener;
}

/// The observations of a capture (and, with `timeline`, of a run).
inline analysis::Observations observe(const std::vector<Stamped>& frames,
                                      std::optional<bool> complete = std::nullopt,
                                      std::string_view camera = {}) {
    const TemporaryFile file(pcap(frames));
    analysis::Inputs inputs;
    inputs.captures = {{file.path(), "capture.pcap"}};
    inputs.complete = complete;
    if (!camera.empty()) inputs.camera = analysis::parse_camera(camera).value();
    auto observations = analysis::analyze(inputs);
    if (!observations) throw std::runtime_error(observations.error().message);
    if (after_observing()) after_observing()(*observations);
    return std::move(observations).value();
}

/// The destination with this name or address, or nullptr.
inline const analysis::Destination* find(const analysis::Observations& observations,
                                         std::string_view name_or_address, std::uint16_t port) {
    for (const auto& destination : observations.destinations) {
        const bool same = destination.name == name_or_address ||
                          destination.addresses.front().to_string() == name_or_address;
        if (same && destination.port == port) return &destination;
    }
    return nullptr;
}

}  // namespace cambench::packets
