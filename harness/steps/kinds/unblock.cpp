#include "harness/steps/step_context.hpp"

namespace cambench::steps::unblock {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    const auto field = node.given("name") ? "name" : "address";
    context.emit("scenario", "unblock", {{field, node.text(field)}});
    if (node.given("address")) TRY(context.slot().sandbox().unblock(node.address("address")));
    if (!node.given("name")) return {};
    return context.slot().sandbox().command({{"command", "unblock"}, {"name", node.text("name")}});
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "unblock",
                    .doc = "Makes a blocked name or address reachable again.",
                    .attributes = {{.name = "name",
                                    .kind = markup::Kind::host,
                                    .doc = "A DNS name, or *.name for all below it."},
                                   {.name = "address", .kind = markup::Kind::address, .doc = "An address."}},
                    .one_of = {{"name", "address"}}},
        .acts = StepType::Acts::around,
        .run = run};
    return type;
}

}  // namespace cambench::steps::unblock
