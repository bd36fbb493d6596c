#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include <random>
#include <set>

#include "bench/internet/services/names/dns.hpp"
#include "bench/internet/services/names/dns_stream.hpp"
#include "harness/wire/dns_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

/// As the C library's resolver asks.
Bytes query(const char* name, int type, int klass = ns_c_in) {
    unsigned char buffer[1024];
    const int size = ::res_mkquery(ns_o_query, name, klass, type, nullptr, 0, nullptr, buffer, sizeof buffer);
    REQUIRE(size > 0);
    return to_bytes({reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(size)});
}

struct Parsed {
    int code = 0;
    std::vector<std::string> answers;
    int authorities = 0;
    std::string question;
    bool truncated = false;
};

/// As the C library's resolver reads.
Parsed read_answer(const Bytes& message) {
    Parsed parsed;
    ns_msg handle;
    REQUIRE(::ns_initparse(reinterpret_cast<const unsigned char*>(message.data()),
                           static_cast<int>(message.size()), &handle) == 0);
    parsed.code = ns_msg_getflag(handle, ns_f_rcode);
    parsed.truncated = ns_msg_getflag(handle, ns_f_tc) != 0;
    parsed.authorities = ns_msg_count(handle, ns_s_ns);
    ns_rr record;
    if (ns_msg_count(handle, ns_s_qd) > 0) {
        REQUIRE(::ns_parserr(&handle, ns_s_qd, 0, &record) == 0);
        parsed.question = ns_rr_name(record);
    }
    for (int i = 0; i < ns_msg_count(handle, ns_s_an); ++i) {
        REQUIRE(::ns_parserr(&handle, ns_s_an, i, &record) == 0);
        const ByteView data(reinterpret_cast<const std::byte*>(ns_rr_rdata(record)), ns_rr_rdlen(record));
        if (ns_rr_type(record) == ns_t_a)
            parsed.answers.push_back(IpAddress::v4(data).to_string());
        else if (ns_rr_type(record) == ns_t_aaaa)
            parsed.answers.push_back(IpAddress::v6(data).to_string());
        else if (ns_rr_type(record) == ns_t_ptr || ns_rr_type(record) == ns_t_ns) {
            char name[256];
            REQUIRE(::ns_name_uncompress(ns_msg_base(handle), ns_msg_end(handle), ns_rr_rdata(record), name,
                                         sizeof name) > 0);
            parsed.answers.emplace_back(name);
        } else {
            parsed.answers.push_back(hex(data));
        }
    }
    return parsed;
}

Parsed ask(TestWorld& test, const char* name, int type, const char* resolver = "192.168.77.1") {
    return read_answer(answer_dns(test.world, test.flow(resolver, 53, Transport::udp), query(name, type)));
}

}  // namespace

TEST_CASE("every name has an address of its own and keeps it") {
    TestWorld test;
    const auto first = ask(test, "time.haneul.example", ns_t_a);
    const auto second = ask(test, "cloud.haneul.example", ns_t_a);
    REQUIRE(first.answers.size() == 1);
    CHECK(first.answers != second.answers);
    CHECK(ask(test, "TIME.haneul.example", ns_t_a, "8.8.8.8").answers == first.answers);
    CHECK(cidr("198.18.0.0/15").contains(ip(first.answers[0])));
    const auto* name = test.world.names.name_of(ip(first.answers[0]));
    REQUIRE(name != nullptr);
    CHECK(*name == "time.haneul.example");
    const auto v6 = ask(test, "time.haneul.example", ns_t_aaaa);
    REQUIRE(v6.answers.size() == 1);
    CHECK(*test.world.names.name_of(ip(v6.answers[0])) == "time.haneul.example");
    CHECK(test.world.names.name_of(ip("203.0.113.1")) == nullptr);
}

TEST_CASE("a dns event tells the question, the resolver asked and the answers") {
    TestWorld test;
    const auto answer = ask(test, "p2p.vendor.example", ns_t_a, "114.114.114.114");
    const auto event = test.recorder.last("dns-query");
    CHECK(event["question"] == "p2p.vendor.example");
    CHECK(event["type"] == "A");
    CHECK(event["resolver"] == "114.114.114.114");
    CHECK(event["rcode"] == "NOERROR");
    CHECK(event["answers"] == Json(answer.answers));
    CHECK(event["destination"] == "114.114.114.114:53");
    CHECK(event["transport"] == "udp");
}

TEST_CASE("the case of a question comes back as it was") {
    TestWorld test;
    CHECK(ask(test, "TiMe.HaNeUl.example", ns_t_a).question == "TiMe.HaNeUl.example");
}

TEST_CASE("types without a record are answered with nothing and an SOA") {
    TestWorld test;
    for (const int type : {257, 35, 52, static_cast<int>(ns_t_cname)}) {
        const auto answer = ask(test, "a.example", type);
        CHECK(answer.code == ns_r_noerror);
        CHECK(answer.answers.empty());
        CHECK(answer.authorities == 1);
    }
}

