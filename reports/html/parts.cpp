#include "reports/html/parts.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "harness/core/text.hpp"

namespace cambench::reports {
namespace {

/// The order in which a reader wants them.
int gravity(Verdict verdict) {
    switch (verdict) {
        case Verdict::error:
            return 0;
        case Verdict::fail:
            return 1;
        case Verdict::inconclusive:
            return 2;
        case Verdict::pass:
            return 3;
    }
    return 0;
}

}  // namespace

Markup paragraphs(std::string_view text, std::size_t limit) {
    Markup result;
    for (const auto& line : split(shortened(text, limit), '\n'))
        result += markup("<p><bdi>{}</bdi></p>", trim(line));
    return result;
}

std::vector<const Check*> by_gravity(const ScenarioRun& run) {
    std::vector<const Check*> checks;
    for (const auto& check : run.checks) checks.push_back(&check);
    std::stable_sort(checks.begin(), checks.end(),
                     [](const auto* a, const auto* b) { return gravity(a->verdict) < gravity(b->verdict); });
    return checks;
}

std::vector<NumberedFinding> numbered_findings(const ScenarioRun& run) {
    std::vector<NumberedFinding> findings;
    for (const auto* check : by_gravity(run))
        for (const auto& finding : check->findings)
            if (finding.verdict != Verdict::pass)
                findings.push_back({static_cast<int>(findings.size()) + 1, check, &finding});
    return findings;
}

std::string_view css_class(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "pass";
        case Verdict::fail:
            return "fail";
        case Verdict::inconclusive:
            return "inconclusive";
        case Verdict::error:
            return "error";
    }
    return "error";
}

Markup icon(Verdict verdict) {
    static constexpr auto frame =
        R"(<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>)";
    switch (verdict) {
        case Verdict::pass:
            return markup(
                frame,
                Markup::trusted(
                    R"(<circle class="shape" cx="12" cy="12" r="11"/><path class="sign" d="M6.5 12.5l3.6 3.7 7.4-8"/>)"));
        case Verdict::fail:
            return markup(
                frame,
                Markup::trusted(
                    R"(<path class="shape" d="M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z"/><path class="sign" d="M8 8l8 8M16 8l-8 8"/>)"));
        case Verdict::inconclusive:
            return markup(
                frame,
                Markup::trusted(
                    R"(<rect class="shape" x="1.5" y="1.5" width="21" height="21" rx="5"/><path class="sign" d="M8.6 9.3c.2-4.9 7-4.6 6.9-.3-.1 2.9-3.5 2.8-3.5 5.4M12 18.3v.2"/>)"));
        case Verdict::error:
            break;
    }
    return markup(
        frame,
        Markup::trusted(
            R"(<path class="shape" d="M12 1.2L23.5 22H.5z"/><path class="sign" d="M12 9v6.2M12 18.6v.2"/>)"));
}

Markup badge(Verdict verdict) {
    return markup(R"(<span class="badge {}">{}{}</span>)", css_class(verdict), icon(verdict),
                  to_string(verdict));
}

std::string_view meaning(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "As far as this bench could see, and for as long as it watched, the unit did what it "
                   "should and nothing else. What the bench could not "
                   "see is listed below and is not covered.";
        case Verdict::fail:
            return "The unit did something it must not do, or did not do something it must. Each finding "
                   "below names the recording that shows it.";
        case Verdict::inconclusive:
            return "Too little was seen to decide. This is neither a pass nor a fail: nothing may be "
                   "concluded about the unit until the run is repeated.";
        case Verdict::error:
            break;
    }
    return "The bench itself was not sound. This says nothing about the unit, neither good nor bad; mend the "
           "bench and repeat the run.";
}

Markup heading(int level, std::string_view id, std::string_view text) {
    return markup("<h{0} id=\"{1}\">{2}</h{0}>\n", level, id, text);
}

Markup fact(std::string_view term, const Markup& description) {
    if (description.empty()) return {};
    return markup("<div><dt>{}</dt><dd>{}</dd></div>\n", term, description);
}

