#pragma once

#include <map>
#include <mutex>
#include <string>

#include "harness/core/event.hpp"
#include "harness/core/time.hpp"

namespace cambench::cli {

/// Progress of one long piece of work: a bar on standard error where that is a terminal, nothing elsewhere.
class Bar {
public:
    enum class Shown { on_terminal, never };
    Bar(std::string what, Shown shown);
    ~Bar();
    Bar(const Bar&) = delete;
    Bar& operator=(const Bar&) = delete;
    void reach(double share);  ///< 0 to 1; drawn ten times a second at most

private:
    std::string what_;
    bool shown_, drawn_ = false;
    Monotonic::time_point next_;
};

/// Progress of runs on standard error: a bar on a terminal, plain lines otherwise. Thread-safe.
class Progress {
public:
    enum class Style { bar, lines, silent };
    /// By what standard error is.
    [[nodiscard]] static Style fitting();

    explicit Progress(Style style) : style_(style) {}
    ~Progress();

    /// Work to come, in seconds, over all runs.
    void expect(double seconds);
    void begin(const std::string& run, double planned_seconds);
    void hear(const std::string& run, const Event& event);
    void end(const std::string& run, const std::string& verdict, const std::string& reason);
    void say(const std::string& line);

private:
    void draw();
    void clear();

    struct Running {
        double planned = 0;
        double at = 0;
        std::string step;
    };
    Style style_;
    std::mutex mutex_;
    std::map<std::string, Running> running_;
    double expected_ = 0;
    double done_ = 0;
    bool drawn_ = false;
};

}  // namespace cambench::cli
