#include "harness/runner/run_scenario.hpp"

#include <fmt/format.h>

#include <set>

#include "harness/core/file.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/evidence/timeline.hpp"
#include "harness/runner/judge_evidence.hpp"
#include "harness/runner/resume.hpp"
#include "harness/runner/run_inputs.hpp"
#include "harness/steps/stated_network.hpp"
#include "harness/steps/step_context.hpp"

namespace cambench {
namespace {

EmulatedUnitSettings unit_of(const Persona& persona) {
    EmulatedUnitSettings unit{factory_data(persona), persona.identity.mac};
    if (!persona.boot_settings.empty())
        unit.boot_environment = [persona](std::string_view image) {
            return boot_environment(image, persona);
        };
    return unit;
}

/// The course of one scenario, from an empty evidence directory to a sealed one.
class Course {
public:
    Course(const ScenarioRequest& request, Evidence evidence, std::unique_ptr<Timeline> timeline,
           const std::stop_token& stop)
        : request_(request), evidence_(std::move(evidence)), timeline_(std::move(timeline)), stop_(stop) {}

    void keep_inputs() {
        const auto inputs = inputs_of(request_);
        std::set<std::string> kept;
        for (const auto& input : inputs)
            if (!input.name.empty() && kept.insert(input.name).second)
                note(evidence_.keep_input(input.file, input.name));
        note(evidence_.keep_input_text(index_of(inputs).dump(2) + "\n", input_index_name));
    }

    void act() {
        markup::Problems problems;
        std::optional<Declaration> declaration;
        if (request_.declaration) {
            auto loaded = load_declaration(*request_.declaration, problems);
            if (!loaded) return note(std::move(loaded).error());
            declaration = std::move(*loaded);
        }
        auto slot = open_slot(declaration ? &*declaration : nullptr);
        if (!slot) return note(std::move(slot).error());
        Offers offers{update_servers_, trusted_};
        StepContext context(**slot, *timeline_, evidence_.directory(), declaration ? &*declaration : nullptr,
                            stop_);
        context.set_offers(&offers);
        note_step(context.run(request_.scenario->setup));
        if (sound_) note_step(context.run(request_.scenario->steps));
        StepContext last(**slot, *timeline_, evidence_.directory(), declaration ? &*declaration : nullptr,
                         {});
        note_step(last.run(request_.scenario->teardown));
        close_slot(**slot);
    }

    ScenarioOutcome judge() {
        // Everybody else has stopped writing: the room kept for the end now goes to the fault and the
        // verdict.
        evidence_.release_reserve();
        if (const auto health = timeline_->health(); !health) {
            const auto first = first_fault_.empty() ? health : Status(bench_error(first_fault_));
            note(first);
        }
        ScenarioOutcome outcome{request_.scenario->id, Verdict::error, first_fault_, evidence_.directory()};
        const auto until = Deadline::after(time_for_judgement(evidence_.directory()));
        auto verdict = judge_evidence(evidence_.directory(), [&] { return !until.passed(); });
        if (verdict) {
            if (!first_fault_.empty()) state_fault(*verdict, first_fault_);
            outcome.verdict = verdict_of(*verdict);
            outcome.reason = verdict->value("reason", "");
            note(evidence_.write_verdict(*verdict));
        } else {
            note(std::move(verdict).error());
        }
        note(evidence_.seal());
        if (!first_fault_.empty()) {
            outcome.verdict = Verdict::error;
            outcome.reason = "the bench failed: " + first_fault_;
        }
        return outcome;
    }

private:
    Result<std::unique_ptr<Slot>> open_slot(const Declaration* declaration) {
        TRY_ASSIGN(auto personality, internet::make_personality(request_.scenario->internet));
        if (personality.tls && declaration != nullptr && !declaration->test_authority.empty()) {
            TRY_ASSIGN(personality.tls->authority, read_text_file(declaration->test_authority));
        }
        if (personality.wants_given_authority && declaration != nullptr &&
            !declaration->test_authority.empty()) {
            TRY_ASSIGN(personality.given_authority, read_text_file(declaration->test_authority));
        }
        update_servers_ = personality.update_servers;
        trusted_ = !personality.given_authority.empty();
        TRY_ASSIGN(auto network, stated_network(request_.addresses, request_.declaration));
        Slot::Opening opening{.settings = {request_.slot->name, request_.slot->power, request_.slot->console,
                                           request_.slot->network},
                              .personality = personality,
                              .evidence = evidence_.directory(),
                              .claims = request_.claims,
                              .tenancy = request_.tenancy,
                              .network = std::move(network),
                              .launcher = request_.launcher,
                              .workplace = request_.workplace};
        if (request_.persona) opening.unit = unit_of(*request_.persona);
        return Slot::open(opening, *timeline_, timeline_->clock());
    }

