#include <functional>

#include "harness/analysis/run/attestation.hpp"
#include "harness/analysis/run/console_reader.hpp"
#include "harness/checks/attestation_findings.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

constexpr Nanoseconds second = std::chrono::seconds(1);

Nanoseconds at(double seconds) { return Nanoseconds(static_cast<std::int64_t>(seconds * 1e9)); }

/// A run as its own witnesses tell it: by default all is well, from second 0 to its end.
class AttestedRun {
public:
    explicit AttestedRun(double length) : length_(length) { observations_.run.present = true; }

    std::string unit = "02:4b:52:00:00:01";
    std::function<bool(double)> beats = [](double) { return true; };
    std::function<bool(double)> speaks = [](double) { return true; };       ///< by itself, once a second
    std::function<bool(double)> answers = [](double) { return true; };      ///< when it is asked
    std::function<double(double)> asks_after = [](double) { return 2.0; };  ///< seconds of silence
    std::function<std::string(double)> who = [this](double) { return unit; };

    AttestedRun& event(double time, std::string lane, std::string kind, Json fields = Json::object()) {
        events_.push_back({at(time), std::move(lane), std::move(kind), std::move(fields)});
        return *this;
    }
    AttestedRun& window(double begin, double end, const std::string& label = "watched") {
        event(begin, "scenario", "window", {{"label", label}, {"state", "begin"}});
        return event(end, "scenario", "window", {{"label", label}, {"state", "end"}});
    }
    AttestedRun& link(double time, bool up, unsigned changes) {
        return event(time, "bench", "link", {{"state", up ? "up" : "down"}, {"changes", changes}});
    }
    AttestedRun& says(double time, const std::string& text) {
        stretches_.push_back({at(time), log_.size(), text.size()});
        log_ += text;
        return *this;
    }

    [[nodiscard]] AttestationFindings findings() {
        event(0, "bench", "attestation", {{"state", "begin"}});
        event(0.5, "power", "on");
        event(length_ - 0.5, "power", "off");
        std::optional<double> asked;
        double heard = 0.5;
        for (double now = 1; now <= length_; now += 1) {
            Json list = Json::array();
            const bool answer = asked && answers(now);
            if (asked) event(now, "bench", "unit-asked", {{"at", at(*asked).count()}, {"answered", answer}});
            if (now < length_ && (speaks(now) || answer))
                list.push_back({{"mac", who(now)}, {"at", at(now - 0.4).count()}}), heard = now - 0.4;
            asked.reset();
            if (now - heard >= asks_after(now)) asked = now + 0.1;
            if (beats(now))
                event(now, "bench", "pulse", {{"number", static_cast<std::uint64_t>(now)}, {"heard", list}});
        }
        std::stable_sort(events_.begin(), events_.end(),
                         [](const Event& a, const Event& b) { return a.time < b.time; });
        observations_.run.events = events_;
        observations_.run.length = at(length_);
        analysis::ConsoleReader reader(stretches_);
        reader.add(as_bytes(log_));
        observations_.console = reader.finish();
        return attestation_findings(observations_);
    }
    [[nodiscard]] bool doubted() { return !findings().findings.empty(); }

private:
    double length_;
    analysis::Observations observations_;
    std::vector<Event> events_;
    std::vector<analysis::ConsoleStretch> stretches_;
    std::string log_;
};

