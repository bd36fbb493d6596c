#include "reports/evidence_files.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/bytes.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/file.hpp"
#include "harness/evidence/manifest.hpp"

namespace cambench::reports {
namespace {

constexpr std::uint64_t longest_file = 1U << 30;

}  // namespace

EvidenceReader::EvidenceReader(std::filesystem::path directory) : directory_(std::move(directory)) {
    const auto manifest = read_manifest(directory_);
    if (!manifest) return;
    manifest_sha256_ = manifest->sha256;
    complaints_ = manifest->complaints;
    for (const auto& [path, hash] : manifest->hashes)
        files_[path] = {path, hash, EvidenceFile::State::stated};
}

bool EvidenceReader::is_plain_file(const std::string& path) const {
    std::error_code ignored;
    return std::filesystem::is_regular_file(std::filesystem::symlink_status(directory_ / path, ignored));
}

void EvidenceReader::note(const std::string& path, const std::string& sha256) {
    using State = EvidenceFile::State;
    const auto known = files_.find(path);
    if (known == files_.end())
        files_[path] = {path, sha256, State::unlisted};
    else if (known->second.state == State::stated)
        known->second.state = known->second.sha256 == sha256 ? State::matches : State::altered;
}

std::optional<std::string> EvidenceReader::read(const std::string& path) {
    if (!is_plain_file(path)) return std::nullopt;
    auto content = read_text_file(directory_ / path, longest_file, Links::refused);
    if (!content) return std::nullopt;
    note(path, sha256_of(as_bytes(*content)));
    return std::move(*content);
}

void EvidenceReader::hash_the_rest() {
    using State = EvidenceFile::State;
    const auto inventory = inventory_of(directory_);
    if (!inventory)
        complaints_.push_back(inventory.error().message);
    else {
        complaints_.insert(complaints_.end(), inventory->strangers.begin(), inventory->strangers.end());
        if (!manifest_sha256_.empty())
            for (const auto& path : inventory->files)
                if (!files_.contains(path)) files_[path] = {path, {}, State::unlisted};
    }
    for (auto& [path, file] : files_) {
        if (file.state != State::stated) continue;
        if (!is_plain_file(path)) {
            file.state = State::missing;
            continue;
        }
        if (const auto hash = sha256_of_file(directory_ / path))
            file.state = *hash == file.sha256 ? State::matches : State::altered;
    }
}

bool EvidenceReader::altered() const {
    using State = EvidenceFile::State;
    return !complaints_.empty() ||
           (!manifest_sha256_.empty() && std::any_of(files_.begin(), files_.end(), [](const auto& entry) {
               return entry.second.state == State::altered || entry.second.state == State::missing ||
                      entry.second.state == State::unlisted;
           }));
}

void EvidenceReader::list_files(ScenarioRun& run) {
    std::error_code ignored;
    for (std::filesystem::directory_iterator entry(directory_ / "inputs", ignored), end;
         !ignored && entry != end; entry.increment(ignored))
        (void)read("inputs/" + entry->path().filename().string());
    run.manifest_sha256 = manifest_sha256_;
    run.altered = altered();
    for (const auto& [path, file] : files_) run.files.push_back(file);
    for (auto& warning : warnings()) run.warnings.push_back(std::move(warning));
}

std::vector<std::string> EvidenceReader::warnings() const {
    using State = EvidenceFile::State;
    std::vector<std::string> warnings;
    if (manifest_sha256_.empty())
        warnings.emplace_back("there is no manifest: alterations of the evidence cannot be noticed");
    for (const auto& complaint : complaints_) warnings.push_back(complaint);
    for (const auto& [path, file] : files_) {
        if (file.state == State::altered)
            warnings.push_back(fmt::format(
                "{} is not the file that the manifest was made for: it was altered after the run", path));
        else if (file.state == State::unlisted && !manifest_sha256_.empty())
            warnings.push_back(
                fmt::format("{} is not named in the manifest: it may have been added after the run", path));
        else if (file.state == State::missing || (file.state == State::stated && !is_plain_file(path)))
            warnings.push_back(fmt::format("{} is named in the manifest but missing", path));
    }
    return warnings;
}

}  // namespace cambench::reports
