#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"
#include "harness/wire/http_message.hpp"

/// Frames of camera makers' private protocols over TCP.
namespace cambench::internet {

enum class VendorFamily {
    xiongmai,  ///< DVRIP of XMEye devices: 20 bytes of head, JSON
    dahua,     ///< DVRIP: 32 bytes of head
    dhip,      ///< Dahua's JSON protocol: 32 bytes of head
    tuya,      ///< 00 00 55 aa ... 00 00 aa 55
};
[[nodiscard]] std::string_view to_string(
    VendorFamily family);  ///< "xiongmai-dvrip", "dahua-dvrip", "dahua-dhip", "tuya"

[[nodiscard]] Likeness vendor_likeness(ByteView first_bytes);
[[nodiscard]] std::optional<VendorFamily> vendor_family(ByteView first_bytes);

struct VendorFrame {
    VendorFamily family = VendorFamily::xiongmai;
    std::uint32_t command = 0;  ///< the message's number or kind
    std::uint32_t session = 0, sequence = 0;
    std::size_t head = 0;  ///< bytes before the body
    std::size_t body = 0;  ///< bytes of the body
    std::size_t size = 0;  ///< of the whole frame
};
/// The frame these bytes begin with, by its head; nullopt when more bytes of the head are needed.
[[nodiscard]] Result<std::optional<VendorFrame>> parse_vendor_frame(VendorFamily family, ByteView bytes);

/// What a server says to it so that the device goes on: logins are accepted, heartbeats returned. "" for no
/// answer.
[[nodiscard]] std::string answer_vendor_frame(const VendorFrame& frame, ByteView body);

}  // namespace cambench::internet
