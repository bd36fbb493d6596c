#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace cambench {

inline constexpr auto manifest_name = "manifest.sha256";

/// Whether a name somebody wrote down stays below the folder it is of: relative, of plain parts alone (no
/// "..", no ".", no empty one).
[[nodiscard]] bool stays_below(std::string_view name);

/// Everything that lies in an evidence directory; names are relative to it, in order. No link is followed.
struct Inventory {
    std::vector<std::string> files;  ///< regular files, without the manifest
    std::vector<std::string> folders;
    std::vector<std::string> strangers;  ///< what evidence never holds, as sentences: "inputs/a is a link"
};
[[nodiscard]] Result<Inventory> inventory_of(const std::filesystem::path& directory);

/// manifest.sha256, in sha256sum's format.
struct Manifest {
    std::map<std::string, std::string> hashes;  ///< of files below the directory alone
    std::vector<std::string> complaints;        ///< lines that are none, name a file twice or one outside
    std::string sha256;                         ///< of the manifest itself
};
[[nodiscard]] Manifest parse_manifest(std::string_view text);

/// Fails when there is none that could be read.
[[nodiscard]] Result<Manifest> read_manifest(const std::filesystem::path& directory);

/// The folder of a suite's part as its run.json names it; an error where that is none below the suite's own.
[[nodiscard]] Result<std::filesystem::path> part_directory(const std::filesystem::path& suite,
                                                           const std::string& name);

/// Refuses a directory that holds anything but regular files and folders: whoever reads it must neither wait
/// nor be led elsewhere.
[[nodiscard]] Status refuse_strangers(const std::filesystem::path& directory);

}  // namespace cambench
