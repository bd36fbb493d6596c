#include <fmt/format.h>

#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/core/text.hpp"
#include "harness/steps/operator_request.hpp"
#include "harness/steps/unit_address.hpp"

namespace cambench::steps::factory_reset {
namespace {

constexpr auto look_every = std::chrono::milliseconds(50);

/// By what the restart shows, on the console or on the network; "" when it does not come.
Result<std::string> await_restart(StepContext& context, const StepContext::PowerOn& since,
                                  Nanoseconds within) {
    const auto deadline = Deadline::after(within);
    AnswerWatch answers(context);
    while (true) {
        TRY_ASSIGN(const bool silent, answers.fell_silent());
        if (silent) return std::string("it does not answer any more at its address");
        auto line = context.await_console(analysis::start_words, since.console_offset, look_every);
        if (line) return fmt::format("the console shows '{}'", *line);
        if (line.error().fault != Fault::timeout) return std::move(line).error();
        const auto lease = context.await_event(is_new_lease, since.mark, look_every);
        if (lease) return std::string("it asked for an address anew");
        if (lease.error().fault != Fault::timeout) return lease.error();
        if (deadline.passed()) return std::string();
    }
}

Status run(const markup::Node& node, StepContext& context) {
    const auto* declaration = context.declaration();
    const auto wanted =
        declaration == nullptr ? DeclaredRequest{} : declaration->operator_access.factory_reset;
    if (wanted.request.empty()) {
        context.report_stimulus(node, false,
                                "the declaration does not say how the operator resets the unit: <operator "
                                "factory-reset=\"POST /path\"/>");
        return {};
    }
    const auto since = context.here();
    TRY_ASSIGN(const auto answer, ask_as_operator(context, wanted.request, wanted.type, wanted.body));
    const bool maybe =
        answer.trouble.empty() && answer.status == 0;  // it may have restarted before it answered
    if (!answer.agreed() && !maybe) {
        context.report_stimulus(node, false, answer.objection());
        return {};
    }
    if (!maybe) context.emit("scenario", "cloud", {{"state", "reset"}});
    TRY_ASSIGN(const auto sign, await_restart(context, since, node.duration("within")));
    if (sign.empty()) {
        context.report_stimulus(
            node, false,
            fmt::format("{}, and did not restart in {}",
                        maybe ? "the camera did not answer" : "the camera agreed to the factory reset",
                        format_duration(node.duration("within"))));
        return {};
    }
    context.operator_session() = {};
    context.note_restart(since);
    context.emit("scenario", "factory-reset", {{"status", answer.status}, {"sign", inert(sign)}});
    if (maybe) context.emit("scenario", "cloud", {{"state", "reset"}});
    context.report_stimulus(node, true, "the camera restarted: " + sign);
    const auto within = node.duration("boot-within");
    TRY_ASSIGN(
        const auto how,
        await_address(context,
                      {context, since, std::min<Nanoseconds>(usual_static_after, within / 2), is_new_lease},
                      within));
    context.emit("scenario", "note", {{"text", "after the factory reset " + how}});
    return {};
}

}  // namespace

const StepType& type() {
    using markup::Kind;
    static const StepType type{
        .element =
            {.name = "factory-reset",
             .doc = "The operator resets the camera to its factory settings, as the declaration's <operator "
                    "factory-reset=\"\"> says; waits until it has started anew and has an address.",
             .attributes = {{.name = "within",
                             .kind = Kind::duration,
                             .doc = "How long it may take to begin its restart; when it does not, the run is "
                                    "INCONCLUSIVE.",
                             .fallback = "2m"},
                            {.name = "boot-within",
                             .kind = Kind::duration,
                             .doc = "How long it may take to have an address then.",
                             .fallback = "120s"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::needed,
        .address = StepType::Address::needed,
        .takes = [](const markup::Node&) { return usual_boot; },
        .run = run};
    return type;
}

}  // namespace cambench::steps::factory_reset
