#pragma once

#include <array>
#include <string>
#include <string_view>

#include "harness/core/bytes.hpp"

namespace cambench {

/// What lists of updates state of a file's bytes, the strongest first.
inline constexpr std::array<std::string_view, 6> checksum_names{"sha512", "sha384", "sha256",
                                                                "sha1",   "md5",    "crc32"};

/// How they write it: lower-case hex, upper-case hex, base64; crc32 as a decimal number, too.
inline constexpr std::array<std::string_view, 4> checksum_forms{"", "upper", "base64", "decimal"};

/// CRC-32 of IEEE 802.3, as zlib, U-Boot and Tuya's messages have it.
[[nodiscard]] std::uint32_t crc32_of(ByteView bytes);

/// The raw bytes of a checksum, the most significant first; "" when there is none of that name.
[[nodiscard]] std::string checksum_of(std::string_view name, ByteView bytes);

/// Raw bytes as one of the forms; "" when they have no such form.
[[nodiscard]] std::string written_checksum(std::string_view raw, std::string_view form);

}  // namespace cambench
