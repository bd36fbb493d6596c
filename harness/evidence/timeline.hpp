#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "harness/core/event.hpp"
#include "harness/core/file.hpp"

namespace cambench {

/// Every event of a run in one order on one clock: writes timeline.jsonl line by line and lets steps wait for
/// events.
///
/// Thread-safe. A line is in the file when emit() returns; the newest events stay in memory for waiting.
class Timeline final : public EventSink {
public:
    [[nodiscard]] static Result<std::unique_ptr<Timeline>> create(const std::filesystem::path& file,
                                                                  const RunClock& clock);

    void emit(Event event) override;
    void emit_texts(std::string_view lane, std::span<const EventText> events) override;

    /// Called for every event, after it was written, on the emitting thread; of many that came as texts for
    /// the last one, without its fields. Set before the first event.
    void set_listener(std::function<void(const Event&)> listener) { listener_ = std::move(listener); }

    /// A place in the stream: wait_for() looks at events emitted after it.
    using Mark = std::uint64_t;
    [[nodiscard]] Mark mark() const;

    /// The first event after `from` that fits. Fails with timeout or cancelled.
    [[nodiscard]] Result<Event> wait_for(const std::function<bool(const Event&)>& fits, Mark from,
                                         Deadline deadline, const std::stop_token& stop) const;

    /// Waits until the deadline; false when asked to stop before.
    [[nodiscard]] bool wait_until(Deadline deadline, const std::stop_token& stop) const;

    /// The first failure to write; the file holds whole lines only, and goes on when there is room again.
    [[nodiscard]] Status health() const;
    [[nodiscard]] const RunClock& clock() const { return clock_; }

private:
    Timeline(FileHandle file, std::filesystem::path path, const RunClock& clock)
        : file_(std::move(file)), path_(std::move(path)), clock_(clock) {}

    /// One event in memory; one that came as text is read when it is looked at.
    struct Remembered {
        Event event;
        std::string members;
        [[nodiscard]] Event read() const;
    };
    [[nodiscard]] Status write(std::string_view lines);
    void note(Status status);
    void remember(Remembered remembered);

    FileHandle file_;
    std::filesystem::path path_;
    RunClock clock_;
    std::function<void(const Event&)> listener_;
    mutable std::mutex mutex_;
    mutable std::condition_variable_any arrived_;
    std::deque<Remembered> newest_;
    std::uint64_t count_ = 0;
    std::uint64_t written_bytes_ = 0;
    Status health_;
};

}  // namespace cambench
