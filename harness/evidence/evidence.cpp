#include "harness/evidence/evidence.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

#include "harness/core/digest.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/manifest.hpp"

namespace cambench {
namespace {

constexpr auto reserve_name = ".reserve";
constexpr std::size_t reserve_bytes = 256 << 10;

/// Makes `directory` and what it lies in; itself it is closed to everybody but its owner from the beginning.
Status make_closed(const std::filesystem::path& directory) {
    std::error_code code;
    if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), code);
    if (::mkdir(directory.c_str(), 0700) == 0) return {};
    if (errno != EEXIST) return system_error("create " + directory.string(), errno);
    // An empty one that was there: what it will hold is as private.
    if (::chmod(directory.c_str(), 0700) != 0)
        return system_error("close " + directory.string() + " to others", errno);
    return {};
}

Status write_closed(const std::filesystem::path& file, std::string_view content) {
    return write_file_atomically(file, content, Readers::owner);
}

/// Bytes that are no UTF-8 are replaced: names of files and values of parameters may have some.
std::string text_of(const Json& record) {
    return record.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Folders that a run of format 1 may have left empty, where run.json does not list them.
bool may_be_empty(std::string_view folder) {
    const auto slash = folder.rfind('/');
    const auto last = slash == std::string_view::npos ? folder : folder.substr(slash + 1);
    const auto above = slash == std::string_view::npos ? std::string_view() : folder.substr(0, slash);
    return last == "inputs" || last == "payloads" || last == "video" || above == "video" ||
           above.ends_with("/video");
}

/// The folders that the sealed run.json lists; nullopt: it is older than such lists.
std::optional<std::set<std::string>> sealed_folders(const std::filesystem::path& directory) {
    const auto record = read_record(directory / "run.json");
    if (!record || !record->contains("folders")) return std::nullopt;
    std::set<std::string> folders;
    for (const auto& folder : (*record)["folders"])
        if (folder.is_string()) folders.insert(folder.get<std::string>());
    return folders;
}

void judge_folders(const std::filesystem::path& directory, const Inventory& inventory,
                   const Manifest& manifest, std::vector<std::string>& complaints) {
    const auto sealed = sealed_folders(directory);
    const auto holds_sealed_files = [&](const std::string& folder) {
        const auto first = manifest.hashes.lower_bound(folder + "/");
        return first != manifest.hashes.end() && first->first.starts_with(folder + "/");
    };
    for (const auto& folder : inventory.folders)
        if (sealed ? !sealed->contains(folder) : !holds_sealed_files(folder) && !may_be_empty(folder))
            complaints.push_back(fmt::format("the folder {} was added after the run", inert(folder)));
    if (!sealed) return;
    for (const auto& folder : *sealed)
        if (!std::binary_search(inventory.folders.begin(), inventory.folders.end(), folder))
            complaints.push_back(fmt::format("the folder {} is missing", inert(folder)));
}

void judge_parts(const std::filesystem::path& directory, std::vector<std::string>& complaints) {
    if (const auto record = read_run_record(directory); !record) complaints.push_back(record.error().message);
    // One that was never run has no folder; a link in place of a folder is told as such.
    if (const auto inside = refuse_outside_parts(directory); !inside)
        complaints.push_back(inside.error().message);
}

}  // namespace

Result<Evidence> Evidence::create(const std::filesystem::path& directory, Json description) {
    std::error_code code;
    if (std::filesystem::exists(directory, code) && !std::filesystem::is_empty(directory, code))
        return usage_error(fmt::format(
            "{} exists and is not empty; nothing recorded is ever overwritten, choose another --out",
            directory.string()));
    TRY(make_closed(directory));
    TRY(make_closed(directory / "inputs"));
    description["format"] = 1;
    description["finished"] = false;
    TRY(write_closed(directory / "run.json", text_of(description)));
    TRY(write_closed(directory / reserve_name, std::string(reserve_bytes, '\0')));
    return Evidence(std::filesystem::absolute(directory), std::move(description));
}

Result<Evidence> Evidence::take_up(const std::filesystem::path& directory, Json description) {
    std::error_code code;
    if (!std::filesystem::exists(directory, code) || std::filesystem::is_empty(directory, code))
        return create(directory, std::move(description));
    TRY(refuse_strangers(directory));
    const auto recorded = read_record(directory / "run.json");
    for (const auto* key : {"kind", "suite"})
        if (!recorded || recorded->value(key, Json()) != description.value(key, Json()))
            return usage_error(fmt::format(
                "{} is not the evidence of the suite {}, which could be gone on with; choose another --out",
                directory.string(), description.value("suite", "")));
    description["format"] = 1;
    description["finished"] = false;
    std::filesystem::remove(directory / manifest_name, code);  // it speaks of files that will change
    TRY(write_closed(directory / "run.json", text_of(description)));
    return Evidence(std::filesystem::absolute(directory), std::move(description));
}

Status Evidence::keep_input(const std::filesystem::path& file, const std::string& name) {
    TRY_ASSIGN(const auto content, read_text_file(file));
    return keep_input_text(content, name);
}

Status Evidence::keep_input_text(std::string_view content, const std::string& name) {
    return write_closed(directory_ / "inputs" / name, content);
}

void Evidence::release_reserve() {
    std::error_code code;
    std::filesystem::remove(directory_ / reserve_name, code);
}

Status Evidence::write_verdict(const Json& verdict) {
    return write_closed(directory_ / "verdict.json", text_of(verdict));
}

Status Evidence::seal(const Json& additions) {
    release_reserve();
    description_["finished"] = true;
    description_.update(additions);
    TRY_ASSIGN(const auto before, inventory_of(directory_));
    description_["folders"] = before.folders;
    TRY(write_closed(directory_ / "run.json", text_of(description_)));
    TRY_ASSIGN(const auto inventory, inventory_of(directory_));
    if (!inventory.strangers.empty())
        return bench_error(fmt::format("seal {}: {}, and evidence holds files and folders alone",
                                       directory_.string(), inventory.strangers.front()));
    std::string manifest;
    for (const auto& file : inventory.files) {
        TRY_ASSIGN(const auto hash, sha256_of_file(directory_ / file));
        manifest += hash + "  " + file + "\n";
    }
    return write_closed(directory_ / manifest_name, manifest);
}

Result<std::vector<std::string>> verify_evidence(const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto manifest, read_manifest(directory));
    TRY_ASSIGN(const auto inventory, inventory_of(directory));
    auto complaints = manifest.complaints;
    for (const auto& [file, hash] : manifest.hashes) {
        if (!std::binary_search(inventory.files.begin(), inventory.files.end(), file)) {
            complaints.push_back(fmt::format("{} is missing", inert(file)));
            continue;
        }
        const auto actual = sha256_of_file(directory / file);
        if (!actual)
            complaints.push_back(actual.error().message);
        else if (*actual != hash)
            complaints.push_back(fmt::format("{} was changed after the run", inert(file)));
    }
    for (const auto& file : inventory.files)
        if (!manifest.hashes.contains(file))
            complaints.push_back(fmt::format("{} was added after the run", inert(file)));
    for (const auto& stranger : inventory.strangers)
        complaints.push_back(stranger + ", which was added after the run");
    judge_folders(directory, inventory, manifest, complaints);
    judge_parts(directory, complaints);
    return complaints;
}

}  // namespace cambench
