#include "harness/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

#include "harness/cli/analyze.hpp"
#include "harness/cli/check.hpp"
#include "harness/cli/compare.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/devices.hpp"
#include "harness/cli/doctor.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/learn.hpp"
#include "harness/cli/learn_dialogues.hpp"
#include "harness/cli/learn_update.hpp"
#include "harness/cli/list.hpp"
#include "harness/cli/messages.hpp"
#include "harness/cli/offers.hpp"
#include "harness/cli/power.hpp"
#include "harness/cli/replay.hpp"
#include "harness/cli/report.hpp"
#include "harness/cli/run.hpp"
#include "harness/cli/suggestions.hpp"
#include "harness/cli/version.hpp"
#include "harness/core/text.hpp"

namespace cambench::cli {
namespace {

void add_json_flag(CLI::App& command, OutputFormat& format) {
    command.add_flag_callback(
        "--json", [&format] { format = OutputFormat::json; }, "Print the result as JSON");
}

void add_doctor_command(CLI::App& app, int& exit_code) {
    const auto format = std::make_shared<OutputFormat>(OutputFormat::text);
    auto* command = app.add_subcommand("doctor", "What this host can and cannot do, and how to mend it");
    add_json_flag(*command, *format);
    command->callback([format, &exit_code] { exit_code = doctor_command(*format); });
}

void add_devices_command(CLI::App& app, int& exit_code) {
    const auto format = std::make_shared<OutputFormat>(OutputFormat::text);
    auto* command = app.add_subcommand(
        "devices",
        "Relay boards, switchable hubs, serial ports and network cards, with the line for a bench file");
    add_json_flag(*command, *format);
    command->callback([format, &exit_code] { exit_code = devices_command(*format, std::cout); });
}

void add_power_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("power", "Switch or read a slot's power by hand");
    const auto options = std::make_shared<PowerOptions>();
    const std::vector<std::string> actions(std::begin(power_actions), std::end(power_actions));
    command->add_option("SLOT", options->slot, "A slot of the bench")->required();
    command->add_option("ACTION", options->action, join(actions, " | "))
        ->required()
        ->check(CLI::IsMember(actions));
    command->add_option("--bench", options->bench, "Bench file, or the name of a shipped one")
        ->capture_default_str();
    command->add_option("--off-for", options->off_for, "How long a cycle leaves the unit without power")
        ->capture_default_str();
    add_json_flag(*command, options->format);
    command->callback([options, &exit_code] { exit_code = power_command(*options, std::cout, std::cerr); });
}

void add_console_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("console", "A slot's console on this terminal; Ctrl-] q leaves it");
    const auto options = std::make_shared<ConsoleOptions>();
    command->add_option("SLOT", options->slot, "A slot of the bench")->required();
    command->add_option("--bench", options->bench, "Bench file, or the name of a shipped one")
        ->capture_default_str();
    command->add_option("--log", options->log, "Append every byte to a file, as it came");
    command->add_flag_callback(
        "--write", [options] { options->typing = ConsoleOptions::Typing::on; },
        "Type on it, too; without this it only listens");
    command->add_flag_callback(
        "--raw", [options] { options->text = ConsoleOptions::Text::raw; },
        "Let the unit's control characters reach this terminal");
    command->callback([options, &exit_code] { exit_code = console_command(*options); });
}

void add_check_command(CLI::App& app, int& exit_code) {
    auto* command =
        app.add_subcommand("check", "Validate XML files: file:line:column: what, and what would be right");
    const auto options = std::make_shared<CheckOptions>();
    command
        ->add_option(
            "FILE", options->files,
            "Scenarios, suites, bench files, declarations, requirements, personas, or folders of them")
        ->required();
    command
        ->add_option(
            "--allow", options->allow,
            "A folder below which files may lie that these documents name, beside their own; may be repeated")
        ->type_name("DIR")
        ->allow_extra_args(false);
    add_json_flag(*command, options->format);
    command->callback([options, &exit_code] { exit_code = check_command(*options, std::cout); });
}

void add_list_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("list", "What there is: " + join(list_topics(), ", "));
    const auto options = std::make_shared<ListOptions>();
    command->add_option("TOPIC", options->topic, join(list_topics(), " | "))->required();
    add_json_flag(*command, options->format);
    command->callback([options, &exit_code] { exit_code = list_command(*options, std::cout, std::cerr); });
}

