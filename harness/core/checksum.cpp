#include "harness/core/checksum.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

std::uint32_t number_of(std::string_view raw) {
    std::uint32_t number = 0;
    for (const unsigned char byte : raw) number = number << 8 | byte;
    return number;
}

}  // namespace

std::uint32_t crc32_of(ByteView bytes) {
    static constexpr auto table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            auto value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = (value & 1) != 0 ? value >> 1 ^ 0xedb88320U : value >> 1;
            made[i] = value;
        }
        return made;
    }();
    std::uint32_t crc = 0xffffffffU;
    for (const auto byte : bytes) crc = crc >> 8 ^ table[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
    return ~crc;
}

std::string checksum_of(std::string_view name, ByteView bytes) {
    if (name == "crc32") {
        const auto crc = crc32_of(bytes);
        return {static_cast<char>(crc >> 24), static_cast<char>(crc >> 16), static_cast<char>(crc >> 8),
                static_cast<char>(crc)};
    }
    const auto* method = EVP_get_digestbyname(std::string(name).c_str());
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (method == nullptr ||
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, method, nullptr) != 1)
        return "";
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string written_checksum(std::string_view raw, std::string_view form) {
    if (form == "base64") return raw.size() > 4 ? base64(raw) : std::string();
    if (form == "decimal") return raw.size() == 4 ? std::to_string(number_of(raw)) : std::string();
    if (!form.empty() && form != "upper") return "";
    std::string hex;
    for (const unsigned char byte : raw)
        hex += form.empty() ? fmt::format("{:02x}", byte) : fmt::format("{:02X}", byte);
    return hex;
}

}  // namespace cambench
