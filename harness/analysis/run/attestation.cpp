#include "harness/analysis/run/attestation.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

#include "harness/analysis/run/attestation_facts.hpp"
#include "harness/analysis/run/unit_restarts.hpp"

namespace cambench::analysis {
namespace {

/// Between two heartbeats that came through. A host may stall for a second or two; what the bench's sockets
/// hold meanwhile is not lost.
constexpr Nanoseconds bench_patience = std::chrono::seconds(4);
/// Between two signs of a unit that answers when it is asked, which is after two seconds of silence.
constexpr Nanoseconds unit_patience = std::chrono::milliseconds(4500);
/// The same of a unit that answers no questions, but speaks by itself.
constexpr Nanoseconds deaf_patience = std::chrono::seconds(30);
/// For so long nobody asks a unit that says nothing, so that this tells nothing of it.
constexpr Nanoseconds before_asking = std::chrono::seconds(2);
/// From power-on to the first sign.
constexpr Nanoseconds boot_patience = std::chrono::seconds(120);
/// The news of a link that goes down, and that the bench took the cable out, come in any order.
constexpr Nanoseconds link_patience = std::chrono::milliseconds(500);
/// What a link may need to come up again after the bench put the cable in.
constexpr Nanoseconds cable_patience = std::chrono::seconds(10);

Span within(const Span& span, const Span& bounds) {
    return {std::max(span.begin, bounds.begin), std::min(span.end, bounds.end)};
}

/// The stretches between moments that are further apart than `patience`.
std::vector<Span> gaps(const std::vector<Nanoseconds>& moments, Nanoseconds patience) {
    std::vector<Span> found;
    for (std::size_t i = 1; i < moments.size(); ++i)
        if (moments[i] - moments[i - 1] > patience) found.push_back({moments[i - 1], moments[i]});
    return found;
}

/// Without what is excused; of what is left beside an excuse, no more than `patience` is none of it either.
std::vector<Span> without(std::vector<Span> spans, const std::vector<Span>& excused, Nanoseconds patience) {
    for (const auto& excuse : excused) {
        std::vector<Span> left;
        for (const auto& span : spans) {
            if (excuse.end <= span.begin || excuse.begin >= span.end) {
                left.push_back(span);
                continue;
            }
            if (excuse.begin > span.begin + patience) left.push_back({span.begin, excuse.begin});
            if (excuse.end + patience < span.end) left.push_back({excuse.end, span.end});
        }
        spans = std::move(left);
    }
    return spans;
}

Nanoseconds total(std::vector<Span> spans) {
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    Nanoseconds sum{}, reached{};
    for (const auto& span : spans) {
        const auto begin = std::max(span.begin, reached);
        if (span.end > begin) sum += span.end - begin;
        reached = std::max(reached, span.end);
    }
    return sum;
}

/// How the unit shows that it is there.
struct Habit {
    Nanoseconds between = unit_patience;  ///< two signs
    Nanoseconds at_end = unit_patience;   ///< the last one and the end of what is watched
};

/// A stretch with power, and what was heard in it.
struct Powered {
    Span span;
    std::vector<Nanoseconds> signs;
    std::vector<Span>
        boots;  ///< from a start that the bench ordered to the first sign after it; in order, apart
    [[nodiscard]] bool boots_at(Nanoseconds time) const {
        const auto later =
            std::upper_bound(boots.begin(), boots.end(), time,
                             [](Nanoseconds when, const Span& boot) { return when < boot.begin; });
        return later != boots.begin() && time < std::prev(later)->end;
    }
    /// Whether the unit should answer.
    [[nodiscard]] bool is_up(Nanoseconds time) const {
        return !signs.empty() && signs.front() <= time && time <= span.end && !boots_at(time);
    }
};

class Attestor {
public:
    explicit Attestor(const Observations& observations)
        : facts_(attestation_facts(observations.run)), powered_(with_power(observations)), habit_(habit()) {
        for (const auto& cut : facts_.cut_off) excused_.push_back({cut.begin, cut.end + cable_patience});
        beating_ = beating();
    }

