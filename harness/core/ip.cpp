#include "harness/core/ip.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "harness/core/text.hpp"

namespace cambench {

IpAddress IpAddress::v4(std::uint32_t host_order) {
    IpAddress address;
    for (int i = 0; i < 4; ++i)
        address.content_[static_cast<std::size_t>(i)] =
            static_cast<std::byte>(host_order >> (24 - 8 * i) & 0xff);
    return address;
}

IpAddress IpAddress::v6(ByteView sixteen_bytes) {
    IpAddress address;
    address.family_ = Family::v6;
    std::copy_n(sixteen_bytes.begin(), std::min<std::size_t>(16, sixteen_bytes.size()),
                address.content_.begin());
    return address;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string copy(text.substr(0, text.find('\0')));
    IpAddress address;
    if (copy.size() == text.size() && inet_pton(AF_INET, copy.c_str(), address.content_.data()) == 1)
        return address;
    if (copy.size() == text.size() && inet_pton(AF_INET6, copy.c_str(), address.content_.data()) == 1) {
        address.family_ = Family::v6;
        return address;
    }
    return usage_error(fmt::format("'{}' is not an address; write it as 192.0.2.1 or 2001:db8::1", text));
}

std::uint32_t IpAddress::to_v4() const {
    if (!is_v4()) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(content_[i]);
    return value;
}

std::string IpAddress::to_string() const {
    if (is_v4()) {  // in every event twice: several times as fast as inet_ntop
        std::string text;
        for (std::size_t i = 0; i < 4; ++i) {
            const fmt::format_int number(std::to_integer<unsigned>(content_[i]));
            text.append(i == 0 ? "" : ".").append(number.data(), number.size());
        }
        return text;
    }
    char text[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, content_.data(), text, sizeof text);
    return text;
}

bool IpAddress::is_unspecified() const {
    return std::all_of(content_.begin(), content_.end(), [](std::byte b) { return b == std::byte{0}; });
}

bool IpAddress::is_loopback() const {
    if (is_v4()) return to_v4() >> 24 == 127;
    return content_[15] == std::byte{1} &&
           std::all_of(content_.begin(), content_.end() - 1, [](std::byte b) { return b == std::byte{0}; });
}

bool IpAddress::is_multicast() const {
    return is_v4() ? to_v4() >> 28 == 14 : content_[0] == std::byte{0xff};
}

bool IpAddress::is_broadcast() const { return is_v4() && to_v4() == 0xffffffff; }

bool IpAddress::is_link_local() const {
    if (is_v4()) return to_v4() >> 16 == 0xa9fe;
    return content_[0] == std::byte{0xfe} && (content_[1] & std::byte{0xc0}) == std::byte{0x80};
}

bool IpAddress::is_private() const {
    if (!is_v4()) return (content_[0] & std::byte{0xfe}) == std::byte{0xfc};
    const auto value = to_v4();
    return value >> 24 == 10 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8;
}

Result<Cidr> Cidr::parse(std::string_view text) {
    const auto slash = text.find('/');
    auto base = IpAddress::parse(text.substr(0, slash));
    const auto bad = [&] {
        return usage_error(
            fmt::format("'{}' is not an address or network; write it as 192.0.2.1 or 192.0.2.0/24", text));
    };
    if (!base) return bad();
    const unsigned longest = base->is_v4() ? 32 : 128;
    unsigned length = longest;
    if (slash != std::string_view::npos) {
        const auto stated = whole_number<unsigned>(text.substr(slash + 1));
        if (!stated || *stated > longest) return bad();
        length = *stated;
    }
    return Cidr(*base, length);
}

bool Cidr::contains(const IpAddress& address) const {
    if (address.family() != base_.family()) return false;
    const auto ours = base_.bytes(), theirs = address.bytes();
    for (unsigned bit = 0; bit < prefix_length_; bit += 8) {
        const unsigned count = std::min(8U, prefix_length_ - bit);
        const auto mask = static_cast<std::byte>(0xff00U >> count & 0xff);
        if (((ours[bit / 8] ^ theirs[bit / 8]) & mask) != std::byte{0}) return false;
    }
    return true;
}

std::string Cidr::to_string() const { return fmt::format("{}/{}", base_.to_string(), prefix_length_); }

Result<MacAddress> MacAddress::parse(std::string_view text) {
    std::array<std::byte, 6> content{};
    const auto bad = [&] {
        return usage_error(fmt::format("'{}' is not a MAC address; write it as 02:4b:52:00:00:01", text));
    };
    if (text.size() != 17) return bad();
    for (std::size_t i = 0; i < 6; ++i) {
        unsigned value = 0;
        const auto* first = text.data() + 3 * i;
        const auto [end, code] = std::from_chars(first, first + 2, value, 16);
        if (code != std::errc{} || end != first + 2) return bad();
        if (i < 5 && first[2] != ':' && first[2] != '-') return bad();
        content[i] = static_cast<std::byte>(value);
    }
    return MacAddress(content);
}

std::string MacAddress::to_string() const {
    std::string text;
    for (const auto byte : content_)
        text += fmt::format("{}{:02x}", text.empty() ? "" : ":", std::to_integer<unsigned>(byte));
    return text;
}

std::string_view to_string(Transport transport) {
    switch (transport) {
        case Transport::tcp:
            return "tcp";
        case Transport::udp:
            return "udp";
        case Transport::icmp:
            return "icmp";
        case Transport::other:
            return "other";
    }
    return "other";
}

std::string Endpoint::to_string() const {
    const fmt::format_int number(port);
    auto text = address.is_v4() ? address.to_string() : "[" + address.to_string() + "]";
    return text.append(":").append(number.data(), number.size());
}

bool name_matches(std::string_view pattern, std::string_view name) {
    const auto bare = [](std::string_view text) {
        if (text.ends_with('.')) text.remove_suffix(1);
        return text;
    };
    const auto same = [](std::string_view a, std::string_view b) {
        return a.size() == b.size() &&
               std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) {
                   return std::tolower(x) == std::tolower(y);
               });
    };
    pattern = bare(pattern);
    name = bare(name);
    if (!pattern.starts_with("*.")) return same(pattern, name);
    const auto suffix = pattern.substr(1);
    return name.size() > suffix.size() && same(name.substr(name.size() - suffix.size()), suffix);
}

}  // namespace cambench
