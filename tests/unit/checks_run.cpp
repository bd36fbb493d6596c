#include <fmt/format.h>

#include "harness/checks/judgement.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace {

/// A run's evidence made of a capture, a timeline and a console.
struct Evidence {
    Wire wire;
    std::string timeline =
        "{\"t\":0,\"lane\":\"bench\",\"kind\":\"run\",\"wall_zero\":\"2023-11-14T22:13:20Z\"}\n"  // the
                                                                                                  // wire's
                                                                                                  // first
                                                                                                  // second
        "{\"t\":100,\"lane\":\"power\",\"kind\":\"on\"}\n";
    std::string console;

    Evidence& event(const std::string& lane, const std::string& kind, Json fields) {
        fields["t"] = 2'000'000'000 + static_cast<std::int64_t>(timeline.size());
        fields["lane"] = lane;
        fields["kind"] = kind;
        timeline += fields.dump() + "\n";
        return *this;
    }
    /// What every sound run has.
    Evidence& sound() {
        event("bench", "containment", {{"self_test", true}});
        event("bench", "capture-closed", {{"frames", wire.frames.size()}, {"bytes", 0}, {"dropped", 0}});
        return event("bench", "containment", {{"escaped_packets", 0}});
    }
    [[nodiscard]] analysis::Observations observations() const {
        const TemporaryFile capture(pcap(wire.frames)), timeline_file(timeline), console_file(console);
        analysis::Inputs inputs;
        inputs.captures = {{capture.path(), "capture.pcapng"}};
        inputs.timeline = timeline_file.path();
        inputs.console = console_file.path();
        auto seen = analysis::analyze(inputs);
        REQUIRE(seen.ok());
        return std::move(seen).value();
    }
};

Evidence evidence() {
    Evidence made;
    made.wire.lease().resolve("time.vendor.example", ip("203.0.113.1"));
    made.wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
    return made;
}

std::vector<markup::Node> listed(const std::vector<std::string>& xml) {
    std::vector<markup::Node> nodes;
    for (const auto& text : xml) {
        for (const auto* type : check_types()) {
            markup::Problems problems;
            if (!text.starts_with("<" + type->element.name)) continue;
            auto node = markup::read_text(text, "test", type->element, problems);
            REQUIRE(node.ok());
            nodes.push_back(std::move(node).value());
        }
    }
    REQUIRE(nodes.size() == xml.size());
    return nodes;
}

CheckResult only(const Evidence& made, const std::string& check, const Declaration* declaration = nullptr,
                 const std::string& xml = {}) {
    const auto judgement =
        judge(made.observations(), declaration, listed({xml.empty() ? "<" + check + "/>" : xml}));
    for (const auto& result : judgement.results) {
        if (result.check == check) return result;
    }
    FAIL("not judged: " << check);
    return {};
}

Declaration product() {
    Declaration declaration;
    declaration.identity = {"VX-9", "1.4.2", "VX9-*", {"02:4b:52"}, {"Linux version [0-9]"}};
    return declaration;
}

const std::string boot_log =
    "U-Boot 2022.04 (Apr 01 2022)\r\nSoC: VX-9 rev B\r\nLinux version 6.1.0 (gcc)\r\nfirmware version: "
    "1.4.2\r\nSerial number: AB12345678\r\ncam login: ";

}  // namespace

TEST_CASE("the_checks_of_every_run_are_judged_though_nobody_lists_them", "[checks]") {
    auto made = evidence();
    made.sound();
    const auto judgement = judge(made.observations(), nullptr, listed({"<no-literal-addresses/>"}));
    INFO(judgement.reason);
    CHECK(judgement.verdict == Verdict::pass);
    CHECK(judgement.results.size() == 4);
    CHECK_FALSE(judgement.limits.empty());
}

TEST_CASE("a_run_without_checks_is_an_error", "[checks]") {
    auto made = evidence();
    made.sound();
    CHECK(judge(made.observations(), nullptr, {}).verdict == Verdict::error);
}

TEST_CASE("escaped_packets_and_failed_self_tests_are_bench_errors_and_silence_is_inconclusive", "[checks]") {
    auto made = evidence();
    CHECK(only(made, "nothing-escaped").verdict == Verdict::inconclusive);
    SECTION("self-test alone") {
        made.event("bench", "containment", {{"self_test", true}});
        CHECK(only(made, "nothing-escaped").verdict == Verdict::inconclusive);
    }
    SECTION("escaped") {
        made.event("bench", "containment", {{"self_test", true}, {"escaped_packets", 2}});
        CHECK(only(made, "nothing-escaped").verdict == Verdict::error);
    }
    SECTION("leaky") {
        made.event("bench", "containment", {{"self_test", false}, {"escaped_packets", 0}});
        CHECK(only(made, "nothing-escaped").verdict == Verdict::error);
    }
    SECTION("tight") {
        made.event("bench", "containment", {{"self_test", true}, {"escaped_packets", 0}});
        CHECK(only(made, "nothing-escaped").verdict == Verdict::pass);
    }
}

