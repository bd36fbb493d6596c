#include "harness/cli/run.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <random>
#include <thread>

#include "bench/slot_tenancy.hpp"
#include "drivers/power/board_lock.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/cli/progress.hpp"
#include "harness/cli/run_plan.hpp"
#include "harness/cli/run_rights.hpp"
#include "harness/cli/workplace.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/runner/resume.hpp"
#include "reports/json/run_json.hpp"

namespace cambench::cli {
namespace {

/// Turns Ctrl-C and SIGTERM into a request to stop: the runs end in order, power off first. A second one is
/// not waited for.
class SignalWatch {
public:
    SignalWatch() {
        sigemptyset(&signals_);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, signal);
        ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
        thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    }
    ~SignalWatch() {
        thread_.request_stop();
        thread_.join();
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

private:
    void watch(const std::stop_token& stop) {
        constexpr timespec moment{0, 100'000'000};
        while (!stop.stop_requested()) {
            if (::sigtimedwait(&signals_, nullptr, &moment) < 0) continue;
            if (source_.stop_requested()) ::_exit(3);  // everything we started dies with us
            std::fputs("\ncancelled: switching off and closing the evidence\n", stderr);
            source_.request_stop();
        }
    }
    sigset_t signals_{}, before_{};
    std::stop_source source_;
    std::jthread thread_;
};

struct Job {
    const PlannedSlot* slot = nullptr;
    const PlannedScenario* scenario = nullptr;
    std::string name;  ///< its evidence below the output directory; "" when it is the output directory
    ScenarioOutcome outcome;
};

/// One run of the command: all chosen slots, each going through all scenarios in order, or through its share
/// of them.
class Run {
public:
    Run(const RunOptions& options, const RunPlan& plan, Launcher* launcher, std::filesystem::path out,
        std::string id)
        : options_(options),
          plan_(plan),
          launcher_(launcher),
          out_(std::move(out)),
          id_(std::move(id)),
          progress_(options.quiet ? Progress::Style::silent : Progress::fitting()) {
        if (options.share)
            share_out();
        else
            for (const auto& slot : plan_.slots)
                for (const auto& scenario : plan_.scenarios)
                    jobs_.push_back({&slot, &scenario, name_of(slot, scenario), {}});
    }

    Status execute() {
        TRY_ASSIGN(const auto workplace, Workplace::create());
        std::optional<Evidence> suite;
        if (!plan_.is_single()) {
            Json description{{"kind", "suite"},
                             {"suite", plan_.title},
                             {"run", id_},
                             {"tool", {{"name", "cambench"}, {"version", CAMBENCH_VERSION}}},
                             {"started", now_text()},
                             {"scenarios", Json::array()}};
            TRY_ASSIGN(suite, options_.resume ? Evidence::take_up(out_, std::move(description))
                                              : Evidence::create(out_, std::move(description)));
            for (const auto& [file, name] : suite_inputs()) TRY(suite->keep_input(file, name));
        }
        for (const auto& job : jobs_) progress_.expect(seconds(planned_time(job.scenario->scenario)));
        SignalWatch signals;
        run_slots(workplace.directory(), signals.token());
        if (suite) TRY(finish_suite(*suite));
        return first_error_;
    }

    [[nodiscard]] Verdict verdict() const {
        std::vector<Verdict> verdicts;
        for (const auto& job : jobs_)
            if (job.scenario->level == SuiteRun::Level::must || job.outcome.verdict == Verdict::error)
                verdicts.push_back(job.outcome.verdict);
        if (verdicts.empty() && !jobs_.empty())
            verdicts.push_back(Verdict::pass);  // a suite of recommendations only
        return combined(verdicts);
    }

private:
    static std::string now_text() {
        return format_timestamp(std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now()));
    }

    /// The suites' documents, under names of their own in inputs/: suite.xml, and those it runs by their own
    /// names.
    [[nodiscard]] std::vector<std::pair<std::filesystem::path, std::string>> suite_inputs() const {
        std::vector<std::pair<std::filesystem::path, std::string>> inputs;
        for (const auto& file : plan_.suites) {
            auto name = inputs.empty() ? std::string("suite.xml") : "suite-" + file.filename().string();
            const auto taken = [&](const auto& input) { return input.second == name; };
            for (int number = 2; std::any_of(inputs.begin(), inputs.end(), taken); ++number)
                name = fmt::format("suite-{}-{}", number, file.filename().string());
            inputs.emplace_back(file, std::move(name));
        }
        return inputs;
    }

    static double seconds(Nanoseconds duration) { return static_cast<double>(duration.count()) / 1e9; }

    std::string name_of(const PlannedSlot& slot, const PlannedScenario& scenario) const {
        if (plan_.is_single()) return "";
        if (plan_.slots.size() == 1) return scenario.id;
        return plan_.scenarios.size() == 1 ? slot.slot->name : slot.slot->name + "-" + scenario.id;
    }

