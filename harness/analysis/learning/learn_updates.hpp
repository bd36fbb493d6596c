#pragma once

#include "harness/analysis/learning/http_exchanges.hpp"
#include "harness/learned/update_file.hpp"

namespace cambench::analysis {

/// A file of firmware that a recording holds, whole or in pieces.
struct RecordedPackage {
    std::string host, path;
    Bytes bytes;
};
/// Every download that was recorded whole, the largest first; ranges of one file put together.
[[nodiscard]] std::vector<RecordedPackage> recorded_downloads(const std::vector<HttpExchange>& exchanges);

/// What is known of the package that was fetched.
struct KnownPackage {
    Bytes bytes;
    std::vector<std::string> versions;  ///< its own words for its version, the likeliest first
};

struct UpdateLesson {
    LearnedUpdate update;
    std::vector<std::string> notes;  ///< for people: what is filled in where, and what was left out
};

/// Makes of recorded requests what the fake internet has to say to have the same update fetched again: the
/// package's place is kept, and where an answer states the package's checksums, size or version they are left
/// open. `version`: as the servers call the package, where the recording leaves it in doubt. An error when
/// none of the exchanges brought the package.
[[nodiscard]] Result<UpdateLesson> learn_update(const std::vector<HttpExchange>& exchanges,
                                                const KnownPackage& package, const std::string& version);

/// The text a list of updates states the newest version by, of those that look like one; "" when none is
/// named so.
[[nodiscard]] std::string stated_version(std::string_view text, const std::vector<std::string>& not_these);

}  // namespace cambench::analysis
