#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <thread>

#include "drivers/console/console.hpp"
#include "harness/core/event.hpp"
#include "harness/core/file.hpp"

namespace cambench {

/// Records a console from before power-on: every byte into console.log as it comes, stamps of stretches into
/// the timeline (kind "data" with offset and length; all bytes of one came within a few milliseconds), and
/// the newest text in memory for expectations.
class ConsoleRecorder {
public:
    [[nodiscard]] static Result<std::unique_ptr<ConsoleRecorder>> start(std::unique_ptr<Console> console,
                                                                        const std::filesystem::path& file,
                                                                        EventSink& events,
                                                                        const RunClock& clock);
    ~ConsoleRecorder();

    /// Offset behind the last byte so far.
    [[nodiscard]] std::uint64_t end() const;

    /// Whether the line is open now, and has ever been.
    [[nodiscard]] bool is_open() const;

    /// Whether it is open at the deadline at the latest.
    [[nodiscard]] bool wait_until_open(Deadline deadline) const;

    /// The first line (or piece of an unfinished one) at or after `from` that an RE2 `pattern` matches. Fails
    /// with timeout, cancelled, or usage for a bad pattern.
    [[nodiscard]] Result<std::string> wait_for(const std::string& pattern, std::uint64_t from,
                                               Deadline deadline, const std::stop_token& stop);

    /// The newest text since `offset`, as raw as it came; of a long log the last few megabytes.
    [[nodiscard]] std::string text_since(std::uint64_t offset) const;

    /// Sends bytes to the unit. What was sent stands in the timeline as one event "sent", as inert text. In
    /// pieces `apart` from each other a unit with a small buffer does not lose the later ones; those it has
    /// no room for are lost, and not counted.
    [[nodiscard]] Status write(ByteView bytes);
    [[nodiscard]] Status write(std::span<const std::string> pieces, Nanoseconds apart);

    /// Bytes that were sent so far and not lost.
    [[nodiscard]] std::uint64_t bytes_sent() const { return sent_; }

    /// The line's end is expected from now on (the power goes), or a gap (the power stays).
    enum class Closing { gap, expected };
    void set_closing(Closing closing);

    /// The first failure to record.
    [[nodiscard]] Status health() const;
    void stop();

private:
    ConsoleRecorder(std::unique_ptr<Console> console, FileHandle file, EventSink& events,
                    const RunClock& clock)
        : console_(std::move(console)), file_(std::move(file)), events_(events), clock_(clock) {}

    void record(const std::stop_token& stop);
    void take(ByteView bytes);
    void end_stretch();
    void note_opened();
    void note_closed();
    void note_retuned(std::uint64_t unreadable);
    [[nodiscard]] Json describe_line() const;
    [[nodiscard]] std::string_view text_from(std::uint64_t offset) const;

    std::unique_ptr<Console> console_;
    FileHandle file_;
    EventSink& events_;
    RunClock clock_;

    mutable std::mutex mutex_;
    mutable std::condition_variable_any arrived_;
    std::string newest_;  ///< the last bytes of the log
    std::uint64_t end_ = 0;
    std::atomic<std::uint64_t> sent_ = 0;
    bool open_ = false;
    Closing closing_ = Closing::gap;
    Status health_;

    struct Stretch {
        Nanoseconds begin{};
        std::uint64_t offset = 0;
        std::uint64_t length = 0;
    } stretch_;
    std::jthread thread_;
};

}  // namespace cambench
