#include "bench/internet/services/names/dns.hpp"
#include "harness/core/shell_talk.hpp"
#include "harness/wire/dns_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace cambench::shells {
/// Shells that a camera gives away are drawn out by harmless orders, whatever they greet with and wherever
/// they call.
namespace {

/// A shell at the camera's end: says its greeting, then answers each line that it hears.
struct Shell {
    std::string what, greeting, prompt;
    bool has_id = true, echoes = false;

    [[nodiscard]] std::string answer(std::string_view line) const {
        std::string text = echoes ? std::string(line) + "\r\n" : std::string();
        if (line == "id")
            text += has_id ? "uid=0(root) gid=0(root)\n" : "sh: id: not found\n";
        else if (line.starts_with("echo $(("))
            text += "738639\n";
        else if (!line.empty())
            text += "sh: " + std::string(line) + ": not found\n";
        return text + prompt;
    }
};

const std::vector<Shell>& shells() {
    static const std::vector<Shell> all{
        {"busybox",
         "\n\nBusyBox v1.31.1 () built-in shell (ash)\nEnter 'help' for a list of built-in commands.\n\n/ # ",
         "/ # ", true, true},
        {"bash", "bash: no job control in this shell\nroot@ipcam:/# ", "root@ipcam:/# "},
        {"dash on a terminal", "# ", "# ", true, true},
        {"an ordinary user", "$ ", "$ "},
        {"telnet's options in front", "\xff\xfb\x01\xff\xfb\x03~ # ", "~ # ", true, true},
        {"a maker's shell", "IPCAM> ", "IPCAM> ", false},
        {"a protected shell",
         "BusyBox v1.26.2 Protect Shell (psh)\nEnter 'help' for a list of davinci system commands.\n\n# ",
         "# ", false},
        {"colours and a title", "\x1b]0;root@cam\a\x1b[32mroot@cam\x1b[0m:~# ", "root@cam:~# "},
    };
    return all;
}

/// Lets both sides talk until nobody says anything more.
std::string play(StreamDialogue& dialogue, const Shell& shell) {
    std::string heard, pending = shell.greeting;
    for (int turn = 0; turn < 40; ++turn) {
        Output output;
        if (pending.empty())
            dialogue.silence(output);
        else
            dialogue.received(as_bytes(pending), output);
        pending.clear();
        heard += output.bytes;
        for (std::string_view rest = output.bytes; !rest.empty();) {
            const auto end = rest.find('\n');
            auto line = rest.substr(0, end);
            if (line.ends_with('\r')) line.remove_suffix(1);
            pending += shell.answer(line);
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
    }
    dialogue.closed();
    return heard;
}

struct Place {
    std::string address;
    std::uint16_t port;
    std::string inside;
};
const std::vector<Place> places{{"198.18.0.9", 443, ""},        {"198.18.0.9", 443, "tls"},
                                {"2001:2:0:ffff::9", 4444, ""}, {"198.18.0.9", 53, ""},
                                {"2001:2:0:ffff::9", 2323, ""}, {"198.18.0.9", 8080, "tls"}};

}  // namespace

TEST_CASE("a_shell_that_is_given_away_is_drawn_out_wherever_it_calls", "[internet][shells]") {
    for (const auto& place : places) {
        for (const auto& shell : shells()) {
            TestWorld test;
            auto flow = test.flow(place.address, place.port, Transport::tcp);
            flow.inside = flow.layers = place.inside;
            const auto dialogue = make_conversation(test.world, flow);
            const auto heard = play(*dialogue, shell);
            const auto event = test.recorder.last("tcp-payload");
            INFO(shell.what << " at " << place.address << " " << place.port << ": heard " << heard
                            << ", recorded " << event.dump(-1, ' ', false, Json::error_handler_t::replace));
            CHECK(heard.starts_with("id\n"));
            REQUIRE(event.contains("heard"));
            CHECK_FALSE(
                shell_output(event["payload"].get<std::string>(), event["heard"].get<std::string>()).empty());
        }
    }
}

TEST_CASE("who_keeps_a_connection_and_says_nothing_is_given_an_order_after_six_seconds",
          "[internet][shells]") {
    for (const auto& place : places) {
        TestWorld test;
        auto flow = test.flow(place.address, place.port, Transport::tcp);
        flow.inside = flow.layers = place.inside;
        const auto dialogue = make_conversation(test.world, flow);
        std::string heard;
        for (unsigned quiet = 0; quiet < silences_of_who_waits + 2; ++quiet) {
            CHECK((quiet + 1 >= silences_of_who_waits || heard.find("id\n") == std::string::npos));
            Output output;
            dialogue->silence(output);
            heard += output.bytes;
        }
        INFO(place.address << " " << place.port << ": " << heard);
        CHECK(heard.ends_with("id\n"));
        Output output;
        dialogue->received(as_bytes("uid=0(root) gid=0(root)\n"), output);
        dialogue->closed();
        const auto event = test.recorder.last("tcp-payload");
        INFO(event.dump(-1, ' ', false, Json::error_handler_t::replace));
        CHECK_FALSE(shell_output(event.value("payload", ""), event.value("heard", "")).empty());
    }
}

TEST_CASE("a_client_that_comes_late_is_still_understood", "[internet][shells]") {
    TestWorld test;
    const auto dialogue = make_conversation(test.world, test.flow("198.18.0.9", 80, Transport::tcp));
    for (unsigned quiet = 0; quiet < silences_of_who_waits; ++quiet) {
        Output output;
        dialogue->silence(output);
    }
    CHECK(say(*dialogue, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("what_is_no_shell_is_given_no_orders", "[internet][shells]") {
    for (const std::string said :
         {"status fine\n", "*HQ,4711,V1,fine#", "{\"a\":1}", "\x01\x02\x03\x04", "<report/>"}) {
        TestWorld test;
        const auto dialogue = make_conversation(test.world, test.flow("198.18.0.9", 7000, Transport::tcp));
        auto heard = say(*dialogue, said);
        for (unsigned quiet = 0; quiet < 20; ++quiet) {
            Output output;
            dialogue->silence(output);
            heard += output.bytes;
        }
        INFO(said);
        CHECK(heard.empty());
    }
}

TEST_CASE("what_stands_inside_of_what_is_said_in_events", "[internet][shells]") {
    TestWorld test;
    const auto dialogue = make_conversation(test.world, test.flow("198.18.0.9", 3128, Transport::tcp));
    (void)say(*dialogue, "CONNECT deep.example:443 HTTP/1.1\r\nHost: deep.example:443\r\n\r\n");
    (void)say(*dialogue, "\x07\x08 something of its own");
    dialogue->closed();
    const auto event = test.recorder.last("tcp-payload");
    CHECK(event.value("layers", "") == "http/connect");
    CHECK(event.value("toward", "") == "deep.example:443");
}

namespace {

Bytes question(std::string_view name, std::uint16_t type) {
    ByteWriter out;
    out.u16(7).u16(0x0100).u16(1).u16(0).u16(0).u16(0).bytes(dns::encode_name(name)).u16(type).u16(1);
    return out.take();
}

}  // namespace

TEST_CASE("a_tunnel_of_names_finds_its_server", "[internet][tunnels]") {
    constexpr std::uint16_t a = 1, null_type = 10, txt = 16, mx = 15;
    TestWorld test;
    const auto ask = [&](std::string_view name, std::uint16_t type) {
        return answer_dns(test.world, test.flow("192.168.77.1", 53, Transport::udp), question(name, type));
    };
    const auto has = [](const Bytes& answer, std::string_view part) {
        return as_text(answer).find(part) != std::string_view::npos;
    };
    CHECK(has(ask("yrbs2t.t.vendor.example", null_type), std::string_view("\x81\x63\xc8\xd2", 4)));
    CHECK(has(ask("vaaaakawlsq.t.vendor.example", null_type), "VACK"));
    CHECK(has(ask("lacosm4jb4rthpaiai31d0gfrbsbmxfi.t.vendor.example", null_type),
              "10.155.0.1-10.155.0.2-1130-27"));
    CHECK(has(ask("zs2xaA-Aaahhh-Drink.t.vendor.example", null_type), "zs2xaA-Aaahhh-Drink"));
    CHECK(has(ask("raiad.t.vendor.example", null_type), std::string_view("\1\0\x6b", 3)));
    CHECK(has(ask("oals23.t.vendor.example", null_type), "BADCODEC"));
    CHECK(ask("paaamxjq.t.vendor.example", txt).size() > 40);
    CHECK(ask("paaamxjq.t.vendor.example", mx).size() > 40);
    CHECK(test.recorder.last("dns-query").dump().find("iodine: ping") != std::string::npos);
    // Other names of the vendor's are names still, and so are those that only look alike.
    CHECK(test.recorder.all("dns-query").size() == 8);
    (void)ask("api.vendor.example", a);
    CHECK(test.recorder.last("dns-query").dump().find("iodine") == std::string::npos);
    (void)ask("vaaaak.other.example", a);
    (void)ask("panel.other.example", a);
    CHECK(test.recorder.last("dns-query").dump().find("iodine") == std::string::npos);
}

}  // namespace cambench::shells
