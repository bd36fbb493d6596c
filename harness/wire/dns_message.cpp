#include "harness/wire/dns_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cambench::internet::dns {
namespace {

constexpr std::uint16_t flag_response = 0x8000, flag_truncated = 0x0200, flag_recursion_desired = 0x0100,
                        flag_recursion_available = 0x0080;
constexpr std::size_t header_size = 12;
constexpr std::uint32_t time_to_live = 60;  ///< seconds: short, so that a camera asks again within a run
constexpr std::uint16_t our_edns_size = 1232;

void append_label(std::string& name, ByteView label) {
    if (!name.empty()) name += '.';
    for (const char c : as_text(label)) {
        const auto code = static_cast<unsigned char>(c);
        if (code > 0x20 && code < 0x7f && c != '.' && c != '\\')
            name += c;
        else
            name += fmt::format("\\{:03}", code);
    }
}

/// A question's name stands first in the message: a compression pointer in it has nothing to point to.
bool read_name(ByteReader& reader, Query& query) {
    const auto begin = reader.position();
    for (;;) {
        const auto length = reader.u8();
        if (reader.failed() || length > 63 || reader.position() - begin > 255) return false;
        if (length == 0) break;
        append_label(query.name, reader.take(length));
    }
    if (query.name.empty()) query.name = ".";
    const auto wire = reader.whole().subspan(begin, reader.position() - begin);
    query.wire_name.assign(wire.begin(), wire.end());
    return !reader.failed() && wire.size() <= 255;
}

/// Looks for OPT behind the question; what else stands there is skipped.
bool read_edns(ByteReader& reader, unsigned records, Query& query) {
    for (unsigned i = 0; i < records; ++i) {
        for (;;) {
            const auto length = reader.u8();
            if (reader.failed()) return false;
            if (length == 0) break;
            if (length >= 0xc0) {
                reader.skip(1);
                break;
            }
            reader.skip(length);
        }
        const auto record_type = reader.u16(), klass = reader.u16();
        const auto ttl = reader.u32();
        reader.skip(reader.u16());
        if (reader.failed()) return false;
        if (record_type != type::opt) continue;
        query.edns_size = klass;
        query.edns_version = static_cast<std::uint8_t>(ttl >> 16 & 0xff);
    }
    return true;
}

}  // namespace

std::string_view to_string(Code code) {
    switch (code) {
        case Code::noerror:
            return "NOERROR";
        case Code::formerr:
            return "FORMERR";
        case Code::servfail:
            return "SERVFAIL";
        case Code::nxdomain:
            return "NXDOMAIN";
        case Code::notimp:
            return "NOTIMP";
        case Code::refused:
            return "REFUSED";
        case Code::badvers:
            return "BADVERS";
    }
    return "?";
}

std::string type_name(std::uint16_t number) {
    static constexpr std::array<std::pair<std::uint16_t, std::string_view>, 22> names{
        {{1, "A"},      {2, "NS"},      {5, "CNAME"}, {6, "SOA"},   {12, "PTR"},   {13, "HINFO"},
         {15, "MX"},    {16, "TXT"},    {28, "AAAA"}, {33, "SRV"},  {35, "NAPTR"}, {41, "OPT"},
         {43, "DS"},    {48, "DNSKEY"}, {52, "TLSA"}, {64, "SVCB"}, {65, "HTTPS"}, {99, "SPF"},
         {251, "IXFR"}, {252, "AXFR"},  {255, "ANY"}, {257, "CAA"}}};
    for (const auto& [known, name] : names)
        if (known == number) return std::string(name);
    return fmt::format("TYPE{}", number);
}

Result<Query> parse_query(ByteView message) {
    ByteReader reader(message);
    Query query;
    query.id = reader.u16();
    const auto flags = reader.u16();
    const auto questions = reader.u16(), answers = reader.u16(), authorities = reader.u16(),
               additional = reader.u16();
    if (reader.failed()) return dut_error("dns: shorter than a header");
    if ((flags & flag_response) != 0) return dut_error("dns: a response, not a query");
    query.opcode = static_cast<std::uint8_t>(flags >> 11 & 15);
    query.recursion_desired = (flags & flag_recursion_desired) != 0;
    if (questions != 1) return dut_error(fmt::format("dns: {} questions instead of one", questions));
    if (!read_name(reader, query)) return dut_error("dns: malformed name");
    query.type = reader.u16();
    query.klass = reader.u16();
    if (reader.failed()) return dut_error("dns: question cut short");
    if (!read_edns(reader, std::min(64U, 0U + answers + authorities + additional), query))
        return dut_error("dns: malformed record behind the question");
    return query;
}

Bytes encode_name(std::string_view name) {
    ByteWriter writer;
    while (!name.empty()) {
        const auto dot = name.find('.');
        const auto label = name.substr(0, std::min<std::size_t>(dot, 63));
        if (writer.size() + label.size() + 2 > 255) break;
        if (!label.empty()) writer.u8(static_cast<std::uint8_t>(label.size())).text(label);
        name = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    }
    return writer.u8(0).take();
}

