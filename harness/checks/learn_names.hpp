#pragma once

#include <string>
#include <vector>

#include "harness/declaration/declaration.hpp"

namespace cambench {

/// A destination as it is drafted, and what was seen of it.
struct DraftedDestination {
    DeclaredDestination entry;
    std::string seen;  ///< one clause
};

/// Names that differ in their numbers alone ("r0101.vendor.example", "r0102.vendor.example"), or hold one of
/// the unit's `marks` (serial number, MAC address), become one pattern: another unit, or the same one on
/// another day, uses another number. Names below a domain where anybody can have a name stay as they are; so
/// does a single name with a number, with a remark.
[[nodiscard]] std::vector<DraftedDestination> with_patterns(std::vector<DraftedDestination> drafted,
                                                            const std::vector<std::string>& marks);

/// The host names of DHCP requests as one pattern: `marks` and long numbers become '*', and so does what
/// differs. "" when nothing stays.
[[nodiscard]] std::string host_pattern(const std::vector<std::string>& hostnames,
                                       const std::vector<std::string>& marks);

}  // namespace cambench
