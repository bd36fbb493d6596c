#include "bench/sandbox/sandbox.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <mutex>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/link/pulse.hpp"
#include "bench/sandbox/containment.hpp"
#include "bench/sandbox/control.hpp"
#include "bench/sandbox/heartbeat.hpp"
#include "bench/sandbox/layout.hpp"
#include "bench/sandbox/namespaces.hpp"
#include "harness/core/launch/process.hpp"

namespace cambench::sandbox {
namespace {

// Longer than the commands the keeper runs for an answer may take together; a sandbox that dies is known at
// once.
constexpr auto start_time = std::chrono::seconds(120);
constexpr auto answer_time = std::chrono::seconds(120);
constexpr auto short_answer_time = std::chrono::seconds(10);  // of what is not sound any more
/// A heartbeat that does not come through for so long has no starved machine to blame.
constexpr auto longest_silence = std::chrono::seconds(20);
constexpr auto canary_time = std::chrono::milliseconds(5);

class RunningSandbox final : public Sandbox {
public:
    explicit RunningSandbox(ControlSocket control) : control_(std::move(control)) {}
    ~RunningSandbox() override { (void)RunningSandbox::stop(); }

    Status begin(const Wishes& wishes, EventSink& events, const RunClock& clock, ControlSocket theirs) {
        const auto program = companion_program("cambench-sandbox");
        std::array<int, 2> channel{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel.data()) != 0)
            return system_error("socketpair for the fake internet", errno);
        FileHandle ours(channel[0]);
        FileHandle for_child(channel[1]);
        std::error_code code;
        std::filesystem::create_directories(wishes.evidence / "payloads", code);
        Launch launch{.command = {program.string()},
                      .descriptors = {{theirs.descriptor(), 3}, {for_child.get(), 4}},
                      .output = wishes.evidence / "sandbox.log",
                      .starter = {wishes.launcher}};
        if (wishes.interface) launch.command.push_back(*wishes.interface);
        TRY_ASSIGN(auto process, Process::start(launch));
        launcher_ = wishes.launcher;
        process_.emplace(std::move(process));
        TRY_ASSIGN(const auto canary, Canary::open());
        TRY(control_.send(first_message(wishes, clock, canary)));
        { const auto dropped = std::move(theirs); }
        for_child.close();  // the other end alone tells that the fake internet has died
        own_frames_ = std::make_shared<OwnFrames>(clock);
        TRY(receive_ready(wishes, clock));
        events_ = &events;
        clock_ = clock;
        emit_now(events, clock, "bench", "sandbox", what_it_is(wishes.personality));
        TRY(canary.untouched(Deadline::after(canary_time)));
        channel_ = std::make_unique<internet::EngineChannel>(ours.release(), handlers(wishes, events));
        TRY(channel_->await_ready(Deadline::after(start_time)));
        begin_heartbeat(events, clock);
        return {};
    }

    Result<FileHandle> open_tap() override {
        TRY_ASSIGN(auto answer, ask({{"command", "open-tap"}}));
        if (answer.descriptors.size() != 1) return bench_error("the sandbox gave no tap");
        return std::move(answer.descriptors[0]);
    }

    Launch inside(std::vector<std::string> command) const override {
        Launch launch{.command = std::move(command)};
        if (launcher_ != nullptr) {
            launch.starter = {launcher_, process_->pid()};
            return launch;
        }
        launch.network_namespace = network_.get();
        if (!is_own_user_namespace(user_.get())) launch.user_namespace = user_.get();
        return launch;
    }
    const std::string& interface() const override { return interface_; }
    Status command(const Json& command) override {
        tell_what_changes(command);
        return channel_->send(command);
    }

    Status isolate(internet::Answers answers) override {
        TRY(tell({{"command", "isolate"}, {"answers", std::string(internet::to_string(answers))}}));
        return channel_->send(
            {{"command", "internet"}, {"answers", std::string(internet::to_string(answers))}});
    }
    Status block(const IpAddress& address) override { return tell_both("block", address); }
    Status unblock(const IpAddress& address) override { return tell_both("unblock", address); }

    Status join(const OwnNetwork& network) override {
        const Json body{{"command", "own-network"},
                        {"unit", network.unit.to_string()},
                        {"operator", network.operator_address.to_string()},
                        {"subnet", network.subnet.to_string()}};
        TRY(channel_->send(body));
        return tell(body);
    }
    const Cidr& lan() const override { return lan_; }
    const Cidr& lan6() const override { return lan6_; }