void add_run_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<RunOptions>();
    auto* command = app.add_subcommand("run", "Run scenarios or suites on one or more slots");
    command
        ->add_option("SCENARIO", options->scenarios,
                     "Scenarios and suites: files, or names from 'cambench list scenarios'")
        ->required();
    command->add_option("--bench", options->bench, "Bench file, or the name of a shipped one")
        ->capture_default_str();
    command->add_option("--slot", options->slots, "Slot of the bench; may be repeated; 'all' for every slot");
    command->add_option("--declaration", options->declaration,
                        "What the vendor declares: a file or a shipped name");
    command
        ->add_option("--address", options->addresses,
                     "The unit's own address where it does not ask DHCP, such as 192.168.1.108/24; the "
                     "declaration's <network> says it, too")
        ->type_name("ADDRESS")
        ->allow_extra_args(false);
    command->add_option(
        "--persona", options->personas,
        "The emulated camera's behaviour: a file or a name; one for all slots or one for each");
    command->add_option(
        "--unit", options->units,
        "Serial number of the unit in the slot; with several slots one for each, in their order");
    command->add_option(
        "--set", options->parameters,
        "A parameter: name=value, for every scenario that has it, or SCENARIO.name=value; may be repeated");
    command
        ->add_option("--allow", options->allow,
                     "A folder below which files may lie that documents name, beside the documents' own; may "
                     "be repeated")
        ->type_name("DIR")
        ->allow_extra_args(false);
    command->add_option("--out", options->out,
                        "Evidence directory, new or empty (default: cambench-runs/TIME-NAME)");
    command
        ->add_flag("--resume", options->resume,
                   "Go on with the run that --out holds: what it has judged PASS or FAIL is not run again")
        ->needs("--out");
    command->add_option("--jobs", options->jobs,
                        "How many slots at once; without --slot the first N of the bench");
    command->add_flag("--share", options->share,
                      "The slots hold units of one model and share the scenarios out: each runs on one of "
                      "them, not on all");
    command->add_flag("--json", options->json, "Print the result as JSON (reports/json/run.schema.json)");
    command->add_flag("--quiet", options->quiet, "No progress on standard error");
    command->footer(
        "Examples:\n"
        "  cambench run quick                                  a first look at an emulated camera\n"
        "  cambench run quick --declaration haneul-hv-2100     compared with what its vendor declares\n"
        "  cambench run planted-address --persona planted-address --set window=30s\n"
        "  cambench run phone-home --bench rack.xml --slot a1 --unit HV2100A0000017 --declaration "
        "hv-2100.xml --out unit-17\n"
        "  cambench run phone-home --bench rack.xml --slot a1 --out unit-17 --resume\n"
        "  cambench run phone-home --bench rack.xml --slot all --share\n"
        "  cambench run mine.xml --json --quiet | jq .verdict\n"
        "\nExit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR of the bench, 64 usage");
    command->callback([options, &exit_code] { exit_code = run_command(*options); });
}

void add_analyze_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "analyze", "Say whom the camera in a network capture talks to, and what is wrong with that");
    const auto options = std::make_shared<AnalyzeOptions>();
    command
        ->add_option("CAPTURE", options->captures,
                     "pcap or pcapng files; several are one recording in order of time")
        ->required();
    command->add_option("--declaration", options->declaration,
                        "What the vendor declares of this product (XML)");
    command->add_option("--camera", options->camera, "The camera's MAC or IP address; guessed when absent");
    command->add_option("--unit", options->units,
                        "The camera's serial number, to find it in what the camera sends; may be repeated");
    command->add_option("--geoip", options->databases,
                        "MaxMind database (.mmdb) of countries or autonomous systems, to tell where "
                        "addresses belong; may be repeated");
    command->add_option("--media", options->media,
                        "Write what the camera sent of pictures and streams in clear to this folder");
    command->add_option("--html", options->html,
                        "Write a report as one self-contained page to this file, too");
    command->add_flag("--quiet", options->quiet, "No progress on standard error");
    add_json_flag(*command, options->format);
    command->callback([options, &exit_code] { exit_code = analyze_command(*options, std::cout, std::cerr); });
}

