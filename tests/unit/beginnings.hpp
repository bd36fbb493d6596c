#pragma once

#include <set>

#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

/// Recordings that begin in the middle of a camera's life, made in many forms, with what may be said of each.
namespace cambench::beginnings {

using namespace cambench::packets;
using namespace std::chrono_literals;

/// How a recording is written down; what is in it must not matter.
enum class Form { ethernet, tagged, cooked, cooked_two, bare_ip, blocks };

/// What must not matter: family, ports, how long pauses are, when it is, the form of the file.
struct Setting {
    std::string what;
    std::string peer;  ///< the address in question
    std::uint16_t port, own_port;
    double pace;
    Nanoseconds start;
    Form form;
    [[nodiscard]] bool six() const { return peer.find(':') != std::string::npos; }
};

inline const std::vector<Setting>& settings() {
    static const std::vector<Setting> all{
        {"as written", "198.51.100.66", 8800, 40500, 1, 1'700'000'000s, Form::ethernet},
        {"IPv6", "2001:db8:66::7", 8800, 40500, 1, 1'700'000'000s, Form::ethernet},
        {"a low port of the camera's", "198.51.100.66", 32100, 3134, 1, 1'800'000'000s, Form::ethernet},
        {"TLS's port, behind a tag", "203.0.113.200", 443, 51000, 2.5, 1'900'000'123s, Form::tagged},
        {"cooked, slower", "203.0.113.7", 9443, 33001, 4, 1'650'000'000s, Form::cooked},
        {"cooked anew, quicker", "192.0.2.77", 7547, 60000, 0.6, 1'650'000'000s, Form::cooked_two},
        {"without a link layer", "198.51.100.90", 4433, 45001, 1, 1'500'000'000s, Form::bare_ip},
        {"IPv6 with a low port, in blocks", "2a00:db8:1::5", 20000, 5001, 1.7, 1'710'000'000s, Form::blocks},
        {"an address of a shared network's side, in blocks", "198.18.9.9", 6000, 6000, 1, 1'720'000'000s,
         Form::blocks},
    };
    return all;
}

/// A camera's life on a wire, in one setting.
class Life : public Wire {
public:
    explicit Life(Setting setting) : setting_(std::move(setting)) { now = setting_.start; }

    [[nodiscard]] const Setting& setting() const { return setting_; }
    [[nodiscard]] IpAddress peer() const { return ip(setting_.peer); }
    Life& pause(double seconds) {
        wait(Nanoseconds(static_cast<std::int64_t>(seconds * setting_.pace * 1e9)));
        return *this;
    }
    Life& joins(const DhcpOptions& given = {}) {
        lease(given);
        return *this;
    }
    Life& asks_without_answer() {
        for (const std::uint8_t type : {1, 3})
            put(ethernet(
                mac("ff:ff:ff:ff:ff:ff"), camera_mac, 0x0800,
                ipv4(
                    ip("0.0.0.0"), ip("255.255.255.255"), 17,
                    udp(68, 67, dhcp(false, camera_mac, ip("0.0.0.0"), {type, "", "", "", {}, {}, {}, 0})))));
        return *this;
    }
    Life& is_told_by_advertisement(std::string_view told = "2001:db8:7::53") {
        ByteWriter message;
        message.u8(134).u8(0).u16(0).u8(64).u8(0).u16(1800).u32(0).u32(0);
        message.u8(3).u8(4).u8(64).u8(0xc0).u32(86400).u32(14400).u32(0).bytes(ip("2001:db8:7::").bytes());
        message.u8(25).u8(3).u16(0).u32(1200).bytes(ip(told).bytes());
        put(ethernet(mac("33:33:00:00:00:01"), router_mac, 0x86dd,
                     ipv6(ip("fe80::1"), ip("ff02::1"), 58, message.take())));
        return *this;
    }
    Life& solicits_a_router() {
        put(ethernet(
            mac("33:33:00:00:00:02"), camera_mac, 0x86dd,
            ipv6(ip("fe80::20"), ip("ff02::2"), 58, ByteWriter().u8(133).u8(0).u16(0).u32(0).take())));
        return *this;
    }
    /// Sets its clock and reports to its maker, both by name.
    Life& lives_honestly() {
        pause(6);
        resolve("time.vendor.example", ip("203.0.113.1"));
        datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
        pause(2);
        resolve("a.cloud.vendor.example", ip("203.0.113.2"));
        connect(ip("203.0.113.2"), 443, client_hello("a.cloud.vendor.example"));
        pause(6);
        return *this;
    }
    /// Segments of a connection whose beginning is not on record.
    Life& segment_out(unsigned flags, const Bytes& payload = {}) {
        out(peer(), 6, tcp(setting_.own_port, setting_.port, mine_, theirs_, flags, payload));
        mine_ += static_cast<std::uint32_t>(payload.size());
        return *this;
    }
    Life& segment_in(unsigned flags, const Bytes& payload = {}) {
        in(peer(), 6, tcp(setting_.port, setting_.own_port, theirs_, mine_, flags, payload));
        theirs_ += static_cast<std::uint32_t>(payload.size());
        return *this;
    }
    Life& datagram_out(const Bytes& payload = to_bytes("\x01\x02 from the camera")) {
        out(peer(), 17, udp(setting_.own_port, setting_.port, payload));
        return *this;
    }
    Life& datagram_in(const Bytes& payload = to_bytes("\x03\x04 to the camera")) {
        in(peer(), 17, udp(setting_.port, setting_.own_port, payload));
        return *this;
    }
    /// What the camera sent is not recorded: it only leaves its trace in what the peer acknowledges.
    Life& says_unrecorded(std::uint32_t bytes) {
        mine_ += bytes;
        return *this;
    }

private:
    Setting setting_;
    std::uint32_t mine_ = 5000, theirs_ = 9000;
};

inline Bytes payload_of(const Bytes& frame) { return {frame.begin() + 14, frame.end()}; }

/// A frame in another link's dress; empty where that link cannot carry it.
inline Bytes dressed(const Bytes& frame, Form form, const MacAddress& camera) {
    const ByteView view(frame);
    const bool by_camera = MacAddress::from(view.subspan(6, 6)) == camera;
    const std::uint16_t type =
        std::to_integer<std::uint16_t>(frame[12]) << 8 | std::to_integer<std::uint16_t>(frame[13]);
    switch (form) {
        case Form::ethernet:
        case Form::blocks:
            return frame;
        case Form::tagged:
            return ByteWriter()
                .bytes(view.first(12))
                .u16(0x8100)
                .u16(7)
                .u16(type)
                .bytes(view.subspan(14))
                .take();
        case Form::cooked:
            return ByteWriter()
                .u16(by_camera ? 4 : 0)
                .u16(1)
                .u16(6)
                .bytes(view.subspan(6, 6))
                .u16(0)
                .u16(type)
                .bytes(view.subspan(14))
                .take();
        case Form::cooked_two:
            return ByteWriter()
                .u16(type)
                .u16(0)
                .u32(2)
                .u16(1)
                .u8(by_camera ? 4 : 0)
                .u8(6)
                .bytes(view.subspan(6, 6))
                .u16(0)
                .bytes(view.subspan(14))
                .take();
        case Form::bare_ip:
            return type == 0x0806 ? Bytes() : payload_of(frame);
    }
    return frame;
}

inline std::uint32_t link_type_of(Form form) {
    return form == Form::cooked ? 113 : form == Form::cooked_two ? 276 : form == Form::bare_ip ? 101 : 1;
}

/// The pcapng form: one section, one interface, stamps in microseconds.
inline Bytes blocks(const std::vector<Stamped>& frames) {
    ByteWriter out;
    out.u32_le(0x0a0d0d0a).u32_le(28).u32_le(0x1a2b3c4d).u16_le(1).u16_le(0).u64_le(~0ULL).u32_le(28);
    out.u32_le(1).u32_le(20).u16_le(1).u16_le(0).u32_le(0).u32_le(20);
    for (const auto& [time, frame] : frames) {
        const auto micros = static_cast<std::uint64_t>(time.count() / 1000);
        const auto size = static_cast<std::uint32_t>(frame.size()), padding = (4 - size % 4) % 4,
                   length = 32 + size + padding;
        out.u32_le(6)
            .u32_le(length)
            .u32_le(0)
            .u32_le(static_cast<std::uint32_t>(micros >> 32))
            .u32_le(static_cast<std::uint32_t>(micros))
            .u32_le(size)
            .u32_le(size)
            .bytes(frame)
            .zeros(padding)
            .u32_le(length);
    }
    return out.take();
}

/// In order of time, whatever was written first.
inline analysis::Observations seen(const Life& life) {
    std::vector<Stamped> frames;
    for (const auto& [time, frame] : life.frames)
        if (auto other = dressed(frame, life.setting().form, life.camera_mac); !other.empty())
            frames.push_back({time, std::move(other)});
    std::stable_sort(frames.begin(), frames.end(),
                     [](const Stamped& a, const Stamped& b) { return a.time < b.time; });
    const TemporaryFile file(life.setting().form == Form::blocks
                                 ? blocks(frames)
                                 : pcap(frames, link_type_of(life.setting().form)));
    analysis::Inputs inputs;
    inputs.captures = {{file.path(), "capture"}};
    auto observations = analysis::analyze(inputs);
    if (!observations) throw std::runtime_error(observations.error().message);
    return std::move(observations).value();
}

/// Addresses that sent to the camera and to which it sent not one frame.
inline std::set<std::string> unanswered(const Life& life) {
    std::set<std::string> spoke, spoken_to;
    for (const auto& [time, frame] : life.frames) {
        const ByteView view(frame);
        const std::uint16_t type =
            std::to_integer<std::uint16_t>(frame[12]) << 8 | std::to_integer<std::uint16_t>(frame[13]);
        if (type != 0x0800 && type != 0x86dd) continue;
        const bool four = type == 0x0800;
        const auto address = [&](std::size_t at) {
            return four ? IpAddress::v4(view.subspan(at, 4)) : IpAddress::v6(view.subspan(at, 16));
        };
        if (MacAddress::from(view.subspan(6, 6)) == life.camera_mac)
            spoken_to.insert(address(14 + (four ? 16 : 24)).to_string());
        else
            spoke.insert(address(14 + (four ? 12 : 8)).to_string());
    }
    std::set<std::string> silent;
    for (const auto& one : spoke)
        if (!spoken_to.contains(one)) silent.insert(one);
    return silent;
}

inline Declaration vendor_of_stories() {
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

/// No finding of any check names an address on which the camera sent nothing.
inline void accuses_nobody_unheard(const Life& life, const analysis::Observations& observations,
                                   const Declaration& declaration) {
    for (const auto* with : {&declaration, static_cast<const Declaration*>(nullptr)}) {
        for (const auto& result : judge(observations, with, {}, Scope::captures).results) {
            for (const auto& finding : result.findings) {
                for (const auto& address : unanswered(life)) {
                    INFO(result.check << " names " << address << ": " << finding.title);
                    CHECK(finding.title.find(address + ":") == std::string::npos);
                    CHECK(finding.title.find(address + " ") == std::string::npos);
                }
            }
        }
    }
}

}  // namespace cambench::beginnings