Answer::Answer(const Query& query, Code code) : query_(query), code_(code) {}

void Answer::record(std::uint16_t record_type, ByteView data) {
    ++answers_;
    body_.u16(0xc000 | header_size)
        .u16(record_type)
        .u16(1)
        .u32(time_to_live)
        .u16(static_cast<std::uint16_t>(data.size()))
        .bytes(data);
}

void Answer::address(const IpAddress& address) {
    record(address.is_v4() ? type::a : type::aaaa, address.bytes());
}

void Answer::name(std::uint16_t record_type, std::string_view target) {
    record(record_type, encode_name(target));
}

void Answer::text(std::string_view content) {
    content = content.substr(0, 255);
    ByteWriter data;
    record(type::txt, data.u8(static_cast<std::uint8_t>(content.size())).text(content).view());
}

void Answer::mail_exchange(std::uint16_t preference, std::string_view target) {
    ByteWriter data;
    record(type::mx, data.u16(preference).bytes(encode_name(target)).view());
}

void Answer::service(std::uint16_t port, std::string_view target) {
    ByteWriter data;
    record(type::srv, data.u16(0).u16(0).u16(port).bytes(encode_name(target)).view());
}

void Answer::binding(std::uint16_t record_type, std::string_view target,
                     const std::vector<std::string>& protocols, std::uint16_t port,
                     const std::vector<IpAddress>& hints) {
    constexpr std::uint16_t alpn_key = 1, port_key = 3, v4_key = 4, v6_key = 6, first_choice = 1;
    ByteWriter data;
    data.u16(first_choice).bytes(encode_name(target));
    const auto put = [&](std::uint16_t key, const ByteWriter& value) {
        if (value.size() > 0) data.u16(key).u16(static_cast<std::uint16_t>(value.size())).bytes(value.view());
    };
    ByteWriter alpn, number, v4, v6;
    for (const auto& protocol : protocols) alpn.u8(static_cast<std::uint8_t>(protocol.size())).text(protocol);
    if (port != 0) number.u16(port);
    for (const auto& hint : hints) (hint.is_v4() ? v4 : v6).bytes(hint.bytes());
    put(alpn_key, alpn);
    put(port_key, number);
    put(v4_key, v4);
    put(v6_key, v6);
    record(record_type, data.view());
}

void Answer::authority(std::string_view zone) {
    const auto origin = encode_name(zone);
    const auto dotted = zone == "." ? std::string() : "." + std::string(zone);
    ByteWriter data;
    data.bytes(encode_name("ns1" + dotted)).bytes(encode_name("hostmaster" + dotted));
    data.u32(2024010101).u32(3600).u32(600).u32(86400).u32(time_to_live);
    ++authorities_;
    body_.bytes(origin)
        .u16(type::soa)
        .u16(1)
        .u32(time_to_live)
        .u16(static_cast<std::uint16_t>(data.size()))
        .bytes(data.view());
}

Bytes Answer::finish(std::size_t limit) {
    const std::size_t edns = query_.edns_size ? 11 : 0;
    const bool cut = header_size + query_.wire_name.size() + 4 + body_.size() + edns > limit;
    const auto flags = flag_response | query_.opcode << 11 | flag_recursion_available |
                       (query_.recursion_desired ? flag_recursion_desired : 0) | (cut ? flag_truncated : 0) |
                       (static_cast<unsigned>(code_) & 15);
    ByteWriter message;
    message.u16(query_.id)
        .u16(static_cast<std::uint16_t>(flags))
        .u16(1)
        .u16(cut ? 0 : answers_)
        .u16(cut ? 0 : authorities_)
        .u16(edns != 0 ? 1 : 0);
    message.bytes(query_.wire_name).u16(query_.type).u16(query_.klass);
    if (!cut) message.bytes(body_.view());
    if (edns != 0)
        message.u8(0)
            .u16(type::opt)
            .u16(our_edns_size)
            .u8(static_cast<std::uint8_t>(static_cast<unsigned>(code_) >> 4))
            .u8(0)
            .u16(0)
            .u16(0);
    return message.take();
}

Bytes complaint(ByteView message, Code code) {
    ByteReader reader(message);
    const auto id = reader.u16(), flags = reader.u16();
    if (reader.failed() || message.size() < header_size || (flags & flag_response) != 0) return {};
    const auto kept = flags & (0x7800 | flag_recursion_desired);
    ByteWriter writer;
    writer.u16(id)
        .u16(static_cast<std::uint16_t>(flag_response | flag_recursion_available | kept |
                                        static_cast<unsigned>(code)))
        .zeros(8);
    return writer.take();
}

}  // namespace cambench::internet::dns
