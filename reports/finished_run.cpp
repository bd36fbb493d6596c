#include "reports/finished_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/core/json.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/manifest.hpp"
#include "reports/evidence_files.hpp"
#include "reports/fields.hpp"
#include "reports/verdict_file.hpp"

namespace cambench::reports {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t known_format = 1;
constexpr std::size_t most_cited_lines = 5000;
constexpr std::size_t longest_line = 2000;
constexpr auto did_not_finish = "the run did not finish";

/// Null when the file is missing or not a JSON object.
Json read_object(EvidenceReader& reader, const std::string& path) {
    const auto content = reader.read(path);
    auto object = content ? parse_json(*content) : Json();
    return object.is_object() ? object : Json();
}

Status check_format(const Json& object, const std::string& what) {
    const auto format = count_of(object, "format").value_or(known_format);
    if (format == known_format) return {};
    return usage_error(fmt::format("{}: format {} is not known to this program, which reads format {}", what,
                                   format, known_format));
}

void cite(const std::vector<Pointer>& evidence, std::set<std::uint64_t>& wanted) {
    for (const auto& pointer : evidence) {
        if (!pointer.line || *pointer.line == 0 || wanted.size() >= most_cited_lines) continue;
        if (!pointer.file.empty() && pointer.file != "console.log") continue;
        wanted.insert({*pointer.line - 1, *pointer.line, *pointer.line + 1});
    }
}

std::set<std::uint64_t> cited_lines(const ScenarioRun& run) {
    std::set<std::uint64_t> wanted;
    for (const auto& check : run.checks) {
        cite(check.evidence, wanted);
        for (const auto& finding : check.findings) cite(finding.evidence, wanted);
    }
    wanted.erase(0);
    return wanted;
}

void read_console(EvidenceReader& reader, ScenarioRun& run) {
    const auto wanted = cited_lines(run);
    const auto console = reader.read("console.log");
    if (!console) return;
    std::string_view rest = *console;
    for (std::uint64_t number = 1; !rest.empty() && !wanted.empty() && number <= *wanted.rbegin(); ++number) {
        const auto end = rest.find('\n');
        if (wanted.contains(number))
            run.console_lines[number] = std::string(rest.substr(0, end).substr(0, longest_line));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
}

void read_timeline(EvidenceReader& reader, ScenarioRun& run) {
    const auto text = reader.read("timeline.jsonl");
    if (!text) {
        run.warnings.emplace_back("there is no timeline: the order of events cannot be shown");
        return;
    }
    run.timeline = parse_timeline(*text);
    if (run.timeline.torn)
        run.warnings.emplace_back(
            "the timeline's last line is incomplete: the run was killed while it was written");
    if (run.timeline.unreadable_lines > 0)
        run.warnings.push_back(
            fmt::format("{} lines of the timeline could not be read", run.timeline.unreadable_lines));
    if (run.timeline.left_out > 0)
        run.warnings.push_back(
            fmt::format("the timeline has {} more events than the report can hold", run.timeline.left_out));
}

/// A verdict that its own checks contradict is not repeated as it stands.
void doubt_contradictions(ScenarioRun& run) {
    if (run.verdict != Verdict::pass) return;
    const auto sound = [](const Check& check) { return check.verdict == Verdict::pass; };
    if (!run.checks.empty() && std::all_of(run.checks.begin(), run.checks.end(), sound)) return;
    run.verdict = Verdict::error;
    run.warnings.push_back(run.checks.empty() ? "verdict.json says PASS but holds no check"
                                              : "verdict.json says PASS but one of its checks does not");
    run.reason = "the verdict contradicts its own checks";
}

constexpr auto was_altered = "the evidence was altered after the run, so nothing follows from it";

/// What somebody changed proves nothing, whatever it says.
void doubt_alterations(ScenarioRun& run) {
    if (!run.altered) return;
    run.verdict = Verdict::error;
    run.reason = was_altered;
}

/// What must not differ between a verdict and another of the same recordings: wording may, from version to
/// version.
Json substance_of(const Json& statement) {
    ScenarioRun run;
    read_statement(statement, run);
    Json checks = Json::array(), destinations = Json::array();
    for (const auto& check : run.checks) {
        Json findings = Json::array();
        for (const auto& finding : check.findings) findings.push_back(to_string(finding.verdict));
        checks.push_back({check.check, to_string(check.verdict), std::move(findings)});
    }
    for (const auto& one : run.destinations)
        destinations.push_back(
            {one.name, one.address, one.port, one.transport, one.declared ? Json(*one.declared) : Json()});
    return {text_of(statement, "verdict"), std::move(checks), std::move(destinations)};
}

void dispute(ScenarioRun& run, std::string reason) {
    run.disputed = true;
    run.verdict = Verdict::error;
    run.warnings.push_back(reason);
    run.reason = std::move(reason);
}

/// Shows what the recordings give, and holds what was recorded against it.
void judge_anew(const fs::path& directory, const Json& recorded, const Judge& judge, ScenarioRun& run) {
    const auto judged = judge(directory);
    if (!judged)
        return dispute(run,
                       fmt::format("this is the verdict as it was recorded: it could not be judged anew ({})",
                                   judged.error().message));
    // As it would have been written: bytes that are no UTF-8 are replaced there.
    const auto statement = parse_json(judged->dump(-1, ' ', false, Json::error_handler_t::replace));
    if (statement.is_discarded())
        return dispute(run, "this is the verdict as it was recorded: what was judged anew cannot be written");
    const auto recorded_by =
        member(recorded, "tool").is_object() ? text_of(member(recorded, "tool"), "version") : std::string();
    read_statement(statement, run);
    run.verdict = verdict_from(text_of(statement, "verdict"));
    if (substance_of(recorded) == substance_of(statement)) return;
    dispute(run, fmt::format("the recorded verdict ({}{}) is not what the recordings give ({}: {})",
                             text_of(recorded, "verdict"),
                             recorded_by.empty() ? "" : ", by cambench " + recorded_by,
                             to_string(run.verdict), run.reason));
}

Result<ScenarioRun> load_scenario(const fs::path& directory, Hashing hashing, const Judge& judge) {
    EvidenceReader reader(directory);
    ScenarioRun run;
    run.directory = directory;
    const auto run_file = read_object(reader, "run.json");
    const auto statement = read_object(reader, "verdict.json");
    TRY(check_format(run_file, "run.json"));
    TRY(check_format(statement, "verdict.json"));
    run.finished = statement.is_object();
    read_statement(run.finished ? statement : run_file, run);
    if (run.finished) {
        run.verdict = verdict_from(text_of(statement, "verdict"));
        doubt_contradictions(run);
        if (judge) judge_anew(directory, statement, judge, run);
    } else {
        run.verdict = Verdict::inconclusive;
        run.reason = did_not_finish;
    }
    read_timeline(reader, run);
    read_console(reader, run);
    if (hashing == Hashing::all) reader.hash_the_rest();
    reader.list_files(run);
    doubt_alterations(run);
    if (run.started.empty()) run.started = run.timeline.wall_zero;
    if (run.id.empty()) run.id = directory.filename().string();
    return run;
}

Result<ScenarioRun> load_part(const fs::path& directory, const Json& entry, Hashing hashing,
                              const Judge& judge) {
    const auto path = text_of(entry, "evidence");
    ScenarioRun missing;
    missing.id = text_of(entry, "id");
    missing.title = text_of(entry, "title");
    missing.level = text_of(entry, "level");
    missing.slot = text_of(entry, "slot");
    missing.unit = text_of(entry, "unit");
    missing.persona = text_of(entry, "persona");
    missing.directory = directory / fs::path(path).filename();
    missing.reason = text_of(entry, "reason").empty() ? "its evidence is missing" : text_of(entry, "reason");
    missing.verdict = text_of(entry, "verdict") == "ERROR" ? Verdict::error : Verdict::inconclusive;
    missing.warnings.emplace_back("there is no evidence directory of this scenario");
    // A part lives below the suite's directory, whatever its run.json says.
    const auto place = part_directory(directory, path);
    if (!place) return missing;
    TRY_ASSIGN(auto run, load_scenario(*place, hashing, judge));
    run.level = text_of(entry, "level");
    if (!missing.id.empty()) run.id = missing.id;  // a suite may run one scenario several times
    if (run.title.empty()) run.title = missing.title;
    const auto stated = text_of(entry, "verdict");
    if (!stated.empty() && verdict_from(stated) != run.verdict)
        run.warnings.push_back(fmt::format("the suite says {} of this scenario, its own evidence says {}",
                                           stated, to_string(run.verdict)));
    return run;
}

Result<FinishedRun> load_suite(const fs::path& directory, const Json& run_file, EvidenceReader& reader,
                               Hashing hashing, const Judge& judge) {
    const auto statement = read_object(reader, "verdict.json");
    TRY(check_format(statement, "verdict.json"));
    FinishedRun run{directory,
                    FinishedRun::Kind::suite,
                    text_of(run_file, "title"),
                    Verdict::inconclusive,
                    did_not_finish,
                    {},
                    {},
                    text_of(run_file, "run")};
    if (run.title.empty()) run.title = text_of(run_file, "suite");
    if (statement.is_object()) {
        run.verdict = verdict_from(text_of(statement, "verdict"));
        run.reason = text_of(statement, "reason");
    }
    if (hashing == Hashing::all) reader.hash_the_rest();
    run.warnings = reader.warnings();
    run.altered = reader.altered();
    const auto& stated = member(statement, "scenarios");
    const auto& list = stated.is_array() ? stated : member(run_file, "scenarios");
    if (!list.is_array()) return run;
    for (const auto& entry : list) {
        TRY_ASSIGN(auto part, load_part(directory, entry, hashing, judge));
        run.altered = run.altered || part.altered;
        run.disputed = run.disputed || part.disputed;
        run.scenarios.push_back(std::move(part));
    }
    const auto is_pass = [](const ScenarioRun& part) {
        return part.verdict == Verdict::pass || part.level == "should";
    };
    if (run.verdict == Verdict::pass &&
        (run.scenarios.empty() || !std::all_of(run.scenarios.begin(), run.scenarios.end(), is_pass))) {
        run.verdict = Verdict::error;
        run.reason = "the suite's verdict contradicts its scenarios";
        run.warnings.emplace_back("verdict.json says PASS but a scenario that must pass does not");
    }
    if (run.altered || run.disputed) {
        run.verdict = Verdict::error;
        run.reason = run.altered ? was_altered : "a recorded verdict is not what its recordings give";
    }
    return run;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "PASS";
        case Verdict::fail:
            return "FAIL";
        case Verdict::inconclusive:
            return "INCONCLUSIVE";
        case Verdict::error:
            return "ERROR";
    }
    return "ERROR";
}

FinishedRun foreign_run(const Json& statement, const std::string& name) {
    FinishedRun run;
    run.directory = name;
    run.title = "What " + name + " shows";
    auto& scenario = run.scenarios.emplace_back();
    read_statement(statement, scenario);
    scenario.finished = scenario.foreign = true;
    scenario.directory = name;
    scenario.title = run.title;
    run.verdict = scenario.verdict = verdict_from(text_of(statement, "verdict"));
    run.reason = scenario.reason;
    return run;
}

Result<FinishedRun> load_finished_run(const fs::path& given, Hashing hashing, const Judge& judge) {
    std::error_code failure;
    auto directory = fs::canonical(given, failure);
    if (failure) return usage_error(fmt::format("{}: {}", inert(given.string()), failure.message()));
    const auto holds = [&](const char* name) { return fs::exists(directory / name, failure); };
    if (!fs::is_directory(directory, failure) ||
        !(holds("run.json") || holds("verdict.json") || holds("timeline.jsonl")))
        return usage_error(
            fmt::format("{}: not an evidence directory (no run.json, verdict.json or timeline.jsonl)",
                        inert(given.string())));
    EvidenceReader reader(directory);
    const auto run_file = read_object(reader, "run.json");
    TRY(check_format(run_file, "run.json"));
    if (text_of(run_file, "kind") == "suite") return load_suite(directory, run_file, reader, hashing, judge);
    TRY_ASSIGN(auto only, load_scenario(directory, hashing, judge));
    FinishedRun run{directory,    FinishedRun::Kind::scenario,
                    only.title,   only.verdict,
                    only.reason,  {},
                    {},           only.run,
                    only.altered, only.disputed};
    run.scenarios.push_back(std::move(only));
    return run;
}

}  // namespace cambench::reports
