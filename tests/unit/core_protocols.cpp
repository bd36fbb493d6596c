#include <set>
#include <string>

#include "harness/wire/protocol_words.hpp"
#include "harness/wire/protocols.hpp"
#include "tests/catch.hpp"

using namespace cambench;

TEST_CASE("every protocol stands once in the table, and what it is contradicts nothing") {
    std::set<std::string_view> names;
    for (const auto& one : protocol::all()) {
        INFO(one.name);
        CHECK(names.insert(one.name).second);
        CHECK(protocol::find(one.name) == &one);
        CHECK_FALSE(
            (protocol::has(one.name, protocol::only_tcp) && protocol::has(one.name, protocol::only_udp)));
        CHECK_FALSE((protocol::has(one.name, protocol::encrypted) &&
                     protocol::has(one.name, protocol::login_in_clear)));
        if (protocol::has(one.name, protocol::certain)) CHECK(protocol::has(one.name, protocol::recognised));
    }
    CHECK(protocol::find("gopher") == nullptr);
    CHECK_FALSE(protocol::has("gopher", protocol::recognised));
}

TEST_CASE("words that people declare lead into the table, makers' former names too") {
    for (const std::string word : {"https", "wss", "mqtts", "dot", "gb28181", "kalay", "ping", "dahua-dvrip",
                                   "dahua-dhip", "dahua-ptcp", "reolink-baichuan", "reolink-udp"}) {
        INFO(word);
        const auto meant = protocol_word(word);
        CHECK(meant.known);
        CHECK(protocol::find(meant.wire) != nullptr);
        CHECK((meant.inner.empty() || protocol::find(meant.inner) != nullptr));
    }
    CHECK(protocol_word("dahua-dvrip").wire == protocol::dvrip);
    CHECK_FALSE(protocol_word("gopher").known);
}

TEST_CASE("ports stand for words of the table, by transport") {
    for (unsigned port = 0; port < 65536; ++port)
        for (const auto transport : {Transport::tcp, Transport::udp}) {
            const auto word = protocol::word_of_port(transport, static_cast<std::uint16_t>(port));
            if (!word.empty()) CHECK(protocol_word(word).known);
        }
    CHECK(protocol::word_of_port(Transport::tcp, 443) == protocol::https);
    CHECK(protocol::word_of_port(Transport::udp, 443) == protocol::quic);
    CHECK(protocol::word_of_port(Transport::udp, 80).empty());
    CHECK(protocol::word_of_port(Transport::icmp, 443).empty());
}

TEST_CASE("low ports are servers', and of the others those that only servers have") {
    CHECK_FALSE(protocol::is_servers_port(Transport::tcp, 0));
    CHECK(protocol::is_servers_port(Transport::udp, 1023));
    CHECK(protocol::is_servers_port(Transport::tcp, 8883));
    CHECK_FALSE(protocol::is_servers_port(Transport::udp, 8883));
    CHECK(protocol::is_servers_port(Transport::udp, 5353));
    CHECK_FALSE(protocol::is_servers_port(Transport::tcp, 8080));
}

TEST_CASE("a rendezvous is one over its own transport") {
    CHECK(protocol::is_rendezvous(protocol::stun, Transport::tcp));
    CHECK(protocol::is_rendezvous(protocol::baichuan, Transport::udp));
    CHECK_FALSE(protocol::is_rendezvous(protocol::baichuan, Transport::tcp));
    CHECK_FALSE(protocol::is_rendezvous(protocol::http, Transport::udp));
}
