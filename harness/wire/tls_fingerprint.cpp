#include <fmt/format.h>
#include <algorithm>
#include <cctype>

#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/tls.hpp"

namespace cambench::analysis {
namespace {

template <typename T>
std::string decimal(const std::vector<T>& values) {
    std::string text;
    for (const auto value : values) text += fmt::format("{}{}", text.empty() ? "" : "-", value);
    return text;
}

std::string hexadecimal(const std::vector<std::uint16_t>& values) {
    std::string text;
    for (const auto value : values) text += fmt::format("{}{:04x}", text.empty() ? "" : ",", value);
    return text;
}

std::string short_hash(const std::string& text) {
    return text.empty() ? "000000000000" : sha256_of(as_bytes(text)).substr(0, 12);
}

std::string_view version_text(std::uint16_t version) {
    switch (version) {
        case 0x0304:
            return "13";
        case 0x0303:
            return "12";
        case 0x0302:
            return "11";
        case 0x0301:
            return "10";
        case 0x0300:
            return "s3";
        case 0x0002:
            return "s2";
        case 0xfeff:
            return "d1";
        case 0xfefd:
            return "d2";
        case 0xfefc:
            return "d3";
        default:
            return "00";
    }
}

/// First and last letter of the first ALPN value; of its hex form when they are no letters or digits.
std::string alpn_text(const ClientHello& hello) {
    if (hello.protocols.empty() || hello.protocols.front().empty()) return "00";
    const auto& name = hello.protocols.front();
    const auto first = static_cast<unsigned char>(name.front()),
               last = static_cast<unsigned char>(name.back());
    if (std::isalnum(first) && std::isalnum(last)) return {static_cast<char>(first), static_cast<char>(last)};
    return {fmt::format("{:02x}", first)[0], fmt::format("{:02x}", last)[1]};
}

}  // namespace

std::string ja3(const ClientHello& hello) {
    return md5_of(as_bytes(fmt::format("{},{},{},{},{}", hello.legacy_version, decimal(hello.ciphers),
                                       decimal(hello.extensions), decimal(hello.groups),
                                       decimal(hello.point_formats))));
}

std::string ja4(const ClientHello& hello, char transport) {
    constexpr std::uint16_t server_name = 0, protocols = 16;
    const auto version = hello.versions.empty()
                             ? hello.legacy_version
                             : *std::max_element(hello.versions.begin(), hello.versions.end());
    const bool named =
        std::find(hello.extensions.begin(), hello.extensions.end(), server_name) != hello.extensions.end();
    auto ciphers = hello.ciphers;
    std::sort(ciphers.begin(), ciphers.end());
    auto extensions = hello.extensions;
    std::erase_if(extensions, [](std::uint16_t one) { return one == server_name || one == protocols; });
    std::sort(extensions.begin(), extensions.end());
    auto tail = hexadecimal(extensions);
    if (!tail.empty() && !hello.signature_algorithms.empty())
        tail += "_" + hexadecimal(hello.signature_algorithms);
    return fmt::format("{}{}{}{:02}{:02}{}_{}_{}", transport, version_text(version), named ? 'd' : 'i',
                       std::min<std::size_t>(hello.ciphers.size(), 99),
                       std::min<std::size_t>(hello.extensions.size(), 99), alpn_text(hello),
                       short_hash(hexadecimal(ciphers)), short_hash(tail));
}

}  // namespace cambench::analysis
