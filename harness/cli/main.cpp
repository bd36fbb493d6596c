#include <CLI/CLI.hpp>
#include <cstdio>

#include "harness/cli/analyze.hpp"
#include "harness/cli/check.hpp"
#include "harness/cli/doctor.hpp"
#include "harness/cli/list.hpp"
#include "harness/cli/replay.hpp"
#include "harness/cli/report.hpp"
#include "harness/cli/run.hpp"

int main(int count, char** arguments) {
    constexpr int usage_exit_code = 64, bench_error_exit_code = 3;
    CLI::App app("cambench: a hardware-in-the-loop test bench for surveillance cameras\n\n"
                 "Exit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR of the bench, 64 usage");
    app.set_version_flag("--version", "cambench " CAMBENCH_VERSION);
    app.require_subcommand(1);
    int exit_code = 0;
    using namespace cambench::cli;
    add_doctor_command(app, exit_code);
    add_check_command(app, exit_code);
    add_list_command(app, exit_code);
    add_run_command(app, exit_code);
    add_analyze_command(app, exit_code);
    add_evidence_commands(app, exit_code);
    add_report_command(app, exit_code);
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : usage_exit_code;
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "cambench: %s\n", exception.what());
        return bench_error_exit_code;
    }
    return exit_code;
}
