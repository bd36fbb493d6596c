#include <algorithm>

#include "harness/steps/unit_address.hpp"

namespace cambench::steps::await_lease {
namespace {

/// A unit with an address of its own is waited for no longer than the step lasts.
Nanoseconds static_after(const markup::Node& node) {
    return std::min<Nanoseconds>(node.duration("static-after"), node.duration("within") / 2);
}

Status run(const markup::Node& node, StepContext& context) {
    TRY_ASSIGN(const auto how, await_address(context, {context, context.power_on(), static_after(node)},
                                             node.duration("within")));
    context.report_stimulus(node, true, how);
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "await-lease",
                    .doc = "Waits until the unit has taken an address by DHCP since it got power, or answers "
                           "at one of its own and does not ask DHCP.",
                    .attributes =
                        {{.name = "within",
                          .kind = markup::Kind::duration,
                          .doc = "How long it may take.",
                          .fallback = "60s"},
                         {.name = "static-after",
                          .kind = markup::Kind::duration,
                          .doc = "How long a unit may show an address of its own, and ask no DHCP server, "
                                 "until it counts as one that never will; a stated address counts at once.",
                          .fallback = "30s"}}},
        .acts = StepType::Acts::watches,
        .power = StepType::Power::needed,
        .address = StepType::Address::given,
        .run = run};
    return type;
}

}  // namespace cambench::steps::await_lease
