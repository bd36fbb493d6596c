#include "harness/cli/console.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "drivers/console/console_driver.hpp"
#include "harness/cli/console_text.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/names.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/bench_file.hpp"

namespace cambench::cli {
namespace {

constexpr auto look_time = std::chrono::milliseconds(20);
constexpr std::size_t read_size = 1 << 14;

/// A terminal without line editing, echo and signals; as it was when destroyed.
class RawTerminal {
public:
    explicit RawTerminal(int descriptor) : descriptor_(descriptor) {
        termios settings{};
        if (::isatty(descriptor_) == 0 || ::tcgetattr(descriptor_, &settings) != 0) return;
        before_ = settings;
        ::cfmakeraw(&settings);
        settings.c_oflag |= OPOST | ONLCR;  // our own lines still end where they should
        ::tcsetattr(descriptor_, TCSANOW, &settings);
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    ~RawTerminal() {
        if (before_) ::tcsetattr(descriptor_, TCSANOW, &*before_);
    }

private:
    int descriptor_;
    std::optional<termios> before_;
};

/// SIGTERM, SIGHUP and SIGINT as something to read, so that the terminal is put back before the program ends.
FileHandle signals_to_read() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGHUP, SIGINT}) ::sigaddset(&signals, number);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return FileHandle(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

void tell(const std::string& text) { std::fprintf(stderr, "[cambench] %s\n", text.c_str()); }

std::string line_text(const Console::Line& line) {
    using Chosen = Console::Line::Chosen;
    if (line.chosen == Chosen::not_yet) return "looking for the rate";
    if (!line.baud) return "a line without a rate";
    return fmt::format("{} baud{}", *line.baud, line.chosen == Chosen::by_text ? ", found by its text" : "");
}

class Session {
public:
    Session(const ConsoleOptions& options, Console& console, FileHandle log)
        : options_(options), console_(console), log_(std::move(log)), signals_(signals_to_read()) {}

    Status run() {
        const RawTerminal terminal(STDIN_FILENO);
        tell(options_.typing == ConsoleOptions::Typing::on
                 ? "Ctrl-] q leaves, Ctrl-] ? helps"
                 : "listening only (--write types, too); Ctrl-] q leaves, Ctrl-] ? helps");
        Bytes buffer(read_size);
        while (!left_) {
            TRY_ASSIGN(const auto reading, console_.read(buffer, Deadline::after(look_time)));
            TRY(show(reading, ByteView(buffer).first(reading.count <= buffer.size() ? reading.count : 0)));
            TRY(look_at_keys());
        }
        std::fputs(text_.finish().c_str(), stdout);
        std::fflush(stdout);
        return {};
    }

private:
    Status show(const Console::Reading& reading, ByteView bytes) {
        using Kind = Console::Reading::Kind;
        if (reading.kind == Kind::opened) tell("connected: " + line_text(console_.line()));
        if (reading.kind == Kind::closed) tell("the line is gone; waiting for it");
        if (reading.kind == Kind::retuned)
            tell(fmt::format("{}; {} bytes before were not readable", line_text(console_.line()),
                             reading.count));
        if (reading.kind != Kind::data) return {};
        if (log_.valid()) TRY(write_all(log_.get(), bytes, options_.log.string()));
        const auto shown = options_.text == ConsoleOptions::Text::raw ? std::string(as_text(bytes))
                                                                      : text_.take(as_text(bytes));
        std::fwrite(shown.data(), 1, shown.size(), stdout);
        std::fflush(stdout);
        return {};
    }

    Status look_at_keys() {
        pollfd entries[] = {{STDIN_FILENO, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
        if (::poll(entries, 2, 0) <= 0) return {};
        if (entries[1].revents != 0) left_ = true;
        if (entries[0].revents == 0) return {};
        char typed[256];
        const auto count = ::read(STDIN_FILENO, typed, sizeof typed);
        if (count <= 0) {
            left_ = left_ || count == 0 || errno != EINTR;
            return {};
        }
        const auto keys = keys_.take({typed, static_cast<std::size_t>(count)});
        TRY(send(keys.bytes));
        if (keys.command == ConsoleKeys::Command::quit) left_ = true;
        if (keys.command == ConsoleKeys::Command::line) tell(line_text(console_.line()));
        if (keys.command == ConsoleKeys::Command::help)
            tell("Ctrl-] then: q leaves, l tells the line, Ctrl-] sends that key itself");
        return {};
    }

    Status send(const std::string& bytes) {
        if (bytes.empty()) return {};
        if (options_.typing == ConsoleOptions::Typing::off) {
            if (!warned_) tell("listening only: nothing was sent; start with --write to type");
            warned_ = true;
            return {};
        }
        // A line that is away comes back; what was typed meanwhile is lost, and said so.
        if (const auto status = console_.write(as_bytes(bytes)); !status) tell(status.error().message);
        return {};
    }

    const ConsoleOptions& options_;
    Console& console_;
    FileHandle log_;
    FileHandle signals_;
    ConsoleText text_;
    ConsoleKeys keys_;
    bool warned_ = false;
    bool left_ = false;
};

Result<std::unique_ptr<Console>> open(const ConsoleOptions& options) {
    TRY_ASSIGN(const auto file, find_document(options.bench, "bench"));
    markup::Problems problems;
    TRY_ASSIGN(const auto bench, load_bench_file(file, problems));
    const auto* slot = bench.find(options.slot);
    if (slot == nullptr)
        return usage_error(fmt::format("{} has no slot '{}'; it has {}", file.string(), inert(options.slot),
                                       join(bench.slot_names(), ", ")));
    const auto* driver = find_console_driver(slot->console_driver());
    if (driver == nullptr)
        return usage_error(fmt::format("unknown console driver '{}'", slot->console_driver()));
    TRY_ASSIGN(auto console, driver->open(slot->console, {}));
    if (!console) return usage_error("the slot has no console");
    return console;
}

Result<FileHandle> open_log(const std::filesystem::path& file) {
    if (file.empty()) return FileHandle();
    FileHandle handle(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!handle.valid()) return system_error("open " + file.string(), errno);
    return handle;
}

Status run(const ConsoleOptions& options) {
    TRY_ASSIGN(auto log, open_log(options.log));
    TRY_ASSIGN(const auto console, open(options));
    return Session(options, *console, std::move(log)).run();
}

}  // namespace

int console_command(const ConsoleOptions& options) {
    const auto status = run(options);
    if (status) return 0;
    std::fprintf(stderr, "cambench console: slot %s: %s\n", inert(options.slot).c_str(),
                 status.error().message.c_str());
    return status.error().fault == Fault::usage ? usage_exit_code : bench_error_exit_code;
}

}  // namespace cambench::cli
