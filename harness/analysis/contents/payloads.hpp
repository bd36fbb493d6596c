#pragma once

#include <filesystem>
#include <functional>

#include "harness/analysis/flows/content.hpp"
#include "harness/analysis/run/timeline_reader.hpp"

namespace cambench::analysis {

/// Adds what the bench kept of what the camera sent to the destinations it was sent to: marks of media,
/// identifiers, names asked for, and what was spoken inside. Every content is read from end to end, however
/// many and however long they are, and forgotten again.
///
/// A file that is missing or unreadable adds nothing; nothing-lost judges that. `go_on` is asked before each
/// event: false ends it.
[[nodiscard]] Status add_kept_contents(const std::filesystem::path& timeline,
                                       const std::filesystem::path& folder, const Identifiers& identifiers,
                                       Observations& observations, const std::function<bool()>& go_on);

/// Calls `take` with one piece after the other; each begins with the last `overlap` bytes of the one before.
/// Nothing when it cannot be read.
void each_piece(const std::filesystem::path& file, std::size_t overlap,
                const std::function<void(ByteView piece, bool first)>& take);

}  // namespace cambench::analysis
