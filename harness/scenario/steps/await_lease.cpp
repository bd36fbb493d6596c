#include "harness/scenario/step_context.hpp"

namespace cambench::steps::await_lease {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    auto lease = context.await_event(is_lease, context.power_on().mark, node.duration("within"));
    if (!lease && lease.error().fault == Fault::timeout)
        return dut_error("the unit took no lease in " + format_duration(node.duration("within")));
    if (!lease) return std::move(lease).error();
    context.note_camera_address(lease->fields.value("address", std::string()));
    context.report_stimulus(node, true, "the camera took a lease");
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "await-lease",
                    .doc = "Waits until the unit has taken an address by DHCP since it got power.",
                    .attributes = {{.name = "within", .kind = markup::Kind::duration, .doc = "How long it may take.", .fallback = "60s"}}},
        .run = run};
    return type;
}

}  // namespace cambench::steps::await_lease