void add_learn_dialogues_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "learn-dialogues", "Make a file for <dialogue file=\"\"/> of what servers said in a recording");
    const auto options = std::make_shared<LearnDialoguesOptions>();
    command->add_option("RECORDING", options->recording, "A pcap or pcapng file, or an evidence directory")
        ->required();
    command->add_option("--out", options->out, "The file to write (default: standard output)");
    command->add_option("--server", options->servers,
                        "Only this server: a name, '*.vendor.example' or an address; may be repeated");
    command->callback(
        [options, &exit_code] { exit_code = learn_dialogues_command(*options, std::cout, std::cerr); });
}

void add_learn_update_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("learn-update",
                                       "Make a file for <update learned=\"\"/> of what servers said about "
                                       "firmware in a recording of a genuine update");
    const auto options = std::make_shared<LearnUpdateOptions>();
    command->add_option("RECORDING", options->recording, "A pcap or pcapng file, or an evidence directory")
        ->required();
    command->add_option("--out", options->out, "The file to write (default: standard output)");
    command->add_option("--package", options->package,
                        "The genuine package (default: the largest download that looks like firmware)");
    command->add_option("--keep-package", options->keep_package,
                        "Write the package that was found to this file");
    command->add_option("--version", options->version,
                        "The package's version as the servers call it (default: as they seem to)");
    command->add_option("--server", options->servers,
                        "Only this server: a name, '*.vendor.example' or an address; may be repeated");
    command->callback(
        [options, &exit_code] { exit_code = learn_update_command(*options, std::cout, std::cerr); });
}

void add_offers_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "offers", "Make, of a genuine firmware package, everything a camera must refuse in its place");
    const auto options = std::make_shared<OffersOptions>();
    command
        ->add_option("PACKAGE", options->package,
                     "The vendor's file, or a <firmware> description of the sample product (.xml)")
        ->required();
    command->add_option("--out", options->out,
                        "The folder the family is written to; without it the package is only described");
    command->add_option("--older", options->older,
                        "An older genuine package; 'older', 'version-lie' and 'mixed-parts' are made of it");
    command->add_option("--key", options->key,
                        "PEM with the vendor's private key (Ed25519), where a laboratory has it; 'same' and "
                        "'other-model' need it");
    command->add_option("--running", options->running, "The version the camera runs, for 'same'");
    command->add_option("--only", options->only, "These kinds alone: " + join(offer_names(), ", "))
        ->check(CLI::IsMember(offer_names()));
    add_json_flag(*command, options->format);
    command->footer(offers_help());
    command->callback([options, &exit_code] { exit_code = offers_command(*options, std::cout, std::cerr); });
}

void add_learn_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "learn", "Draft a declaration from what a unit was seen to do, for its vendor to complete");
    const auto options = std::make_shared<LearnOptions>();
    command
        ->add_option("RECORDING", options->recordings,
                     "Evidence directories of scenarios, or pcap or pcapng files; of several the draft has "
                     "what all of them show")
        ->required();
    command->add_option("--camera", options->camera, "The camera's MAC or IP address; guessed when absent");
    command->add_option("--unit", options->units,
                        "The serial number of a unit that was recorded: what holds it is proposed as a "
                        "pattern; may be repeated");
    command->add_option("--vendor", options->vendor, "Who sells it");
    command->add_option("--model", options->model, "Its model designation");
    command->add_option("--out", options->out, "The file to write (default: standard output)");
    command->callback([options, &exit_code] { exit_code = learn_command(*options, std::cout, std::cerr); });
}

void add_compare_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "compare", "What two recordings of a camera differ in; exit code 1 when anything does");
    const auto options = std::make_shared<CompareOptions>();
    command->add_option("FIRST", options->first, "An evidence directory of a scenario, or a capture")
        ->required();
    command->add_option("SECOND", options->second, "Another one")->required();
    command->add_option("--camera", options->camera, "The camera's MAC or IP address; guessed when absent");
    add_json_flag(*command, options->format);
    command->callback([options, &exit_code] { exit_code = compare_command(*options, std::cout, std::cerr); });
}

void add_mud_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "mud", "Make a MUD file (RFC 8520) of a declaration, or a declaration of a MUD file");
    const auto options = std::make_shared<MudOptions>();
    command
        ->add_option("FILE", options->file,
                     "A declaration (XML, or a shipped one's name), or a MUD file (JSON)")
        ->required();
    command->add_option("--url", options->url, "Where the MUD file will be found: its mud-url");
    command->add_option("--out", options->out, "The file to write (default: standard output)");
    command->callback([options, &exit_code] { exit_code = mud_command(*options, std::cout, std::cerr); });
}

