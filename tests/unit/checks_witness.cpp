#include <fmt/format.h>

#include "harness/checks/judgement.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace {

using namespace std::chrono_literals;

/// A run in which what the fake internet says is held against the frames.
struct Told {
    Wire wire;
    std::string timeline =
        "{\"t\":0,\"lane\":\"bench\",\"kind\":\"run\",\"wall_zero\":\"2023-11-14T22:13:20Z\"}\n"  // the
                                                                                                  // wire's
                                                                                                  // first
                                                                                                  // second
        "{\"t\":100,\"lane\":\"power\",\"kind\":\"on\"}\n";
    std::uint64_t dropped = 0;

    explicit Told(bool loses = false) {
        wire.wait(5s).lease();
        event("bench", "sandbox",
              {{"bench_mac", wire.router_mac.to_string()},
               {"name_pools", {"198.18.0.0/15", "192.168.7.0/24"}},
               {"stated_names", {"203.0.113.1"}},
               {"loses_datagrams", loses}});
        wire.resolve("time.vendor.example", ip("203.0.113.1"));
        says("dns-query", 53, "192.168.7.1", "udp",
             {{"question", "time.vendor.example"}, {"type", "A"}, {"answers", {"203.0.113.1"}}});
        wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
        says("ntp", 123, "203.0.113.1", "udp", Json::object());
    }
    Told& event(const std::string& lane, const std::string& kind, Json fields) {
        fields["t"] = (wire.now - 1'700'000'000s).count();
        fields["lane"] = lane;
        fields["kind"] = kind;
        timeline += fields.dump() + "\n";
        return *this;
    }
    /// An event of the camera's latest port.
    Told& says(const std::string& kind, int port, const std::string& host, const std::string& transport,
               Json fields) {
        fields["camera"] = Endpoint{wire.camera, wire.last_port()}.to_string();
        fields["destination"] = fmt::format("{}:{}", host, port);
        fields["transport"] = transport;
        return event("network", kind, std::move(fields));
    }
    Told& goes_on(Nanoseconds pause = 10s) {
        wire.wait(pause).datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
        return *this;
    }
    [[nodiscard]] analysis::Observations observations() const {
        auto whole = timeline;
        whole += Json{{"t", 60'000'000'000},          {"lane", "bench"}, {"kind", "capture-closed"},
                      {"frames", wire.frames.size()}, {"bytes", 0},      {"dropped", dropped}}
                     .dump() +
                 "\n";
        const TemporaryFile capture(pcap(wire.frames)), timeline_file(whole);
        analysis::Inputs inputs;
        inputs.captures = {{capture.path(), "capture.pcapng"}};
        inputs.timeline = timeline_file.path();
        auto seen = analysis::analyze(inputs);
        REQUIRE(seen.ok());
        return std::move(seen).value();
    }
    [[nodiscard]] Verdict nothing_lost() const {
        const auto result = judged("nothing-lost", observations());
        INFO(result.title);
        return result.verdict;
    }
    [[nodiscard]] Verdict literals() const { return judged("no-literal-addresses", observations()).verdict; }
};

const Json told_evil{{"question", "time.vendor.example"}, {"type", "A"}, {"answers", {"198.51.100.77"}}};
const Json told_pool{{"question", "cloud.vendor.example"}, {"type", "A"}, {"answers", {"198.18.0.9"}}};

Json inside(Json fields, const char* layer) {
    fields["inside"] = layer;
    return fields;
}

}  // namespace

TEST_CASE("what_frames_bear_out_is_no_contradiction", "[witness]") {
    Told told;
    told.goes_on();
    CHECK(told.nothing_lost() == Verdict::pass);
    CHECK(told.literals() == Verdict::pass);
}

TEST_CASE("an_answer_that_never_crossed_the_wire_names_nothing_and_passes_nobody", "[witness]") {
    Told told;
    told.wire.ask("time.vendor.example");
    told.says("dns-query", 53, "192.168.7.1", "udp", told_evil);
    told.wire.connect(ip("198.51.100.77"), 9443, to_bytes("beacon"));
    told.goes_on();
    CHECK(told.nothing_lost() == Verdict::inconclusive);
    CHECK(told.literals() == Verdict::fail);
    SECTION("where frames are missing it may have been among those") {
        told.dropped = 3;
        CHECK(told.nothing_lost() == Verdict::inconclusive);
    }
}

TEST_CASE("an_answer_other_than_the_one_on_the_wire_names_nothing_and_passes_nobody", "[witness]") {
    Told told;
    told.wire.resolve("time.vendor.example", ip("203.0.113.1"));
    told.says("dns-query", 53, "192.168.7.1", "udp", told_evil);
    told.wire.connect(ip("198.51.100.77"), 9443, to_bytes("beacon"));
    told.goes_on();
    CHECK(told.nothing_lost() == Verdict::inconclusive);
    CHECK(told.literals() == Verdict::fail);
}

TEST_CASE("an_event_of_a_conversation_without_a_frame_is_an_error", "[witness]") {
    Told told;
    SECTION("of a port the camera never used") {
        told.wire.wait(1s),
            told.event(
                "network", "http-request",
                {{"camera", "192.168.7.20:1"}, {"destination", "203.0.113.1:80"}, {"transport", "tcp"}});
    }
    SECTION("of a server it never called") {
        told.says("tls", 443, "198.18.0.4", "tcp", {{"outcome", "established"}});
    }
    SECTION("of the other transport") { told.says("udp", 123, "203.0.113.1", "tcp", Json::object()); }
    SECTION("told before its first frame") {
        told.event(
            "network", "tcp-open",
            {{"camera", "192.168.7.20:40003"}, {"destination", "203.0.113.1:80"}, {"transport", "tcp"}});
        told.wire.wait(5s).connect(ip("203.0.113.1"), 80, to_bytes("GET / HTTP/1.1\r\n\r\n"));
    }
    SECTION("answers told to nobody") { told.event("network", "dns-query", told_pool); }
    told.goes_on();
    CHECK(told.nothing_lost() == Verdict::error);
}

TEST_CASE("names_told_inside_tls_count_where_that_conversation_is_on_record_and_the_address_is_the_benchs",
          "[witness]") {
    Told told;
    told.wire.connect(ip("203.0.113.1"), 853, client_hello("dns.vendor.example"));
    SECTION("an address of the bench's") {
        told.says("dns-query", 853, "203.0.113.1", "tcp", inside(told_pool, "tls"));
        told.wire.connect(ip("198.18.0.9"), 443, {});
        told.goes_on();
        CHECK(told.nothing_lost() == Verdict::pass);
        CHECK(told.literals() == Verdict::pass);
    }
    SECTION("an address that this bench gives nobody") {
        told.says("dns-query", 853, "203.0.113.1", "tcp", inside(told_evil, "tls"));
        told.wire.connect(ip("198.51.100.77"), 9443, to_bytes("beacon"));
        told.goes_on();
        CHECK(told.nothing_lost() == Verdict::error);
        CHECK(told.literals() == Verdict::fail);
    }
    SECTION("at a time when nothing came from there") {
        told.goes_on(10s).wire.wait(1s);
        told.event("network", "dns-query",
                   inside({{"camera", Endpoint{told.wire.camera, 40004}.to_string()},
                           {"destination", "203.0.113.1:853"},
                           {"transport", "tcp"},
                           {"question", "a.example"},
                           {"type", "A"},
                           {"answers", {"198.18.0.9"}}},
                          "tls"));
        told.goes_on();
        CHECK(told.nothing_lost() == Verdict::error);
    }
}

TEST_CASE("a_lease_nobody_was_given_and_a_package_that_never_came_are_errors", "[witness]") {
    Told told;
    SECTION("the lease on the wire") {
        told.event("network", "dhcp",
                   {{"mac", told.wire.camera_mac.to_string()},
                    {"answer", "ack"},
                    {"address", told.wire.camera.to_string()}});
        told.goes_on();
        CHECK(told.nothing_lost() == Verdict::pass);
    }
    SECTION("another one") {
        told.event(
            "network", "dhcp",
            {{"mac", told.wire.camera_mac.to_string()}, {"answer", "ack"}, {"address", "192.168.7.99"}});
        told.goes_on();
        CHECK(told.nothing_lost() == Verdict::error);
    }
    SECTION("a package") {
        told.wire.connect(ip("203.0.113.1"), 80, to_bytes("GET /fw.bin HTTP/1.1\r\n\r\n"), Bytes(1000));
        told.says("update-delivery", 80, "203.0.113.1", "tcp",
                  {{"offer", 1}, {"bytes", 900}, {"of", 900}, {"whole", true}});
        CHECK(told.nothing_lost() == Verdict::pass);
        told.says("update-delivery", 80, "203.0.113.1", "tcp",
                  {{"offer", 1}, {"bytes", 90000}, {"of", 90000}, {"whole", true}});
        CHECK(told.nothing_lost() == Verdict::error);
    }
}

TEST_CASE("an_answer_that_the_scenario_loses_or_that_power_cut_short_is_no_error_and_names_nothing",
          "[witness]") {
    Told told(true);
    SECTION("lost") {
        told.wire.ask("cloud.vendor.example");
        told.says("dns-query", 53, "192.168.7.1", "udp", told_pool);
    }
    SECTION("cut") {
        told = Told();
        told.wire.ask("cloud.vendor.example");
        told.says("dns-query", 53, "192.168.7.1", "udp", told_pool).event("power", "off", Json::object());
    }
    told.wire.wait(100ms).connect(ip("198.18.0.9"), 443, to_bytes("hello"));
    told.goes_on();
    CHECK(told.nothing_lost() == Verdict::pass);
    CHECK(told.literals() != Verdict::pass);
}

TEST_CASE("a_contradiction_or_a_count_of_another_type_is_read_as_nothing", "[witness]") {
    Told told;
    told.event("bench", "contradiction", {{"text", 5}, {"all", "many"}, {"unanswered", 1}})
        .event("bench", "not-held", {{"events", Json::array()}});
    told.goes_on();
    CHECK(told.nothing_lost() == Verdict::error);
}
