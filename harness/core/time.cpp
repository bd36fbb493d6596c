#include "harness/core/time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

namespace cambench {
namespace {

struct Unit {
    std::string_view name;
    double nanoseconds;
};
constexpr std::array units{Unit{"ns", 1.0},   Unit{"us", 1e3}, Unit{"ms", 1e6},   Unit{"s", 1e9},
                           Unit{"min", 6e10}, Unit{"m", 6e10}, Unit{"h", 3.6e12}, Unit{"d", 8.64e13}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The number that stands at `text[at]` in exactly `width` digits; -1 when it is none.
int digits_at(std::string_view text, std::size_t at, std::size_t width) {
    int value = 0;
    for (const char c : text.substr(at, width)) {
        if (!is_digit(c)) return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

/// Nanoseconds of ".25"; -1 when it is no fraction. Digits beyond the ninth are cut off.
std::int64_t fraction_of(std::string_view text) {
    if (text.size() < 2 || text.front() != '.') return -1;
    std::int64_t value = 0, digit = 100'000'000;
    for (const char c : text.substr(1)) {
        if (!is_digit(c)) return -1;
        value += (c - '0') * digit;
        digit /= 10;
    }
    return value;
}

std::tm broken_down(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const std::time_t since_epoch = seconds.time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&since_epoch, &parts);
    return parts;
}

}  // namespace

Result<Nanoseconds> parse_duration(std::string_view text) {
    double number = 0;
    const auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    const auto wanted = "a number with its unit, such as 500ms, 2s, 5m, 3h or 30d";
    if (text.starts_with('-')) return usage_error(fmt::format("'{}' is negative; write {}", text, wanted));
    if (text.empty() || !is_digit(text.front()) || code != std::errc{} || end[-1] == '.')
        return usage_error(fmt::format("'{}' is not a duration; write {}", text, wanted));
    const std::string_view unit_name(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& unit : units) {
        if (unit.name != unit_name) continue;
        const double nanoseconds = number * unit.nanoseconds;
        if (nanoseconds > 9e18) return usage_error(fmt::format("'{}' is longer than 292 years", text));
        return Nanoseconds(static_cast<std::int64_t>(std::llround(nanoseconds)));
    }
    if (unit_name.empty()) return usage_error(fmt::format("'{}' has no unit; write {}", text, wanted));
    return usage_error(fmt::format("'{}' has the unknown unit '{}'; write {}", text, unit_name, wanted));
}

std::string format_duration(Nanoseconds duration) {
    const auto count = duration.count();
    if (count == 0) return "0s";
    if (count % 86'400'000'000'000 == 0) return fmt::format("{}d", count / 86'400'000'000'000);
    if (count % 1'000'000'000 == 0) return fmt::format("{}s", count / 1'000'000'000);
    if (count % 1'000'000 == 0) return fmt::format("{}ms", count / 1'000'000);
    if (count % 1'000 == 0) return fmt::format("{}us", count / 1'000);
    return fmt::format("{}ns", count);
}

std::string describe_duration(Nanoseconds duration) {
    const double seconds = static_cast<double>(duration.count()) / 1e9;
    if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
    if (seconds < 10) return fmt::format("{:.2f} s", seconds);
    if (seconds < 120) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::int64_t>(seconds);
    if (whole < 7200) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

Result<WallTime> parse_timestamp(std::string_view text) {
    const auto bad = [&] {
        return usage_error(
            fmt::format("'{}' is not a time; write it in UTC, such as 2026-11-21T09:00:00Z", text));
    };
    constexpr std::string_view shape = "....-..-..T..:..:..";
    if (text.size() < shape.size() + 1 || text.back() != 'Z') return bad();
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (shape[i] == '.' ? !is_digit(text[i]) : shape[i] != text[i]) return bad();
    const auto rest = text.substr(shape.size(), text.size() - shape.size() - 1);
    const auto fraction = rest.empty() ? 0 : fraction_of(rest);
    const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2), second = digits_at(text, 17, 2),
              whole_year = digits_at(text, 0, 4);
    using namespace std::chrono;
    const year_month_day date{year(whole_year), month(static_cast<unsigned>(digits_at(text, 5, 2))),
                              day(static_cast<unsigned>(digits_at(text, 8, 2)))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60 || fraction < 0) return bad();
    // What 64 bits of nanoseconds hold.
    if (whole_year < 1678 || whole_year > 2261)
        return usage_error(fmt::format("'{}' is not between the years 1678 and 2261", text));
    return WallTime(sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + Nanoseconds(fraction));
}

std::string format_timestamp(WallTime time) {
    const auto parts = broken_down(time);
    const auto fraction = (time - std::chrono::floor<std::chrono::seconds>(time)).count() / 1000;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, fraction);
}

std::string format_http_date(WallTime time) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto parts = broken_down(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                       months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                       parts.tm_min, parts.tm_sec);
}

Milliseconds Deadline::remaining() const {
    const auto left = when_ - Monotonic::now();
    return left <= Nanoseconds::zero() ? Milliseconds::zero() : std::chrono::ceil<Milliseconds>(left);
}

RunClock RunClock::start() {
    return {Monotonic::now(), std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now())};
}

}  // namespace cambench