TEST_CASE("whatever_was_lost_makes_a_run_inconclusive", "[checks]") {
    auto made = evidence();
    SECTION("capture never closed") {}
    SECTION("kernel drops") {
        made.event("bench", "capture-closed", {{"frames", made.wire.frames.size()}, {"dropped", 3}});
    }
    SECTION("fewer frames than were written") {
        made.event("bench", "capture-closed", {{"frames", made.wire.frames.size() + 1}, {"dropped", 0}});
    }
    SECTION("console interrupted") { made.sound().event("console", "gap", Json::object()); }
    SECTION("torn timeline") {
        made.sound();
        made.timeline += "{\"t\":9,\"lane\":\"ben";
    }
    SECTION("no camera") {
        made.wire.frames.clear();
        made.sound();
    }
    CHECK(only(made, "nothing-lost").verdict == Verdict::inconclusive);
}

TEST_CASE("whole_recordings_pass_and_a_bench_fault_is_an_error", "[checks]") {
    auto made = evidence();
    made.sound();
    CHECK(only(made, "nothing-lost").verdict == Verdict::pass);
    made.event("bench", "fault", {{"text", "console socket gone"}});
    const auto result = only(made, "nothing-lost");
    CHECK(result.verdict == Verdict::error);
    CHECK(result.title == "console socket gone");
}

TEST_CASE("a_stimulus_that_did_not_take_is_inconclusive", "[checks]") {
    auto made = evidence();
    made.sound().event("scenario", "stimulus", {{"step", "advance-clock"}, {"took", true}});
    CHECK(only(made, "exercised").verdict == Verdict::pass);
    made.event("scenario", "stimulus",
               {{"step", "advance-clock"}, {"took", false}, {"why", "the camera never asked for the time"}});
    CHECK(only(made, "exercised").verdict == Verdict::inconclusive);
}

TEST_CASE("a_step_that_never_ended_is_inconclusive", "[checks]") {
    auto made = evidence();
    made.sound().event("scenario", "step", {{"step", "observe"}, {"state", "begin"}});
    CHECK(only(made, "exercised").verdict == Verdict::inconclusive);
    made.event("scenario", "step", {{"step", "observe"}, {"state", "end"}});
    CHECK(only(made, "exercised").verdict == Verdict::pass);
}

TEST_CASE("a_picture_must_be_there_lit_structured_and_moving", "[checks]") {
    auto made = evidence();
    made.sound();
    CHECK(only(made, "still-a-camera").verdict == Verdict::inconclusive);
    const auto view = [&](int frames, double luma, double deviation, double motion) {
        auto seen = made;
        seen.event("scenario", "video",
                   {{"frames", frames},
                    {"width", 640},
                    {"height", 360},
                    {"mean_luma", luma},
                    {"luma_deviation", deviation},
                    {"motion", motion}});
        return only(seen, "still-a-camera").verdict;
    };
    CHECK(view(30, 110, 40, 1.5) == Verdict::pass);
    CHECK(view(30, 30, 25, 0.4) == Verdict::pass);  // a night scene
    CHECK(view(0, 0, 0, 0) == Verdict::fail);
    CHECK(view(30, 2, 1, 0.1) == Verdict::fail);
    CHECK(view(30, 128, 0.2, 0.1) == Verdict::fail);
    CHECK(view(30, 110, 40, 0) == Verdict::fail);
}

TEST_CASE("a_stream_that_asks_for_a_login_is_neither_there_nor_gone", "[checks]") {
    struct View {
        const char* what;
        Json fields;
        Verdict right;
    };
    const std::vector<View> views{
        {"no account was given",
         {{"frames", 0}, {"opened", false}, {"login", "asked"}, {"account", false}},
         Verdict::inconclusive},
        {"a wrong one was given",
         {{"frames", 0}, {"opened", false}, {"login", "asked"}, {"account", true}},
         Verdict::inconclusive},
        {"nothing answered",
         {{"frames", 0}, {"opened", false}, {"login", ""}, {"account", false}},
         Verdict::fail},
        {"an older run does not say", {{"frames", 0}, {"opened", false}}, Verdict::fail},
        {"fields of other kinds", {{"frames", 0}, {"login", 7}, {"account", "yes"}}, Verdict::fail},
        {"pictures came after all",
         {{"frames", 40}, {"mean_luma", 90}, {"luma_deviation", 30}, {"motion", 1.0}, {"login", "asked"}},
         Verdict::pass}};
    for (const auto& [what, fields, right] : views) {
        INFO(what);
        auto made = evidence();
        made.sound().event("scenario", "video", fields);
        const auto result = only(made, "still-a-camera");
        CHECK(result.verdict == right);
        if (right == Verdict::inconclusive) CHECK(result.title.find("asks for a login") == 0);
    }
    // A view that failed for another reason is not excused by one that asked.
    auto made = evidence();
    made.sound()
        .event("scenario", "video", {{"frames", 0}, {"login", "asked"}})
        .event("scenario", "video", {{"frames", 0}, {"login", ""}});
    CHECK(only(made, "still-a-camera").verdict == Verdict::fail);
}

