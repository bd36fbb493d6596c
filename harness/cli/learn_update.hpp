#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace cambench::cli {

struct LearnUpdateOptions {
    std::filesystem::path recording;  ///< a capture, or an evidence directory that has one
    std::filesystem::path out;        ///< "": standard output
    std::filesystem::path
        package;  ///< the genuine package; "": the largest download that looks like firmware
    std::filesystem::path keep_package;  ///< where to write the package that was found; "": nowhere
    std::string version;                 ///< as the servers call it; "": as they seem to
    std::vector<std::string> servers;    ///< names or addresses; empty: all
};

/// Writes what servers said about firmware in a recording as a file for <update learned=""/>. 0, or 64 when
/// the input cannot be read or holds no update in clear.
[[nodiscard]] int learn_update_command(const LearnUpdateOptions& options, std::ostream& out,
                                       std::ostream& errors);

}  // namespace cambench::cli
