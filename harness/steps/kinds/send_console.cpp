#include <fmt/format.h>

#include "harness/steps/console_dialogue.hpp"

namespace cambench::steps::send_console {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    if (!context.slot().has_console()) return dut_error("the slot has no console");
    TRY_ASSIGN(const auto text, unescape(node.text("text")));
    const auto from = context.slot().console().end();
    TRY(context.slot().console().write(as_bytes(text)));
    if (!node.given("await")) return {};
    TRY_ASSIGN(const bool answered, await_sign(context, node.text("await"), from, node.duration("within")));
    context.report_stimulus(
        node, answered,
        answered ? "the console answered" : fmt::format("the console did not show '{}'", node.text("await")));
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "send-console",
                    .doc = "Types on the console; what was typed stands in the timeline.",
                    .attributes = {{.name = "text",
                                    .doc = R"(What to type; \r is Enter, \x03 is Ctrl-C, \\ a backslash.)",
                                    .required = true},
                                   {.name = "await",
                                    .kind = markup::Kind::pattern,
                                    .doc = "A regular expression (RE2) that a line must match afterwards."},
                                   {.name = "within",
                                    .kind = markup::Kind::duration,
                                    .doc = "How long that may take.",
                                    .fallback = "5s"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::needed,
        .run = run};
    return type;
}

}  // namespace cambench::steps::send_console