TEST_CASE("the_declared_product_is_recognised_by_its_console_and_its_network", "[checks]") {
    auto made = evidence();
    made.console = boot_log;
    auto declaration = product();
    declaration.identity.hostname = "cam-*";
    const auto result = only(made, "declared-identity", &declaration);
    INFO(result.title);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.evidence.size() == 5);
}

TEST_CASE("a_contradicted_identity_fails_and_an_unreadable_one_is_inconclusive", "[checks]") {
    auto made = evidence();
    auto declaration = product();
    declaration.identity.hostname = "";
    made.console = boot_log;
    const auto replaced = [&](std::string_view from, std::string_view to) {
        auto other = made;
        other.console.replace(other.console.find(from), from.size(), to);
        return only(other, "declared-identity", &declaration).verdict;
    };
    CHECK(replaced("VX-9", "QQ-7") == Verdict::fail);
    CHECK(replaced("SoC: VX-9 rev B", "SoC: VX-9\r\nchip hi3516ev300") == Verdict::fail);
    CHECK(replaced("1.4.2", "1.4.21") == Verdict::fail);
    CHECK(replaced("1.4.2", "1.4.\x80") == Verdict::inconclusive);  // damaged on the wire
    CHECK(replaced("SoC: VX-9 rev B", "") == Verdict::inconclusive);
    CHECK(replaced("Linux version 6", "Linvx version 6") == Verdict::inconclusive);
    made.console.clear();
    CHECK(only(made, "declared-identity", &declaration).verdict == Verdict::inconclusive);
    declaration.identity = {"", "", "other-*", {}, {}};
    CHECK(only(made, "declared-identity", &declaration).verdict == Verdict::fail);
    declaration.identity = {"", "", "", {"02:4b:53"}, {}};
    CHECK(only(made, "declared-identity", &declaration).verdict == Verdict::fail);
}

TEST_CASE("a_finding_cites_frames_and_run_time", "[checks]") {
    auto made = evidence();
    const auto frame = made.wire.connect(ip("198.51.100.77"), 9443, to_bytes("beacon"));
    made.sound();
    const auto result = only(made, "no-literal-addresses");
    REQUIRE(result.findings.size() == 1);
    const auto& pointer = result.findings[0].evidence.front();
    CHECK(pointer.frame == frame);
    CHECK(pointer.file == "capture.pcapng");
    CHECK(pointer.time == made.wire.frames[frame - 1].time - std::chrono::seconds(1'700'000'000));
    CHECK_FALSE(result.remedy.empty());
    CHECK_FALSE(result.why.empty());
}

TEST_CASE("names_the_bench_gave_over_encrypted_dns_are_known", "[checks]") {
    auto made = evidence();
    made.event("network", "dns-query",
               {{"question", "secret.evil.example"},
                {"type", "A"},
                {"resolver", "9.9.9.9"},
                {"answers", {"198.18.0.9"}}});
    made.wire.wait(std::chrono::seconds(10)).connect(ip("198.18.0.9"), 443, {});
    const auto seen = made.observations();
    REQUIRE(find(seen, "secret.evil.example", 443) != nullptr);
    CHECK(find(seen, "secret.evil.example", 443)->resolution == analysis::Resolution::dns);
    CHECK(only(made, "resolver-discipline").verdict == Verdict::fail);
}

TEST_CASE("frames_from_a_second_mac_address_are_the_cameras_when_the_bench_is_known", "[checks]") {
    auto made = evidence();
    made.event("bench", "capture-open", {{"bench_mac", made.wire.router_mac.to_string()}});
    made.wire.put(
        ethernet(made.wire.router_mac, mac("02:66:66:66:66:66"), 0x0800,
                 ipv4(ip("192.168.7.21"), ip("198.51.100.77"), 17, udp(4000, 9000, to_bytes("hidden")))));
    CHECK(find(made.observations(), "198.51.100.77", 9000) != nullptr);
}

TEST_CASE("verdict_json_has_the_shape_of_its_format", "[checks]") {
    auto made = evidence();
    made.console = boot_log;
    made.sound();
    const auto seen = made.observations();
    const auto json = to_json(seen, nullptr, judge(seen, nullptr, listed({"<no-literal-addresses/>"})));
    for (const auto* key : {"verdict", "reason", "declaration", "powered_s", "observed_s", "camera", "checks",
                            "destinations", "dns", "limits", "capture"})
        CHECK(json.contains(key));
    CHECK(json["camera"]["identity"]["serial"] == "AB12345678");
    CHECK(json["camera"]["identity"]["soc"] == "VX-9");
    CHECK(json["capture"]["file"] == "capture.pcapng");
    CHECK(json["dns"][0]["name"] == "time.vendor.example");
}
