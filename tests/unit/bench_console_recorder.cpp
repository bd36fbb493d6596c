#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <queue>
#include <sstream>

#include "bench/console_recorder.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

/// A console that says what the test puts in, in the pieces it was put in.
class ScriptedConsole final : public Console {
public:
    struct Script {
        std::mutex mutex;
        std::condition_variable changed;
        std::queue<std::pair<Reading::Kind, std::string>> pieces;
        std::string written;

        void say(std::string text) { push(Reading::Kind::data, std::move(text)); }
        void push(Reading::Kind kind, std::string text = {}) {
            const std::scoped_lock lock(mutex);
            pieces.emplace(kind, std::move(text));
            changed.notify_all();
        }
    };
    explicit ScriptedConsole(std::shared_ptr<Script> script) : script_(std::move(script)) {}

    Result<Reading> read(std::span<std::byte> into, Deadline deadline) override {
        std::unique_lock lock(script_->mutex);
        script_->changed.wait_until(lock, deadline.when(), [&] { return !script_->pieces.empty(); });
        if (script_->pieces.empty()) return Reading{};
        auto& [kind, text] = script_->pieces.front();
        const auto result_kind = kind;
        const auto count = std::min(into.size(), text.size());
        std::copy_n(as_bytes(text).begin(), count, into.begin());
        text.erase(0, count);
        if (text.empty()) script_->pieces.pop();
        return Reading{result_kind, count};
    }
    Status write(ByteView bytes) override {
        script_->written += as_text(bytes);
        return {};
    }

private:
    std::shared_ptr<Script> script_;
};

class Listener final : public EventSink {
public:
    void emit(Event event) override {
        const std::scoped_lock lock(mutex);
        events.push_back(std::move(event));
    }
    std::mutex mutex;
    std::vector<Event> events;

    std::uint64_t recorded_length() const {
        std::uint64_t sum = 0;
        for (const auto& event : events)
            if (event.kind == "data") sum += event.fields["length"].get<std::uint64_t>();
        return sum;
    }
    bool has(const std::string& kind) const {
        return std::any_of(events.begin(), events.end(),
                           [&](const Event& event) { return event.kind == kind; });
    }
};

struct Bench {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("cambench-test-" + std::to_string(::getpid()));
    std::shared_ptr<ScriptedConsole::Script> script = std::make_shared<ScriptedConsole::Script>();
    Listener listener;
    std::unique_ptr<ConsoleRecorder> recorder;

    Bench() {
        std::filesystem::create_directories(folder);
        recorder = std::move(ConsoleRecorder::start(std::make_unique<ScriptedConsole>(script),
                                                    folder / "console.log", listener, RunClock::start()))
                       .value();
    }
    ~Bench() {
        recorder.reset();
        std::filesystem::remove_all(folder);
    }
    std::string log() const {
        std::ostringstream text;
        text << std::ifstream(folder / "console.log", std::ios::binary).rdbuf();
        return text.str();
    }
    Result<std::string> wait_for(const std::string& pattern, std::uint64_t from = 0) {
        return recorder->wait_for(pattern, from, Deadline::after(std::chrono::seconds(5)), {});
    }
};

}  // namespace

TEST_CASE("every byte is recorded whatever it is") {
    Bench bench;
    std::string noise("\0\xff\x1b[31m\r\n\n\0no newline at the end", 33);
    bench.script->say(noise);
    bench.recorder->stop();
    CHECK(bench.log() == noise);
    CHECK(bench.listener.recorded_length() == noise.size());
}

TEST_CASE("ten megabytes without a newline are recorded whole and can still be searched") {
    Bench bench;
    const std::string flood(10 << 20, 'x');
    bench.script->say(flood);
    bench.script->say("the end\n");
    CHECK(bench.wait_for("the end").ok());
    bench.recorder->stop();
    CHECK(bench.log() == flood + "the end\n");
    CHECK(bench.listener.recorded_length() == flood.size() + 8);
}