    /// Each scenario goes to the slot that has least to do so far: by what is planned, so that a resumed run
    /// shares out alike.
    void share_out() {
        std::vector<Nanoseconds> busy(plan_.slots.size());
        for (const auto& scenario : plan_.scenarios) {
            const auto least = std::min_element(busy.begin(), busy.end());
            *least +=
                planned_time(scenario.scenario) + std::chrono::seconds(1);  // of those that plan no time, too
            jobs_.push_back({&plan_.slots[static_cast<std::size_t>(least - busy.begin())],
                             &scenario,
                             plan_.is_single() ? "" : scenario.id,
                             {}});
        }
    }

    /// Each slot has a thread of its own that lives as long as all it starts.
    void run_slots(const std::filesystem::path& workplace, const std::stop_token& stop) {
        const auto at_once = std::min<std::size_t>(
            options_.jobs.value_or(static_cast<unsigned>(plan_.slots.size())), plan_.slots.size());
        std::atomic<std::size_t> next = 0;
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < at_once; ++i)
            threads.emplace_back([&, i] {
                await_turn(i, stop);
                for (auto slot = next++; slot < plan_.slots.size(); slot = next++)
                    run_slot(plan_.slots[slot], workplace, stop);
            });
    }

    /// An emulated camera boots on one processor. Those that would have to share one begin a boot's time
    /// later, so that some boot while others are watched; begun all at once they would go on booting all at
    /// once.
    void await_turn(std::size_t thread, const std::stop_token& stop) const {
        constexpr auto boot_time = std::chrono::seconds(4);
        if (!plan_.slots[thread].slot->is_emulated()) return;
        const auto before = thread / std::max(1U, std::thread::hardware_concurrency());
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any turn;
        turn.wait_for(lock, stop, before * boot_time, [] { return false; });
    }

    void run_slot(const PlannedSlot& slot, const std::filesystem::path& workplace,
                  const std::stop_token& stop) {
        const auto own = workplace / slot.slot->name;
        std::error_code code;
        std::filesystem::create_directories(own, code);
        ChannelClaims claims;
        SlotTenancy tenancy;
        for (auto& job : jobs_) {
            if (job.slot != &slot) continue;
            if (stop.stop_requested())
                job.outcome = {job.scenario->id, Verdict::inconclusive, "cancelled before it began", {}};
            else
                run_job(job, own, claims, tenancy, stop);
        }
    }

    void run_job(Job& job, const std::filesystem::path& workplace, ChannelClaims& claims,
                 SlotTenancy& tenancy, const std::stop_token& stop) {
        const auto label = job.slot->slot->name + " " + job.scenario->id;
        ScenarioRequest request{
            .scenario = &job.scenario->scenario,
            .bench = &plan_.bench,
            .slot = job.slot->slot,
            .declaration = plan_.declaration,
            .addresses = options_.addresses,
            .persona = job.slot->persona,
            .persona_file = job.slot->persona_file,
            .unit = job.slot->unit,
            .run = id_,
            .further_inputs = plan_.is_single()
                                  ? suite_inputs()
                                  : std::vector<std::pair<std::filesystem::path, std::string>>(),
            .evidence = job.name.empty() ? out_ : out_ / job.name,
            .workplace = workplace,
            .claims = &claims,
            .launcher = launcher_,
            .tenancy = &tenancy,
            .listener = [this, label](const Event& event) { progress_.hear(label, event); }};
        progress_.begin(label, seconds(planned_time(job.scenario->scenario)));
        auto outcome = run_or_take_up(request, stop);
        if (outcome) {
            job.outcome = std::move(*outcome);
        } else {
            job.outcome = {job.scenario->id, Verdict::error, outcome.error().message, request.evidence};
            const std::scoped_lock lock(mutex_);
            if (first_error_.ok()) first_error_ = outcome.error();
        }
        progress_.end(label, std::string(to_string(job.outcome.verdict)), job.outcome.reason);
    }

    Result<ScenarioOutcome> run_or_take_up(const ScenarioRequest& request,
                                           const std::stop_token& stop) const {
        if (options_.resume) {
            TRY_ASSIGN(auto earlier, take_up(request));
            if (earlier) return std::move(*earlier);
        }
        return run_scenario(request, stop);
    }

    static Json unit_in(const PlannedSlot& slot) {
        if (!slot.unit.empty()) return slot.unit;
        return slot.persona ? Json(slot.persona->identity.serial) : Json();
    }

