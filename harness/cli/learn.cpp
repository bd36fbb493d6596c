#include "harness/cli/learn.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <ostream>

#include "harness/checks/learn.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/cli/names.hpp"
#include "harness/cli/recordings.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration_xml.hpp"
#include "harness/declaration/mud.hpp"
#include "harness/evidence/evidence.hpp"

namespace cambench::cli {
namespace {

constexpr auto default_url = "https://vendor.example/mud.json";

/// To the file, or to `out` without one.
Status deliver(const std::string& text, const std::filesystem::path& file, std::ostream& out,
               std::ostream& errors) {
    if (file.empty()) {
        out << text;
        return {};
    }
    TRY(write_file_atomically(file, text));
    errors << inert(file.string()) << " written\n";
    return {};
}

bool shows_a_camera(const analysis::Observations& recording) {
    return recording.camera.mac || !recording.camera.addresses.empty();
}

/// Whether several captures may be one recording in several files: all of one camera.
bool are_of_one_camera(const std::vector<analysis::Observations>& recordings) {
    return std::all_of(recordings.begin(), recordings.end(),
                       [&](const auto& one) { return one.camera.mac == recordings.front().camera.mac; });
}

/// Each recording for itself. Captures of one camera are read as one recording as well, since a file may lack
/// what the one before it told; and the capture in evidence without its run, as somebody may judge it who has
/// nothing else.
Result<std::vector<analysis::Observations>> recordings_of(const LearnOptions& options,
                                                          std::vector<std::string>& serials) {
    std::vector<analysis::Observations> recordings;
    std::vector<std::filesystem::path> captures;
    for (const auto& file : options.recordings) {
        auto recording = observe({file}, options.camera, options.units);
        if (!recording) return std::move(recording).error().in(file.string());
        if (!shows_a_camera(*recording))
            return usage_error(
                fmt::format("{}: no camera is in this recording; name it with --camera", file.string()));
        recordings.push_back(std::move(*recording));
        if (std::error_code code; !std::filesystem::is_directory(file, code)) {
            captures.push_back(file);
            continue;
        }
        if (auto bare = observe({file / "capture.pcapng"}, options.camera, options.units);
            bare && shows_a_camera(*bare))
            recordings.push_back(std::move(*bare));
        if (const auto record = read_run_record(file); record && !record->unit.empty())
            serials.push_back(record->unit);
    }
    if (captures.size() > 1 && captures.size() == options.recordings.size() &&
        are_of_one_camera(recordings)) {
        TRY_ASSIGN(auto whole, observe(captures, options.camera, options.units));
        if (shows_a_camera(whole)) recordings.push_back(std::move(whole));
    }
    return recordings;
}

Status learn(const LearnOptions& options, std::ostream& out, std::ostream& errors) {
    auto serials = options.units;
    TRY_ASSIGN(const auto recordings, recordings_of(options, serials));
    auto draft = draft_declaration(recordings, serials);
    if (!options.vendor.empty()) draft.declaration.vendor = options.vendor;
    if (!options.model.empty()) draft.declaration.model = options.model;
    DeclarationRemarks remarks;
    remarks.head = fmt::format(
        "Drafted by cambench {} from what was seen in {}. It becomes a declaration when the vendor has "
        "stated every "
        "purpose, confirmed every pattern, settled everything that is unexplained, added what did not happen "
        "in the recording "
        "(services, updates, abilities), and signed it.",
        CAMBENCH_VERSION,
        options.recordings.size() == 1 ? "one recording"
                                       : fmt::format("{} recordings", options.recordings.size()));
    remarks.destinations = draft.seen;
    remarks.left_out = draft.withheld;
    TRY(deliver(declaration_xml(draft.declaration, remarks), options.out, out, errors));
    for (const auto& text : draft.withheld) errors << inert(text) << '\n';
    for (const auto& one : draft.declaration.unexplained)
        errors << fmt::format("unexplained: {}: {}\n", inert(one.check),
                              one.finding.empty() ? "whatever it finds" : inert(one.finding));
    return {};
}

Status import_mud(const std::string& text, const MudOptions& options, std::ostream& out,
                  std::ostream& errors) {
    TRY_ASSIGN(const auto imported, mud::read(text));
    DeclarationRemarks remarks;
    remarks.head = fmt::format("Made by cambench {} of the MUD file {}.", CAMBENCH_VERSION,
                               imported.url.empty() ? options.file.filename().string() : imported.url);
    for (const auto& left_out : imported.left_out) remarks.left_out.push_back("not taken over: " + left_out);
    TRY(deliver(declaration_xml(imported.declaration, remarks), options.out, out, errors));
    for (const auto& left_out : imported.left_out) errors << "not taken over: " << inert(left_out) << '\n';
    return {};
}

Status export_mud(const MudOptions& options, std::ostream& out, std::ostream& errors) {
    TRY_ASSIGN(const auto declaration, find_declaration(options.file.string(), errors));
    const auto now = std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now());
    const auto exported = mud::write(declaration, options.url.empty() ? default_url : options.url, now);
    TRY(deliver(exported.json, options.out, out, errors));
    for (const auto& left_out : exported.left_out)
        errors << "not in the MUD file: " << inert(left_out) << '\n';
    if (options.url.empty())
        errors << fmt::format("mud-url is {}: name the right one with --url\n", default_url);
    return {};
}

Status convert(const MudOptions& options, std::ostream& out, std::ostream& errors) {
    if (std::error_code code; std::filesystem::exists(options.file, code)) {
        TRY_ASSIGN(const auto text, read_text_file(options.file));
        if (trim(text).starts_with('{')) {
            auto status = import_mud(text, options, out, errors);
            return status ? status : Status(std::move(status).error().in(options.file.string()));
        }
    }
    return export_mud(options, out, errors);
}

int finish(const Status& status, std::ostream& errors) {
    if (status) return 0;
    errors << "cambench: " << printable(status.error().message) << '\n';
    return status.error().fault == Fault::usage ? usage_exit_code : bench_error_exit_code;
}

}  // namespace

int learn_command(const LearnOptions& options, std::ostream& out, std::ostream& errors) {
    return finish(learn(options, out, errors), errors);
}

int mud_command(const MudOptions& options, std::ostream& out, std::ostream& errors) {
    return finish(convert(options, out, errors), errors);
}

}  // namespace cambench::cli
