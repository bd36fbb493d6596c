#pragma once

#include <optional>
#include <string_view>

namespace cambench {

/// Who is behind a name, as far as is publicly known.
struct Cloud {
    std::string_view suffix;
    std::string_view owner;  ///< "" when nobody in particular
    std::string_view role;   ///< p2p, config, update, push, media, log, ntp, vendor, cloud
    bool covered = false;    ///< on the covered list of the US FCC (NDAA section 889)
};

/// By the longest suffix in clouds.txt that fits on label borders.
[[nodiscard]] std::optional<Cloud> cloud_of(std::string_view name);

}  // namespace cambench
