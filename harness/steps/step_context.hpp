#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "bench/probe/web_session.hpp"
#include "bench/slot.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/evidence/timeline.hpp"
#include "harness/steps/step.hpp"

namespace cambench {

/// A lease (is_lease) that was asked for anew: who renews names his address only as the sender of the packet,
/// who starts has to ask for one.
[[nodiscard]] bool is_new_lease(const Event& event);

/// The firmware that the steps of one scenario have offered to the unit.
struct Offers {
    std::vector<internet::UpdateServer> servers;  ///< <update> of the scenario's <internet>
    bool trusted = false;  ///< they show certificates of the authority the unit was given
    std::uint64_t count = 0;
};

/// How the camera knows its operator for the rest of a scenario. Secret: nothing of it goes onto the
/// timeline.
struct OperatorSession {
    std::optional<probe::WebSession> web;  ///< nullopt: he has to log in first
    bool by_http = false;                  ///< beside it the camera wants HTTP's own login
};

/// What the steps of one scenario share while they act on their slot.
class StepContext {
public:
    StepContext(Slot& slot, Timeline& timeline, std::filesystem::path evidence,
                const Declaration* declaration, std::stop_token stop)
        : slot_(slot),
          timeline_(timeline),
          evidence_(std::move(evidence)),
          declaration_(declaration),
          stop_(std::move(stop)) {}

    [[nodiscard]] Slot& slot() { return slot_; }
    [[nodiscard]] Timeline& timeline() { return timeline_; }
    [[nodiscard]] const std::filesystem::path& evidence() const { return evidence_; }
    [[nodiscard]] const Declaration* declaration() const { return declaration_; }
    [[nodiscard]] const std::stop_token& stop() const { return stop_; }

    /// Runs steps in order; stops at the first that fails. Each leaves "step" events.
    [[nodiscard]] Status run(const std::vector<markup::Node>& steps);

    void emit(std::string lane, std::string kind, Json fields = Json::object());

    /// Whether something the scenario did to the unit reached it: what did not take makes the run
    /// INCONCLUSIVE.
    void report_stimulus(const markup::Node& step, bool took, const std::string& why = "");

    /// Lets time pass. Ends early with the bench's first fault, or when cancelled.
    [[nodiscard]] Status pause(Nanoseconds duration);

    /// The first event after `from` that fits; ends early with the bench's first fault.
    [[nodiscard]] Result<Event> await_event(const std::function<bool(const Event&)>& fits,
                                            Timeline::Mark from, Nanoseconds within);
    [[nodiscard]] Result<std::string> await_console(const std::string& pattern, std::uint64_t from,
                                                    Nanoseconds within);

    /// Runs a command to its end; ends it early with the bench's first fault, or when cancelled.
    [[nodiscard]] Result<CommandOutput> run_command(const Launch& launch, const std::string& input,
                                                    Nanoseconds within);

    /// Where firmware is offered; nullptr outside the scenario's own steps.
    [[nodiscard]] Offers* offers() { return offers_; }
    void set_offers(Offers* offers) { offers_ = offers; }

    /// Since the last power-on.
    struct PowerOn {
        Timeline::Mark mark = 0;
        std::uint64_t console_offset = 0;
        Nanoseconds time{};  ///< on the run's clock
    };
    [[nodiscard]] const PowerOn& power_on() const { return power_on_; }
    void note_power_on() { power_on_ = here(); }
    /// The unit has started anew by itself, some time after `since`.
    void note_restart(PowerOn since);
    [[nodiscard]] PowerOn here() const {
        return {timeline_.mark(), slot_.console().end(), timeline_.clock().now()};
    }

    /// Where the camera is called: at its newest lease, or at the address of its own that it answered at.
    [[nodiscard]] std::optional<std::string> camera_address() const;
    void note_camera_address(const std::string& address);

    /// Where the camera's services were found, as cambench-probe says it; an object without "address": not
    /// looked for yet.
    [[nodiscard]] Json& found_places() { return found_places_; }
    [[nodiscard]] OperatorSession& operator_session() { return operator_session_; }

    /// A number that grows with each use, for names of files.
    [[nodiscard]] unsigned next_number() { return ++number_; }

private:
    [[nodiscard]] Status run_one(const markup::Node& step);

    Slot& slot_;
    Timeline& timeline_;
    std::filesystem::path evidence_;
    const Declaration* declaration_;
    std::stop_token stop_;
    PowerOn power_on_;
    unsigned number_ = 0;
    Offers* offers_ = nullptr;
    OperatorSession operator_session_;
    Json found_places_ = Json::object();
};

}  // namespace cambench