    Attestation attest(const Observations& observations) const {
        Attestation attestation;
        attestation.present = facts_.present;
        if (!attestation.present) return attestation;
        for (const auto& window : facts_.windows) attestation.windows.push_back(judge(window));
        std::vector<Span> windows;
        for (const auto& window : facts_.windows) windows.push_back(window.span);
        for (const auto& powered : facts_.powered)
            for (const auto& gap : without(bench_gaps(powered), windows, Nanoseconds::zero()))
                attestation.outside.push_back({bench_fault(gap), gap});
        attestation.restarts = unordered_restarts(observations);
        attestation.changed = changed();
        return attestation;
    }

private:
    /// When heartbeats can come through: the wire has a carrier.
    [[nodiscard]] std::vector<Span> beating() const {
        auto downs = facts_.link_down;
        std::erase_if(downs, [](const Span& down) { return down.begin == down.end; });
        std::sort(downs.begin(), downs.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
        std::vector<Span> spans;
        Nanoseconds from{};
        for (const auto& down : downs) {
            if (down.begin > from) spans.push_back({from, down.begin});
            from = std::max(from, down.end);
        }
        if (from < facts_.end) spans.push_back({from, facts_.end});
        return spans;
    }

    /// The stretches of `span` of which no heartbeat tells.
    [[nodiscard]] std::vector<Span> bench_gaps(const Span& span) const {
        std::vector<Span> found;
        for (const auto& beating : beating_) {
            if (beating.end <= span.begin || beating.begin >= span.end) continue;
            const auto first = std::lower_bound(facts_.pulses.begin(), facts_.pulses.end(), beating.begin);
            const auto last = std::upper_bound(first, facts_.pulses.end(), beating.end);
            std::vector<Nanoseconds> moments{beating.begin};
            moments.insert(moments.end(), first, last);
            moments.push_back(beating.end);
            for (const auto& gap : gaps(moments, bench_patience))
                if (const auto part = within(gap, span); part.begin < part.end) found.push_back(part);
        }
        return without(found, excused_, bench_patience);
    }

    [[nodiscard]] std::string bench_fault(const Span& gap) const {
        for (const auto& late : facts_.late)
            if (late.time >= gap.begin && late.time <= gap.end + bench_patience)
                return fmt::format("no heartbeat of the bench came through, owed by {}", late.owed_by);
        return "no heartbeat of the bench came through";
    }

    [[nodiscard]] AttestedWindow judge(const NamedSpan& window) const {
        AttestedWindow attested{window.label, window.span, {}, {}};
        const auto doubt = [&](const std::string& what, const std::vector<Span>& spans) {
            for (const auto& span : spans) attested.doubts.push_back({what, span});
        };
        for (const auto& gap : bench_gaps(window.span)) doubt(bench_fault(gap), {gap});
        for (const auto& powered : powered_) {
            const auto part = within(powered.span, window.span);
            if (part.begin >= part.end) continue;
            judge_unit(powered, part, doubt);
        }
        std::vector<Span> spans;
        for (const auto& one : attested.doubts) spans.push_back(one.span);
        attested.attested = window.span.length() - total(std::move(spans));
        std::stable_sort(attested.doubts.begin(), attested.doubts.end(),
                         [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
        return attested;
    }

    [[nodiscard]] std::vector<Powered> with_power(const Observations& observations) const {
        const auto starts = ordered_starts(observations);
        std::vector<Powered> all;
        for (const auto& span : facts_.powered) {
            Powered one{span, {}, {}};
            for (const auto& sign : facts_.signs)
                if (sign.time >= span.begin && sign.time <= span.end) one.signs.push_back(sign.time);
            for (const auto start : starts) {
                const auto first = std::lower_bound(one.signs.begin(), one.signs.end(), start);
                if (start < span.begin || first == one.signs.end() || *first - start > boot_patience)
                    continue;
                if (one.boots.empty() || one.boots.back().end != *first) one.boots.push_back({start, *first});
            }
            all.push_back(std::move(one));
        }
        return all;
    }

    /// `part` of a window, in which the unit has power.
    template <typename Doubt>
    void judge_unit(const Powered& powered, const Span& part, const Doubt& doubt) const {
        const auto& signs = powered.signs;
        const bool boots_all_along =
            std::any_of(powered.boots.begin(), powered.boots.end(),
                        [&](const Span& boot) { return boot.begin <= part.begin && boot.end >= part.end; });
        if (signs.empty() || signs.front() >= part.end || boots_all_along)
            return doubt("nothing was heard of the unit", {part});
        if (signs.front() > part.begin && signs.front() - powered.span.begin > boot_patience)
            doubt("nothing was heard of the unit", {{part.begin, signs.front()}});
        const Span there{std::max(part.begin, signs.front()), part.end};
        const auto doubt_silence = [&](const Span& gap, Nanoseconds patience) {
            const auto left = without({within(gap, there)}, powered.boots, patience);
            doubt("the unit was silent, asked or not", without(left, excused_, patience));
        };
        for (std::size_t i = 1; i < signs.size(); ++i) {
            const Span gap{signs[i - 1], signs[i]};
            const auto inside = within(gap, there);
            const bool unasked = gap.begin > there.begin && inside.length() <= before_asking;
            if (inside.begin >= inside.end || unasked || gap.length() <= habit_.between) continue;
            if (gap.length() > patience_in(gap, habit_.between)) doubt_silence(gap, habit_.between);
        }
        const auto last = *std::prev(std::upper_bound(signs.begin(), signs.end(), part.end));
        const Span to_end{last, part.end};
        if (signs.back() <= part.end &&
            (to_end.length() > patience_in(to_end, habit_.at_end) || was_deaf_to_all(part, signs)))
            doubt_silence(to_end, habit_.between);
        for (const auto& down : facts_.link_down) {
            const auto gap = within(down, there);
            if (gap.begin < gap.end) {
                const auto left = without({gap}, powered.boots, link_patience);
                doubt("the link was down", without(left, excused_, link_patience));
            } else if (down.begin == down.end && down.begin > there.begin && down.begin < there.end) {
                doubt("the link was down", {down});
            }
        }
    }

    /// How long a unit may be silent in `gap`. A bench that stalls asks late: where no question came back
    /// without an answer, what it may stall is added.
    [[nodiscard]] Nanoseconds patience_in(const Span& gap, Nanoseconds usual) const {
        const bool asked_in_vain = std::any_of(
            facts_.questions.begin(), facts_.questions.end(),
            [&](const auto& one) { return !one.answered && one.time > gap.begin && one.time < gap.end; });
        return asked_in_vain || facts_.questions.empty() || usual != unit_patience ? usual
                                                                                   : usual + bench_patience;
    }

    /// A stretch so short that silence is not long in it: nothing was heard, and a question came back without
    /// an answer.
    [[nodiscard]] bool was_deaf_to_all(const Span& part, const std::vector<Nanoseconds>& signs) const {
        if (habit_.at_end != unit_patience || signs.back() >= part.begin) return false;
        return std::any_of(facts_.questions.begin(), facts_.questions.end(), [&](const Question& question) {
            return !question.answered && question.time > signs.back() && question.time < part.end;
        });
    }

    /// A unit that left questions unanswered, more than once, and spoke later by itself, is one that answers
    /// none.
    [[nodiscard]] Habit habit() const {
        Habit habit;
        std::size_t asked = 0;
        std::vector<Nanoseconds> unanswered;
        for (const auto& question : facts_.questions) {
            const auto is_up = [&](const Powered& one) { return one.is_up(question.time); };
            if (std::none_of(powered_.begin(), powered_.end(), is_up)) continue;
            ++asked;
            if (!question.answered) unanswered.push_back(question.time);
        }
        std::sort(unanswered.begin(), unanswered.end());
        if (asked > 0 && (asked - unanswered.size()) * 4 >= asked) return habit;
        std::size_t pauses = 0;
        Nanoseconds longest{};
        for (const auto& powered : powered_) {
            for (std::size_t i = 0; i < powered.signs.size(); ++i) {
                const auto from = powered.signs[i];
                const bool ends = i + 1 < powered.signs.size();
                const auto to = ends ? powered.signs[i + 1] : powered.span.end;
                const auto vain = std::lower_bound(unanswered.begin(), unanswered.end(), to) -
                                  std::upper_bound(unanswered.begin(), unanswered.end(), from);
                if (to - from <= unit_patience || to - from > deaf_patience || vain < 2) continue;
                ++pauses;
                if (ends) longest = std::max(longest, to - from);
            }
        }
        if (pauses < 2 || longest == Nanoseconds::zero()) return habit;
        return {deaf_patience, std::max(unit_patience, longest + longest / 4)};
    }

    /// Who was heard since the unit was first awaited and watched; a boot loader may have an address of its
    /// own before that.
    [[nodiscard]] std::optional<ChangedUnit> changed() const {
        const auto era = facts_.settled();
        std::vector<Sign> signs;
        for (const auto& sign : facts_.signs)
            if (era && sign.time >= *era) signs.push_back(sign);
        if (signs.empty()) return std::nullopt;
        const auto& before = facts_.macs_before;
        const bool known = std::any_of(signs.begin(), signs.end(), [&](const Sign& sign) {
            return std::find(before.begin(), before.end(), sign.mac) != before.end();
        });
        if (!before.empty() && !known)
            return ChangedUnit{signs.front().time, before.front(), signs.front().mac, true};
        std::map<MacAddress, std::size_t> last;
        for (std::size_t i = 0; i < signs.size(); ++i) last[signs[i].mac] = i;
        std::set<MacAddress> met;
        std::size_t gone_after = 0;  // of those met so far, the last sign
        for (std::size_t i = 0; i < signs.size(); ++i) {
            if (i > 0 && i > gone_after && !met.contains(signs[i].mac))
                return ChangedUnit{signs[i].time, signs[i - 1].mac, signs[i].mac, false};
            met.insert(signs[i].mac);
            gone_after = std::max(gone_after, last[signs[i].mac]);
        }
        return std::nullopt;
    }

    AttestationFacts facts_;
    std::vector<Powered> powered_;
    Habit habit_;
    std::vector<Span> excused_;  ///< the bench itself took the cable out
    std::vector<Span> beating_;
};

}  // namespace

Attestation attest(const Observations& observations) { return Attestor(observations).attest(observations); }

}  // namespace cambench::analysis
