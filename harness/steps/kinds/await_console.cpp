#include "harness/steps/step_context.hpp"

namespace cambench::steps::await_console {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    if (!context.slot().has_console()) return dut_error("the slot has no console");
    auto line =
        context.await_console(node.text("match"), context.power_on().console_offset, node.duration("within"));
    if (!line && line.error().fault == Fault::timeout) return dut_error(line.error().message);
    if (!line) return std::move(line).error();
    context.report_stimulus(node, true, "the console shows '" + *line + "'");
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "await-console",
                    .doc = "Waits until a line of the console since power-on matches.",
                    .attributes = {{.name = "match",
                                    .kind = markup::Kind::pattern,
                                    .doc = "A regular expression (RE2) that must match in a line.",
                                    .required = true},
                                   {.name = "within",
                                    .kind = markup::Kind::duration,
                                    .doc = "How long it may take.",
                                    .fallback = "30s"}}},
        .acts = StepType::Acts::watches,
        .power = StepType::Power::needed,
        .run = run};
    return type;
}

}  // namespace cambench::steps::await_console
