#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/unit_addresses.hpp"

namespace cambench {

/// What a run is told of its unit's network: `addresses` as --address has them ("192.168.1.108/24", the
/// length may be missing), and the declaration's <network>. A usage error names an address that is none.
[[nodiscard]] Result<StatedNetwork> stated_network(const std::vector<std::string>& addresses,
                                                   const std::optional<std::filesystem::path>& declaration);

}  // namespace cambench
