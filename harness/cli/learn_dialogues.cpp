#include "harness/cli/learn_dialogues.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "harness/analysis/learning/learn_dialogues.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/manifest.hpp"

namespace cambench::cli {
namespace {

bool wanted(const analysis::RecordedTalk& talk, const std::vector<std::string>& servers) {
    const auto address = talk.server.address.to_string();
    return servers.empty() || std::any_of(servers.begin(), servers.end(), [&](const auto& server) {
               return server == address || (!talk.name.empty() && name_matches(lower(server), talk.name));
           });
}

Result<std::vector<DialogueServer>> learn(const LearnDialoguesOptions& options) {
    auto file = options.recording;
    if (std::error_code code; std::filesystem::is_directory(file, code)) {
        TRY(refuse_strangers(file));
        file /= "capture.pcapng";
    }
    TRY_ASSIGN(auto source, analysis::open_file_source(file));
    TRY_ASSIGN(auto capture, analysis::CaptureReader::open(std::move(source)));
    TRY_ASSIGN(auto talks, analysis::recorded_talks(capture));
    std::erase_if(talks, [&](const auto& talk) { return !wanted(talk, options.servers); });
    auto servers = analysis::learn_dialogues(talks);
    if (servers.empty())
        return usage_error(fmt::format("{}: no server says anything in clear there", file.string()));
    return servers;
}

std::size_t turns_of(const std::vector<DialogueServer>& servers) {
    std::size_t turns = 0;
    for (const auto& server : servers) turns += server.turns.size();
    return turns;
}

}  // namespace

int learn_dialogues_command(const LearnDialoguesOptions& options, std::ostream& out, std::ostream& errors) {
    const auto servers = learn(options);
    if (!servers) {
        errors << "cambench: " << printable(servers.error().message) << '\n';
        return usage_exit_code;
    }
    const auto xml =
        to_xml(*servers, fmt::format("What servers said in {}", options.recording.filename().string()));
    if (options.out.empty()) {
        out << xml;
        return 0;
    }
    if (const auto status = write_file_atomically(options.out, xml); !status) {
        errors << "cambench: " << printable(status.error().message) << '\n';
        return usage_exit_code;
    }
    errors << fmt::format("{}: {} server{}, {} turn{}\n", options.out.string(), servers->size(),
                          servers->size() == 1 ? "" : "s", turns_of(*servers),
                          turns_of(*servers) == 1 ? "" : "s");
    return 0;
}

}  // namespace cambench::cli
