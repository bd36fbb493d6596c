#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

struct OffersOptions {
    std::filesystem::path package, older, key;
    std::filesystem::path out;  ///< "": the package is only described
    std::string running;
    std::vector<std::string> only;  ///< empty: every kind that can be made
    OutputFormat format = OutputFormat::text;
};

[[nodiscard]] std::vector<std::string> offer_names();
/// What each kind is, for --help.
[[nodiscard]] std::string offers_help();

/// Describes a package, and writes what can be offered in its place. 0; 64 when an input is wrong; 3 when a
/// file cannot be written.
[[nodiscard]] int offers_command(const OffersOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cambench::cli
