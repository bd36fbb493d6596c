#include "harness/cli/replay.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/scenario/judge_evidence.hpp"

namespace cambench::cli {
namespace {

/// What cannot be read says nothing.
Json record_or_nothing(const std::filesystem::path& file) {
    auto record = read_record(file);
    return record ? std::move(*record) : Json::object();
}

/// The evidence directories of single scenarios at `directory`: itself, or those its run.json lists.
std::vector<std::filesystem::path> scenario_directories(const std::filesystem::path& directory) {
    const auto description = record_or_nothing(directory / "run.json");
    if (description.value("kind", "") != "suite") return {directory};
    std::vector<std::filesystem::path> directories;
    for (const auto& scenario : description.value("scenarios", Json::array())) directories.push_back(directory / scenario.value("evidence", ""));
    return directories;
}

struct Replayed {
    std::filesystem::path directory;
    Json verdict;
    std::string recorded;  ///< the verdict in verdict.json; "" when there is none
};

std::string comparison(const Replayed& replayed) {
    if (replayed.recorded.empty()) return "no verdict was recorded: the run did not finish";
    return replayed.recorded == replayed.verdict.value("verdict", "") ? "as recorded" : "recorded was " + replayed.recorded;
}

Result<std::vector<Replayed>> replay(const std::filesystem::path& directory) {
    if (!std::filesystem::exists(directory / "run.json"))
        return usage_error(fmt::format("{} is not an evidence directory: it has no run.json", directory.string()));
    std::vector<Replayed> all;
    for (const auto& part : scenario_directories(directory)) {
        TRY_ASSIGN(auto verdict, judge_evidence(part));
        all.push_back({part, std::move(verdict), record_or_nothing(part / "verdict.json").value("verdict", "")});
    }
    return all;
}

void print(const std::vector<Replayed>& all, OutputFormat format) {
    Json list = Json::array();
    for (const auto& one : all) {
        const auto scenario = one.verdict["scenario"].value("id", "");
        if (format == OutputFormat::text)
            std::fputs(fmt::format("{:<13} {:<24} {} ({})\n", one.verdict.value("verdict", ""), scenario, inert(one.verdict.value("reason", "")), comparison(one)).c_str(),
                       stdout);
        Json checks = Json::array();
        for (const auto& check : one.verdict.value("checks", Json::array()))
            checks.push_back({{"check", check["check"]}, {"verdict", check["verdict"]}, {"title", check["title"]}, {"evidence", check["evidence"]}});
        Json entry{{"id", scenario}, {"verdict", one.verdict["verdict"]}, {"reason", one.verdict.value("reason", "")}, {"recorded", one.recorded}, {"evidence", one.directory.string()}, {"checks", checks}};
        for (const auto* field : {"run", "slot", "unit"}) entry[field] = one.verdict.value(field, Json());
        list.push_back(std::move(entry));
    }
    std::vector<Verdict> verdicts;
    for (const auto& one : all) verdicts.push_back(verdict_of(one.verdict));
    if (format == OutputFormat::json)
        std::puts(Json{{"verdict", std::string(to_string(combined(verdicts)))}, {"scenarios", list}}.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

}  // namespace

int replay_command(const std::filesystem::path& directory, OutputFormat format) {
    const auto all = replay(directory);
    if (!all) {
        std::fprintf(stderr, "cambench replay: %s\n", printable(all.error().message).c_str());
        return all.error().fault == Fault::usage ? usage_exit_code : exit_code(Verdict::error);
    }
    print(*all, format);
    std::vector<Verdict> verdicts;
    for (const auto& one : *all) verdicts.push_back(verdict_of(one.verdict));
    return exit_code(combined(verdicts));
}

int verify_command(const std::filesystem::path& directory) {
    const auto complaints = verify_evidence(directory);
    if (!complaints) {
        const auto description = read_record(directory / "run.json");
        const bool unfinished = description && !description->value("finished", false);
        std::fprintf(stderr, "cambench verify: %s\n",
                     unfinished ? printable(directory.string() + ": the run did not finish, so its evidence was never sealed and there is nothing to verify it by").c_str() : printable(complaints.error().message).c_str());
        return usage_exit_code;
    }
    for (const auto& complaint : *complaints) std::puts(printable(complaint).c_str());
    if (complaints->empty()) std::puts("the evidence is as it was sealed");
    return complaints->empty() ? 0 : 1;
}

}  // namespace cambench::cli
