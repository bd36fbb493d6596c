#include "drivers/console/baud.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

/// Rates seen on cameras: nearly all 115200; 57600 and 38400 on some; 1500000 on Rockchip; the others on rare
/// boards.
const std::vector<unsigned> known_rates{115200, 57600, 38400, 1500000, 921600, 460800, 230400, 19200, 9600};
constexpr unsigned slowest = 50, fastest = 4'000'000;

/// What was still in the adapter's buffer when the rate changed.
constexpr std::size_t left_over = 16;
constexpr std::size_t enough = 48, plenty = 512;
/// A constant stream of one byte is no text.
constexpr std::ptrdiff_t least_variety = 8;

bool is_text(std::byte byte) {
    const auto value = std::to_integer<unsigned>(byte);
    return (value >= 0x20 && value < 0x7f) || value == '\n' || value == '\r' || value == '\t' ||
           value == 0x1b || value == '\b';
}

}  // namespace

Result<std::vector<unsigned>> parse_baud(std::string_view text) {
    if (text == "auto") return known_rates;
    const auto rate = whole_number<unsigned>(text);
    if (!rate || *rate < slowest || *rate > fastest)
        return usage_error(
            fmt::format("'{}' is no rate of a serial port ({} to {})", text, slowest, fastest));
    return std::vector{*rate};
}

void BaudFinder::start_over() {
    seen_ = judged_ = readable_ = 0;
    different_ = {};
}

void BaudFinder::skip() {
    start_over();
    index_ = (index_ + 1) % rates_.size();
}

BaudFinder::Advice BaudFinder::take(ByteView bytes) {
    if (settled_) return Advice::listen;
    for (const auto byte : bytes) {
        if (++seen_ <= left_over && index_ + unreadable_ > 0) continue;
        ++judged_;
        readable_ += is_text(byte) ? 1 : 0;
        different_[std::to_integer<unsigned>(byte)] = true;
    }
    if (judged_ < enough) return Advice::listen;
    const auto variety = std::count(different_.begin(), different_.end(), true);
    if (readable_ * 100 >= judged_ * 95 && variety >= least_variety) {
        settled_ = true;
        return Advice::settled;
    }
    // A damaged log at the right rate keeps most of its text; noise has little over a third of its bytes in
    // that range.
    if (readable_ * 100 >= judged_ * 70 && judged_ < plenty) return Advice::listen;
    if (variety < least_variety && readable_ == judged_) return Advice::listen;
    unreadable_ += seen_;
    index_ = (index_ + 1) % rates_.size();
    start_over();
    return Advice::next;
}

}  // namespace cambench
