#include <algorithm>

#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/steps/unit_address.hpp"

namespace cambench::steps::await_boot {
namespace {

/// Whichever comes first: the console's sign or the network's.
Status run(const markup::Node& node, StepContext& context) {
    const auto deadline = Deadline::after(node.duration("within"));
    const auto& since = context.power_on();
    AddressWatch watch(context, since,
                       std::min<Nanoseconds>(usual_static_after, node.duration("within") / 2));
    while (true) {
        const auto slice = std::chrono::milliseconds(50);
        TRY_ASSIGN(const auto reachable, watch.look());
        if (reachable) {
            context.report_stimulus(node, true, *reachable);
            return {};
        }
        auto line = context.await_console(analysis::userland_words, since.console_offset, slice);
        if (line) {
            context.report_stimulus(node, true, "the console shows '" + *line + "'");
            return {};
        }
        if (line.error().fault != Fault::timeout) return std::move(line).error();
        if (deadline.passed()) break;
    }
    const auto instead = watch.instead();
    return dut_error("the unit did not boot in " + format_duration(node.duration("within")) +
                     ": no lease, no address of its own, and no login or init on the console" +
                     (instead.empty() ? "" : "; " + instead));
}

}  // namespace

const StepType& type() {
    static const StepType type{.element = {.name = "await-boot",
                                           .doc = "Waits until the console shows user land, or the unit "
                                                  "takes a lease or answers at an address of its own.",
                                           .attributes = {{.name = "within",
                                                           .kind = markup::Kind::duration,
                                                           .doc = "How long it may take.",
                                                           .fallback = "120s"}}},
                               .acts = StepType::Acts::watches,
                               .power = StepType::Power::needed,
                               .takes = [](const markup::Node&) { return usual_boot; },
                               .run = run};
    return type;
}

}  // namespace cambench::steps::await_boot
