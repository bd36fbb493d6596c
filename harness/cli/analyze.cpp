#include "harness/cli/analyze.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <ostream>

#include "harness/analysis/analyze.hpp"
#include "harness/analysis/contents/media_files.hpp"
#include "harness/analysis/contents/places.hpp"
#include "harness/checks/judgement.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/cli/names.hpp"
#include "harness/cli/print_json.hpp"
#include "harness/cli/progress.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "reports/html/page.hpp"

namespace cambench::cli {
namespace {

constexpr std::size_t widest_name = 48;

using Row = std::vector<std::string>;

/// Cuts a long foreign name so that the table keeps its shape.
std::string fitting(std::string text) {
    text = inert(text);
    if (text.size() <= widest_name) return text;
    return text.substr(0, widest_name - 2) + "..";
}

std::string clock_text(const Json& seconds) {
    const auto micros = std::chrono::microseconds(static_cast<std::int64_t>(seconds.get<double>() * 1e6));
    return format_timestamp(WallTime(micros)).substr(0, 19);
}

std::string declared_text(const Json& declared) {
    return declared.is_null() ? "-" : declared.get<bool>() ? "yes" : "NO";
}

/// "Hikvision p2p"; "-" when nobody is known behind the name.
std::string owner_text(const Json& cloud) {
    if (cloud.is_null()) return "-";
    const auto& owner = cloud["owner"];
    const auto role = cloud["role"].get<std::string>();
    return (owner.is_null() ? role : owner.get<std::string>() + " " + role) +
           (cloud["covered"].get<bool>() ? " (covered)" : "");
}

/// "KR AS4766 Korea Telecom"; "-" when no database knows.
std::string place_text(const Json& place) {
    std::vector<std::string> parts;
    for (const auto* key : {"country", "as", "organisation"})
        if (!place.is_null() && !place[key].is_null()) parts.push_back(place[key].get<std::string>());
    return parts.empty() ? "-" : fitting(join(parts, " "));
}

Row row_of(const Json& destination) {
    const auto& name = destination["name"];
    return {name.is_null() ? "-" : fitting(name.get<std::string>()),
            destination["address"].get<std::string>(),
            destination["resolution"].get<std::string>(),
            fmt::format("{}/{}", destination["port"].get<unsigned>(),
                        destination["transport"].get<std::string>()),
            destination["protocol"].get<std::string>().empty()
                ? "-"
                : fitting(destination["protocol"].get<std::string>()),
            fmt::format("{}", destination["bytes_out"].get<std::uint64_t>()),
            fmt::format("{}", destination["bytes_in"].get<std::uint64_t>()),
            fmt::format("{}", destination["attempts"].get<std::uint64_t>()),
            clock_text(destination["first_seen"]),
            clock_text(destination["last_seen"]),
            declared_text(destination["declared"]),
            owner_text(destination["cloud"]),
            place_text(destination["place"])};
}

void print_table(const std::vector<Row>& rows, std::ostream& out) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
        out << trim(line) << '\n';
    }
}

void print_pointers(const Json& evidence, std::ostream& out) {
    std::vector<std::string> places;
    for (const auto& pointer : evidence) {
        if (pointer.contains("frame"))
            places.push_back(fmt::format("frame {}", pointer["frame"].get<std::uint64_t>()));
        else if (pointer.contains("line"))
            places.push_back(fmt::format("line {}", pointer["line"].get<std::uint64_t>()));
    }
    if (!places.empty()) out << "    see " << join(places, ", ") << '\n';
}

/// What looks like a question for firmware, and whether any came.
void print_update_requests(const Json& result, std::ostream& out) {
    const auto contacts = result.find("update_requests");
    if (contacts == result.end()) return;
    out << "\nasks for firmware:\n";
    for (const auto& one : *contacts) {
        out << fmt::format("  {}:{} {}, {}{}: {}\n", fitting(one["server"].get<std::string>()),
                           one["port"].get<unsigned>(),
                           one["encrypted"].get<bool>() ? "inside TLS" : "in clear",
                           one["certain"].get<bool>() ? "" : "probably, ",
                           one["times"].get<std::uint64_t>() == 1
                               ? "once"
                               : fmt::format("{} times", one["times"].get<std::uint64_t>()),
                           inert(one["request"].get<std::string>()));
        for (const auto& ground : one["grounds"]) out << "    " << inert(ground.get<std::string>()) << '\n';
        if (!one["frame"].is_null())
            out << fmt::format("    see frame {}\n", one["frame"].get<std::uint64_t>());
    }
}

void print_text(const Json& result, std::ostream& out) {
    const auto& camera = result["camera"];
    std::vector<std::string> addresses;
    for (const auto& address : camera["addresses"]) addresses.push_back(address.get<std::string>());
    out << inert(result["capture"].get<std::string>()) << '\n';
    out << "camera " << (camera["mac"].is_null() ? "not seen" : camera["mac"].get<std::string>())
        << (camera["guessed"].get<bool>() ? " (guessed)" : "") << "  " << join(addresses, " ");
    if (const auto name = camera["hostname"].get<std::string>(); !name.empty()) out << "  " << fitting(name);
    out << "\n\n";
    std::vector<Row> rows{{"name", "address", "known by", "port", "protocol", "out", "in", "attempts",
                           "first seen", "last seen", "declared", "known as", "belongs to"}};
    for (const auto& destination : result["destinations"]) rows.push_back(row_of(destination));
    const auto placed = [](const Json& destination) { return !destination["place"].is_null(); };
    if (std::none_of(result["destinations"].begin(), result["destinations"].end(), placed))
        for (auto& row : rows) row.pop_back();  // no database, nothing to tell
    print_table(rows, out);
    print_update_requests(result, out);
    if (!result["findings"].empty()) out << '\n';
    for (const auto& finding : result["findings"]) {
        const auto verdict = finding["verdict"].get<std::string>();
        out << fmt::format("{:<12}  {}  [{}]\n", verdict == "PASS" ? "noted" : verdict,
                           inert(finding["title"].get<std::string>()), finding["check"].get<std::string>());
        if (const auto detail = finding["detail"].get<std::string>(); !detail.empty())
            out << "    " << inert(detail) << '\n';
        print_pointers(finding["evidence"], out);
    }
    out << "\nnot seen:\n";
    for (const auto& limit : result["limits"]) out << "  " << inert(limit.get<std::string>()) << '\n';
    out << fmt::format("\n{}: {}\n", result["verdict"].get<std::string>(),
                       inert(result["reason"].get<std::string>()));
}

