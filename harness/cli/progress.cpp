#include "harness/cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "harness/core/text.hpp"

namespace cambench::cli {
namespace {

constexpr int bar_cells = 24;
constexpr unsigned narrowest = 40;

unsigned terminal_width() {
    winsize size{};
    if (::ioctl(2, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return std::max<unsigned>(size.ws_col, narrowest);
}

void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

/// Over what was drawn there before.
void draw_bar(double share, const std::string& what) {
    const int cells = static_cast<int>(share * bar_cells);
    auto line = fmt::format("[{}{}] {:3.0f} % {}", std::string(static_cast<std::size_t>(cells), '#'),
                            std::string(static_cast<std::size_t>(bar_cells - cells), '.'), share * 100, what);
    if (line.size() >= terminal_width()) line.resize(terminal_width() - 1);
    put("\r\x1b[K" + line);
}

constexpr Milliseconds between_bars{100};

}  // namespace

Bar::Bar(std::string what, Shown shown)
    : what_(std::move(what)),
      shown_(shown == Shown::on_terminal && ::isatty(2) != 0),
      next_(Monotonic::now() + 3 * between_bars) {}

Bar::~Bar() {
    if (drawn_) put("\r\x1b[K");
}

void Bar::reach(double share) {
    const auto now = Monotonic::now();
    if (!shown_ || now < next_) return;
    next_ = now + between_bars;
    drawn_ = true;
    draw_bar(std::clamp(share, 0.0, 1.0), what_);
}

Progress::Style Progress::fitting() { return ::isatty(2) != 0 ? Style::bar : Style::lines; }

Progress::~Progress() { clear(); }

void Progress::expect(double seconds) { expected_ += seconds; }

void Progress::begin(const std::string& run, double planned_seconds) {
    const std::scoped_lock lock(mutex_);
    running_[run] = {planned_seconds, 0, "preparing"};
    if (style_ == Style::lines) put(fmt::format("{}: begins, about {:.0f} s\n", run, planned_seconds));
    draw();
}

void Progress::hear(const std::string& run, const Event& event) {
    if (event.lane == "console" || style_ == Style::silent) return;
    const std::scoped_lock lock(mutex_);
    auto& running = running_[run];
    running.at = static_cast<double>(event.time.count()) / 1e9;
    if (event.lane == "scenario" && event.kind == "step" && event.fields.value("state", "") == "begin") {
        running.step = inert(event.fields.value("text", ""));
        if (style_ == Style::lines) put(fmt::format("{}: {:7.2f} s {}\n", run, running.at, running.step));
    }
    draw();
}

void Progress::end(const std::string& run, const std::string& verdict, const std::string& reason) {
    const std::scoped_lock lock(mutex_);
    done_ += running_[run].planned;
    running_.erase(run);
    if (style_ != Style::silent) {
        clear();
        put(fmt::format("{}: {}: {}\n", run, verdict, inert(reason)));
    }
    draw();
}

void Progress::say(const std::string& line) {
    const std::scoped_lock lock(mutex_);
    clear();
    put(line + "\n");
    draw();
}

void Progress::draw() {
    if (style_ != Style::bar || running_.empty()) return;
    double reached = done_;
    for (const auto& [name, running] : running_) reached += std::min(running.at, running.planned);
    const double share = expected_ > 0 ? std::min(reached / expected_, 1.0) : 0;
    const auto& [name, running] = *running_.begin();
    draw_bar(share, fmt::format("{} {}{}", name, running.step,
                                running_.size() > 1 ? fmt::format(" (+{} more)", running_.size() - 1) : ""));
    drawn_ = true;
}

void Progress::clear() {
    if (drawn_) put("\r\x1b[K");
    drawn_ = false;
}

}  // namespace cambench::cli
