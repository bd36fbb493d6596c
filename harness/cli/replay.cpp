#include "harness/cli/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/evidence/manifest.hpp"
#include "harness/evidence/record.hpp"
#include "harness/runner/judge_evidence.hpp"

namespace cambench::cli {
namespace {

struct Replayed {
    std::filesystem::path directory;
    Json verdict;
    std::string recorded;  ///< the verdict in verdict.json; "" when there is none
    bool counts = true;    ///< towards the whole: a recommendation does not
};

/// All that was replayed; `doubt` is what is wrong with the whole: the seal of a suite.
struct Replay {
    std::vector<Replayed> parts;
    Status doubt;
};

std::string comparison(const Replayed& replayed) {
    if (replayed.recorded.empty()) return "no verdict was recorded: the run did not finish";
    return replayed.recorded == replayed.verdict.value("verdict", "")
               ? "as recorded"
               : "recorded was " + inert(replayed.recorded);
}

/// A part that was never run, or is gone.
Json missing_part(const RecordedPart& part) {
    return {{"verdict", std::string(to_string(Verdict::inconclusive))},
            {"reason", "its evidence is missing"},
            {"scenario", {{"id", part.id}}},
            {"checks", Json::array()}};
}

Result<Replayed> replay_part(const std::filesystem::path& suite, const RecordedPart& part) {
    std::error_code code;
    const auto counts = part.level != "should";
    if (part.evidence.empty() ||
        (stays_below(part.evidence) && std::filesystem::symlink_status(suite / part.evidence, code).type() ==
                                           std::filesystem::file_type::not_found))
        return Replayed{suite / part.id, missing_part(part), "", counts};
    TRY_ASSIGN(const auto directory, part_directory(suite, part.evidence));
    TRY_ASSIGN(auto verdict, judge_sealed_evidence(directory));
    TRY_ASSIGN(auto recorded, recorded_verdict(directory));
    return Replayed{directory, std::move(verdict), std::move(recorded), counts};
}

/// Of a suite that was killed nobody wrote down what it consists of: every evidence below it.
std::vector<RecordedPart> parts_below(const std::filesystem::path& suite) {
    std::vector<RecordedPart> parts;
    std::error_code code;
    for (std::filesystem::directory_iterator entry(suite, code), end; !code && entry != end;
         entry.increment(code)) {
        const auto name = entry->path().filename().string();
        if (std::filesystem::is_regular_file(entry->path() / "run.json", code) &&
            name.find(".unfinished-") == std::string::npos)
            parts.push_back({name, name, "must"});
    }
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return parts;
}

Result<Replay> replay(const std::filesystem::path& directory) {
    std::error_code code;
    if (!std::filesystem::exists(directory / "run.json", code))
        return usage_error(
            fmt::format("{} is not an evidence directory: it has no run.json", directory.string()));
    TRY(refuse_strangers(directory));
    TRY(refuse_outside_parts(directory));
    TRY_ASSIGN(const auto record, read_run_record(directory));
    Replay replay;
    if (!record.is_suite) {
        TRY_ASSIGN(auto verdict, judge_sealed_evidence(directory));
        TRY_ASSIGN(auto recorded, recorded_verdict(directory));
        replay.parts.push_back({directory, std::move(verdict), std::move(recorded)});
        return replay;
    }
    replay.doubt = seal_of(directory);
    for (const auto& part : record.parts.empty() ? parts_below(directory) : record.parts) {
        TRY_ASSIGN(auto one, replay_part(directory, part));
        replay.parts.push_back(std::move(one));
    }
    return replay;
}

/// Of all parts that count; a suite without a seal is no PASS, one that was altered an ERROR.
Verdict verdict_of_all(const Replay& replay) {
    std::vector<Verdict> verdicts;
    for (const auto& one : replay.parts)
        if (const auto verdict = verdict_of(one.verdict); one.counts || verdict == Verdict::error)
            verdicts.push_back(verdict);
    if (verdicts.empty() && !replay.parts.empty()) verdicts.push_back(Verdict::pass);  // recommendations only
    const auto all = combined(verdicts);
    if (replay.doubt) return all;
    if (replay.doubt.error().fault != Fault::cancelled) return Verdict::error;
    return all == Verdict::pass || replay.parts.empty() ? Verdict::inconclusive : all;
}

void print(const Replay& replay, OutputFormat format) {
    Json list = Json::array();
    for (const auto& one : replay.parts) {
        const auto scenario = one.verdict["scenario"].value("id", "");
        if (format == OutputFormat::text)
            std::fputs(fmt::format("{:<13} {:<24} {} ({})\n", one.verdict.value("verdict", ""),
                                   inert(scenario), inert(one.verdict.value("reason", "")), comparison(one))
                           .c_str(),
                       stdout);
        Json checks = Json::array();
        for (const auto& check : one.verdict.value("checks", Json::array()))
            checks.push_back({{"check", check["check"]},
                              {"verdict", check["verdict"]},
                              {"title", check["title"]},
                              {"evidence", check["evidence"]}});
        Json entry{{"id", scenario},
                   {"verdict", one.verdict["verdict"]},
                   {"reason", one.verdict.value("reason", "")},
                   {"recorded", one.recorded},
                   {"evidence", one.directory.string()},
                   {"checks", checks}};
        for (const auto* field : {"run", "slot", "unit"}) entry[field] = one.verdict.value(field, Json());
        list.push_back(std::move(entry));
    }
    if (format == OutputFormat::text && !replay.doubt)
        std::fputs(fmt::format("{:<13} the whole: {}\n", to_string(verdict_of_all(replay)),
                               inert(replay.doubt.error().message))
                       .c_str(),
                   stdout);
    if (format == OutputFormat::json) {
        Json whole{{"verdict", std::string(to_string(verdict_of_all(replay)))}, {"scenarios", list}};
        if (!replay.doubt) whole["reason"] = replay.doubt.error().message;
        std::puts(whole.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    }
}

}  // namespace

int replay_command(const std::filesystem::path& directory, OutputFormat format) {
    const auto all = replay(directory);
    if (!all) {
        std::fprintf(stderr, "cambench replay: %s\n", printable(all.error().message).c_str());
        return all.error().fault == Fault::usage ? usage_exit_code : exit_code(Verdict::error);
    }
    print(*all, format);
    return exit_code(verdict_of_all(*all));
}

int verify_command(const std::filesystem::path& directory) {
    const auto complaints = verify_evidence(directory);
    if (!complaints) {
        const auto record = read_run_record(directory);
        const bool unfinished = record && !record->finished;
        std::fprintf(stderr, "cambench verify: %s\n",
                     unfinished
                         ? printable(directory.string() + ": the run did not finish, so its evidence was "
                                                          "never sealed and there is nothing to verify it by")
                               .c_str()
                         : printable(complaints.error().message).c_str());
        return usage_exit_code;
    }
    for (const auto& complaint : *complaints) std::puts(printable(complaint).c_str());
    if (complaints->empty()) std::puts("the evidence is as it was sealed");
    return complaints->empty() ? 0 : 1;
}

}  // namespace cambench::cli
