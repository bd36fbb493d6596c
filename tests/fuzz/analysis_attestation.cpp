// A timeline from anywhere, held against itself: no bytes of it make the judgement fail, or last.
#include <cstdint>

#include "harness/analysis/run/timeline_reader.hpp"
#include "harness/checks/attestation_findings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cambench;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    analysis::Observations observations;
    observations.run.present = true;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        auto event = analysis::parse_event(line);
        if (!event) continue;
        observations.run.length = std::max(observations.run.length, event->time);
        observations.console.lines.push_back(
            {.number = 1,
             .time = event->time,
             .text = event->fields.dump(-1, ' ', false, Json::error_handler_t::replace)});
        observations.run.events.push_back(std::move(*event));
    }
    (void)attestation_findings(observations);
    return 0;
}
