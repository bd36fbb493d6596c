#include "harness/cli/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "harness/core/text.hpp"
#include "harness/documents/documents.hpp"

namespace cambench::cli {
namespace {

std::vector<std::string> stems(const std::vector<std::filesystem::path>& files) {
    std::vector<std::string> names;
    for (const auto& file : files) names.push_back(file.stem().string());
    return names;
}

Result<std::filesystem::path> find_among(const std::string& wanted,
                                         const std::vector<std::filesystem::path>& shipped,
                                         const std::string& what) {
    std::error_code code;
    if (std::filesystem::is_regular_file(wanted, code)) return std::filesystem::path(wanted);
    if (looks_like_a_path(wanted))
        return usage_error(fmt::format("{}: there is no such file", inert(wanted)));
    for (const auto& file : shipped)
        if (file.stem() == wanted) return file;
    const auto names = stems(shipped);
    const auto near = nearest(wanted, names);
    return usage_error(fmt::format(
        "there is no {} '{}'; {}", what, inert(wanted),
        near.empty() ? "shipped: " + join(names, ", ") : fmt::format("did you mean '{}'?", near)));
}

}  // namespace

Result<std::filesystem::path> find_document(const std::string& wanted, const std::string& root) {
    return find_among(wanted, shipped_documents(root), root);
}

Result<Declaration> find_declaration(const std::string& wanted, std::ostream& errors) {
    markup::Problems problems;
    TRY_ASSIGN(const auto file, find_document(wanted, "declaration"));
    auto declaration = load_declaration(file, problems);
    for (const auto& problem : problems) errors << inert(problem.to_string()) << '\n';
    return declaration;
}

Result<std::filesystem::path> find_scenario_or_suite(const std::string& wanted) {
    auto shipped = shipped_documents("scenario");
    const auto suites = shipped_documents("suite");
    shipped.insert(shipped.end(), suites.begin(), suites.end());
    return find_among(wanted, shipped, "scenario or suite");
}

}  // namespace cambench::cli