Markup fact(std::string_view term, std::string_view description) {
    return description.empty() ? Markup() : fact(term, foreign(description));
}

Markup missing(std::string_view text) { return markup(R"(<span class="muted">{}</span>)", text); }

std::string describe_bytes(std::uint64_t bytes) {
    if (bytes < 1000) return fmt::format("{} B", bytes);
    static constexpr std::array units{"kB", "MB", "GB", "TB", "PB", "EB"};
    auto amount = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; amount >= 999.95 && unit + 1 < units.size(); ++unit) amount /= 1000;
    return fmt::format("{:.1f} {}", amount, units[unit]);
}

std::string describe_seconds(std::optional<double> seconds) {
    if (!seconds) return {};
    if (*seconds < 120) return fmt::format("{:.3g} s", *seconds);
    if (*seconds < 7200)
        return fmt::format("{:.0f} min {:02.0f} s", std::floor(*seconds / 60),
                           std::floor(std::fmod(*seconds, 60)));
    return fmt::format("{:.0f} h {:02.0f} min", std::floor(*seconds / 3600),
                       std::floor(std::fmod(*seconds, 3600) / 60));
}

namespace {

/// What rounds to nothing is nothing, on either side of it.
double without_sign_of_zero(double value, double smallest) {
    return std::abs(value) < smallest / 2 ? 0.0 : value;
}

}  // namespace

std::string at_seconds(double seconds) {
    return fmt::format("{:.3f} s", without_sign_of_zero(seconds, 0.001));
}

std::string tenths(double value) { return fmt::format("{:.1f}", without_sign_of_zero(value, 0.1)); }

std::string_view where_the_rest_is(const ScenarioRun& run) {
    return run.foreign ? "the output of 'cambench analyze --json'" : "verdict.json";
}

Markup breakable(std::string_view name, std::size_t limit) {
    constexpr std::size_t longest_piece = 24;
    const auto text = shortened(name, limit);
    Markup pieces;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = std::min(text.find_first_of("./:@", begin), text.size());
        if (end < text.size()) ++end;
        if (end - begin > longest_piece) end = begin + longest_piece;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
            ++end;  // not inside a letter of UTF-8
        pieces += markup("{}{}", std::string_view(text).substr(begin, end - begin),
                         Markup::trusted(end < text.size() ? "<wbr>" : ""));
        begin = end;
    }
    return markup("<bdi class=\"name\">{}</bdi>", pieces);
}

std::string describe_moment(std::string_view timestamp) {
    static constexpr std::array months{"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
    const auto moment = parse_timestamp(timestamp);
    if (!moment) return std::string(timestamp);
    const auto day = std::chrono::floor<std::chrono::days>(*moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(*moment - day));
    return fmt::format("{} {} {}, {:02}:{:02}:{:02} UTC", static_cast<unsigned>(date.day()),
                       months[(static_cast<unsigned>(date.month()) - 1) % 12], static_cast<int>(date.year()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::optional<double> run_seconds(const ScenarioRun& run, std::optional<double> epoch) {
    const auto zero = parse_timestamp(run.timeline.wall_zero.empty() ? run.started : run.timeline.wall_zero);
    if (!epoch || !zero) return std::nullopt;
    return *epoch - std::chrono::duration<double>(zero->time_since_epoch()).count();
}

std::string count_checks(const std::vector<Verdict>& verdicts) {
    std::vector<std::string> parts;
    const auto add = [&](Verdict verdict, std::string_view word) {
        const auto count = std::count(verdicts.begin(), verdicts.end(), verdict);
        if (count > 0) parts.push_back(fmt::format("{} {}", count, word));
    };
    add(Verdict::error, "bench errors");
    add(Verdict::fail, "failed");
    add(Verdict::inconclusive, "inconclusive");
    add(Verdict::pass, "passed");
    return parts.empty() ? "none" : join(parts, ", ");
}

}  // namespace cambench::reports
