#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/core/event.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// One scenario of a suite, as the suite's run.json has it.
struct RecordedPart {
    std::string id, evidence, level;
};

/// What run.json says, with every member of the type it must have.
struct RunRecord {
    bool is_suite = false, finished = false;
    std::string run, slot, unit, persona, started;
    std::map<std::string, std::string, std::less<>> parameters;
    std::vector<RecordedPart> parts;  ///< of a suite
};

/// run.json or verdict.json of an evidence directory; an error where there is no such JSON object. Foreign:
/// what is in it may be of any type, though nested no deeper than JSON of ours is.
[[nodiscard]] Result<Json> read_record(const std::filesystem::path& file);

/// Reads run.json. Fails (usage) where it is missing, no JSON, or has a member of a wrong type: the error
/// says which.
[[nodiscard]] Result<RunRecord> read_run_record(const std::filesystem::path& directory);

/// Refuses a suite whose run.json or verdict.json says that a part of it lies outside.
[[nodiscard]] Status refuse_outside_parts(const std::filesystem::path& directory);

/// "verdict" of verdict.json; "" where none was recorded. Fails where it is of a wrong type.
[[nodiscard]] Result<std::string> recorded_verdict(const std::filesystem::path& directory);

}  // namespace cambench
