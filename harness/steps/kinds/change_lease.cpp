#include "harness/steps/step_context.hpp"

namespace cambench::steps::change_lease {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    const auto before = context.camera_address();
    if (!before) return dut_error("the camera has no address yet; await its lease before changing it");
    const auto current = context.slot().addresses().current();
    if (!context.slot().addresses().leased(*current)) {
        context.emit(
            "scenario", "note",
            {{"text", "the unit uses " + *before + ", an address of its own: there is no lease to change"}});
        return {};
    }
    const auto mark = context.timeline().mark();
    TRY(context.slot().sandbox().command({{"command", "move-leases"}}));
    const auto is_another = [&](const Event& event) {
        return is_lease(event) && event.fields.value("address", *before) != *before;
    };
    context.emit("scenario", "lease-change");
    auto lease = context.await_event(is_another, mark, node.duration("within"));
    if (!lease && lease.error().fault != Fault::timeout) return std::move(lease).error();
    if (lease) context.note_camera_address(lease->fields.value("address", std::string()));
    context.report_stimulus(node, lease.ok(),
                            lease ? "the camera moved from " + *before + " to " + *context.camera_address()
                                  : "the camera did not ask for an address in " +
                                        format_duration(node.duration("within")) +
                                        "; <internet lease=\"\"> says how soon it has to");
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element =
            {.name = "change-lease",
             .doc = "DHCP takes the camera's address back and gives it another one when it asks the next "
                    "time, at half of <internet lease=\"\">.",
             .attributes =
                 {{.name = "within",
                   .kind = markup::Kind::duration,
                   .doc = "How long that may take; when the camera does not ask, the run is INCONCLUSIVE.",
                   .fallback = "6m"}}},
        .acts = StepType::Acts::around,
        .power = StepType::Power::needed,
        .address = StepType::Address::given,
        .run = run};
    return type;
}

}  // namespace cambench::steps::change_lease
