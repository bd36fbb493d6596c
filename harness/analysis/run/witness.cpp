#include "harness/analysis/run/witness.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

using namespace std::chrono_literals;

/// Between a frame's stamp and the time of the event about it.
constexpr Nanoseconds stamp_slack = 2s;
/// An answer may be held back for so long, as the conditions of a scenario have it.
constexpr Nanoseconds held_back_at_most = 30s;
/// Around the moment at which power or wire was switched off, which takes its time.
constexpr Nanoseconds cut_slack = 10s;
constexpr std::size_t most_claimed_talks = 200'000, most_answers_of_a_talk = 256, most_claimed_leases = 4096,
                      most_moments = 64;
constexpr std::uint8_t tcp_number = 6, udp_number = 17;

/// Events about frames that are not of one conversation, or have ends of their own making.
bool is_of_a_conversation(const Event& event) {
    static constexpr std::array<std::string_view, 6> others{"dhcp", "dhcp6",     "arp",
                                                            "ndp",  "icmp-echo", "frame"};
    return std::find(others.begin(), others.end(), event.kind) == others.end();
}

bool holds_address(ByteView bytes, const IpAddress& address) {
    const auto wanted = address.bytes();
    return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()) != bytes.end();
}

}  // namespace

bool OwnNetwork::gives(const IpAddress& address) const {
    return !told || std::find(stated.begin(), stated.end(), address) != stated.end() ||
           std::any_of(pools.begin(), pools.end(), [&](const Cidr& pool) { return pool.contains(address); });
}

void Claims::take(const Event& event) {
    if (event.kind == "dhcp" && leases_.size() < most_claimed_leases) {
        const auto mac = MacAddress::parse(text_of(event.fields, "mac"));
        const auto address = IpAddress::parse(text_of(event.fields, "address"));
        if (mac && address && !text_of(event.fields, "answer").empty())
            leases_.push_back({event.time, *mac, *address});
    }
    if (event.kind == "update-delivery" && count_of(event.fields, "bytes") > delivered_) {
        delivered_ = count_of(event.fields, "bytes");
        delivered_at_ = event.time;
    }
    const auto camera = endpoint_of(text_of(event.fields, "camera")),
               destination = endpoint_of(text_of(event.fields, "destination"));
    if (!camera || !destination || !is_of_a_conversation(event)) return take_answers(event, nullptr);
    const FlowKey key{*camera, *destination,
                      transport_of(event.fields) == Transport::udp ? udp_number : tcp_number};
    if (talks_.size() >= most_claimed_talks && !talks_.contains(key)) {
        ++beyond_;
        return;
    }
    const auto [talk, added] = talks_.try_emplace(key);
    if (added || event.time < talk->second.first)
        talk->second.first = event.time, talk->second.kind = event.kind;
    take_answers(event, &talk->second);
}

void Claims::take_answers(const Event& event, Talk* talk) {
    if (event.kind != "dns-query") return;
    auto addresses = told_addresses(event.fields);
    if (addresses.empty()) return;
    auto name = text_of(event.fields, "question");
    if (talk == nullptr) {
        if (nowhere_.size() < most_answers_of_a_talk) nowhere_.emplace_back(event.time, std::move(name));
    } else if (talk->answers.size() < most_answers_of_a_talk) {
        talk->answers.push_back(
            {event.time, std::move(name), std::move(addresses), is_said_in_clear(event.fields)});
    } else {
        ++beyond_;
    }
}

Witness::Witness(const Claims& claims, OwnNetwork network, WallTime wall_zero)
    : claims_(claims), network_(std::move(network)), wall_zero_(wall_zero) {}

void Witness::add(const Packet& packet, const CameraIdentity& identity) {
    if (!network_.told) return;
    const auto time = packet.frame.time - wall_zero_;
    const bool out = identity.sent(packet);
    if (out) last_ = std::max(last_, time);
    if (packet.kind != Packet::Kind::ip || packet.fragment || (!packet.is_tcp() && !packet.is_udp())) return;
    if (!out && packet.is_udp() && packet.source_port == 67) take_lease(packet);
    if (!out && packet.is_tcp()) bytes_in_ += packet.length;
    const Endpoint source{packet.source, packet.source_port}, target{packet.target, packet.target_port};
    const FlowKey key{out ? source : target, out ? target : source, packet.protocol};
    const auto claimed = claims_.talks_.find(key);
    if (claimed == claims_.talks_.end()) return;
    auto& seen = seen_[key];
    if (out) {
        if (!seen.first) seen.first = time;
        return;
    }
    if (packet.length == 0 || claimed->second.answers.empty()) return;
    if (seen.answered.size() < most_moments && (seen.answered.empty() || time - seen.answered.back() >= 1s))
        seen.answered.push_back(time);
    for (const auto& answer : claimed->second.answers)
        for (const auto& address : answer.addresses)
            if (answer.clear &&
                std::find(seen.crossed.begin(), seen.crossed.end(), address) == seen.crossed.end() &&
                holds_address(packet.payload, address))
                seen.crossed.push_back(address);
}