void add_evidence_commands(CLI::App& app, int& exit_code) {
    const auto directory = std::make_shared<std::filesystem::path>();
    const auto format = std::make_shared<OutputFormat>(OutputFormat::text);
    auto* replay = app.add_subcommand("replay", "Judge recorded evidence anew: no hardware, same verdict");
    replay->add_option("EVIDENCE", *directory, "An evidence directory")->required();
    add_json_flag(*replay, *format);
    replay->callback([directory, format, &exit_code] { exit_code = replay_command(*directory, *format); });
    auto* verify =
        app.add_subcommand("verify", "Check evidence against its manifest: exit code 1 when it was changed");
    verify->add_option("EVIDENCE", *directory, "An evidence directory")->required();
    verify->callback([directory, &exit_code] { exit_code = verify_command(*directory); });
}

void add_report_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "report", "Write reports of recorded evidence; without options an HTML page beside it");
    const auto options = std::make_shared<ReportOptions>();
    command->add_option("EVIDENCE", options->evidence, "An evidence directory: of a scenario or of a suite")
        ->required();
    command->add_option("--html", options->html, "Write one self-contained HTML page");
    command->add_option("--junit", options->junit, "Write JUnit XML for a CI system");
    command->add_option("--pdf", options->pdf, "Write a PDF on A4 (needs Chromium)");
    command->add_flag_callback(
        "--json", [options] { options->json = ReportOptions::Json::yes; },
        "Print the result as JSON (reports/json/run.schema.json)");
    command->callback([options, &exit_code] { exit_code = report_command(*options, std::cout, std::cerr); });
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

std::vector<std::string> names_of_options(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* option : command.get_options())
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

/// A slip of the hand in a command or an option, with what was perhaps meant; "" when it is something else.
std::string slip_of(const CLI::App& app, const std::vector<std::string>& words) {
    const auto commands = names_of_commands(app);
    if (words.empty()) return {};
    const auto& first = words.front();
    if (first.starts_with('-')) return no_such_option({first}, "cambench", names_of_options(app));
    if (std::find(commands.begin(), commands.end(), first) == commands.end())
        return no_such_command(first, commands);
    const auto* command = app.get_subcommand(first);
    const auto options = names_of_options(*command);
    std::vector<std::string> unknown;
    for (const auto& word : words) {
        const auto name = word.substr(0, word.find('='));
        if (name.starts_with("--") && name.size() > 2 &&
            std::find(options.begin(), options.end(), name) == options.end())
            unknown.push_back(word);
    }
    return no_such_option(unknown, first, options);
}

int say_mistake(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& words) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const auto slip = slip_of(app, words);
    if (slip.empty()) return app.exit(error) == 0 ? 0 : usage_exit_code;
    std::fprintf(stderr, "%s\nRun with --help for more information.\n", printable(slip).c_str());
    return usage_exit_code;
}

}  // namespace

int run_command_line(int count, const char* const* arguments) {
    CLI::App app(
        "cambench: a hardware-in-the-loop test bench for surveillance cameras\n\n"
        "Exit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR of the bench, 64 usage");
    app.set_version_flag("--version", version_line());
    app.require_subcommand(1);
    int exit_code = 0;
    add_doctor_command(app, exit_code);
    add_devices_command(app, exit_code);
    add_power_command(app, exit_code);
    add_console_command(app, exit_code);
    add_check_command(app, exit_code);
    add_list_command(app, exit_code);
    add_run_command(app, exit_code);
    add_analyze_command(app, exit_code);
    add_learn_dialogues_command(app, exit_code);
    add_learn_update_command(app, exit_code);
    add_learn_command(app, exit_code);
    add_offers_command(app, exit_code);
    add_compare_command(app, exit_code);
    add_mud_command(app, exit_code);
    add_evidence_commands(app, exit_code);
    add_report_command(app, exit_code);
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        exit_code = say_mistake(app, error,
                                std::vector<std::string>(arguments + std::min(count, 1), arguments + count));
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "cambench: %s\n", printable(exception.what()).c_str());
        return bench_error_exit_code;
    }
    return output_arrived() ? exit_code : bench_error_exit_code;
}

}  // namespace cambench::cli