bool says(const AttestationFindings& found, std::string_view words) {
    return std::any_of(found.findings.begin(), found.findings.end(), [&](const Finding& one) {
        return one.verdict == Verdict::inconclusive &&
               (one.title + one.detail).find(words) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("a window in which everybody was there is attested", "[attestation]") {
    AttestedRun run(30);
    run.window(5, 25);
    const auto found = run.findings();
    CHECK(found.findings.empty());
    CHECK(found.seen == "20.0 of 20.0 s of 1 window attested");
}

TEST_CASE("a recording without witnesses of its own is judged as before", "[attestation]") {
    analysis::Observations foreign;
    CHECK(attestation_findings(foreign).findings.empty());
    CHECK(attestation_findings(foreign).seen.empty());
    foreign.run.present = true;
    foreign.run.events.push_back({second, "scenario", "window", {{"state", "begin"}}});
    CHECK(attestation_findings(foreign).findings.empty());
}

TEST_CASE("a bench that stood still for five seconds of a window answers for the rest alone",
          "[attestation]") {
    for (const double begin : {6.0, 9.0, 14.0}) {
        AttestedRun run(30);
        run.window(5, 25);
        run.beats = [&](double now) { return now < begin || now >= begin + 5; };
        run.event(begin + 2, "bench", "pulse-late", {{"owed_by", "the fake internet"}});
        const auto found = run.findings();
        CHECK(says(found, "owed by the fake internet"));
        CHECK(found.seen != "20.0 of 20.0 s of 1 window attested");
    }
}

TEST_CASE("a host that stalls for a second or two does not spoil a window", "[attestation]") {
    AttestedRun run(30);
    run.window(5, 25);
    run.beats = [](double now) { return now < 10 || now > 12; };
    CHECK_FALSE(run.doubted());
}

TEST_CASE("a bench that never came through, or stood still before the window, is told", "[attestation]") {
    AttestedRun never(30);
    never.window(5, 25);
    never.beats = [](double) { return false; };
    CHECK(says(never.findings(), "0.0 of 20.0 s"));
    AttestedRun before(30);
    before.window(15, 25);
    before.beats = [](double now) { return now < 5 || now > 11; };
    CHECK(says(before.findings(), "no heartbeat of the bench came through from 4.0 s to 12.0 s"));
}

TEST_CASE("a link that was down for some of a window leaves that unattested", "[attestation]") {
    AttestedRun run(30);
    run.window(5, 25).link(0, true, 1).link(10, false, 2).link(12, true, 3);
    CHECK(says(run.findings(), "the link was down from 10.0 s to 12.0 s"));
    AttestedRun flap(30);
    flap.window(5, 25).link(0, true, 1).link(10, true, 3);
    CHECK(says(flap.findings(), "the link was down for a moment at 10.0 s"));
    AttestedRun never_back(30);
    never_back.window(5, 25).link(0, true, 1).link(20, false, 2);
    CHECK(says(never_back.findings(), "the link was down from 20.0 s to 25.0 s"));
}

TEST_CASE("a link that comes and goes while the unit starts is none of the window's", "[attestation]") {
    AttestedRun run(30);
    run.window(10, 25).link(0, false, 0).link(2, true, 1).link(3, false, 2).link(4, true, 3);
    CHECK_FALSE(run.doubted());
    AttestedRun watched_from_power_on(30);
    watched_from_power_on.window(0.5, 25)
        .link(0, false, 0)
        .link(2, true, 1)
        .link(3, false, 2)
        .link(4, true, 3);
    watched_from_power_on.speaks = watched_from_power_on.answers = [](double now) { return now > 5; };
    CHECK_FALSE(watched_from_power_on.doubted());
}

TEST_CASE("no heartbeat is owed while the wire has no carrier or the unit no power", "[attestation]") {
    for (const double carrier : {1.0, 6.0, 20.0, 44.0}) {
        AttestedRun slow_link(80);  // a camera whose link comes up late, as from a kernel's driver
        slow_link.window(carrier + 6, 75).link(0.2, false, 1).link(0.5 + carrier, true, 2);
        slow_link.beats = slow_link.speaks =
            slow_link.answers = [=](double now) { return now > 1.5 + carrier; };
        CHECK_FALSE(slow_link.doubted());
    }
    for (const double off_for : {0.2, 4.2, 10.0, 19.7}) {
        AttestedRun cycled(60);
        cycled.window(5, 15).window(43, 55).link(0, true, 1);
        cycled.event(15.3, "power", "off").link(15.4, false, 2);
        cycled.event(15.3 + off_for, "power", "on").link(20.3 + off_for, true, 3);
        cycled.beats = cycled.speaks =
            cycled.answers = [=](double now) { return now < 15.3 || now > 21 + off_for; };
        CHECK_FALSE(cycled.doubted());
    }
    AttestedRun stalls(60);  // though the link is there again
    stalls.window(30, 55).link(0, true, 1).link(10, false, 2).link(12, true, 3);
    stalls.beats = [](double now) { return now < 10 || now > 18; };
    CHECK(says(stalls.findings(), "no heartbeat of the bench came through from 12.0 s to"));
    AttestedRun all_along(60);
    all_along.window(30, 55).link(0, true, 1).link(31, false, 2);
    all_along.beats = [](double now) { return now < 31; };
    CHECK(says(all_along.findings(), "the link was down from 31.0 s to 55.0 s"));
}

TEST_CASE("who was heard before the link went down is known from the link's own news", "[attestation]") {
    for (const bool told : {false, true}) {
        AttestedRun run(30);
        run.window(1, 25).link(0, true, 1).link(10, true, 3);
        Json heard = Json::array();
        if (told) heard.push_back({{"mac", run.unit}, {"at", at(1.4).count()}});
        run.event(1.5, "bench", "link", {{"state", "down"}, {"changes", 2}, {"heard", heard}});
        run.beats = run.speaks = run.answers = [](double now) { return now > 10; };
        CHECK(says(run.findings(), "the link was down from 1.5 s to 10.0 s") == told);
    }
}

TEST_CASE("the bench's own hand on the cable is no fault of the link", "[attestation]") {
    AttestedRun run(40);
    run.window(5, 35).link(0, true, 1).link(10, false, 2).link(15, true, 3);
    run.event(10, "scenario", "network-cable", {{"state", "out"}})
        .event(15, "scenario", "network-cable", {{"state", "in"}});
    run.speaks = run.answers = run.beats = [](double now) { return now < 10 || now > 16; };
    CHECK_FALSE(run.doubted());
}

TEST_CASE("a unit that is frozen, or silent from its start, is not there", "[attestation]") {
    const auto frozen = [](double from, double to) {
        AttestedRun run(16);
        run.window(6, 12);
        run.speaks = run.answers = [from, to](double now) { return now < from || now > to; };
        return run.findings();
    };
    CHECK(says(frozen(0, 16), "nothing was heard of the unit"));
    CHECK(says(frozen(6, 16), "the unit was silent, asked or not"));
    CHECK(says(frozen(6, 12), "the unit was silent, asked or not"));
    CHECK(says(frozen(7, 16), "the unit was silent, asked or not"));
}

TEST_CASE("a short window in which the unit was silent, asked or not, is not attested", "[attestation]") {
    AttestedRun run(12);
    run.window(2, 5, "first").window(6, 9.4, "second");
    run.speaks = [](double now) { return now < 6; };
    SECTION("asked in vain") {
        run.answers = [](double now) { return now < 6; };
    }
    SECTION("asked and there") {
        run.answers = [](double now) { return now < 10; };
    }
    const bool there = run.answers(8);
    const auto found = run.findings();
    CHECK(says(found, "'second'") != there);
    CHECK_FALSE(says(found, "'first'"));
}

TEST_CASE("a unit that says nothing by itself and answers when it is asked is there", "[attestation]") {
    AttestedRun run(60);
    run.window(5, 55);
    run.speaks = [](double now) { return now < 4; };
    CHECK_FALSE(run.doubted());
}

TEST_CASE("a bench that is late to ask does not make the unit silent", "[attestation]") {
    for (const double silence : {5.0, 7.0, 9.0, 12.0}) {
        AttestedRun run(30);
        run.window(5, 25);
        run.speaks = [&](double now) { return now < 10 || now >= 10 + silence; };
        run.asks_after = [&](double now) { return now < 10 || now >= 10 + silence ? 2 : silence - 1.5; };
        CHECK(run.doubted() == (silence > 8));
    }
}

TEST_CASE("silence at the end of a window tells nothing before the unit is asked", "[attestation]") {
    for (const double end : {10.5, 11.4, 12.5, 14.5}) {
        AttestedRun run(30);
        run.window(5, end);
        run.speaks = run.answers = [](double now) { return now < 11 || now >= 17; };  // last heard at 9.6
        CHECK(run.doubted() == (end > 12));
    }
}

TEST_CASE("a unit that answers nobody and speaks every twenty seconds is there", "[attestation]") {
    for (const double length : {45.0, 70.0, 110.0}) {
        AttestedRun run(length + 8);
        run.window(6, length + 6);
        run.answers = [](double) { return false; };
        run.speaks = [](double now) { return now < 4 || static_cast<int>(now) % 20 == 5; };
        CHECK_FALSE(run.doubted());
    }
    AttestedRun ends(110);
    ends.window(6, 106);
    ends.answers = [](double) { return false; };
    ends.speaks = [](double now) { return now < 50 && static_cast<int>(now) % 20 == 5; };
    CHECK(says(ends.findings(), "the unit was silent"));
}

TEST_CASE("a unit needs its time from power-on to its first word, though not for ever", "[attestation]") {
    AttestedRun run(60);
    run.window(0.5, 55);
    run.speaks = run.answers = [](double now) { return now > 25; };
    CHECK_FALSE(run.doubted());
    AttestedRun never(60);
    never.window(0.5, 55);
    never.speaks = never.answers = [](double) { return false; };
    CHECK(never.doubted());
}

TEST_CASE("another unit amid a window, or since the scenario before, is told", "[attestation]") {
    AttestedRun amid(30);
    amid.window(5, 25);
    amid.who = [](double now) { return now < 15 ? "02:4b:52:00:00:01" : "02:4b:52:00:00:02"; };
    CHECK(says(amid.findings(), "another unit is in the slot"));
    AttestedRun later(30);
    later.window(5, 25).event(0, "bench", "unit-before", {{"macs", {"02:4b:52:00:00:09"}}});
    CHECK(says(later.findings(), "than in the scenario before"));
    AttestedRun same(30);
    same.window(5, 25).event(0, "bench", "unit-before",
                             {{"macs", {"02:4b:52:00:00:09", "02:4b:52:00:00:01"}}});
    CHECK_FALSE(same.doubted());
}

TEST_CASE("a boot loader's address, and a second one of the same unit, make no other unit", "[attestation]") {
    AttestedRun boots(30);
    boots.window(10, 25);
    boots.who = [](double now) { return now < 4 ? "00:00:23:34:45:66" : "02:4b:52:00:00:01"; };
    CHECK_FALSE(boots.doubted());
    AttestedRun two(30);
    two.window(5, 25);
    two.who = [](double now) {
        return static_cast<int>(now) % 3 == 0 ? "02:4b:52:00:00:02" : "02:4b:52:00:00:01";
    };
    CHECK_FALSE(two.doubted());
}

namespace {

const std::string boot_log =
    "U-Boot 2016.11 (Jan 01 2021)\n[    0.000000] Booting Linux on physical CPU 0x0\n[    0.100000] "
    "mounting\nstarting "
    "pid 60, tty '': '/etc/init.d/rcS'\ncam login: \n";

}  // namespace

TEST_CASE("a unit that starts anew by itself, or whose kernel gives up, is told", "[attestation]") {
    AttestedRun again(40);
    again.window(5, 35).says(1, boot_log).says(20, boot_log);
    CHECK(says(again.findings(), "the unit started anew at 20.0 s"));
    AttestedRun panic(40);
    panic.window(5, 35)
        .says(1, boot_log)
        .says(20, "[   19.1] Kernel panic - not syncing: Attempted to kill init!\n")
        .says(22, boot_log);
    const auto found = panic.findings();
    CHECK(says(found, "Kernel panic"));
    CHECK(found.findings.size() == 1);
    AttestedRun without_loader(40);
    without_loader.window(5, 35)
        .says(1, "[    0.000000] Booting Linux on physical CPU 0x0\n[    1.0] net\n")
        .says(20, "[    0.000000] Booting Linux on physical CPU 0x0\n");
    CHECK(without_loader.doubted());
}

TEST_CASE("a start that the bench ordered is none of the unit's own", "[attestation]") {
    AttestedRun cycled(40);
    cycled.window(5, 15)
        .window(25, 35)
        .says(1, boot_log)
        .event(17, "power", "off")
        .event(18, "power", "on")
        .says(19, boot_log);
    CHECK_FALSE(cycled.doubted());
    AttestedRun updated(40);
    updated.window(5, 15)
        .window(30, 35)
        .says(1, boot_log)
        .event(17, "scenario", "step", {{"step", "offer-update"}, {"state", "begin"}})
        .says(19, "[ 18.0] reboot: Restarting system\n")
        .says(20, boot_log);
    CHECK_FALSE(updated.doubted());
    AttestedRun several(60);
    several.window(5, 15)
        .window(40, 55)
        .says(1, boot_log)
        .event(17, "scenario", "step", {{"step", "offer-update"}, {"state", "begin"}})
        .says(20, boot_log)
        .says(28, boot_log);
    several.event(35, "scenario", "step", {{"step", "offer-update"}, {"state", "end"}});
    CHECK_FALSE(several.doubted());
    AttestedRun boots_while_switching(40);
    boots_while_switching.window(5, 35)
        .event(0.4, "scenario", "step", {{"step", "power-on"}, {"state", "begin"}})
        .says(1, boot_log)
        .event(2, "scenario", "step", {{"step", "power-on"}, {"state", "end"}})
        .says(20, boot_log);
    CHECK(boots_while_switching.doubted());
    AttestedRun once_more(60);
    once_more.window(5, 15)
        .window(30, 55)
        .says(1, boot_log)
        .event(17, "scenario", "step", {{"step", "offer-update"}, {"state", "begin"}})
        .says(20, boot_log)
        .event(25, "scenario", "step", {{"step", "offer-update"}, {"state", "end"}})
        .says(40, boot_log);
    CHECK(once_more.doubted());
}

TEST_CASE("a unit that the bench made start anew has its time to its first word", "[attestation]") {
    const auto restarted = [](const std::string& step, double back, bool shown = true) {
        AttestedRun run(60);
        run.window(5, 15, "before").window(30, 50, "after").says(1, boot_log);
        run.event(17, "scenario", "step", {{"step", step}, {"state", "begin"}});
        if (shown) run.says(22, boot_log);
        run.event(29, "scenario", "step", {{"step", step}, {"state", "end"}});
        run.speaks = run.answers = [back](double now) { return now < 18 || now > back; };
        return run.findings();
    };
    for (const std::string step : {"factory-reset", "offer-update", "send-console", "use-camera"})
        for (const double back : {24.0, 30.0, 31.0, 37.0, 48.0})
            CHECK(restarted(step, back).findings.empty());
    CHECK(says(restarted("factory-reset", 51), "'after' are attested: nothing was heard of the unit"));
    CHECK(says(restarted("factory-reset", 70), "'after'"));
    CHECK(says(restarted("factory-reset", 40, false), "the unit was silent, asked or not"));
    CHECK(says(restarted("observe", 40), "started anew"));
}

TEST_CASE("a unit that is frozen after its start is silent", "[attestation]") {
    for (const double from : {31.0, 35.0, 41.0}) {
        AttestedRun run(60);
        run.window(30, 50).says(1, boot_log);
        run.event(17, "scenario", "step", {{"step", "factory-reset"}, {"state", "begin"}})
            .says(20, boot_log)
            .event(29, "scenario", "step", {{"step", "factory-reset"}, {"state", "end"}});
        run.speaks = run.answers = [from](double now) {
            return now < 18 || (now > 28 && now < from) || now > from + 8;
        };
        CHECK(says(run.findings(), "the unit was silent, asked or not"));
    }
}

TEST_CASE("what went unanswered while a unit started does not make it one that answers nobody",
          "[attestation]") {
    AttestedRun run(90);
    run.window(50, 85).says(1, boot_log);
    run.event(10, "power", "off").event(11, "power", "on").event(25, "power", "off").event(26, "power", "on");
    run.event(40, "scenario", "step", {{"step", "factory-reset"}, {"state", "begin"}})
        .says(41, boot_log)
        .event(49, "scenario", "step", {{"step", "factory-reset"}, {"state", "end"}});
    run.speaks = run.answers = [](double now) {
        return (now > 2 && now < 10) || (now > 20 && now < 25) || (now > 35 && now < 40) ||
               (now > 49 && now < 60) || now > 75;
    };
    CHECK(says(run.findings(), "the unit was silent, asked or not"));
}

TEST_CASE("what a unit prints of kernels is no start", "[attestation]") {
    AttestedRun run(40);
    run.window(5, 35)
        .says(1, boot_log)
        .says(20, "Linux version 4.9.37 (build@host)\nlast reboot: power-on\n[   20.0] eth0: link up\n");
    CHECK_FALSE(run.doubted());
}
