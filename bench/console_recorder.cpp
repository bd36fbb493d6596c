#include "bench/console_recorder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <array>
#include <cerrno>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr std::size_t read_size = 1 << 16;
constexpr std::size_t text_in_memory = 16 << 20;
constexpr std::size_t longest_line = 1 << 16;
constexpr std::size_t longest_quote = 512;
constexpr auto opening_time = std::chrono::seconds(3);
constexpr auto reading_time = std::chrono::seconds(3);
constexpr auto stretch_time = std::chrono::milliseconds(5);
constexpr auto patience = std::chrono::milliseconds(50);

}  // namespace

Result<std::unique_ptr<ConsoleRecorder>> ConsoleRecorder::start(std::unique_ptr<Console> console,
                                                                const std::filesystem::path& file,
                                                                EventSink& events, const RunClock& clock) {
    FileHandle handle(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
    if (!handle.valid()) return system_error("create " + file.string(), errno);
    std::unique_ptr<ConsoleRecorder> recorder(
        new ConsoleRecorder(std::move(console), std::move(handle), events, clock));
    if (recorder->console_)
        recorder->thread_ =
            std::jthread([raw = recorder.get()](const std::stop_token& stop) { raw->record(stop); });
    return recorder;
}

ConsoleRecorder::~ConsoleRecorder() { stop(); }

void ConsoleRecorder::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

void ConsoleRecorder::record(const std::stop_token& stop) {
    Bytes buffer(read_size);
    bool drained = false;
    while (!drained) {
        const bool stopping = stop.stop_requested();
        const auto wait = stopping              ? Nanoseconds::zero()
                          : stretch_.length > 0 ? Nanoseconds(stretch_time)
                                                : Nanoseconds(patience);
        const auto reading = console_->read(buffer, Deadline::after(wait));
        using Kind = Console::Reading::Kind;
        const auto kind = reading ? reading->kind : Kind::quiet;
        if (kind == Kind::data)
            take(ByteView(buffer).first(reading->count));
        else
            end_stretch();
        if (kind == Kind::opened) note_opened();
        if (kind == Kind::closed) note_closed();
        if (kind == Kind::retuned) note_retuned(reading->count);
        drained = stopping && kind != Kind::data;
    }
}

void ConsoleRecorder::take(ByteView bytes) {
    const auto now = clock_.now();
    if (stretch_.length > 0 && now - stretch_.begin > stretch_time) end_stretch();
    {
        const std::scoped_lock lock(mutex_);
        if (stretch_.length == 0) stretch_ = {now, end_, 0};
        if (health_.ok()) health_ = write_all(file_.get(), bytes, "console.log");
        newest_.append(as_text(bytes));
        if (newest_.size() > 2 * text_in_memory) newest_.erase(0, newest_.size() - text_in_memory);
        end_ += bytes.size();
        stretch_.length += bytes.size();
    }
    arrived_.notify_all();
}

void ConsoleRecorder::end_stretch() {
    if (stretch_.length == 0) return;
    events_.emit(
        {stretch_.begin, "console", "data", {{"offset", stretch_.offset}, {"length", stretch_.length}}});
    stretch_ = {};
}

void ConsoleRecorder::note_opened() {
    emit_now(events_, clock_, "console", "opened", describe_line());
    {
        const std::scoped_lock lock(mutex_);
        open_ = true;
    }
    arrived_.notify_all();
}

bool ConsoleRecorder::wait_until_open(Deadline deadline) const {
    std::unique_lock lock(mutex_);
    return arrived_.wait_until(lock, deadline.when(), [&] { return open_; });
}

Json ConsoleRecorder::describe_line() const {
    const auto line = console_->line();
    Json fields = Json::object();
    if (line.chosen == Console::Line::Chosen::not_yet)
        fields["baud"] = "unknown yet";
    else if (line.baud)
        fields["baud"] = *line.baud;
    if (line.chosen == Console::Line::Chosen::by_text) fields["chosen"] = "by its text";
    return fields;
}

void ConsoleRecorder::note_retuned(std::uint64_t unreadable) {
    emit_now(events_, clock_, "console", "rate", describe_line());
    if (unreadable > 0)
        emit_now(events_, clock_, "console", "gap",
                 {{"text", fmt::format("{} bytes came at a wrong rate while the right one was looked for",
                                       unreadable)}});
}

void ConsoleRecorder::note_closed() {
    Closing closing;
    {
        const std::scoped_lock lock(mutex_);
        open_ = false;
        closing = closing_;
    }
    emit_now(events_, clock_, "console", closing == Closing::expected ? "closed" : "gap",
             {{"text", closing == Closing::expected ? "the line closed with the power"
                                                    : "the line closed while the unit had power"}});
}

std::uint64_t ConsoleRecorder::end() const {
    const std::scoped_lock lock(mutex_);
    return end_;
}

bool ConsoleRecorder::is_open() const {
    const std::scoped_lock lock(mutex_);
    return open_;
}

void ConsoleRecorder::set_closing(Closing closing) {
    const std::scoped_lock lock(mutex_);
    closing_ = closing;
}

Status ConsoleRecorder::health() const {
    const std::scoped_lock lock(mutex_);
    return health_;
}

std::string_view ConsoleRecorder::text_from(std::uint64_t offset) const {
    const auto first = end_ - newest_.size();
    return std::string_view(newest_).substr(
        offset <= first ? 0 : std::min<std::uint64_t>(offset - first, newest_.size()));
}

Result<std::string> ConsoleRecorder::wait_for(const std::string& pattern, std::uint64_t from,
                                              Deadline deadline, const std::stop_token& stop) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(RE2::Options::EncodingLatin1);
    const RE2 expression(pattern, options);
    if (!expression.ok())
        return usage_error(fmt::format("'{}' is not a regular expression: {}", pattern, expression.error()));
    std::unique_lock lock(mutex_);
    while (true) {
        for (auto text = text_from(from); !text.empty();) {
            const auto length = std::min(text.find('\n'), std::min(text.size(), longest_line));
            const auto line = text.substr(0, length);
            if (RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), expression))
                return inert(trim(line));
            if (length == text.size()) break;  // the last line may still grow
            text.remove_prefix(length + (text[length] == '\n' ? 1 : 0));
            from = end_ - text.size();
        }
        if (stop.stop_requested()) return cancelled_error("cancelled");
        if (deadline.passed())
            return timeout_error(fmt::format("the console did not show '{}' in time", pattern));
        const auto seen = end_;
        arrived_.wait_until(lock, stop, deadline.when(), [&] { return end_ > seen; });
    }
}

