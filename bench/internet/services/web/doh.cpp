#include "bench/internet/services/web/doh.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "bench/internet/services/names/dns.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/dns_message.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::string_view message_type = "application/dns-message";

/// The value of a query's parameter with its percent signs undone; "" without it.
std::string query_parameter(std::string_view query, std::string_view name) {
    for (const auto& one : split(query, '&')) {
        const auto equals = one.find('=');
        if (equals == std::string::npos || one.substr(0, equals) != name) continue;
        std::string value;
        for (std::size_t i = equals + 1; i < one.size(); ++i) {
            unsigned letter = 0;
            const auto* digits = one.data() + i + 1;
            if (one[i] == '%' && i + 2 < one.size() &&
                std::from_chars(digits, digits + 2, letter, 16).ec == std::errc{}) {
                value += static_cast<char>(letter);
                i += 2;
            } else {
                value += one[i];
            }
        }
        return value;
    }
    return {};
}

Bytes from_base64url(std::string_view text) {
    static constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    Bytes bytes;
    unsigned held = 0, bits = 0;
    for (const char letter : text) {
        const auto value = letters.find(letter);
        if (value == std::string_view::npos) break;
        held = held << 6 | static_cast<unsigned>(value);
        if ((bits += 6) >= 8) bytes.push_back(static_cast<std::byte>(held >> (bits -= 8) & 0xff));
    }
    return bytes;
}

std::uint16_t type_number(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::uint16_t>, 9> names{{{"a", 1},
                                                                                      {"ns", 2},
                                                                                      {"cname", 5},
                                                                                      {"ptr", 12},
                                                                                      {"mx", 15},
                                                                                      {"txt", 16},
                                                                                      {"aaaa", 28},
                                                                                      {"srv", 33},
                                                                                      {"https", 65}}};
    for (const auto& [name, number] : names)
        if (name == lower(text)) return number;
    std::uint16_t number = 1;
    (void)std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

WebAnswer dns_answer(const Bytes& reply) {
    if (reply.empty()) return {{503, {}, ""}, "doh"};  // the resolver keeps silent, HTTP cannot
    return {{200,
             {{"Content-Type", std::string(message_type)}, {"Cache-Control", "max-age=60"}},
             std::string(as_text(reply))},
            "doh"};
}

/// The addresses of our own reply: its names are all pointers to the question.
Json records_of(ByteView reply, std::string_view name) {
    auto records = Json::array();
    ByteReader reader(reply);
    reader.skip(6);
    const auto count = reader.u16();
    reader.skip(4);
    for (auto size = reader.u8(); size != 0 && !reader.failed(); size = reader.u8()) reader.skip(size);
    reader.skip(4);
    for (unsigned i = 0; i < count && !reader.failed(); ++i) {
        reader.skip(2);
        const auto type = reader.u16();
        reader.skip(2);
        const auto ttl = reader.u32();
        const auto data = reader.take(reader.u16());
        if (reader.failed()) break;
        const auto text = type == 1 && data.size() == 4     ? IpAddress::v4(data).to_string()
                          : type == 28 && data.size() == 16 ? IpAddress::v6(data).to_string()
                                                            : hex(data);
        records.push_back({{"name", name}, {"type", type}, {"TTL", ttl}, {"data", text}});
    }
    return records;
}

WebAnswer json_answer(World& world, const Flow& flow, const std::string& name, std::uint16_t type) {
    ByteWriter query;
    query.u16(0).u16(0x0100).u16(1).u16(0).u16(0).u16(0).bytes(dns::encode_name(name)).u16(type).u16(1);
    const auto reply = answer_dns(world, flow, query.view());
    if (reply.empty()) return dns_answer(reply);
    ByteReader reader(reply);
    reader.skip(3);
    const Json body{{"Status", reader.u8() & 15},
                    {"TC", false},
                    {"RD", true},
                    {"RA", true},
                    {"AD", false},
                    {"CD", false},
                    {"Question", Json::array({{{"name", name}, {"type", type}}})},
                    {"Answer", records_of(reply, name)}};
    return {{200,
             {{"Content-Type", "application/dns-json"}},
             body.dump(-1, ' ', false, Json::error_handler_t::replace)},
            "doh"};
}

}  // namespace

bool is_doh_post(const HttpHead& head) {
    return head.method == "POST" && head.header_has("Content-Type", message_type);
}

std::optional<WebAnswer> answer_doh(World& world, const Flow& flow, const HttpHead& head, ByteView body) {
    auto carried = flow;
    carried.inside = flow.inside == protocol::tls ? protocol::https : protocol::http;
    carried.transport = Transport::tcp;
    if (is_doh_post(head)) return dns_answer(answer_dns(world, carried, body));
    if (head.method != "GET") return std::nullopt;
    const bool path = head.path() == "/dns-query" || head.path() == "/resolve";
    if (const auto question = query_parameter(head.query(), "dns");
        !question.empty() && (path || head.header_has("Accept", message_type)))
        return dns_answer(answer_dns(world, carried, from_base64url(question)));
    const auto name = query_parameter(head.query(), "name");
    if (!name.empty() && (path || head.header_has("Accept", "application/dns-json")))
        return json_answer(world, carried, name, type_number(query_parameter(head.query(), "type")));
    return std::nullopt;
}

}  // namespace cambench::internet
