#include <array>

#include "harness/analysis/console_dialogue.hpp"
#include "harness/scenario/step_context.hpp"

namespace cambench::steps::await_boot {
namespace {

/// Whichever comes first: the console's sign or the network's.
Status run(const markup::Node& node, StepContext& context) {
    const auto deadline = Deadline::after(node.duration("within"));
    const auto& since = context.power_on();
    while (true) {
        const auto slice = std::chrono::milliseconds(50);
        auto lease = context.await_event(is_lease, since.mark, slice);
        if (lease) {
            const auto address = lease->fields.value("address", std::string());
            if (!address.empty()) context.note_camera_address(address);
            context.report_stimulus(node, true, "the camera took a lease");
            return {};
        }
        if (lease.error().fault != Fault::timeout) return std::move(lease).error();
        auto line = context.await_console(analysis::userland_words, since.console_offset, slice);
        if (line) {
            context.report_stimulus(node, true, "the console shows '" + *line + "'");
            return {};
        }
        if (line.error().fault != Fault::timeout) return std::move(line).error();
        if (deadline.passed()) break;
    }
    return dut_error("the unit did not boot in " + format_duration(node.duration("within")) + ": no lease, and no login or init on the console");
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "await-boot",
                    .doc = "Waits until the console shows user land or the unit takes a lease.",
                    .attributes = {{.name = "within", .kind = markup::Kind::duration, .doc = "How long it may take.", .fallback = "120s"}}},
        .run = run};
    return type;
}

}  // namespace cambench::steps::await_boot
