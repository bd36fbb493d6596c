#include "harness/cli/learn_update.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "harness/analysis/learning/learn_updates.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/manifest.hpp"
#include "harness/offers/container.hpp"

namespace cambench::cli {
namespace {

constexpr std::size_t longest_talk = 512U << 20, smallest_package = 1024;

using analysis::HttpExchange;

bool is_wanted(const HttpExchange& exchange, const std::vector<std::string>& servers) {
    return servers.empty() || std::any_of(servers.begin(), servers.end(), [&](const auto& server) {
               return server == exchange.host || name_matches(lower(server), exchange.host);
           });
}

Result<std::vector<HttpExchange>> recorded_exchanges(const LearnUpdateOptions& options) {
    auto file = options.recording;
    if (std::error_code code; std::filesystem::is_directory(file, code)) {
        TRY(refuse_strangers(file));
        file /= "capture.pcapng";
    }
    TRY_ASSIGN(auto source, analysis::open_file_source(file));
    TRY_ASSIGN(auto capture, analysis::CaptureReader::open(std::move(source)));
    TRY_ASSIGN(const auto talks, analysis::recorded_talks(capture, longest_talk));
    std::vector<HttpExchange> exchanges;
    for (const auto& talk : talks)
        for (auto& exchange : analysis::http_exchanges(talk))
            if (is_wanted(exchange, options.servers)) exchanges.push_back(std::move(exchange));
    std::stable_sort(exchanges.begin(), exchanges.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
    if (exchanges.empty())
        return usage_error(fmt::format("{}: no server answers over HTTP in clear there", file.string()));
    return exchanges;
}

/// Of what was downloaded, the largest file with the mark of firmware; else the largest that is no page.
Result<Bytes> find_package(const std::vector<HttpExchange>& exchanges) {
    auto downloads = analysis::recorded_downloads(exchanges);
    std::erase_if(downloads, [](const auto& one) { return one.bytes.size() < smallest_package; });
    if (downloads.empty())
        return usage_error(
            "no download was recorded whole; name the package with --package where its answer is known");
    auto found = std::find_if(downloads.begin(), downloads.end(),
                              [](const auto& one) { return !offers::format_of(one.bytes).empty(); });
    if (found == downloads.end()) found = downloads.begin();
    return std::move(found->bytes);
}

Result<analysis::KnownPackage> known_package(const LearnUpdateOptions& options,
                                             const std::vector<HttpExchange>& exchanges) {
    analysis::KnownPackage package;
    if (options.package.empty()) {
        TRY_ASSIGN(package.bytes, find_package(exchanges));
    } else {
        TRY_ASSIGN(const auto text, read_text_file(options.package));
        package.bytes = to_bytes(text);
    }
    const auto container = offers::recognise(package.bytes);
    if (!container.version.empty()) package.versions.push_back(container.version);
    package.versions.insert(package.versions.end(), container.versions.begin(), container.versions.end());
    return package;
}

Status learn(const LearnUpdateOptions& options, std::ostream& out, std::ostream& errors) {
    TRY_ASSIGN(const auto exchanges, recorded_exchanges(options));
    TRY_ASSIGN(const auto package, known_package(options, exchanges));
    TRY_ASSIGN(const auto lesson, analysis::learn_update(exchanges, package, options.version));
    if (!options.keep_package.empty())
        TRY(write_file_atomically(options.keep_package, as_text(package.bytes)));
    const auto xml = to_xml(lesson.update, fmt::format("What servers said about firmware in {}",
                                                       options.recording.filename().string()));
    if (options.out.empty())
        out << xml;
    else
        TRY(write_file_atomically(options.out, xml));
    for (const auto& note : lesson.notes) errors << inert(note) << '\n';
    const auto container = offers::recognise(package.bytes);
    errors << fmt::format(
        "package: {} bytes, {}, version {}, SHA-256 {}\n", container.size, container.title,
        lesson.update.version.empty() ? "not known (name it with --version)" : inert(lesson.update.version),
        container.sha256);
    return {};
}

}  // namespace

int learn_update_command(const LearnUpdateOptions& options, std::ostream& out, std::ostream& errors) {
    const auto done = learn(options, out, errors);
    if (done) return 0;
    errors << "cambench: " << printable(done.error().message) << '\n';
    return usage_exit_code;
}

}  // namespace cambench::cli