/// BOOTP's fields: 16 is the address given, 28 the client's MAC.
void Witness::take_lease(const Packet& packet) {
    if (packet.payload.size() < 34 || leased_.size() >= most_claimed_leases) return;
    std::array<std::byte, 6> mac{};
    std::copy_n(packet.payload.begin() + 28, mac.size(), mac.begin());
    leased_.emplace(MacAddress(mac), IpAddress::v4(packet.payload.subspan(16, 4)));
}

/// An answer to a camera that lost its power or its wire, or was not heard any more, need not have gone out.
bool Witness::may_be_missing(Nanoseconds time, Nanoseconds under_way) const {
    const bool is_answer = under_way > Nanoseconds::zero();
    const auto before = is_answer ? cut_slack : stamp_slack,
               after = is_answer ? cut_slack : Nanoseconds(500ms);
    const auto near = [&](Nanoseconds cut) {
        return cut >= time - before && cut <= time + under_way + after;
    };
    return time + under_way > last_ || std::any_of(network_.cuts.begin(), network_.cuts.end(), near);
}

void Witness::judge_answer(const FlowKey& key, const Claims::Answer& answer, const Seen& seen,
                           std::vector<Contradiction>& found) const {
    const auto told =
        fmt::format("the camera was told an address of {} by {}", answer.name, key.peer.to_string());
    for (const auto& address : answer.addresses) {
        if (!answer.clear && !network_.gives(address)) {
            found.push_back({answer.time,
                             fmt::format("{}: {} is none that this bench gives", told, address.to_string())});
            return;
        }
    }
    if (network_.loses || may_be_missing(answer.time, stamp_slack)) return;
    const auto crossed = [&](const IpAddress& address) {
        return std::find(seen.crossed.begin(), seen.crossed.end(), address) != seen.crossed.end();
    };
    const auto soon = [&](Nanoseconds moment) {
        return moment >= answer.time - stamp_slack && moment <= answer.time + held_back_at_most;
    };
    const bool many = seen.answered.size() >= most_moments;
    if (answer.clear && !std::all_of(answer.addresses.begin(), answer.addresses.end(), crossed))
        found.push_back({answer.time, told + ": no frame holds that answer", true});
    else if (!answer.clear && !many && std::none_of(seen.answered.begin(), seen.answered.end(), soon))
        found.push_back({answer.time, told + ": nothing came from there at that time", true});
}

void Witness::judge(const FlowKey& key, const Claims::Talk& talk, std::vector<Contradiction>& found) const {
    const auto place = seen_.find(key);
    static const Seen nothing;
    const auto& seen = place == seen_.end() ? nothing : place->second;
    if (!seen.first || *seen.first > talk.first + stamp_slack) {
        found.push_back({talk.first, fmt::format("{} ({}) from {} to {} has no frame", talk.kind,
                                                 key.protocol == tcp_number ? "TCP" : "UDP",
                                                 key.camera.to_string(), key.peer.to_string())});
        return;
    }
    for (const auto& answer : talk.answers) judge_answer(key, answer, seen, found);
}

std::vector<Witness::Contradiction> Witness::contradictions() const {
    std::vector<Contradiction> found;
    if (!network_.told) return found;
    for (const auto& [key, talk] : claims_.talks_) judge(key, talk, found);
    for (const auto& [time, name] : claims_.nowhere_)
        found.push_back({time, fmt::format("an address of {} was told to nobody", name)});
    for (const auto& lease : claims_.leases_)
        if (!may_be_missing(lease.time, Nanoseconds::zero()) && leased_.size() < most_claimed_leases &&
            !leased_.contains({lease.mac, lease.address}))
            found.push_back({lease.time, fmt::format("no frame gives {} the address {}",
                                                     lease.mac.to_string(), lease.address.to_string())});
    if (claims_.delivered_ > bytes_in_)
        found.push_back(
            {claims_.delivered_at_,
             fmt::format(
                 "{} bytes of a package are said to have gone out, and {} came to the camera by TCP at all",
                 claims_.delivered_, bytes_in_)});
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
    return found;
}

}  // namespace cambench::analysis
