#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace cambench::cli {

struct LearnOptions {
    std::vector<std::filesystem::path> recordings;  ///< evidence directories or captures
    std::vector<std::string> units;                 ///< serial numbers of the units, as far as they are known
    std::string camera;                             ///< MAC or IP address; "": guessed
    std::string vendor, model;                      ///< "": to be stated
    std::filesystem::path out;                      ///< "": standard output
};

/// Drafts a declaration from what a unit did. Returns 0, or 64 when an input cannot be read.
[[nodiscard]] int learn_command(const LearnOptions& options, std::ostream& out, std::ostream& errors);

struct MudOptions {
    std::filesystem::path file;  ///< a declaration (XML), or a MUD file (JSON)
    std::string url;             ///< mud-url of what is written
    std::filesystem::path out;   ///< "": standard output
};

/// Makes a MUD file (RFC 8520) of a declaration, or a declaration of a MUD file. What the other has no words
/// for goes to `errors`. Returns 0, or 64.
[[nodiscard]] int mud_command(const MudOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cambench::cli
