#include "harness/analysis/run/attestation_facts.hpp"

#include <algorithm>

#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

/// Opens and closes spans; one that nobody closes lasts to the end of the run.
class SpanReader {
public:
    void begin(Nanoseconds time, std::string label = {}) {
        if (since_) return;
        since_ = time;
        label_ = std::move(label);
    }
    void end(Nanoseconds time) {
        if (since_) spans_.push_back({label_, {*since_, time}});
        since_.reset();
    }
    [[nodiscard]] std::vector<NamedSpan> finish(Nanoseconds time) {
        end(time);
        return std::move(spans_);
    }

private:
    std::optional<Nanoseconds> since_;
    std::string label_;
    std::vector<NamedSpan> spans_;
};

std::vector<Span> bare(std::vector<NamedSpan> named) {
    std::vector<Span> spans;
    for (const auto& one : named) spans.push_back(one.span);
    return spans;
}

/// No run lasts a century: what is said to have been beyond it is kept where times can be added and
/// subtracted.
Nanoseconds bounded(Nanoseconds time) {
    return std::clamp(time, Nanoseconds::zero(), Nanoseconds(std::int64_t{3} * 1'000'000'000'000'000'000));
}

Nanoseconds time_in(const Json& fields, const char* key) {
    return bounded(
        Nanoseconds(static_cast<std::int64_t>(std::min<std::uint64_t>(count_of(fields, key), INT64_MAX))));
}

class Reader {
public:
    void take(const Event& event) {
        if (event.lane == "power" && event.kind == "on") power_.begin(bounded(event.time)), switched_ = true;
        if (event.lane == "power" && event.kind == "off") power_.end(bounded(event.time)), switched_ = true;
        if (event.lane == "scenario") take_scenario(event);
        if (event.lane == "bench") take_bench(event);
    }

    AttestationFacts finish(Nanoseconds whole) {
        const auto length = bounded(whole);
        facts_.end = length;
        facts_.windows = windows_.finish(length);
        facts_.powered = bare(power_.finish(length));
        if (!switched_) facts_.powered = {{Nanoseconds::zero(), length}};
        facts_.cut_off = bare(cable_.finish(length));
        auto down = bare(link_.finish(length));
        facts_.link_down.insert(facts_.link_down.end(), down.begin(), down.end());
        std::sort(facts_.pulses.begin(), facts_.pulses.end());
        std::stable_sort(facts_.signs.begin(), facts_.signs.end(),
                         [](const Sign& a, const Sign& b) { return a.time < b.time; });
        return std::move(facts_);
    }

private:
    void take_scenario(const Event& event) {
        const auto state = text_of(event.fields, "state");
        if (event.kind == "window" && state == "begin")
            windows_.begin(bounded(event.time), text_of(event.fields, "label"));
        if (event.kind == "window" && state == "end") windows_.end(bounded(event.time));
        if (event.kind == "network-cable")
            state == "out" ? cable_.begin(bounded(event.time)) : cable_.end(bounded(event.time));
        const auto step = text_of(event.fields, "step");
        const bool awaits = step == "await-boot" || step == "await-lease" || step == "await-console";
        if (event.kind == "stimulus" && awaits && flag_of(event.fields, "took") && !facts_.awaited)
            facts_.awaited = bounded(event.time);
    }

    void take_bench(const Event& event) {
        if (event.kind == "attestation") facts_.present = true;
        if (event.kind == "pulse") take_pulse(event);
        if (event.kind == "pulse-late")
            facts_.late.push_back({bounded(event.time), text_of(event.fields, "owed_by")});
        if (event.kind == "unit-asked")
            facts_.questions.push_back({time_in(event.fields, "at"), flag_of(event.fields, "answered")});
        if (event.kind == "link") take_link(event);
        if (event.kind != "unit-before" || !event.fields.contains("macs") || !event.fields["macs"].is_array())
            return;
        for (const auto& text : event.fields["macs"])
            if (const auto mac = text.is_string() ? MacAddress::parse(text.get<std::string>())
                                                  : Result<MacAddress>(usage_error(""));
                mac)
                facts_.macs_before.push_back(*mac);
    }

    void take_pulse(const Event& event) {
        facts_.pulses.push_back(bounded(event.time));
        take_heard(event);
    }

    void take_heard(const Event& event) {
        const auto heard = event.fields.find("heard");
        if (heard == event.fields.end() || !heard->is_array()) return;
        for (const auto& one : *heard)
            if (const auto mac = one.is_object() ? MacAddress::parse(text_of(one, "mac"))
                                                 : Result<MacAddress>(usage_error(""));
                mac)
                facts_.signs.push_back({time_in(one, "at"), *mac});
    }

    void take_link(const Event& event) {
        take_heard(event);
        const bool up = text_of(event.fields, "state") == "up";
        const auto changes = count_of(event.fields, "changes");
        if (up && up_ && changes_ && changes > *changes_)
            facts_.link_down.push_back({bounded(event.time), bounded(event.time)});
        up ? link_.end(bounded(event.time)) : link_.begin(bounded(event.time));
        up_ = up;
        changes_ = changes;
    }

    AttestationFacts facts_;
    SpanReader windows_, power_, cable_, link_;
    bool switched_ = false, up_ = false;
    std::optional<std::uint64_t> changes_;
};

}  // namespace

std::optional<Nanoseconds> AttestationFacts::settled() const {
    if (!windows.empty())
        return std::max(windows.front().span.begin,
                        awaited && *awaited < windows.front().span.end ? *awaited : Nanoseconds::zero());
    return awaited;
}

AttestationFacts attestation_facts(const Run& run) {
    Reader reader;
    for (const auto& event : run.events) reader.take(event);
    return reader.finish(run.length);
}

}  // namespace cambench::analysis
