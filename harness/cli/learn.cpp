#include "harness/cli/learn.hpp"

#include <fmt/format.h>
#include <ostream>

#include "harness/checks/learn.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/names.hpp"
#include "harness/cli/recordings.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/scenario/declaration_xml.hpp"
#include "harness/scenario/mud.hpp"

namespace cambench::cli {
namespace {

constexpr auto default_url = "https://vendor.example/mud.json";

/// To the file, or to `out` without one.
Status deliver(const std::string& text, const std::filesystem::path& file, std::ostream& out, std::ostream& errors) {
    if (file.empty()) {
        out << text;
        return {};
    }
    TRY(write_file_atomically(file, text));
    errors << inert(file.string()) << " written\n";
    return {};
}

Status learn(const LearnOptions& options, std::ostream& out, std::ostream& errors) {
    TRY_ASSIGN(const auto observations, observe(options.recordings, options.camera));
    if (!observations.camera.mac && observations.camera.addresses.empty()) return usage_error("no camera is in this recording; name it with --camera");
    auto draft = draft_declaration(observations);
    if (!options.vendor.empty()) draft.declaration.vendor = options.vendor;
    if (!options.model.empty()) draft.declaration.model = options.model;
    DeclarationRemarks remarks;
    remarks.head = fmt::format("Drafted by cambench {} from what one unit was seen to do. It becomes a declaration when the vendor has stated every "
                               "purpose, added what did not happen in the recording (services, updates, abilities), and signed it.",
                               CAMBENCH_VERSION);
    remarks.destinations = draft.seen;
    remarks.left_out = draft.withheld;
    TRY(deliver(declaration_xml(draft.declaration, remarks), options.out, out, errors));
    for (const auto& text : draft.withheld) errors << text << '\n';
    return {};
}

Status import_mud(const std::string& text, const MudOptions& options, std::ostream& out, std::ostream& errors) {
    TRY_ASSIGN(const auto imported, mud::read(text));
    DeclarationRemarks remarks;
    remarks.head = fmt::format("Made by cambench {} of the MUD file {}.", CAMBENCH_VERSION, imported.url.empty() ? options.file.filename().string() : imported.url);
    for (const auto& left_out : imported.left_out) remarks.left_out.push_back("not taken over: " + left_out);
    TRY(deliver(declaration_xml(imported.declaration, remarks), options.out, out, errors));
    for (const auto& left_out : imported.left_out) errors << "not taken over: " << left_out << '\n';
    return {};
}

Status export_mud(const MudOptions& options, std::ostream& out, std::ostream& errors) {
    TRY_ASSIGN(const auto declaration, find_declaration(options.file.string(), errors));
    const auto now = std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now());
    const auto exported = mud::write(declaration, options.url.empty() ? default_url : options.url, now);
    TRY(deliver(exported.json, options.out, out, errors));
    for (const auto& left_out : exported.left_out) errors << "not in the MUD file: " << inert(left_out) << '\n';
    if (options.url.empty()) errors << fmt::format("mud-url is {}: name the right one with --url\n", default_url);
    return {};
}

Status convert(const MudOptions& options, std::ostream& out, std::ostream& errors) {
    if (std::filesystem::exists(options.file)) {
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
    errors << "cambench: " << inert(status.error().message) << '\n';
    return status.error().fault == Fault::usage ? usage_exit_code : bench_error_exit_code;
}

}  // namespace

int learn_command(const LearnOptions& options, std::ostream& out, std::ostream& errors) { return finish(learn(options, out, errors), errors); }

int mud_command(const MudOptions& options, std::ostream& out, std::ostream& errors) { return finish(convert(options, out, errors), errors); }

}  // namespace cambench::cli
