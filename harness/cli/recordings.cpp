#include "harness/cli/recordings.hpp"

#include <fmt/format.h>

#include "harness/runner/judge_evidence.hpp"

namespace cambench::cli {
namespace {

Result<analysis::Inputs> inputs_of(const std::vector<std::filesystem::path>& recordings) {
    analysis::Inputs inputs;
    for (const auto& recording : recordings) {
        if (std::error_code code; !std::filesystem::is_directory(recording, code)) {
            inputs.captures.push_back({recording, ""});
            continue;
        }
        if (recordings.size() > 1)
            return usage_error(
                fmt::format("{}: evidence is a recording of its own; name it alone", recording.string()));
        TRY_ASSIGN(inputs, evidence_inputs(recording));
        if (inputs.captures.empty())
            return usage_error(
                fmt::format("{} is no evidence of a scenario: it has no capture.pcapng; of a suite, name one "
                            "scenario's directory",
                            recording.string()));
    }
    return inputs;
}

}  // namespace

Result<analysis::Observations> observe(const std::vector<std::filesystem::path>& recordings,
                                       const std::string& camera, const std::vector<std::string>& serials) {
    TRY_ASSIGN(auto inputs, inputs_of(recordings));
    inputs.serials.insert(inputs.serials.end(), serials.begin(), serials.end());
    if (!camera.empty()) {
        TRY_ASSIGN(inputs.camera, analysis::parse_camera(camera));
    }
    return analysis::analyze(inputs);
}

}  // namespace cambench::cli
