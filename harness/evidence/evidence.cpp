#include "harness/evidence/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "harness/core/digest.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr auto manifest_name = "manifest.sha256";
constexpr auto reserve_name = ".reserve";
constexpr std::size_t reserve_bytes = 256 << 10;

/// Files below a directory, relative, in order; links and temporary files of ours are left out.
Result<std::vector<std::string>> files_below(const std::filesystem::path& directory) {
    std::vector<std::string> files;
    std::error_code code;
    for (auto entry = std::filesystem::recursive_directory_iterator(directory, code); !code && entry != std::filesystem::end(entry); entry.increment(code)) {
        if (!entry->is_regular_file(code) || entry->is_symlink(code)) continue;
        const auto name = std::filesystem::relative(entry->path(), directory).string();
        if (name != manifest_name) files.push_back(name);
    }
    if (code) return bench_error(fmt::format("list {}: {}", directory.string(), code.message()));
    std::sort(files.begin(), files.end());
    return files;
}

Result<std::map<std::string, std::string>> read_manifest(const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto text, read_text_file(directory / manifest_name));
    std::map<std::string, std::string> hashes;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.size() < 67 || line.substr(64, 2) != "  ") return bench_error(fmt::format("{}: '{}' is not a line of a manifest", manifest_name, inert(line)));
        hashes[line.substr(66)] = line.substr(0, 64);
    }
    return hashes;
}

}  // namespace

Result<Evidence> Evidence::create(const std::filesystem::path& directory, Json description) {
    std::error_code code;
    if (std::filesystem::exists(directory, code) && !std::filesystem::is_empty(directory, code))
        return usage_error(fmt::format("{} exists and is not empty; nothing recorded is ever overwritten, choose another --out", directory.string()));
    std::filesystem::create_directories(directory / "inputs", code);
    if (code) return bench_error(fmt::format("create {}: {}", directory.string(), code.message()));
    description["format"] = 1;
    description["finished"] = false;
    TRY(write_file_atomically(directory / "run.json", description.dump(2) + "\n"));
    TRY(write_file_atomically(directory / reserve_name, std::string(reserve_bytes, '\0')));
    return Evidence(std::filesystem::absolute(directory), std::move(description));
}

Result<Evidence> Evidence::take_up(const std::filesystem::path& directory, Json description) {
    std::error_code code;
    if (!std::filesystem::exists(directory, code) || std::filesystem::is_empty(directory, code)) return create(directory, std::move(description));
    const auto recorded = read_record(directory / "run.json");
    for (const auto* key : {"kind", "suite"})
        if (!recorded || recorded->value(key, Json()) != description.value(key, Json()))
            return usage_error(fmt::format("{} is not the evidence of the suite {}, which could be gone on with; choose another --out", directory.string(), description.value("suite", "")));
    description["format"] = 1;
    description["finished"] = false;
    std::filesystem::remove(directory / manifest_name, code);  // it speaks of files that will change
    TRY(write_file_atomically(directory / "run.json", description.dump(2) + "\n"));
    return Evidence(std::filesystem::absolute(directory), std::move(description));
}

Status Evidence::keep_input(const std::filesystem::path& file, const std::string& name) {
    TRY_ASSIGN(const auto content, read_text_file(file));
    return keep_input_text(content, name);
}

Status Evidence::keep_input_text(std::string_view content, const std::string& name) {
    return write_file_atomically(directory_ / "inputs" / name, content);
}

void Evidence::release_reserve() {
    std::error_code code;
    std::filesystem::remove(directory_ / reserve_name, code);
}

Status Evidence::write_verdict(const Json& verdict) {
    return write_file_atomically(directory_ / "verdict.json", verdict.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Status Evidence::seal(const Json& additions) {
    release_reserve();
    description_["finished"] = true;
    description_.update(additions);
    TRY(write_file_atomically(directory_ / "run.json", description_.dump(2) + "\n"));
    TRY_ASSIGN(const auto files, files_below(directory_));
    std::string manifest;
    for (const auto& file : files) {
        TRY_ASSIGN(const auto hash, sha256_of_file(directory_ / file));
        manifest += hash + "  " + file + "\n";
    }
    return write_file_atomically(directory_ / manifest_name, manifest);
}

Result<Json> read_record(const std::filesystem::path& file) {
    TRY_ASSIGN(const auto text, read_text_file(file));
    auto json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return bench_error(file.string() + " is no JSON object");
    return json;
}

Result<std::vector<std::string>> verify_evidence(const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto hashes, read_manifest(directory));
    TRY_ASSIGN(const auto files, files_below(directory));
    std::vector<std::string> complaints;
    for (const auto& [file, hash] : hashes) {
        if (!std::binary_search(files.begin(), files.end(), file)) {
            complaints.push_back(fmt::format("{} is missing", inert(file)));
            continue;
        }
        const auto actual = sha256_of_file(directory / file);
        if (!actual) complaints.push_back(actual.error().message);
        else if (*actual != hash) complaints.push_back(fmt::format("{} was changed after the run", inert(file)));
    }
    for (const auto& file : files)
        if (!hashes.contains(file)) complaints.push_back(fmt::format("{} was added after the run", inert(file)));
    return complaints;
}

}  // namespace cambench