TEST_CASE("an expectation sees a line that comes in pieces") {
    Bench bench;
    bench.script->say("HV-2100 log");
    bench.script->say("in: ");
    const auto line = bench.wait_for("login: $");
    REQUIRE(line.ok());
    CHECK(*line == "HV-2100 login:");
}

TEST_CASE("an expectation does not look before its mark") {
    Bench bench;
    bench.script->say("login: \n");
    REQUIRE(bench.wait_for("login").ok());
    const auto mark = bench.recorder->end();
    const auto late =
        bench.recorder->wait_for("login", mark, Deadline::after(std::chrono::milliseconds(30)), {});
    REQUIRE_FALSE(late.ok());
    CHECK(late.error().fault == Fault::timeout);
}

TEST_CASE("an expectation never matches across lines") {
    Bench bench;
    bench.script->say("one\ntwo\n");
    REQUIRE(bench.wait_for("two").ok());
    CHECK_FALSE(
        bench.recorder->wait_for("one.two", 0, Deadline::after(std::chrono::milliseconds(30)), {}).ok());
}

TEST_CASE("a bad pattern is the user's mistake") {
    Bench bench;
    const auto outcome = bench.wait_for("(unclosed");
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().fault == Fault::usage);
}

TEST_CASE("a line that closes while the unit has power is a gap") {
    Bench bench;
    bench.script->push(Console::Reading::Kind::opened);
    bench.script->push(Console::Reading::Kind::closed);
    bench.script->say("x\n");
    REQUIRE(bench.wait_for("x").ok());
    bench.recorder->stop();
    CHECK(bench.listener.has("gap"));
    CHECK_FALSE(bench.listener.has("closed"));
}

TEST_CASE("a line that closes with the power is no gap") {
    Bench bench;
    bench.recorder->set_closing(ConsoleRecorder::Closing::expected);
    bench.script->push(Console::Reading::Kind::opened);
    bench.script->push(Console::Reading::Kind::closed);
    bench.script->say("x\n");
    REQUIRE(bench.wait_for("x").ok());
    bench.recorder->stop();
    CHECK(bench.listener.has("closed"));
    CHECK_FALSE(bench.listener.has("gap"));
}

TEST_CASE("a matched line is inert") {
    Bench bench;
    bench.script->say("evil \x1b]0;title\x07 login:\n");
    const auto line = bench.wait_for("login:");
    REQUIRE(line.ok());
    CHECK(line->find('\x1b') == std::string::npos);
}

TEST_CASE("text since an offset that lies ahead is empty") {
    Bench bench;
    bench.script->say("boot\n");
    REQUIRE(bench.wait_for("boot").ok());
    CHECK(bench.recorder->text_since(2) == "ot\n");
    CHECK(bench.recorder->text_since(1 << 20).empty());
}

TEST_CASE("what is typed stands in the timeline as inert text") {
    Bench bench;
    bench.script->push(Console::Reading::Kind::opened);
    REQUIRE(bench.recorder->wait_until_open(Deadline::after(std::chrono::seconds(5))));
    const std::vector<std::string> keys{"\x03", "reset\r"};
    CHECK(bench.recorder->write(keys, std::chrono::milliseconds(1)).ok());
    bench.recorder->stop();
    CHECK(bench.script->written == "\x03reset\r");
    const auto sent = std::find_if(bench.listener.events.begin(), bench.listener.events.end(),
                                   [](const Event& event) { return event.kind == "sent"; });
    REQUIRE(sent != bench.listener.events.end());
    CHECK(sent->fields["length"] == 7);
    CHECK(sent->fields["text"] == "\\x03reset\\r");
}

TEST_CASE("a change of the rate is said") {
    Bench bench;
    bench.script->say(std::string(80, '\xf0'));
    bench.script->push(Console::Reading::Kind::retuned);
    bench.recorder->stop();
    CHECK(bench.listener.has("rate"));
}
