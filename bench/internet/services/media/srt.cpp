#include <algorithm>

#include "bench/internet/services/media/srt.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/srt_message.hpp"

namespace cambench::internet {
namespace {

using srt::Control;
using srt::Handshake;

constexpr std::size_t most_callers = 64;
constexpr std::uint32_t packets_acknowledged_at_once = 8;
constexpr std::uint32_t srt_version = 5, magic = 0x4a17, sequences = 0x80000000;
constexpr Milliseconds acknowledged_within{10};
constexpr std::chrono::seconds idle_after{10};

std::optional<Handshake> handshake_in(const srt::Packet& packet) {
    if (!packet.is_control || packet.type != static_cast<std::uint16_t>(Control::handshake))
        return std::nullopt;
    auto handshake = srt::parse_handshake(packet.content);
    if (!handshake) return std::nullopt;
    return std::move(*handshake);
}

/// How far b lies behind a in the circle of sequence numbers.
std::int64_t ahead(std::uint32_t a, std::uint32_t b) {
    const auto distance = (a - b) % sequences;
    return distance < sequences / 2
               ? static_cast<std::int64_t>(distance)
               : static_cast<std::int64_t>(distance) - static_cast<std::int64_t>(sequences);
}

}  // namespace

std::uint32_t Srt::time_of(const World& world, const Caller& caller) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(world.now() - caller.begun).count());
}

std::optional<Bytes> Srt::received(World& world, const Flow& flow, ByteView datagram) {
    const auto packet = srt::parse_packet(datagram);
    if (!packet) return std::nullopt;
    const Key key{flow.camera, flow.destination};
    if (const auto handshake = handshake_in(*packet); handshake && packet->socket == 0)
        return shake_hands(world, flow, *handshake);
    const auto found = callers_.find(key);
    if (found == callers_.end() || !found->second.established || packet->socket != found->second.socket)
        return std::nullopt;
    auto& caller = found->second;
    caller.last = world.now();
    if (!packet->is_control) return take_data(world, caller, *packet);
    if (packet->type == static_cast<std::uint16_t>(Control::keep_alive))
        return caller.unacknowledged > 0 ? acknowledge(world, caller)
                                         : srt::write_keep_alive(time_of(world, caller), caller.peer);
    if (packet->type == static_cast<std::uint16_t>(Control::shutdown)) {
        record(world, caller);
        callers_.erase(found);
    }
    return Bytes();
}

/// A caller is shown a cookie first; it comes back with it, and with its wishes, which are granted.
std::optional<Bytes> Srt::shake_hands(World& world, const Flow& flow, const Handshake& asked) {
    const bool begins = asked.type == srt::induction && asked.version == 4 && asked.cookie == 0;
    const Key key{flow.camera, flow.destination};
    auto found = callers_.find(key);
    if (!begins && (found == callers_.end() || asked.type != srt::conclusion)) return std::nullopt;
    if (!world.reachable(flow)) return Bytes();
    if (found == callers_.end()) {
        if (callers_.size() >= most_callers) finish(world, Which::all);
        found = callers_.try_emplace(key, world.recorder).first;
        found->second.flow = flow;
        found->second.begun = world.now();
        found->second.socket = ++last_socket_;
    }
    auto& caller = found->second;
    caller.last = world.now();
    caller.peer = asked.socket;
    auto answer = asked;
    answer.version = srt_version;
    answer.extensions.clear();
    if (begins) {
        answer.encryption = 0;
        answer.extension_field = magic;
        answer.cookie = caller.socket ^ 0x5a5a5a5a;
        return srt::write_handshake(answer, time_of(world, caller), caller.peer);
    }
    answer.socket = caller.socket;
    answer.extension_field = 0;
    for (const auto& extension : asked.extensions) {
        if (extension.type == srt::request_extension)
            answer.extensions.push_back({srt::response_extension, extension.content}),
                answer.extension_field |= 1;
        if (extension.type == srt::key_request)
            answer.extensions.push_back({srt::key_response, extension.content}), answer.extension_field |= 2;
        if (extension.type == srt::stream_id) caller.stream = srt::stream_name(extension.content);
    }
    if (!std::exchange(caller.established, true)) caller.next = asked.first_sequence % sequences;
    return srt::write_handshake(answer, time_of(world, caller), caller.peer);
}

Bytes Srt::take_data(World& world, Caller& caller, const srt::Packet& packet) {
    const auto gap = ahead(packet.sequence, caller.next);
    if (gap >= 0) {
        if (caller.packets == 0 && !packet.content.empty())
            caller.transport_stream = packet.content[0] == std::byte{0x47};
        caller.lost += static_cast<std::uint64_t>(gap);
        ++caller.packets;
        caller.encrypted = caller.encrypted || packet.encrypted;
        caller.content.append(packet.content);
        caller.next = (packet.sequence + 1) % sequences;
    }
    const bool repeated = gap < 0;  // the caller has waited for an acknowledgement
    const bool due = ++caller.unacknowledged >= packets_acknowledged_at_once || repeated ||
                     world.now() - caller.acknowledged >= acknowledged_within;
    return due ? acknowledge(world, caller) : Bytes();
}

Bytes Srt::acknowledge(const World& world, Caller& caller) {
    caller.unacknowledged = 0;
    caller.acknowledged = world.now();
    return srt::write_acknowledgement(++caller.acknowledgements, caller.next, time_of(world, caller),
                                      caller.peer);
}

void Srt::record(World& world, Caller& caller) {
    auto fields = flow_fields(world, caller.flow, protocol::srt);
    fields.text("by", protocol::srt).text("url", caller.stream);
    fields.text("container", caller.encrypted ? "encrypted" : caller.transport_stream ? "mp2t" : "unknown");
    fields.number("packets", static_cast<std::int64_t>(caller.packets))
        .number("lost", static_cast<std::int64_t>(caller.lost));
    fields.text("over", "udp");
    const auto id = caller.content.finish();
    world.recorder.event(world.now(), "media", fields, id);
}

void Srt::finish(World& world, Which which) {
    for (auto place = callers_.begin(); place != callers_.end();) {
        if (which == Which::idle && world.now() - place->second.last <= idle_after) {
            ++place;
            continue;
        }
        record(world, place->second);
        place = callers_.erase(place);
    }
}

}  // namespace cambench::internet