    Status set_wire(Wire wanted) override {
        if (wanted == Wire::down) heartbeat_->wire_is(wanted);
        TRY(tell({{"command", "wire"}, {"up", wanted == Wire::up}}));
        if (wanted == Wire::up) heartbeat_->wire_is(wanted);
        return {};
    }

    Status health() override {
        const std::scoped_lock lock(fault_mutex_);
        if (!fault_.ok() || closing_) return fault_;
        if (process_ && !process_->running()) return bench_error("the sandbox died: " + process_->ending());
        if (channel_ && channel_->closed()) return bench_error("the fake internet died");
        if (heartbeat_ && heartbeat_->silence() > longest_silence)
            return bench_error(fmt::format("{} has not been heard of for {}", heartbeat_->debtor(),
                                           describe_duration(heartbeat_->silence())));
        return {};
    }

    std::uint64_t frames() const override { return capture_ ? capture_->frames() : 0; }

    std::vector<Sender> senders() const override {
        return capture_ ? capture_->senders() : std::vector<Sender>();
    }
    std::optional<Link> link() const override { return capture_ ? capture_->link() : std::nullopt; }

    Closing stop() override {
        if (closing_) return *closing_;
        Closing closing;
        closing.status = health();
        const bool beats = heartbeat_ && heartbeat_->stop();
        if (closing.status.ok()) closing.status = health();
        if (channel_ && closing.status.ok())
            closing.status = channel_->finish(Deadline::after(beats ? answer_time : short_answer_time));
        if (capture_) closing.capture = capture_->stop();
        if (closing.status.ok()) closing.status = closing.capture.status;
        if (process_) end_keeper(closing);
        channel_.reset();
        closing_ = closing;
        return closing;
    }

private:
    static bool may_lose_answers(const internet::Conditions& conditions) {
        return conditions.loss > 0 || conditions.resets > 0 ||
               conditions.latency + conditions.jitter > std::chrono::seconds(1);
    }

    /// What holds whatever the fake internet says: its events are held against it.
    Json what_it_is(const internet::Personality& personality) const {
        const Layout layout;
        Json stated = Json::array({"127.0.0.1"});
        for (const auto& rule : personality.dns)
            if (rule.address) stated.push_back(rule.address->to_string());
        return {
            {"interface", interface_},
            {"bench_mac", mac_},
            {"name_pools", {layout.name_pool, layout.name_pool6, lan_.to_string(), lan6_.to_string()}},
            {"stated_names", std::move(stated)},
            {"loses_datagrams", may_lose_answers(personality.conditions) || !personality.outages.empty()}};
    }

    /// The same of commands during the run.
    void tell_what_changes(const Json& command) {
        const auto name = command.value("command", "");
        if (name == "dns" && command.contains("address"))
            emit_now(*events_, clock_, "bench", "sandbox", {{"stated_names", {command["address"]}}});
        if (name != "conditions") return;
        if (const auto conditions = internet::conditions_from_json(command);
            !conditions || may_lose_answers(*conditions))
            emit_now(*events_, clock_, "bench", "sandbox", {{"loses_datagrams", true}});
    }

    Json first_message(const Wishes& wishes, const RunClock& clock, const Canary& canary) const {
        Json canaries = Json::array();
        Json stated = Json::array();
        for (const auto& address : wishes.stated_addresses) stated.push_back(address.to_string());
        for (const auto& endpoint : canary.endpoints())
            canaries.push_back({{"address", endpoint.address.to_string()}, {"port", endpoint.port}});
        return {
            {"capture_bytes", wishes.capture_bytes},
            {"canaries", canaries},
            {"pulse_key", pulse_key_},
            {"stated_addresses", std::move(stated)},
            {"clock_zero", std::chrono::duration_cast<Nanoseconds>(clock.zero.time_since_epoch()).count()},
            {"clock_wall", clock.wall_zero.time_since_epoch().count()},
            {"personality", internet::to_json(wishes.personality)}};
    }

    Status receive_ready(const Wishes& wishes, const RunClock& clock) {
        TRY_ASSIGN(auto message, next_message(start_time));
        if (message.descriptors.size() != 5) return bench_error("the sandbox did not come up");
        network_ = std::move(message.descriptors[0]);
        user_ = std::move(message.descriptors[1]);
        interface_ = message.body.value("interface", "");
        mac_ = message.body.value("mac", "");
        TRY_ASSIGN(lan_, Cidr::parse(message.body.value("lan", "")));
        TRY_ASSIGN(lan6_, Cidr::parse(message.body.value("lan6", "")));
        TRY_ASSIGN(capture_,
                   Capture::start(std::move(message.descriptors[2]), wishes.capture_bytes,
                                  wishes.evidence / "capture.pcapng", interface_, clock, own_frames_));
        inlet_ = std::move(message.descriptors[3]);
        link_news_ = std::move(message.descriptors[4]);
        return {};
    }

