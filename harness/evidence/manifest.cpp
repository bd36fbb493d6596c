#include "harness/evidence/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/digest.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr std::size_t most_entries = 2'000'000, hash_length = 64;
constexpr std::uint64_t longest_manifest = 512U << 20;

std::string_view kind_of(std::filesystem::file_type type) {
    switch (type) {
        case std::filesystem::file_type::symlink:
            return "a link";
        case std::filesystem::file_type::fifo:
            return "a FIFO";
        case std::filesystem::file_type::socket:
            return "a socket";
        default:
            return "a device";
    }
}

bool is_hash(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// One line: 64 hexadecimal digits, a blank, a blank or '*', the path.
void take_line(std::string_view line, Manifest& manifest) {
    constexpr std::size_t most_complaints = 1000;
    const auto complain = [&](const char* what) {
        if (manifest.complaints.size() < most_complaints)
            manifest.complaints.push_back(
                fmt::format("{}: '{}' {}", manifest_name, inert(line.substr(0, 200)), what));
    };
    if (line.size() < hash_length + 3 || line[hash_length] != ' ' ||
        (line[hash_length + 1] != ' ' && line[hash_length + 1] != '*') ||
        !is_hash(line.substr(0, hash_length)))
        return complain("is not a line of a manifest");
    auto name = line.substr(hash_length + 2);
    if (name.starts_with("./")) name.remove_prefix(2);
    if (!stays_below(name)) return complain("names a file outside of the evidence");
    if (name == manifest_name) return complain("names the manifest itself");
    if (!manifest.hashes.emplace(name, line.substr(0, hash_length)).second)
        complain("names a file a second time");
}

}  // namespace

bool stays_below(std::string_view name) {
    if (name.empty() || name.find('\0') != std::string_view::npos) return false;
    for (std::size_t begin = 0; begin <= name.size();) {
        const auto end = std::min(name.find('/', begin), name.size());
        const auto part = name.substr(begin, end - begin);
        if (part.empty() || part == "." || part == "..") return false;
        begin = end + 1;
    }
    return true;
}

Result<Inventory> inventory_of(const std::filesystem::path& directory) {
    Inventory inventory;
    std::error_code code;
    std::size_t count = 0;
    for (auto entry = std::filesystem::recursive_directory_iterator(directory, code);
         !code && entry != std::filesystem::end(entry); entry.increment(code)) {
        const auto name = entry->path().lexically_relative(directory).string();
        const auto type = entry->symlink_status(code).type();
        if (code) break;
        if (++count > most_entries)
            return usage_error(fmt::format("{} holds more than {} files", directory.string(), most_entries));
        if (type == std::filesystem::file_type::directory)
            inventory.folders.push_back(name);
        else if (type != std::filesystem::file_type::regular)
            inventory.strangers.push_back(fmt::format("{} is {}", inert(name), kind_of(type)));
        else if (name != manifest_name)
            inventory.files.push_back(name);
    }
    if (code) return bench_error(fmt::format("list {}: {}", directory.string(), code.message()));
    for (auto* list : {&inventory.files, &inventory.folders, &inventory.strangers})
        std::sort(list->begin(), list->end());
    return inventory;
}

Manifest parse_manifest(std::string_view text) {
    Manifest manifest;
    manifest.sha256 = sha256_of(as_bytes(text));
    for (const auto& line : split(text, '\n')) take_line(line, manifest);
    return manifest;
}

Result<Manifest> read_manifest(const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto text, read_text_file(directory / manifest_name, longest_manifest, Links::refused));
    return parse_manifest(text);
}

Result<std::filesystem::path> part_directory(const std::filesystem::path& suite, const std::string& name) {
    if (!stays_below(name))
        return usage_error(
            fmt::format("{}: its run.json says that a part of it lies in '{}', which is not below it",
                        suite.string(), inert(name)));
    auto place = suite;
    std::error_code code;
    for (const auto& part : std::filesystem::path(name)) {
        place /= part;
        const auto type = std::filesystem::symlink_status(place, code).type();
        if (type == std::filesystem::file_type::directory) continue;
        return usage_error(fmt::format(
            "{}: its part '{}' {}", suite.string(), inert(name),
            type == std::filesystem::file_type::not_found ? "is missing" : "is no folder of its own"));
    }
    return place;
}

Status refuse_strangers(const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto inventory, inventory_of(directory));
    if (inventory.strangers.empty()) return {};
    return usage_error(
        fmt::format("{}: {}{}; evidence holds files and folders alone, so this is not read",
                    directory.string(), inventory.strangers.front(),
                    inventory.strangers.size() > 1
                        ? fmt::format(" (and {} more such things)", inventory.strangers.size() - 1)
                        : ""));
}

}  // namespace cambench
