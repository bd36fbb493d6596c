#pragma once

#include <map>
#include <optional>
#include <string>

#include "reports/finished_run.hpp"

namespace cambench::reports {

/// Reads the files of one evidence directory and holds every byte read against manifest.sha256.
class EvidenceReader {
public:
    explicit EvidenceReader(std::filesystem::path directory);

    /// The content of a plain file of the directory (links are not followed), or nullopt.
    [[nodiscard]] std::optional<std::string> read(const std::string& path);

    /// Reads what no report needs as well (captures, payloads, parts), to hold it against the manifest, and
    /// looks for what does not belong there.
    void hash_the_rest();

    /// Every file named by the manifest or read (inputs are read for it), and the warnings about them.
    void list_files(ScenarioRun& run);

    /// Whether a file was changed, added or taken away after the run was sealed.
    [[nodiscard]] bool altered() const;

    /// One for each file that was altered, added or taken away after the run.
    [[nodiscard]] std::vector<std::string> warnings() const;

private:
    [[nodiscard]] bool is_plain_file(const std::string& path) const;
    void note(const std::string& path, const std::string& sha256);

    std::filesystem::path directory_;
    std::string manifest_sha256_;
    std::vector<std::string> complaints_;  ///< lines of the manifest that are none; links, FIFOs and devices
    std::map<std::string, EvidenceFile> files_;
};

}  // namespace cambench::reports
