#include "harness/wire/srt_message.hpp"

#include <algorithm>

namespace cambench::internet::srt {
namespace {

constexpr std::uint32_t control_bit = 0x80000000;
constexpr std::size_t address_size = 16, most_extensions = 8;

void begin_control(ByteWriter& writer, Control type, std::uint32_t information, std::uint32_t time,
                   std::uint32_t to) {
    writer.u32(control_bit | static_cast<std::uint32_t>(type) << 16).u32(information).u32(time).u32(to);
}

}  // namespace

Result<Packet> parse_packet(ByteView datagram) {
    ByteReader reader(datagram);
    Packet packet;
    const auto first = reader.u32(), second = reader.u32();
    reader.skip(4);
    packet.socket = reader.u32();
    if (reader.failed()) return usage_error("an SRT packet ends within its header");
    packet.is_control = (first & control_bit) != 0;
    if (packet.is_control) {
        packet.type = static_cast<std::uint16_t>(first >> 16 & 0x7fff);
    } else {
        packet.sequence = first;
        packet.encrypted = (second >> 27 & 3) != 0;
    }
    packet.content = reader.rest();
    return packet;
}

Result<Handshake> parse_handshake(ByteView content) {
    ByteReader reader(content);
    Handshake handshake;
    handshake.version = reader.u32();
    handshake.encryption = reader.u16();
    handshake.extension_field = reader.u16();
    handshake.first_sequence = reader.u32();
    handshake.packet_size = reader.u32();
    handshake.window = reader.u32();
    handshake.type = reader.u32();
    handshake.socket = reader.u32();
    handshake.cookie = reader.u32();
    reader.skip(address_size);
    if (reader.failed()) return usage_error("an SRT handshake ends too early");
    while (!reader.empty() && handshake.extensions.size() < most_extensions) {
        Extension extension;
        extension.type = reader.u16();
        const auto words = reader.u16();
        extension.content = reader.take(std::size_t{4} * words);
        if (reader.failed()) return usage_error("an extension of an SRT handshake ends too early");
        handshake.extensions.push_back(extension);
    }
    return handshake;
}

std::string stream_name(ByteView content) {
    std::string name(as_text(content));
    for (std::size_t i = 0; i + 4 <= name.size(); i += 4)
        std::reverse(name.begin() + static_cast<std::ptrdiff_t>(i),
                     name.begin() + static_cast<std::ptrdiff_t>(i + 4));
    name.erase(std::find(name.begin(), name.end(), '\0'), name.end());
    return name;
}

Bytes write_handshake(const Handshake& handshake, std::uint32_t time, std::uint32_t to) {
    ByteWriter writer;
    begin_control(writer, Control::handshake, 0, time, to);
    writer.u32(handshake.version)
        .u16(handshake.encryption)
        .u16(handshake.extension_field)
        .u32(handshake.first_sequence);
    writer.u32(handshake.packet_size)
        .u32(handshake.window)
        .u32(handshake.type)
        .u32(handshake.socket)
        .u32(handshake.cookie);
    writer.bytes(Bytes(address_size));
    for (const auto& extension : handshake.extensions)
        writer.u16(extension.type)
            .u16(static_cast<std::uint16_t>(extension.content.size() / 4))
            .bytes(extension.content);
    return writer.take();
}

Bytes write_acknowledgement(std::uint32_t number, std::uint32_t next, std::uint32_t time, std::uint32_t to) {
    constexpr std::uint32_t round_trip_us = 1000, variance_us = 500, room_packets = 8192, rate = 100'000,
                            capacity = 100'000, bytes_a_second = 125'000'000;
    ByteWriter writer;
    begin_control(writer, Control::acknowledgement, number, time, to);
    return writer.u32(next)
        .u32(round_trip_us)
        .u32(variance_us)
        .u32(room_packets)
        .u32(rate)
        .u32(capacity)
        .u32(bytes_a_second)
        .take();
}

Bytes write_keep_alive(std::uint32_t time, std::uint32_t to) {
    ByteWriter writer;
    begin_control(writer, Control::keep_alive, 0, time, to);
    return writer.u32(0).take();
}

}  // namespace cambench::internet::srt
