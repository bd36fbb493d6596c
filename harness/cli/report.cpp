#include "harness/cli/report.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <ostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/record.hpp"
#include "harness/runner/judge_evidence.hpp"
#include "reports/html/page.hpp"
#include "reports/json/run_json.hpp"
#include "reports/junit/junit.hpp"
#include "reports/pdf/pdf.hpp"

namespace cambench::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto pdf_time = std::chrono::minutes(2);
constexpr int altered_exit_code = 1;  ///< as cambench verify has it
constexpr auto altered_text =
    "the evidence was altered after the run ('cambench verify' names the files); the reports say so";

/// "runs/one/" and "runs/one" both become "runs/one.html".
fs::path beside(const fs::path& evidence) {
    std::error_code ignored;
    const auto name = fs::weakly_canonical(evidence, ignored).filename().string() + ".html";
    const auto plain = evidence.has_filename() ? evidence : evidence.parent_path();
    return plain.filename() == "." || plain.filename() == ".."
               ? fs::weakly_canonical(evidence, ignored).parent_path() / name
               : plain.parent_path() / name;
}

/// Evidence is sealed by its manifest: a report written into it would read as a file added after the run.
Status keep_out(const fs::path& file, const reports::FinishedRun& run) {
    std::error_code ignored;
    const auto target = fs::weakly_canonical(file, ignored);
    const auto& directory = run.directory;
    const auto ends = std::mismatch(directory.begin(), directory.end(), target.begin(), target.end());
    if (ends.first != directory.end()) return {};
    return usage_error(fmt::format(
        "{}: lies inside the evidence, which is sealed; write the report elsewhere", inert(file.string())));
}

class Writer {
public:
    Writer(const reports::FinishedRun& run, std::ostream& paths) : run_(run), paths_(paths) {}

    Status write(const fs::path& file, const std::string& content) {
        TRY(keep_out(file, run_));
        TRY(write_file_atomically(file, content));
        return say(file);
    }
    Status write_pdf(const fs::path& file) {
        TRY(keep_out(file, run_));
        TRY(reports::write_pdf_report(run_, file, Deadline::after(pdf_time)));
        return say(file);
    }

private:
    Status say(const fs::path& file) {
        paths_ << inert(file.string()) << '\n';
        return {};
    }
    const reports::FinishedRun& run_;
    std::ostream& paths_;
};

Status write_all(const ReportOptions& options, const reports::FinishedRun& run, std::ostream& out,
                 std::ostream& errors) {
    const auto as_json = options.json == ReportOptions::Json::yes;
    Writer writer(run, as_json ? errors : out);
    const auto nothing_asked =
        options.html.empty() && options.junit.empty() && options.pdf.empty() && !as_json;
    const auto html = nothing_asked ? beside(options.evidence) : options.html;
    if (!html.empty()) TRY(writer.write(html, reports::html_report(run)));
    if (!options.junit.empty()) TRY(writer.write(options.junit, reports::junit_report(run)));
    if (!options.pdf.empty()) TRY(writer.write_pdf(options.pdf));
    if (as_json) out << reports::run_json(run).dump(2) << '\n';
    return {};
}

/// A suite's own seal; those of its parts are judged with them.
void judge_seal(const fs::path& evidence, reports::FinishedRun& run) {
    using reports::Verdict;
    if (run.kind != reports::FinishedRun::Kind::suite || run.altered) return;
    const auto seal = seal_of(evidence);
    if (seal) return;
    const bool killed = seal.error().fault == Fault::cancelled;
    run.warnings.push_back(seal.error().message);
    if (killed && run.verdict != Verdict::pass) return;
    run.altered = !killed;
    run.verdict = killed ? Verdict::inconclusive : Verdict::error;
    run.reason = seal.error().message;
}

Result<reports::FinishedRun> judged_run(const fs::path& evidence) {
    std::error_code ignored;
    if (fs::exists(evidence / "run.json", ignored)) TRY(refuse_outside_parts(evidence));
    TRY_ASSIGN(auto run, reports::load_finished_run(evidence, reports::Hashing::all, judge_sealed_evidence));
    judge_seal(evidence, run);
    return run;
}

}  // namespace

int report_command(const ReportOptions& options, std::ostream& out, std::ostream& errors) {
    const auto run = judged_run(options.evidence);
    const auto status = run ? write_all(options, *run, out, errors) : Status(run.error());
    if (status && run->altered)
        errors << "cambench report: " << altered_text << '\n';
    else if (status && run->disputed)
        errors << "cambench report: " << printable(run->reason) << "; the reports say so\n";
    if (status) return run->altered || run->disputed ? altered_exit_code : 0;
    errors << "cambench report: " << printable(status.error().message) << '\n';
    return status.error().fault == Fault::usage ? usage_exit_code : bench_error_exit_code;
}

}  // namespace cambench::cli
