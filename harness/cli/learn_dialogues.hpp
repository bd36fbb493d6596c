#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace cambench::cli {

struct LearnDialoguesOptions {
    std::filesystem::path recording;   ///< a capture, or an evidence directory that has one
    std::filesystem::path out;         ///< "": standard output
    std::vector<std::string> servers;  ///< names or addresses; empty: all
};

/// Writes what servers said in a recording as a file for <dialogue file=""/>. 0, or 64 when the input cannot
/// be read or holds none.
[[nodiscard]] int learn_dialogues_command(const LearnDialoguesOptions& options, std::ostream& out,
                                          std::ostream& errors);

}  // namespace cambench::cli
