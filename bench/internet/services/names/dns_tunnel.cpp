#include "bench/internet/services/names/dns_tunnel.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

namespace type = dns::type;

constexpr std::size_t most_zones = 64;
constexpr std::uint16_t null_type = 10, private_type = 65399;
constexpr std::string_view digits32 = "abcdefghijklmnopqrstuvwxyz012345";
constexpr std::string_view handshake_version =
    "vaaaaka";  ///< 0x00000502 in base 32, behind the letter for that question

/// Known to both ends, so that a client sees what becomes of bytes on their way down (iodine's
/// DOWNCODECCHECK1).
constexpr unsigned char downward_check[48] = {
    0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x55, 0x55, 0x55, 0x55, 0xaa, 0xaa, 0xaa, 0xaa,
    0x81, 0x63, 0xc8, 0xd2, 0xc7, 0x7c, 0xb2, 0x17, 0x5f, 0x4f, 0xce, 0xc9, 0x49, 0x2d, 0x52, 0x21,
    0x61, 0xa9, 0x71, 0x20, 0x25, 0xb3, 0x06, 0x73, 0xe6, 0xd8, 0x44, 0x30, 0x79, 0x50, 0x57, 0xbf};

unsigned value32(char letter) {
    const auto at = digits32.find(static_cast<char>(std::tolower(static_cast<unsigned char>(letter))));
    return at == std::string_view::npos ? 0 : static_cast<unsigned>(at);
}

std::string to_base32(std::string_view data) {
    std::string text;
    unsigned bits = 0, held = 0;
    for (const unsigned char c : data) {
        held = held << 8 | c;
        for (bits += 8; bits >= 5; bits -= 5) text += digits32[held >> (bits - 5) & 31];
    }
    if (bits > 0) text += digits32[held << (5 - bits) & 31];
    return text;
}

std::string from_base32(std::string_view text) {
    std::string data;
    unsigned bits = 0, held = 0;
    for (const char c : text) {
        held = held << 5 | value32(c);
        if ((bits += 5) >= 8) data += static_cast<char>(held >> (bits -= 8) & 255);
    }
    return data;
}

/// The labels before the zone, with dots between, as they came.
std::string said_before(const dns::Query& query, std::size_t labels_of_zone) {
    std::vector<std::string> labels;
    ByteReader in(query.wire_name);
    for (auto size = in.u8(); size > 0 && !in.failed(); size = in.u8())
        labels.emplace_back(as_text(in.take(size)));
    labels.resize(labels.size() > labels_of_zone ? labels.size() - labels_of_zone : 0);
    return join(labels, ".");
}

/// As many bytes as the client would see arrive, with the pattern by which it knows them.
std::string probe_of_size(std::string_view said) {
    const auto size = (value32(said[1]) & 1) << 10 | value32(said[2]) << 5 | value32(said[3]);
    std::string data{static_cast<char>(size >> 8), static_cast<char>(size & 255), 107};
    unsigned value = 7;
    for (; data.size() < size; value += 107) data += static_cast<char>(value & 255);
    data.resize(std::max<std::size_t>(size, 2));
    return data;
}

/// Who sends data (their first letter is the user's number) finds it acknowledged.
std::string acknowledgement(std::string_view said) {
    const auto sequence = value32(said[1]) >> 2 & 7,
               fragment = (value32(said[1]) & 3) << 2 | (value32(said[2]) >> 3 & 3);
    return {static_cast<char>(sequence << 4 | fragment), 0};
}

std::optional<TunnelAnswer> answer_said(const std::string& said) {
    if (said.size() < 4) return std::nullopt;
    const char letter = static_cast<char>(std::tolower(static_cast<unsigned char>(said[0])));
    switch (letter) {
        case 'v':
            return TunnelAnswer{"iodine: version", std::string("VACK\x13\x57\x9b\xdf\0", 9)};
        case 'l':
            return TunnelAnswer{"iodine: login", "10.155.0.1-10.155.0.2-1130-27"};
        case 'y':
            return TunnelAnswer{
                "iodine: check of the way down",
                std::string(reinterpret_cast<const char*>(downward_check), sizeof downward_check)};
        case 'z':
            return TunnelAnswer{"iodine: check of the way up", said};
        case 'r':
            return TunnelAnswer{"iodine: size of fragments", probe_of_size(said)};
        case 'n':
            return TunnelAnswer{"iodine: size of fragments", from_base32(said.substr(1)).substr(1, 2)};
        case 's':
        case 'o':
            return TunnelAnswer{"iodine: options",
                                "BADCODEC"};  // so it keeps to base 32, and asks once a second
        case 'p':
            return TunnelAnswer{"iodine: ping", std::string(2, '\0')};
        default:
            break;
    }
    if (std::isxdigit(static_cast<unsigned char>(letter)) == 0) return std::nullopt;
    return TunnelAnswer{"iodine: data", acknowledgement(said)};
}

bool carries_data(std::uint16_t wanted) {
    static constexpr std::array<std::uint16_t, 7> types{null_type, private_type, type::txt, type::srv,
                                                        type::mx,  type::cname,  type::a};
    return std::find(types.begin(), types.end(), wanted) != types.end();
}

/// The first question of all, which tries a type of record: "yrb" and three letters of no meaning. Nobody has
/// hosts of such types.
bool tries_type(std::uint16_t wanted, std::string_view label) {
    const bool odd = wanted == null_type || wanted == private_type || wanted == type::txt ||
                     wanted == type::srv || wanted == type::mx;
    return odd && label.size() == 6 && label[0] == 'y' && label[2] == 'b';
}

}  // namespace

std::optional<TunnelAnswer> answer_tunnel(World& world, const dns::Query& query, const std::string& name) {
    if (query.klass != 1 || !carries_data(query.type)) return std::nullopt;
    const auto label = std::string_view(name).substr(0, name.find('.'));
    const auto parent = std::string_view(name).substr(std::min(name.size(), label.size() + 1));
    if (label.starts_with(handshake_version) && label.size() <= 12 &&
        parent.find('.') != std::string_view::npos && world.tunnel_zones.size() < most_zones)
        world.tunnel_zones.insert(std::string(parent));
    for (const auto& zone : world.tunnel_zones) {
        if (name.size() <= zone.size() + 1 || !name.ends_with(zone) ||
            name[name.size() - zone.size() - 1] != '.')
            continue;
        return answer_said(said_before(query, split(zone, '.').size()));
    }
    return tries_type(query.type, label) ? answer_said(std::string(label)) : std::nullopt;
}

void give_tunnel_data(const dns::Query& query, const TunnelAnswer& tunnel, dns::Answer& answer) {
    if (query.type == null_type || query.type == private_type)
        return answer.raw(query.type, as_bytes(tunnel.data));
    if (query.type == type::txt) return answer.text("t" + to_base32(tunnel.data));
    constexpr std::size_t longest_label = 57, longest_name = 200;
    const auto letters = ("h" + to_base32(tunnel.data)).substr(0, longest_name);
    std::string host;
    for (std::size_t at = 0; at < letters.size(); at += longest_label)
        host += letters.substr(at, longest_label) + ".";
    host += "xy";  // which the client takes off
    if (query.type == type::mx)
        answer.mail_exchange(10, host);
    else if (query.type == type::srv)
        answer.service(5060, host);
    else
        answer.name(type::cname, host);
}

}  // namespace cambench::internet