    Status finish_suite(Evidence& suite) {
        Json list = Json::array();
        std::string reason;
        for (const auto& job : jobs_) {
            list.push_back({{"id", job.scenario->id},
                            {"title", job.scenario->scenario.title},
                            {"verdict", std::string(to_string(job.outcome.verdict))},
                            {"reason", job.outcome.reason},
                            {"evidence", job.name},
                            {"level", std::string(to_string(job.scenario->level))},
                            {"slot", job.slot->slot->name},
                            {"unit", unit_in(*job.slot)},
                            {"persona", job.slot->persona ? Json(job.slot->persona->id) : Json()}});
            if (reason.empty() && job.outcome.verdict == verdict())
                reason = fmt::format("{}: {}", job.scenario->id, job.outcome.reason);
        }
        if (verdict() == Verdict::pass) reason = fmt::format("all {} scenarios passed", jobs_.size());
        TRY(suite.write_verdict({{"format", 1},
                                 {"suite", plan_.title},
                                 {"run", id_},
                                 {"verdict", std::string(to_string(verdict()))},
                                 {"reason", reason},
                                 {"scenarios", list}}));
        return suite.seal({{"scenarios", list}});
    }

    const RunOptions& options_;
    const RunPlan& plan_;
    Launcher* launcher_;
    std::filesystem::path out_;
    std::string id_;
    Progress progress_;
    std::vector<Job> jobs_;
    std::mutex mutex_;
    Status first_error_;
};

/// "20261130T184500"
std::string stamp_of_now() {
    auto stamp = format_timestamp(std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now()))
                     .substr(0, 19);
    stamp.erase(std::remove_if(stamp.begin(), stamp.end(), [](char c) { return c == '-' || c == ':'; }),
                stamp.end());
    return stamp;
}

/// What tells this run from all others, on this host and elsewhere: when it began, and chance.
std::string new_run_id() {
    std::random_device chance;
    return fmt::format("{}-{:08x}", stamp_of_now(), chance());
}

/// A run that is gone on with keeps its id.
std::string run_id(const RunOptions& options, const std::filesystem::path& out) {
    if (options.resume)
        if (const auto earlier = read_record(out / "run.json");
            earlier && earlier->value("run", Json()).is_string())
            return earlier->value("run", "");
    return new_run_id();
}

std::filesystem::path default_out(const std::string& title) {
    const auto base = std::filesystem::path("cambench-runs") / fmt::format("{}-{}", stamp_of_now(), title);
    auto candidate = base;
    std::error_code code;
    for (int i = 2; std::filesystem::exists(candidate, code); ++i)
        candidate = fmt::format("{}-{}", base.string(), i);
    return candidate;
}

int fail(const Error& error, const RunOptions& options) {
    std::fprintf(stderr, "cambench run: %s\n", printable(error.message).c_str());
    if (error.fault == Fault::usage) return usage_exit_code;
    if (options.json)
        std::puts(Json{{"verdict", "ERROR"},
                       {"reason", error.message},
                       {"evidence", nullptr},
                       {"scenarios", Json::array()}}
                      .dump(2, ' ', false, Json::error_handler_t::replace)
                      .c_str());
    return exit_code(Verdict::error);
}

void print_results(const RunOptions& options, const std::filesystem::path& out, const std::string& id,
                   Verdict verdict) {
    auto finished = reports::load_finished_run(out, reports::Hashing::what_is_read);
    if (options.json) {
        auto json = finished ? reports::run_json(*finished) : Json{{"scenarios", Json::array()}};
        json["run"] = id;
        json["verdict"] = std::string(to_string(verdict));
        json["evidence"] = out.string();
        std::puts(json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
        return;
    }
    std::string text = fmt::format("{}\n", to_string(verdict));
    if (finished) {
        for (const auto& scenario : finished->scenarios)
            text += fmt::format("  {:<13} {:<24} {:<8} {:<16} {}\n", reports::to_string(scenario.verdict),
                                inert(scenario.id), inert(scenario.slot),
                                scenario.unit.empty() ? "-" : inert(scenario.unit), inert(scenario.reason));
    }
    text += fmt::format("run: {}\nevidence: {}\n", id, out.string());
    std::fputs(text.c_str(), stdout);
}

}  // namespace

int run_command(const RunOptions& options) {
    ::umask(077);  // evidence holds passwords and keys: whatever records, here and in children, is closed to
                   // others from the first byte
    const auto launcher = hand_over_rights();
    if (!launcher) return fail(launcher.error(), options);
    auto plan = plan_run(options);
    if (!plan) return fail(plan.error(), options);
    for (const auto& warning : (*plan)->warnings)
        std::fprintf(stderr, "cambench: %s\n", printable(warning).c_str());
    if (*launcher)
        if (const auto sealed = seal(**launcher, **plan); !sealed) return fail(sealed.error(), options);
    remove_abandoned_workplaces();
    const auto out = options.out.empty() ? default_out((*plan)->title) : options.out;
    const auto id = run_id(options, out);
    Run run(options, **plan, launcher->get(), out, id);
    if (const auto status = run.execute(); !status) return fail(status.error(), options);
    print_results(options, out, id, run.verdict());
    return exit_code(run.verdict());
}

}  // namespace cambench::cli
