#include "harness/wire/dhcp.hpp"

#include <bit>
#include <map>

#include "harness/wire/dns.hpp"

namespace cambench::analysis {
namespace {

using Options = std::map<std::uint8_t, Bytes>;

/// Adds the options of one field; false when one is torn.
bool read_options(ByteView field, Options& options) {
    ByteReader in(field);
    while (!in.empty()) {
        const auto code = in.u8();
        if (code == 0) continue;
        if (code == 255) return true;
        const auto value = in.take(in.u8());
        if (in.failed()) return false;
        auto& joined = options[code];
        joined.insert(joined.end(), value.begin(), value.end());
    }
    return true;
}

std::vector<IpAddress> v4_list(const Options& options, std::uint8_t code) {
    std::vector<IpAddress> list;
    const auto found = options.find(code);
    if (found == options.end()) return list;
    ByteReader in(found->second);
    while (in.remaining() >= 4) list.push_back(IpAddress::v4(in.take(4)));
    return list;
}

std::string option_text(const Options& options, std::uint8_t code) {
    const auto found = options.find(code);
    if (found == options.end()) return {};
    std::string text(as_text(found->second));
    while (!text.empty() && text.back() == '\0') text.pop_back();
    return text;
}

template <typename T>
std::optional<T> first_of(const std::vector<T>& list) {
    return list.empty() ? std::nullopt : std::optional(list.front());
}

/// Uncompressed names one after another (RFC 8415, section 10).
std::vector<std::string> name_list(ByteReader in) {
    std::vector<std::string> names;
    std::string name;
    while (!in.empty()) {
        const auto length = in.u8();
        const auto label = in.take(length);
        if (in.failed() || length > 63) break;
        if (length == 0) {
            if (!name.empty()) names.push_back(plain_name(name));
            name.clear();
            continue;
        }
        if (!name.empty()) name += '.';
        name += as_text(label);
    }
    if (!name.empty()) names.push_back(plain_name(name));  // a partial name has no final zero
    return names;
}

std::vector<IpAddress> v6_list(ByteReader in) {
    std::vector<IpAddress> list;
    while (in.remaining() >= 16) list.push_back(IpAddress::v6(in.take(16)));
    return list;
}

}  // namespace

std::optional<unsigned> DhcpMessage::prefix_length() const {
    if (!mask) return std::nullopt;
    const auto ones = static_cast<unsigned>(std::countl_one(*mask));
    return ones == 32 || *mask << ones == 0 ? std::optional(ones) : std::nullopt;
}

Result<DhcpMessage> parse_dhcp(ByteView bytes) {
    ByteReader in(bytes);
    DhcpMessage message;
    message.reply = in.u8() == 2;
    const auto hardware = in.u16();
    in.skip(1);
    message.transaction = in.u32();
    in.skip(4);
    message.client_address = IpAddress::v4(in.take(4));
    message.your_address = IpAddress::v4(in.take(4));
    in.skip(8);
    message.client = MacAddress::from(in.take(6));
    in.skip(10);
    const auto server_name = in.take(64);
    const auto boot_file = in.take(128);
    if (in.failed() || hardware != 0x0106) return dut_error("torn DHCP message");
    Options options;
    if (in.remaining() >= 4 && in.u32() == 0x63825363) {
        if (!read_options(in.rest(), options)) return dut_error("torn DHCP option");
        const auto overload =
            options.contains(52) && !options[52].empty() ? std::to_integer<int>(options[52][0]) : 0;
        if ((overload & 1 && !read_options(boot_file, options)) ||
            (overload & 2 && !read_options(server_name, options)))
            return dut_error("torn DHCP option");
    }
    if (const auto type = options.find(53); type != options.end() && type->second.size() == 1)
        message.type = std::to_integer<std::uint8_t>(type->second[0]);
    message.hostname = option_text(options, 12);
    message.vendor_class = option_text(options, 60);
    message.domain = plain_name(option_text(options, 15));
    if (const auto mask = first_of(v4_list(options, 1))) message.mask = mask->to_v4();
    message.routers = v4_list(options, 3);
    message.resolvers = v4_list(options, 6);
    message.time_servers = v4_list(options, 42);
    message.requested = first_of(v4_list(options, 50));
    message.server = first_of(v4_list(options, 54));
    return message;
}

Result<Dhcpv6Message> parse_dhcpv6(ByteView bytes) {
    ByteReader in(bytes);
    Dhcpv6Message message;
    message.type = in.u8();
    in.skip(3);
    while (!in.failed() && in.remaining() >= 4) {
        const auto code = in.u16();
        ByteReader value(in.take(in.u16()));
        if (in.failed()) break;
        if (code == 23) message.resolvers = v6_list(value);
        if (code == 24) message.domains = name_list(value);
        if (code == 31) message.time_servers = v6_list(value);
        if (code == 39 && !value.empty()) {
            value.skip(1);
            const auto names = name_list(value);
            if (!names.empty()) message.hostname = names.front();
        }
        if (code == 3 && value.remaining() >= 12) {  // IA_NA: addresses inside
            value.skip(12);
            while (!value.failed() && value.remaining() >= 4) {
                const auto inner = value.u16();
                ByteReader address(value.take(value.u16()));
                if (inner == 5 && address.remaining() >= 16)
                    message.addresses.push_back(IpAddress::v6(address.take(16)));
            }
        }
    }
    if (in.failed()) return dut_error("torn DHCPv6 message");
    return message;
}

Result<RouterAdvertisement> parse_router_advertisement(std::uint16_t lifetime, ByteView bytes) {
    ByteReader in(bytes);
    RouterAdvertisement advertisement;
    advertisement.router = lifetime > 0;
    in.skip(8);  // reachable and retransmission timers
    while (!in.failed() && in.remaining() >= 8) {
        const auto type = in.u8();
        const std::size_t length = in.u8() * 8U;
        if (length == 0) return dut_error("torn router advertisement");
        ByteReader option(in.take(length - 2));
        if (in.failed()) break;
        if (type == 3) {
            const auto prefix_length = option.u8();
            const auto flags = option.u8();
            option.skip(12);
            const auto prefix = IpAddress::v6(option.take(16));
            if (!option.failed() && flags & 0x80 && prefix_length <= 128)
                advertisement.prefixes.emplace_back(prefix, prefix_length);
        }
        if (type == 25) {
            option.skip(6);
            while (option.remaining() >= 16)
                advertisement.resolvers.push_back(IpAddress::v6(option.take(16)));
        }
    }
    if (in.failed()) return dut_error("torn router advertisement");
    return advertisement;
}

}  // namespace cambench::analysis