    void close_slot(Slot& slot) {
        const auto closing = slot.close();
        note(closing.status);
        const auto& capture = closing.sandbox.capture;
        Json closed{{"frames", capture.frames}, {"bytes", capture.bytes}, {"dropped", capture.dropped}};
        if (capture.clock_stepped != Nanoseconds::zero())
            closed["clock_stepped_s"] = static_cast<double>(capture.clock_stepped.count()) / 1e9;
        emit("capture-closed", std::move(closed));
        Json containment{{"self_test", closing.sandbox.self_test}};
        if (closing.sandbox.counted) containment["escaped_packets"] = closing.sandbox.escaped;
        emit("containment", std::move(containment));
        emit("teardown");
    }

    void emit(std::string kind, Json fields = Json::object()) {
        emit_now(*timeline_, timeline_->clock(), "bench", std::move(kind), std::move(fields));
    }

    /// A step the unit did not follow leaves the run inconclusive; a fault of the bench makes it an ERROR.
    void note_step(const Status& status) {
        if (status.ok()) return;
        sound_ = false;
        const auto& error = status.error();
        if (error.fault == Fault::bench || error.fault == Fault::usage) return note(status);
        emit_now(*timeline_, timeline_->clock(), "scenario", "stimulus",
                 {{"step", "scenario"}, {"took", false}, {"why", error.message}});
    }

    void note(const Status& status) {
        if (status.ok()) return;
        sound_ = false;
        if (first_fault_.empty()) first_fault_ = status.error().message;
        emit("fault",
             {{"text", status.error().message}, {"fault", std::string(to_string(status.error().fault))}});
    }

    const ScenarioRequest& request_;
    Evidence evidence_;
    std::unique_ptr<Timeline> timeline_;
    std::stop_token stop_;
    std::vector<internet::UpdateServer> update_servers_;
    bool trusted_ = false;
    bool sound_ = true;
    std::string first_fault_;
};

Json describe(const ScenarioRequest& request, const RunClock& clock) {
    auto description = description_of(request);
    description["started"] = format_timestamp(clock.wall_zero);
    return description;
}

}  // namespace

Nanoseconds planned_time(const Scenario& scenario) {
    return planned_time(scenario.setup) + planned_time(scenario.steps) + planned_time(scenario.teardown);
}

Result<ScenarioOutcome> run_scenario(const ScenarioRequest& request, const std::stop_token& stop) {
    const auto clock = RunClock::start();
    TRY_ASSIGN(auto evidence, Evidence::create(request.evidence, describe(request, clock)));
    TRY_ASSIGN(auto timeline, Timeline::create(evidence.directory() / "timeline.jsonl", clock));
    timeline->set_listener(request.listener);
    timeline->emit({Nanoseconds::zero(),
                    "bench",
                    "run",
                    {{"wall_zero", format_timestamp(clock.wall_zero)},
                     {"scenario", request.scenario->id},
                     {"slot", request.slot->name}}});
    Course course(request, std::move(evidence), std::move(timeline), stop);
    course.keep_inputs();
    course.act();
    return course.judge();
}

}  // namespace cambench
