#include "harness/scenario/probe.hpp"

#include <fmt/format.h>

#include "harness/core/file.hpp"
#include "harness/core/process.hpp"
#include "harness/core/text.hpp"

namespace cambench {

Json operator_wishes(const StepContext& context) {
    const auto access = context.declaration() ? context.declaration()->operator_access : Declaration::Operator{};
    return {{"user", access.user}, {"password", access.password}, {"stream", access.stream.empty() ? "/" : access.stream}};
}

Result<Json> ask_probe(StepContext& context, const std::vector<std::string>& words, const Json& wishes, Nanoseconds patience) {
    Launch launch;
    launch.command = {companion_program("cambench-probe").string()};
    launch.command.insert(launch.command.end(), words.begin(), words.end());
    launch.network_namespace = context.slot().sandbox().network_namespace();
    launch.user_namespace = context.slot().sandbox().user_namespace();
    TRY_ASSIGN(const auto output, run_command(launch, wishes.dump(), Deadline::after(patience)));
    auto json = Json::parse(output.text, nullptr, false);
    if (output.exit_code != 0 || !json.is_object()) return bench_error(fmt::format("cambench-probe failed ({}): {}", output.exit_code, inert(join(split(trim(output.text), '\n'), "; "))));
    return json;
}

}  // namespace cambench
