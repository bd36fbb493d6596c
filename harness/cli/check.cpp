#include "harness/cli/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/print_json.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/documents.hpp"

namespace cambench::cli {
namespace {

using Json = nlohmann::json;
using Path = std::filesystem::path;
using markup::Problem;
using markup::Problems;

struct Checked {
    Path file;
    Problems problems;
    [[nodiscard]] bool ok() const { return markup::first_error(problems).ok(); }
};

/// Every .xml below a folder, in alphabetical order; a file as it is.
std::vector<Path> expanded(const Path& given) {
    std::error_code error;
    if (!std::filesystem::is_directory(given, error)) return {given};
    std::vector<Path> files;
    for (std::filesystem::recursive_directory_iterator
             entry(given, std::filesystem::directory_options::skip_permission_denied, error),
         end;
         !error && entry != end; entry.increment(error))
        if (entry->path().extension() == ".xml") files.push_back(entry->path());
    std::sort(files.begin(), files.end());
    return files;
}

Checked check(const Path& file, const FilePlaces& places) {
    Checked checked{file, {}};
    const auto status = check_document(file, checked.problems, places);
    // A loader that fails without naming a place still must not look like success.
    if (!status && checked.ok())
        checked.problems.push_back({{file.string(), 1, 1}, status.error().message, ""});
    return checked;
}

Json problem_json(const Problem& problem) {
    return {{"file", to_utf8(problem.where.file)},
            {"line", problem.where.line},
            {"column", problem.where.column},
            {"severity", problem.severity == Problem::Severity::warning ? "warning" : "error"},
            {"what", to_utf8(problem.what)},
            {"better", to_utf8(problem.better)}};
}

void print_checked(const std::vector<Checked>& all, std::ostream& out) {
    Json files = Json::array();
    for (const auto& checked : all) {
        Json problems = Json::array();
        for (const auto& problem : checked.problems) problems.push_back(problem_json(problem));
        files.push_back({{"file", to_utf8(checked.file.string())},
                         {"ok", checked.ok()},
                         {"problems", std::move(problems)}});
    }
    const bool ok = std::all_of(all.begin(), all.end(), [](const auto& checked) { return checked.ok(); });
    print_json(Json{{"ok", ok}, {"files", std::move(files)}}, out);
}

void print_text(const std::vector<Checked>& all, std::ostream& out) {
    for (const auto& checked : all) {
        for (const auto& problem : checked.problems) out << inert(problem.to_string()) << '\n';
        if (checked.ok()) out << inert(checked.file.string()) << ": ok\n";
    }
}

}  // namespace

int check_command(const CheckOptions& options, std::ostream& out) {
    std::vector<Checked> all;
    for (const auto& given : options.files) {
        const auto files = expanded(given);
        if (files.empty())
            all.push_back({given,
                           {{{given.string(), 1, 1},
                             "there is no XML file in this folder",
                             "name a file or another folder"}}});
        for (const auto& file : files) all.push_back(check(file, {options.allow, {}}));
    }
    if (options.format == OutputFormat::json)
        print_checked(all, out);
    else
        print_text(all, out);
    return std::all_of(all.begin(), all.end(), [](const auto& checked) { return checked.ok(); })
               ? 0
               : usage_exit_code;
}

}  // namespace cambench::cli
