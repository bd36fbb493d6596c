#include <algorithm>

#include "harness/analysis/run/tls_trials.hpp"
#include "harness/steps/step_context.hpp"

namespace cambench::steps::repeat {
namespace {

using analysis::TlsResult;

/// Follows what the camera made of the certificates it was shown.
class Certificates {
public:
    /// Takes what has happened since the last call; whether every server that was tried has shown all there
    /// is to show.
    Result<bool> all_shown(StepContext& context) {
        const auto now = context.timeline().mark();
        const auto take = [this](const Event& event) {
            if (event.lane == "network") reader_.take(event);
            return false;
        };
        const auto scanned = context.await_event(take, seen_until_, Nanoseconds::zero());
        if (!scanned && scanned.error().fault != Fault::timeout) return scanned.error();
        seen_until_ = now;  // what came meanwhile is taken twice, which changes no result
        auto reader = reader_;
        analysis::Observations observations;
        analysis::ReachedBounds bounds;
        reader.finish(observations.tls_trials, observations.plain_contacts, bounds);
        observations.bounds = bounds.all();
        const auto postures = tls_postures(observations);
        return !postures.empty() && std::all_of(postures.begin(), postures.end(),
                                                [](const auto& one) { return is_complete(one); });
    }

private:
    static bool is_complete(const analysis::TlsPosture& posture) {
        return std::all_of(posture.certificates.begin(), posture.certificates.end(), [](const auto& one) {
            return one.result != TlsResult::not_shown && one.result != TlsResult::unclear;
        });
    }

    analysis::TlsTrialReader reader_;
    Timeline::Mark seen_until_ = 0;
};

Status run(const markup::Node& node, StepContext& context) {
    const bool until_shown = node.text("until") == "certificates-shown";
    Certificates certificates;
    for (std::int64_t i = 0; i < node.integer("times"); ++i) {
        if (until_shown) {
            TRY_ASSIGN(const bool shown, certificates.all_shown(context));
            if (shown) return {};
        }
        TRY(context.run(node.children()));
    }
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "repeat",
                    .doc = "Runs the steps inside several times.",
                    .attributes = {{.name = "times",
                                    .kind = markup::Kind::integer,
                                    .doc = "How many times, at most.",
                                    .required = true},
                                   {.name = "until",
                                    .kind = markup::Kind::choice,
                                    .doc = "What ends it sooner. certificates-shown: every server the camera "
                                           "tried over TLS has shown all its certificates (<tls>).",
                                    .choices = {"certificates-shown"}}}},
        .holds = StepType::Children::steps,
        .acts = StepType::Acts::watches,
        .takes =
            [](const markup::Node& node) { return planned_time(node.children()) * node.integer("times"); },
        .run = run};
    return type;
}

}  // namespace cambench::steps::repeat
