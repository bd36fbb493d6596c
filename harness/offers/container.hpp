#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

namespace cambench::offers {

/// What a firmware file is, as far as its bytes tell.
struct Container {
    std::string format;                 ///< "uimage", "dahua-zip", ...; "" : unknown
    std::string title;                  ///< for people: "U-Boot legacy image"
    std::string model, version;         ///< as the header states them; else ""
    std::string signature;              ///< what signature block was found, for people; "" : none
    std::vector<std::string> facts;     ///< fields of the header, for people
    std::vector<std::string> versions;  ///< strings that look like versions, the first few
    std::vector<std::string> inside;    ///< formats recognised further on: "squashfs at 65600"
    std::string sha256, md5;
    std::uint64_t size = 0;
    double entropy = 0;  ///< bits a byte, of the whole file: close to 8 means compressed or encrypted
};

/// Never fails: what is not recognised has no format.
[[nodiscard]] Container recognise(ByteView bytes);

/// The format by the first bytes alone; "": unknown. 64 bytes are enough but for Hikvision's, which takes
/// 108.
[[nodiscard]] std::string_view format_of(ByteView first_bytes);
/// What people call a format.
[[nodiscard]] std::string_view format_title(std::string_view format);

/// Whether a format of format_of() holds nothing else than firmware; archives and programs may be anything.
[[nodiscard]] bool holds_firmware_only(std::string_view format);

/// Shannon entropy in bits a byte; 0 for nothing.
[[nodiscard]] double entropy_of(ByteView bytes);

}  // namespace cambench::offers