TEST_CASE("pointers lead back to names that were given out, and to the router") {
    TestWorld test;
    (void)ask(test, "cam.example", ns_t_a);
    (void)ask(test, "cam.example", ns_t_aaaa);
    CHECK(ask(test, "1.0.18.198.in-addr.arpa", ns_t_ptr).answers == std::vector<std::string>{"cam.example"});
    CHECK(ask(test, "1.77.168.192.in-addr.arpa", ns_t_ptr).answers == std::vector<std::string>{"router.lan"});
    CHECK(ask(test, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.f.f.f.f.0.0.0.0.2.0.0.0.1.0.0.2.ip6.arpa", ns_t_ptr)
              .answers == std::vector<std::string>{"cam.example"});
    CHECK(ask(test, "4.3.2.1.in-addr.arpa", ns_t_ptr).code == ns_r_nxdomain);
    CHECK(ask(test, "x.in-addr.arpa", ns_t_ptr).code == ns_r_nxdomain);
    CHECK(ask(test, "router.lan", ns_t_a).answers == std::vector<std::string>{"192.168.77.1"});
}

TEST_CASE("text, mail, service and name server records exist for every name") {
    TestWorld test;
    CHECK(ask(test, "a.example", ns_t_txt).answers.size() == 1);
    CHECK(ask(test, "a.example", ns_t_mx).answers.size() == 1);
    CHECK(ask(test, "_mqtt._tcp.a.example", ns_t_srv).answers.size() == 1);
    CHECK(test.recorder.last("dns-query")["answers"][0] == "0 0 1883 a.example");
    CHECK(ask(test, "a.example", ns_t_ns).answers == std::vector<std::string>{"ns1.a.example"});
}

TEST_CASE("the scenario decides about names and about all names below one") {
    Personality personality;
    personality.dns = {{"fixed.example", DnsAnswer::address, ip("203.0.113.9")},
                       {"*.gone.example", DnsAnswer::nxdomain, {}},
                       {"broken.example", DnsAnswer::servfail, {}},
                       {"no.example", DnsAnswer::refused, {}},
                       {"mute.example", DnsAnswer::silent, {}},
                       {"here.gone.example", DnsAnswer::address, ip("203.0.113.10")}};
    TestWorld test(personality);
    CHECK(ask(test, "fixed.example", ns_t_a).answers == std::vector<std::string>{"203.0.113.9"});
    CHECK(*test.world.names.name_of(ip("203.0.113.9")) == "fixed.example");
    CHECK(ask(test, "fixed.example", ns_t_aaaa).answers.empty());
    CHECK(ask(test, "a.b.gone.example", ns_t_a).code == ns_r_nxdomain);
    CHECK(ask(test, "here.gone.example", ns_t_a).answers == std::vector<std::string>{"203.0.113.10"});
    CHECK(ask(test, "gone.example", ns_t_a).code == ns_r_noerror);
    CHECK(ask(test, "broken.example", ns_t_a).code == ns_r_servfail);
    CHECK(ask(test, "no.example", ns_t_a).code == ns_r_refused);
    CHECK(answer_dns(test.world, test.flow("8.8.8.8", 53, Transport::udp), query("mute.example", ns_t_a))
              .empty());
    CHECK_FALSE(test.recorder.last("dns-query").contains("rcode"));
}

TEST_CASE("a silent world still records what was asked") {
    Personality personality;
    personality.answers = Answers::none;
    TestWorld test(personality);
    CHECK(answer_dns(test.world, test.flow("192.168.77.1", 53, Transport::udp), query("a.example", ns_t_a))
              .empty());
    CHECK(test.recorder.last("dns-query")["question"] == "a.example");
}

TEST_CASE("zone transfers, other classes and other operations are declined") {
    TestWorld test;
    CHECK(ask(test, "a.example", ns_t_axfr).code == ns_r_refused);
    CHECK(read_answer(answer_dns(test.world, test.flow("8.8.8.8", 53, Transport::udp),
                                 query("version.bind", ns_t_txt, ns_c_chaos)))
              .code == ns_r_refused);
    auto notify = query("a.example", ns_t_soa);
    notify[2] = std::byte{4 << 3};
    CHECK(read_answer(answer_dns(test.world, test.flow("8.8.8.8", 53, Transport::udp), notify)).code ==
          ns_r_notimpl);
}

TEST_CASE("EDNS is answered with EDNS, and an unknown version with BADVERS") {
    TestWorld test;
    auto question = query("a.example", ns_t_a);
    question[11] = std::byte{1};
    const auto with_option = [&](std::uint8_t version) {
        ByteWriter writer;
        return writer.bytes(question).u8(0).u16(41).u16(4096).u8(0).u8(version).u16(0x8000).u16(0).take();
    };
    const auto good = dns::parse_query(with_option(0));
    REQUIRE(good.ok());
    CHECK(good->edns_size == 4096);
    const auto answer = answer_dns(test.world, test.flow("8.8.8.8", 53, Transport::udp), with_option(0));
    CHECK(std::to_integer<int>(answer[11]) == 1);
    CHECK(read_answer(answer).answers.size() == 1);
    (void)answer_dns(test.world, test.flow("8.8.8.8", 53, Transport::udp), with_option(1));
    CHECK(test.recorder.last("dns-query")["rcode"] == "BADVERS");
}

TEST_CASE("an answer longer than the asker takes is marked truncated") {
    const auto query_bytes = query("a.example", ns_t_txt);
    const auto parsed = dns::parse_query(query_bytes);
    REQUIRE(parsed.ok());
    dns::Answer answer(*parsed, dns::Code::noerror);
    for (int i = 0; i < 3; ++i) answer.text(std::string(250, 'x'));
    const auto short_one = read_answer(answer.finish(512));
    CHECK(short_one.truncated);
    CHECK(short_one.answers.empty());
    CHECK(read_answer(answer.finish(65535)).answers.size() == 3);
}

TEST_CASE("malformed questions are complained about, responses and scraps are not") {
    TestWorld test;
    const auto flow = test.flow("8.8.8.8", 53, Transport::udp);
    auto two = query("a.example", ns_t_a);
    two[5] = std::byte{2};
    CHECK(read_answer(answer_dns(test.world, flow, two)).code == ns_r_formerr);
    CHECK(test.recorder.last("dns-query")["payload"] == std::string(as_text(two)));
    auto response = query("a.example", ns_t_a);
    response[2] |= std::byte{0x80};
    CHECK(answer_dns(test.world, flow, response).empty());
    CHECK(answer_dns(test.world, flow, to_bytes("abc")).empty());
    CHECK(answer_dns(test.world, flow, {}).empty());
    auto pointer = query("a.example", ns_t_a);
    pointer[12] = std::byte{0xc0};
    CHECK(read_answer(answer_dns(test.world, flow, pointer)).code == ns_r_formerr);
}

TEST_CASE("no cut or flipped question harms the resolver") {
    TestWorld test;
    const auto flow = test.flow("8.8.8.8", 53, Transport::udp);
    const auto whole = query("a-rather-long-label.of-a.vendor.example", ns_t_srv);
    for (std::size_t size = 0; size <= whole.size(); ++size)
        (void)answer_dns(test.world, flow, ByteView(whole).first(size));
    std::minstd_rand random(1);
    for (int i = 0; i < 5000; ++i) {
        auto bent = whole;
        for (int k = 0; k < 3; ++k) bent[random() % bent.size()] = static_cast<std::byte>(random());
        const auto answer = answer_dns(test.world, flow, bent);
        CHECK(answer.size() <= 512);
    }
}

TEST_CASE("odd bytes in a name are written out and never break an event") {
    TestWorld test;
    ByteWriter writer;
    writer.u16(7)
        .u16(0x0100)
        .u16(1)
        .u16(0)
        .u16(0)
        .u16(0)
        .u8(4)
        .text("a.\"\xff")
        .u8(3)
        .text("b\ne")
        .u8(0)
        .u16(1)
        .u16(1);
    CHECK(read_answer(answer_dns(test.world, test.flow("8.8.8.8", 53, Transport::udp), writer.view()))
              .answers.size() == 1);
    CHECK(test.recorder.last("dns-query")["question"] == "a\\046\"\\255.b\\010e");
}

TEST_CASE("DNS over a stream answers pipelined questions in order, in pieces or at once") {
    for (const std::size_t piece : {0, 1, 3}) {
        TestWorld test;
        auto dialogue = make_dns_dialogue(test.world, test.flow("8.8.8.8", 53, Transport::tcp));
        std::string both;
        for (const char* name : {"a.example", "b.example"}) {
            const auto question = query(name, ns_t_a);
            both += std::string{'\0', static_cast<char>(question.size())} + std::string(as_text(question));
        }
        const auto answer = say(*dialogue, both, piece);
        const auto first = static_cast<std::size_t>(static_cast<unsigned char>(answer[1]));
        CHECK(read_answer(to_bytes(answer.substr(2, first))).answers ==
              std::vector<std::string>{"198.18.0.1"});
        CHECK(read_answer(to_bytes(answer.substr(first + 4))).answers ==
              std::vector<std::string>{"198.18.0.2"});
    }
}

TEST_CASE("a used-up pool is told apart and gives nothing twice") {
    auto network = test_network();
    network.name_pool = cidr("198.18.0.0/24");
    TestWorld test({}, network);
    std::set<std::string> seen;
    for (int i = 0; i < 254; ++i)
        seen.insert(test.world.names.own("n" + std::to_string(i) + ".example").v4.to_string());
    CHECK(seen.size() == 254);
    const auto& beyond = test.world.names.own("one-too-many.example");
    CHECK(beyond.shared);
    CHECK(test.world.names.name_of(beyond.v4) == nullptr);
}
