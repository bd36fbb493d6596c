#include "bench/sandbox/own_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace cambench::sandbox {
namespace {

IpAddress with_last_byte(const IpAddress& address, unsigned last) {
    std::vector<std::byte> bytes(address.bytes().begin(), address.bytes().end());
    bytes.back() = static_cast<std::byte>(last);
    return address.is_v4() ? IpAddress::v4(bytes) : IpAddress::v6(bytes);
}

unsigned last_byte(const IpAddress& address) { return std::to_integer<unsigned>(address.bytes().back()); }

/// No host of a subnet that ends with this block, whatever its length, and no router's usual address.
bool is_usable(unsigned last, unsigned block) {
    return last % block != 0 && last % block != block - 1 && last != 1 && last != 254;
}

/// Neither the subnet's own address nor its broadcast.
bool is_host_of(const Cidr& subnet, const IpAddress& address) {
    if (!subnet.contains(address)) return false;
    if (!address.is_v4() || subnet.prefix_length() > 30) return true;
    const auto mask = 0xffffffffU >> subnet.prefix_length();
    const auto host = address.to_v4() & mask;
    return host != 0 && host != mask;
}

}  // namespace

Cidr usual_subnet(const IpAddress& unit) {
    return {unit, !unit.is_v4() ? 64U : unit.is_link_local() ? 16U : 24U};
}

std::optional<IpAddress> operator_address_beside(const IpAddress& unit, const Cidr& subnet,
                                                 std::span<const IpAddress> taken) {
    const unsigned own = last_byte(unit);
    for (const unsigned block : {16U, 256U}) {
        const unsigned first = own - own % block;
        for (unsigned distance = 1; distance < block; ++distance) {
            for (const int step : {-1, 1}) {
                const int last = static_cast<int>(own) + step * static_cast<int>(distance);
                if (last < static_cast<int>(first) || last >= static_cast<int>(first + block) ||
                    !is_usable(static_cast<unsigned>(last), block))
                    continue;
                const auto candidate = with_last_byte(unit, static_cast<unsigned>(last));
                if (is_host_of(subnet, candidate) &&
                    std::find(taken.begin(), taken.end(), candidate) == taken.end())
                    return candidate;
            }
        }
    }
    return std::nullopt;
}

Layout layout_beside(std::span<const IpAddress> taken) {
    const Layout usual;
    const auto clashes = [&](const std::string& network) {
        const auto parsed = Cidr::parse(network);
        return parsed.ok() && std::any_of(taken.begin(), taken.end(), [&](const IpAddress& address) {
                   return parsed->contains(address);
               });
    };
    if (!clashes(usual.lan)) return usual;
    Layout other = usual;
    for (const std::string_view start : {"192.168.177.", "172.27.77.", "10.77.77."}) {
        for (auto* text :
             {&other.router, &other.operator_address, &other.lan, &other.first_lease, &other.last_lease})
            *text = std::string(start) + text->substr(text->rfind('.') + 1);
        if (!clashes(other.lan)) return other;
    }
    return other;
}

std::string address_commands(const Layout& layout, const OwnNetwork& network) {
    return fmt::format("addr replace {}/{} dev {}{}\n", network.operator_address.to_string(),
                       network.subnet.prefix_length(), layout.interface,
                       network.operator_address.is_v4() ? "" : " nodad");
}

std::string operator_rules(const OwnNetwork& network) {
    return fmt::format("add element inet cambench {} {{ {} }}\n",
                       network.operator_address.is_v4() ? "operators4" : "operators6",
                       network.operator_address.to_string());
}

}  // namespace cambench::sandbox
