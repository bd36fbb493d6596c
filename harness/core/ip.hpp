#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// An IPv4 or IPv6 address, in network order. IPv4 fills the first four bytes, the rest are zero.
class IpAddress {
public:
    enum class Family : std::uint8_t { v4 = 4, v6 = 6 };

    IpAddress() = default;  ///< 0.0.0.0
    [[nodiscard]] static IpAddress v4(std::uint32_t host_order);
    [[nodiscard]] static IpAddress v4(ByteView four_bytes) {
        IpAddress address;
        std::copy_n(four_bytes.begin(), std::min<std::size_t>(4, four_bytes.size()),
                    address.content_.begin());
        return address;
    }
    [[nodiscard]] static IpAddress v6(ByteView sixteen_bytes);
    [[nodiscard]] static Result<IpAddress> parse(std::string_view text);

    [[nodiscard]] Family family() const { return family_; }
    [[nodiscard]] bool is_v4() const { return family_ == Family::v4; }
    [[nodiscard]] ByteView bytes() const { return ByteView(content_).first(is_v4() ? 4 : 16); }
    [[nodiscard]] std::uint32_t to_v4() const;  ///< host order; 0 for IPv6
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] bool is_unspecified() const;
    [[nodiscard]] bool is_loopback() const;
    [[nodiscard]] bool is_multicast() const;
    [[nodiscard]] bool is_broadcast() const;   ///< 255.255.255.255
    [[nodiscard]] bool is_link_local() const;  ///< 169.254/16, fe80::/10
    [[nodiscard]] bool is_private() const;     ///< RFC 1918, fc00::/7

    /// IPv4 first, then by the bytes.
    auto operator<=>(const IpAddress& other) const { return order() <=> other.order(); }
    bool operator==(const IpAddress& other) const { return order() == other.order(); }

private:
    /// Compared for every packet, so as three numbers.
    [[nodiscard]] std::tuple<Family, std::uint64_t, std::uint64_t> order() const {
        std::array<std::uint64_t, 2> words{};
        std::memcpy(words.data(), content_.data(), sizeof words);
        return {family_, __builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
    }

    Family family_ = Family::v4;
    std::array<std::byte, 16> content_{};
};

/// "192.0.2.0/24", "2001:db8::/32"; a bare address is a /32 or /128.
class Cidr {
public:
    Cidr(IpAddress base, unsigned prefix_length) : base_(base), prefix_length_(prefix_length) {}
    [[nodiscard]] static Result<Cidr> parse(std::string_view text);
    [[nodiscard]] bool contains(const IpAddress& address) const;
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] const IpAddress& base() const { return base_; }
    [[nodiscard]] unsigned prefix_length() const { return prefix_length_; }

private:
    IpAddress base_;
    unsigned prefix_length_;
};

/// Six bytes, printed "02:4b:52:00:00:01".
class MacAddress {
public:
    MacAddress() = default;
    explicit MacAddress(std::array<std::byte, 6> content) : content_(content) {}
    [[nodiscard]] static MacAddress from(ByteView six_bytes) {
        MacAddress mac;
        std::copy_n(six_bytes.begin(), std::min<std::size_t>(6, six_bytes.size()), mac.content_.begin());
        return mac;
    }
    [[nodiscard]] static Result<MacAddress> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] ByteView bytes() const { return content_; }
    [[nodiscard]] bool is_group() const {
        return std::to_integer<int>(content_[0]) & 1;
    }  ///< multicast or broadcast
    auto operator<=>(const MacAddress& other) const { return order() <=> other.order(); }
    bool operator==(const MacAddress& other) const { return order() == other.order(); }

private:
    /// Compared for every packet, so as one number.
    [[nodiscard]] std::uint64_t order() const {
        std::uint64_t number = 0;
        std::memcpy(&number, content_.data(), content_.size());
        return __builtin_bswap64(number);
    }

    std::array<std::byte, 6> content_{};
};

enum class Transport : std::uint8_t { tcp, udp, icmp, other };
[[nodiscard]] std::string_view to_string(Transport transport);

/// Address and port; printed "198.51.100.77:9443", "[2001:db8::1]:443".
struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;
    [[nodiscard]] std::string to_string() const;
    auto operator<=>(const Endpoint&) const = default;
};

/// Whether `name` fits `pattern`, case-insensitively and without a trailing dot: "*.cloud.example" fits
/// "a.cloud.example" and "a.b.cloud.example", but neither "cloud.example" nor "evilcloud.example".
[[nodiscard]] bool name_matches(std::string_view pattern, std::string_view name);

}  // namespace cambench

template <>
struct std::hash<cambench::IpAddress> {
    std::size_t operator()(const cambench::IpAddress& address) const noexcept {
        const auto view = cambench::as_text(address.bytes());
        return std::hash<std::string_view>{}(view);
    }
};
template <>
struct std::hash<cambench::Endpoint> {
    std::size_t operator()(const cambench::Endpoint& endpoint) const noexcept {
        return std::hash<cambench::IpAddress>{}(endpoint.address) * 31 + endpoint.port;
    }
};