std::string ConsoleRecorder::text_since(std::uint64_t offset) const {
    const std::scoped_lock lock(mutex_);
    return std::string(text_from(offset));
}

Status ConsoleRecorder::write(ByteView bytes) {
    const std::string piece(as_text(bytes));
    const auto deadline = Deadline::after(reading_time);
    while (true) {
        auto status = write(std::span(&piece, 1), Nanoseconds::zero());
        if (status || status.error().fault != Fault::timeout || deadline.passed()) return status;
    }
}

Status ConsoleRecorder::write(std::span<const std::string> pieces, Nanoseconds apart) {
    if (!console_) return bench_error("write to the console: the slot has none");
    (void)wait_until_open(Deadline::after(opening_time));  // an emulated camera's line opens with its power
    const auto offset = end();
    const auto begin = clock_.now();
    std::string sent;
    Status status;
    for (const auto& piece : pieces) {
        if (!sent.empty()) std::this_thread::sleep_for(apart);
        status = console_->write(as_bytes(piece));
        if (!status && (status.error().fault != Fault::timeout || pieces.size() == 1)) break;
        if (status)
            sent += piece;  // else the unit's buffer is full, as it is while nobody reads: the key is lost
        status = {};
    }
    sent_ += sent.size();
    if (!sent.empty())
        events_.emit({begin,
                      "console",
                      "sent",
                      {{"offset", offset},
                       {"length", sent.size()},
                       {"text", inert(std::string_view(sent).substr(0, longest_quote))}}});
    return status;
}

}  // namespace cambench
