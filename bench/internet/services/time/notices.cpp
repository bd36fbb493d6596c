#include <fmt/format.h>

#include <array>

#include "bench/internet/services/time/notices.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/tunnel_protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint16_t syslog_port = 514, snmp_port = 161, snmp_trap_port = 162;
constexpr std::uint8_t sequence = 0x30, integer = 0x02, octets = 0x04, object_id = 0x06, response = 0xa2;
constexpr std::size_t most_objects = 64;

struct Value {
    std::uint8_t tag = 0;
    ByteView content;
};

/// One BER value; the reader fails when it ends too early.
Value take_value(ByteReader& reader) {
    Value value{reader.u8(), {}};
    std::size_t length = reader.u8();
    if ((length & 0x80) != 0) {
        const auto bytes = length & 0x7f;
        length = 0;
        if (bytes > 3) reader.skip(reader.remaining() + 1);
        for (std::size_t i = 0; i < bytes; ++i) length = length << 8 | reader.u8();
    }
    value.content = reader.take(length);
    return value;
}

std::string dotted(ByteView content) {
    std::string text;
    std::uint64_t part = 0;
    bool first = true;
    for (const auto byte : content) {
        part = part << 7 | (std::to_integer<std::uint64_t>(byte) & 0x7f);
        if ((byte & std::byte{0x80}) != std::byte{}) continue;
        if (first)
            text = fmt::format("{}.{}", part < 80 ? part / 40 : 2, part < 80 ? part % 40 : part - 80);
        else
            text += fmt::format(".{}", part);
        first = false;
        part = 0;
        if (text.size() > 256) break;
    }
    return text;
}

std::string operation_name(std::uint8_t tag) {
    static constexpr std::array<std::string_view, 9> names{
        "get", "get-next", "response", "set", "trap", "get-bulk", "inform", "trap", "report"};
    const auto index = static_cast<std::size_t>(tag - 0xa0);
    return tag >= 0xa0 && index < names.size() ? std::string(names[index]) : fmt::format("{:02x}", tag);
}

void take_objects(ByteView list, SnmpMessage& message) {
    ByteReader bindings(list);
    while (!bindings.empty() && message.objects.size() < most_objects) {
        ByteReader binding(take_value(bindings).content);
        const auto name = take_value(binding);
        if (!bindings.failed() && !binding.failed() && name.tag == object_id)
            message.objects.push_back(dotted(name.content));
    }
}

}  // namespace

Result<SyslogMessage> parse_syslog(ByteView datagram) {
    const auto text = as_text(datagram);
    const auto close = text.find('>');
    unsigned priority = 0;
    if (!text.starts_with('<') || close == std::string_view::npos || close < 2 || close > 4)
        return dut_error("syslog: no priority");
    for (const char digit : text.substr(1, close - 1)) {
        if (digit < '0' || digit > '9') return dut_error("syslog: malformed priority");
        priority = priority * 10 + static_cast<unsigned>(digit - '0');
    }
    if (priority > 191) return dut_error("syslog: priority out of range");
    return SyslogMessage{priority / 8, priority % 8, std::string(text.substr(close + 1))};
}

std::optional<Bytes> take_syslog(World& world, const Flow& flow, ByteView datagram) {
    const auto parsed = parse_syslog(datagram);
    if (!parsed || (flow.destination.port != syslog_port && !begins_syslog(as_text(datagram))))
        return std::nullopt;
    auto fields = flow_fields(world, flow, protocol::syslog);
    fields.number("facility", parsed->facility)
        .number("severity", parsed->severity)
        .text("text", std::string_view(parsed->text).substr(0, 1024));
    world.record("syslog", fields, datagram);
    return Bytes();
}

Result<SnmpMessage> parse_snmp(ByteView datagram) {
    ByteReader reader(datagram);
    const auto outer = take_value(reader);
    if (reader.failed() || outer.tag != sequence) return dut_error("snmp: no message");
    ByteReader body(outer.content);
    const auto version = take_value(body);
    SnmpMessage message;
    if (version.tag != integer || version.content.size() != 1) return dut_error("snmp: no version");
    const auto number = std::to_integer<unsigned>(version.content[0]);
    if (number != 0 && number != 1 && number != 3) return dut_error("snmp: unknown version");
    message.version = number == 3 ? 3 : number + 1;
    if (number == 3) {
        message.kind = "encrypted";
        return message;
    }
    const auto community = take_value(body);
    message.community = as_text(community.content);
    message.kind_at = datagram.size() - body.remaining();
    const auto operation = take_value(body);
    if (body.failed() || community.tag != octets) return dut_error("snmp: message ends too early");
    message.kind = operation_name(operation.tag);
    ByteReader inside(operation.content);
    ByteView last;
    if (operation.tag == 0xa4)
        message.objects.push_back(dotted(take_value(inside).content));  // version 1: the enterprise
    while (!inside.empty()) last = take_value(inside).content;
    if (!inside.failed()) take_objects(last, message);
    return message;
}

std::optional<Bytes> answer_snmp(World& world, const Flow& flow, ByteView datagram) {
    if (flow.destination.port != snmp_port && flow.destination.port != snmp_trap_port) return std::nullopt;
    const auto parsed = parse_snmp(datagram);
    if (!parsed) return std::nullopt;
    const bool answered = parsed->kind == "inform" && world.reachable(flow);
    auto fields = flow_fields(world, flow, protocol::snmp);
    fields.number("version", parsed->version)
        .text("community", parsed->community)
        .text("message", parsed->kind)
        .texts("objects", parsed->objects);
    fields.flag("answered", answered);
    world.record("snmp", fields, datagram);
    if (!answered) return Bytes();
    Bytes reply(datagram.begin(), datagram.end());  // an inform comes back as a response
    reply[parsed->kind_at] = std::byte{response};
    return reply;
}

}  // namespace cambench::internet
