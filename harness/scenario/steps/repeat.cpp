#include "harness/scenario/step_context.hpp"

namespace cambench::steps::repeat {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    for (std::int64_t i = 0; i < node.integer("times"); ++i) TRY(context.run(node.children()));
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "repeat",
                    .doc = "Runs the steps inside several times.",
                    .attributes = {{.name = "times", .kind = markup::Kind::integer, .doc = "How many times.", .required = true}}},
        .holds = StepType::Children::steps,
        .run = run};
    return type;
}

}  // namespace cambench::steps::repeat
