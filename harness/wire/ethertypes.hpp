#pragma once

#include <cstdint>
#include <string_view>

#include "harness/core/bytes.hpp"

namespace cambench::analysis {

/// What a frame carries that is neither IP nor ARP.
struct FrameMeaning {
    std::string_view name;      ///< "LLDP"; "": nobody knows
    bool carries_data = false;  ///< of hosts, and not just what keeps a link or a network in order
};

/// By EtherType; of an 802.3 frame (`type` is a length then) by what its LLC header says. `content` is all
/// behind the type.
[[nodiscard]] FrameMeaning meaning_of_frame(std::uint16_t type, ByteView content);

}  // namespace cambench::analysis