    void begin_heartbeat(EventSink& events, const RunClock& clock) {
        const auto mac = MacAddress::parse(mac_);
        Heartbeat::Parts parts{std::move(inlet_), std::move(link_news_),
                               interface_,        mac ? *mac : MacAddress(),
                               pulse_key_,        [this] { return capture_->senders(); }};
        auto heartbeat = std::make_shared<Heartbeat>(std::move(parts), own_frames_, events, clock);
        const std::scoped_lock lock(fault_mutex_);
        heartbeat_ = std::move(heartbeat);
    }

    /// On the channel's thread.
    void hear_pulse(std::uint64_t number) {
        std::shared_ptr<Heartbeat> heartbeat;
        {
            const std::scoped_lock lock(fault_mutex_);
            heartbeat = heartbeat_;
        }
        if (heartbeat) heartbeat->internet_heard(number);
    }

    internet::ChannelHandlers handlers(const Wishes& wishes, EventSink& events) {
        return {.events = &events,
                .payload_directory = wishes.evidence / "payloads",
                .tls_secret = [this](std::string_view line) { capture_->add_secret(line); },
                .pulse = [this](std::uint64_t number) { hear_pulse(number); },
                .fault =
                    [this](Error error) {
                        const std::scoped_lock lock(fault_mutex_);
                        if (fault_.ok()) fault_ = std::move(error);
                    }};
    }

    Result<Message> next_message(Nanoseconds patience) {
        TRY_ASSIGN(auto message, control_.receive(Deadline::after(patience)));
        if (!message)
            return bench_error("the sandbox died: " + (process_->wait(Deadline::after(answer_time))
                                                           ? process_->ending()
                                                           : "its control socket closed"));
        if (message->body.contains("error")) return bench_error(message->body["error"].get<std::string>());
        return std::move(*message);
    }

    Result<Message> ask(const Json& body, Nanoseconds patience = answer_time) {
        TRY(control_.send(body));
        return next_message(patience);
    }

    Status tell(const Json& body) {
        auto answer = ask(body);
        if (!answer) return std::move(answer).error();
        return {};
    }

    /// The keeper drops what goes there; the fake internet knows, and records the attempts.
    Status tell_both(const std::string& command, const IpAddress& address) {
        const Json body{{"command", command}, {"address", address.to_string()}};
        TRY(tell(body));
        return channel_->send(body);
    }

    void end_keeper(Closing& closing) {
        const auto patience = closing.status.ok() ? answer_time : short_answer_time;
        auto last = ask({{"command", "stop"}}, patience);
        const bool told = last.ok();
        if (told) {
            closing.escaped = last->body.value("escaped", std::uint64_t{0});
            closing.counted = last->body.value("counted", false);
        } else if (closing.status.ok()) {
            closing.status = std::move(last).error();
        }
        if (!process_->wait(Deadline::after(told ? patience : Nanoseconds(std::chrono::seconds(1)))))
            process_->kill();
    }

    ControlSocket control_;
    Launcher* launcher_ = nullptr;
    std::optional<Process> process_;
    FileHandle network_, user_, inlet_, link_news_;
    const std::string pulse_key_ = internet::make_pulse_key();
    std::shared_ptr<OwnFrames> own_frames_;
    std::shared_ptr<Heartbeat> heartbeat_;
    EventSink* events_ = nullptr;
    RunClock clock_{};
    std::string interface_, mac_;
    Cidr lan_{IpAddress(), 32}, lan6_{IpAddress(), 32};
    std::unique_ptr<Capture> capture_;
    std::unique_ptr<internet::EngineChannel> channel_;
    std::mutex fault_mutex_;
    Status fault_;
    std::optional<Closing> closing_;
};

}  // namespace

Result<std::unique_ptr<Sandbox>> Sandbox::start(const Wishes& wishes, EventSink& events,
                                                const RunClock& clock) {
    TRY_ASSIGN(auto ends, ControlSocket::make_pair());
    auto sandbox = std::make_unique<RunningSandbox>(std::move(ends.first));
    auto status = sandbox->begin(wishes, events, clock, std::move(ends.second));
    if (!status) return std::move(status).error().in("sandbox");
    return std::unique_ptr<Sandbox>(std::move(sandbox));
}

}  // namespace cambench::sandbox