struct Inputs {
    analysis::Inputs recordings;
    std::optional<Declaration> declaration;
};

Result<Inputs> inputs_of(const AnalyzeOptions& options, std::ostream& errors) {
    Inputs inputs;
    for (const auto& capture : options.captures) inputs.recordings.captures.push_back({capture, ""});
    inputs.recordings.serials = options.units;
    if (!options.camera.empty()) {
        TRY_ASSIGN(inputs.recordings.camera, analysis::parse_camera(options.camera));
    }
    if (options.declaration.empty()) return inputs;
    TRY_ASSIGN(inputs.declaration, find_declaration(options.declaration.string(), errors));
    inputs.recordings.mac_prefixes = inputs.declaration->identity.mac_prefixes;
    return inputs;
}

void add_places(const analysis::PlaceBook& book, analysis::Observations& observations) {
    for (auto& destination : observations.destinations) {
        for (const auto& address : destination.addresses)
            if (!destination.place) destination.place = book.place_of(address);
    }
}

/// The files stand where the contents say: in "file" of the JSON.
Status write_media(const std::filesystem::path& folder, const std::vector<analysis::Recording>& recordings,
                   analysis::Observations& observations, std::ostream& errors) {
    TRY_ASSIGN(const auto files, analysis::take_media(recordings, observations));
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code) return usage_error(fmt::format("make the folder {}: {}", folder.string(), code.message()));
    for (const auto& file : files) {
        TRY(write_file_atomically(folder / file.name, as_text(file.bytes)));
        auto& destination = observations.destinations[file.destination];
        auto& fact = destination.contents[file.content];
        fact.payload = (folder / file.name).string();
        errors << inert(fmt::format(
                      "media: {}: {} to {}, frame {}, {} bytes", fact.payload, fact.what,
                      destination.name.empty() ? destination.addresses.front().to_string() : destination.name,
                      fact.frame.number, file.bytes.size()))
               << '\n';
    }
    if (files.empty()) errors << "media: none that could be taken out\n";
    return {};
}

Result<analysis::Observations> read(const AnalyzeOptions& options, analysis::Inputs recordings,
                                    std::ostream& errors) {
    Bar bar("reading " + inert(options.captures.front().filename().string()),
            options.quiet ? Bar::Shown::never : Bar::Shown::on_terminal);
    recordings.progress = [&bar](double share) { bar.reach(share); };
    TRY_ASSIGN(const auto book, analysis::PlaceBook::open(options.databases));
    TRY_ASSIGN(auto observations, analysis::analyze(recordings));
    add_places(book, observations);
    if (!options.media.empty()) TRY(write_media(options.media, recordings.captures, observations, errors));
    return observations;
}

Status write_page(const AnalyzeOptions& options, Json statement, const analysis::Observations& observations) {
    statement["tool"] = {{"name", "cambench"}, {"version", CAMBENCH_VERSION}};
    for (const auto& capture : observations.captures)
        if (capture.first && !statement.contains("started"))
            statement["started"] = format_timestamp(*capture.first);
    if (observations.recorded)
        statement["duration_s"] = std::chrono::duration<double>(*observations.recorded).count();
    auto name = options.captures.front().filename().string();
    if (options.captures.size() > 1) name += fmt::format(" and {} more", options.captures.size() - 1);
    return write_file_atomically(options.html, reports::html_report(reports::foreign_run(statement, name)));
}

}  // namespace

int analyze_command(const AnalyzeOptions& options, std::ostream& out, std::ostream& errors) {
    auto inputs = inputs_of(options, errors);
    if (!inputs) {
        errors << "cambench: " << printable(inputs.error().message) << '\n';
        return usage_exit_code;
    }
    const auto observations = read(options, std::move(inputs->recordings), errors);
    if (!observations) {
        errors << "cambench: " << printable(observations.error().message) << '\n';
        return observations.error().fault == Fault::usage ? usage_exit_code : exit_code(Verdict::error);
    }
    const auto* declaration = inputs->declaration ? &*inputs->declaration : nullptr;
    const auto judgement = judge(*observations, declaration, {}, Scope::captures);
    if (!options.html.empty()) {
        if (const auto status =
                write_page(options, to_json(*observations, declaration, judgement), *observations);
            !status) {
            errors << "cambench: " << printable(status.error().message) << '\n';
            return exit_code(Verdict::error);
        }
    }
    const auto name = options.captures.front().string();
    if (options.format == OutputFormat::json)
        print_json(analyze_members(*observations, declaration, judgement, name), out);
    else
        print_text(analyze_json(*observations, declaration, judgement, name), out);
    return exit_code(judgement.verdict);
}

}  // namespace cambench::cli
