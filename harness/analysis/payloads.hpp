#pragma once

#include <filesystem>
#include <vector>

#include "harness/analysis/content.hpp"
#include "harness/analysis/timeline_reader.hpp"

namespace cambench::analysis {

/// Adds what the bench saw inside TLS to the destinations it was sent to: marks of media, identifiers, passwords.
/// A file that is missing or unreadable adds nothing; nothing-lost judges that.
void add_opened_contents(const std::filesystem::path& folder, const std::vector<SeenPayload>& payloads, const Identifiers& identifiers, Observations& observations);

/// Adds what was spoken inside of what the destinations spoke, as the bench heard it.
void add_inner_talks(const std::filesystem::path& folder, const std::vector<SeenInner>& inner, Observations& observations);

}  // namespace cambench::analysis
