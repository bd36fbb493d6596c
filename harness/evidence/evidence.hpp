#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/event.hpp"
#include "harness/core/result.hpp"
#include "harness/evidence/record.hpp"

namespace cambench {

/// The directory with the timeline and all raw recordings of a run; see harness/evidence/README.md. It and
/// all that is written here belong to its owner alone (0700, 0600); recorders that open files of their own
/// are to run with a umask that closes them.
class Evidence {
public:
    /// Makes the directory (it must not exist, or be empty) and writes run.json with `description`.
    [[nodiscard]] static Result<Evidence> create(const std::filesystem::path& directory, Json description);

    /// Goes on with the directory of a suite that was ended; one that is not there yet is made. What it says
    /// is brought up to date by seal(). Fails when it holds something else than that suite.
    [[nodiscard]] static Result<Evidence> take_up(const std::filesystem::path& directory, Json description);

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

    /// Copies an input (scenario, declaration, bench file, persona) to inputs/ under `name`.
    [[nodiscard]] Status keep_input(const std::filesystem::path& file, const std::string& name);
    [[nodiscard]] Status keep_input_text(std::string_view content, const std::string& name);

    /// Gives back the room that was kept for the end: on a full disk the fault and the verdict still find a
    /// place.
    void release_reserve();

    [[nodiscard]] Status write_verdict(const Json& verdict);
    /// Marks run.json as finished and writes manifest.sha256 over all other files.
    [[nodiscard]] Status seal(const Json& additions = Json::object());

private:
    Evidence(std::filesystem::path directory, Json description)
        : directory_(std::move(directory)), description_(std::move(description)) {}
    std::filesystem::path directory_;
    Json description_;
};

/// What is wrong with an evidence directory: files and folders missing, changed or added, links, FIFOs and
/// devices, lines of the manifest that are none, parts outside. Empty: it is as it was sealed. Fails when
/// there is no readable manifest.
[[nodiscard]] Result<std::vector<std::string>> verify_evidence(const std::filesystem::path& directory);

}  // namespace cambench
