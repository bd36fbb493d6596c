#include "tests/unit/beginnings.hpp"

using namespace cambench;
using namespace cambench::beginnings;

/// Which resolver the camera was given, and what a recording can say of it when it lacks the network's word.
namespace cambench::resolvers_given {
namespace {

constexpr auto passes = Verdict::pass, fails = Verdict::fail, unsure = Verdict::inconclusive;
const auto given4 = ip("192.0.2.53"), own4 = ip("198.51.100.53"), given6 = ip("2001:db8:7::53"),
           own6 = ip("2001:db8:99::53");

/// How a question travels.
enum class Way { datagram, other_port, stream };

void ask(Life& life, const IpAddress& resolver, Way way, const Bytes& reply = {}) {
    life.pause(1);
    const auto question = dns_query(77, "time.vendor.example");
    if (way != Way::stream)
        return void(life.datagram(resolver, way == Way::datagram ? 53 : 5300, question, reply));
    life.connect(resolver, 53,
                 ByteWriter().u16(static_cast<std::uint16_t>(question.size())).bytes(question).take());
}

DhcpOptions with(std::initializer_list<IpAddress> resolvers) {
    DhcpOptions options;
    options.resolvers = resolvers;
    return options;
}

/// A lease whose acknowledgement lacks its last bytes, as a snap length cuts them.
void joins_cut(Life& life, std::size_t missing) {
    life.joins(with({given4}));
    auto& last = life.frames.back().frame;
    last.resize(last.size() - missing);
}

void is_offered_only(Life& life) {
    life.joins(with({given4}));
    life.frames.pop_back();
}

/// A lease that tells no resolver at all.
void joins_without_resolver(Life& life) {
    life.asks_without_answer();
    life.put(ethernet(life.camera_mac, life.router_mac, 0x0800,
                      ipv4(life.router, life.camera, 17,
                           udp(67, 68,
                               dhcp(true, life.camera_mac, life.camera,
                                    {5, "", "", "", {}, {life.router}, {}, 0xffffff00})))));
}

void is_told_by_dhcp6(Life& life) {
    const auto reply = ByteWriter().u8(7).u24(9).u16(23).u16(16).bytes(given6.bytes()).take();
    life.put(ethernet(life.camera_mac, life.router_mac, 0x86dd,
                      ipv6(ip("fe80::1"), ip("fe80::20"), 17, udp(547, 546, reply))));
}

struct Row {
    std::string what;
    std::function<void(Life&, Way)> act;
    Verdict right;
};

std::vector<Row> rows() {
    return {
        {"the one of the lease",
         [](Life& life, Way way) {
             life.joins(with({given4}));
             ask(life, given4, way);
         },
         passes},
        {"another than the lease's",
         [](Life& life, Way way) {
             life.joins(with({given4}));
             ask(life, own4, way);
         },
         fails},
        {"one of IPv6, of which a lease says nothing",
         [](Life& life, Way way) {
             life.joins(with({given4}));
             ask(life, own6, way);
         },
         unsure},
        {"the advertised one, beside a lease",
         [](Life& life, Way way) {
             life.joins(with({given4})).is_told_by_advertisement();
             ask(life, given6, way);
         },
         passes},
        {"another than the advertised one",
         [](Life& life, Way way) {
             life.joins(with({given4})).is_told_by_advertisement();
             ask(life, own6, way);
         },
         fails},
        {"one of IPv4, of which an advertisement says nothing",
         [](Life& life, Way way) {
             life.is_told_by_advertisement();
             ask(life, own4, way);
         },
         unsure},
        {"one of IPv4 after an interface came up by IPv6",
         [](Life& life, Way way) {
             life.solicits_a_router().is_told_by_advertisement();
             ask(life, own4, way);
         },
         unsure},
        {"one of IPv6 before the advertisement came",
         [](Life& life, Way way) {
             ask(life, own6, way);
             life.pause(3).is_told_by_advertisement();
         },
         unsure},
        {"one of IPv6 before and after the advertisement",
         [](Life& life, Way way) {
             ask(life, own6, way);
             life.pause(3).is_told_by_advertisement();
             ask(life, own6, way);
         },
         fails},
        {"another than DHCPv6's",
         [](Life& life, Way way) {
             is_told_by_dhcp6(life);
             ask(life, own6, way);
         },
         fails},
        {"DHCPv6's",
         [](Life& life, Way way) {
             is_told_by_dhcp6(life);
             ask(life, given6, way);
         },
         passes},
        {"one of IPv4, of which DHCPv6 says nothing",
         [](Life& life, Way way) {
             is_told_by_dhcp6(life);
             ask(life, own4, way);
         },
         unsure},
        {"one that a cut acknowledgement may have told",
         [](Life& life, Way way) {
             joins_cut(life, 7);
             ask(life, own4, way);
         },
         unsure},
        {"one that a more cut acknowledgement may have told",
         [](Life& life, Way way) {
             joins_cut(life, 40);
             ask(life, own4, way);
         },
         unsure},
        {"the one of an offer",
         [](Life& life, Way way) {
             is_offered_only(life);
             ask(life, given4, way);
         },
         passes},
        {"another than an offer's",
         [](Life& life, Way way) {
             is_offered_only(life);
             ask(life, own4, way);
         },
         unsure},
        {"one after DHCP that nobody is seen to answer",
         [](Life& life, Way way) {
             life.asks_without_answer();
             ask(life, own4, way);
         },
         unsure},
        {"one in a recording that tells nothing", [](Life& life, Way way) { ask(life, own4, way); }, unsure},
        {"one where the lease gives none",
         [](Life& life, Way way) {
             joins_without_resolver(life);
             ask(life, own4, way);
         },
         fails},
        {"one asked before the lease",
         [](Life& life, Way way) {
             ask(life, own4, way);
             life.pause(3).joins(with({given4}));
             ask(life, given4, way);
         },
         unsure},
        {"one asked before the lease and after",
         [](Life& life, Way way) {
             ask(life, own4, way);
             life.pause(3).joins(with({given4}));
             ask(life, own4, way);
         },
         fails},
        {"a neighbour, where nothing is told", [](Life& life, Way way) { ask(life, life.router, way); },
         passes},
        {"a neighbour, where the lease gives another",
         [](Life& life, Way way) {
             life.joins(with({given4}));
             ask(life, ip("192.168.7.9"), way);
         },
         fails},
    };
}

}  // namespace

TEST_CASE("a_resolver_is_foreign_only_where_the_network_s_word_for_its_family_is_on_record",
          "[checks][resolvers]") {
    for (const auto& row : rows()) {
        for (const auto way : {Way::datagram, Way::other_port, Way::stream}) {
            auto setting = settings().front();
            setting.pace = way == Way::datagram ? 1 : 3;
            Life life(setting);
            row.act(life, way);
            if (row.right == passes)
                life.datagram(ip("203.0.113.1"), 123, ntp_request(),
                              ntp_request());  // somebody answers beyond its network
            const auto observations = seen(life);
            const auto result = judged("resolver-discipline", observations);
            INFO(row.what << ", way " << static_cast<int>(way) << ": " << result.title << " | "
                          << (result.findings.empty() ? "" : result.findings.front().detail));
            CHECK(result.verdict == row.right);
            if (row.right != unsure) continue;
            if (way != Way::other_port) CHECK(judged("no-literal-addresses", observations).verdict == unsure);
            REQUIRE_FALSE(result.findings.empty());
            CHECK(result.findings.front().title.find("instead of") == std::string::npos);
            CHECK(result.findings.front().title.find("not on record") != std::string::npos);
        }
    }
}

TEST_CASE("what_is_said_of_a_resolver_does_not_contradict_itself", "[checks][resolvers]") {
    Life life(settings().front());
    life.is_told_by_advertisement();
    ask(life, own4, Way::datagram);
    const auto result = judged("resolver-discipline", seen(life));
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings.front().detail.find("what the network gave it for IPv4 is not on record") == 0);
    Life none(settings().front());
    joins_without_resolver(none);
    ask(none, own4, Way::datagram);
    CHECK(judged("resolver-discipline", seen(none)).title ==
          "asks the resolver 198.51.100.53, which the network did not give it");
}

TEST_CASE("a_question_to_an_address_that_is_no_host_s_reaches_nobody", "[checks][resolvers]") {
    const auto declaration = vendor_of_stories();
    for (const auto* nobody : {"0.0.0.0", "255.255.255.0", "0.1.2.3", "127.0.0.1"}) {
        for (const bool goes_on : {true, false}) {
            Life life(settings().front());
            const auto own = life.camera;
            life.camera = ip("0.0.0.0");
            life.datagram(ip(nobody), 53, dns_query(9, "time.vendor.example"));
            life.camera = own;
            life.pause(1);
            if (goes_on) life.joins().lives_honestly();
            const auto observations = seen(life);
            INFO(nobody << (goes_on ? ", then honest" : ", alone"));
            CHECK(judged("resolver-discipline", observations, &declaration).verdict ==
                  (goes_on ? passes : unsure));
            for (const auto* check : {"no-literal-addresses", "only-declared-destinations"})
                CHECK(judged(check, observations, &declaration).verdict != fails);
        }
    }
    Life answered(settings().front());  // somebody is there all the same
    answered.joins().lives_honestly().datagram(ip("240.1.2.3"), 9000, to_bytes("hello"), to_bytes("welcome"));
    CHECK(judged("no-literal-addresses", seen(answered), &declaration).verdict == fails);
}

TEST_CASE("an_alias_that_the_answer_for_a_declared_name_told_belongs_to_that_name", "[checks][resolvers]") {
    const auto declaration = vendor_of_stories();
    struct Alias {
        std::string what;
        std::function<void(Life&, const IpAddress&, std::uint16_t)> act;
        Verdict right;
    };
    const std::string name = "time.vendor.example", alias = "ntp.cdn.example", further = "edge-7.cdn.example";
    const std::vector<Alias> all{
        {"asked for apart",
         [&](Life& life, const IpAddress& to, std::uint16_t type) {
             life.resolve(name, {alias_record(name, alias)}, type);
             life.resolve(alias, to);
         },
         passes},
        {"asked for in steps",
         [&](Life& life, const IpAddress& to, std::uint16_t type) {
             life.resolve(name, {alias_record(name, alias)}, type);
             life.resolve(alias, {alias_record(alias, further)}, type);
             life.resolve(further, to);
         },
         passes},
        {"asked for before its owner",
         [&](Life& life, const IpAddress& to, std::uint16_t type) {
             life.resolve(alias, to);
             life.resolve(name, {alias_record(name, alias), address_record(alias, to)}, type);
         },
         passes},
        {"told with the address, asked for again",
         [&](Life& life, const IpAddress& to, std::uint16_t type) {
             life.resolve(name, {alias_record(name, alias), address_record(alias, to)}, type);
             life.resolve(alias, to);
         },
         passes},
        {"of another type and without an answer",
         [&](Life& life, const IpAddress& to, std::uint16_t type) {
             life.resolve(name, {alias_record(name, alias)}, type == 1 ? 28 : 1);
             life.resolve(alias, std::vector<Record>{}, type == 1 ? 28 : 1);
             life.resolve(name, to);
         },
         passes},
        {"of an undeclared name",
         [&](Life& life, const IpAddress& to, std::uint16_t type) {
             life.resolve("c2.evil.example", {alias_record("c2.evil.example", alias)}, type);
             life.resolve(alias, to);
         },
         fails},
        {"of nobody", [&](Life& life, const IpAddress& to, std::uint16_t) { life.resolve(alias, to); },
         fails},
        {"told by an answer that nobody asked for",
         [&](Life& life, const IpAddress& to, std::uint16_t type) {
             life.in(life.resolver, 17,
                     udp(53, 41000, dns_answer(7, name, {alias_record(name, alias)}, type)));
             life.resolve(alias, to);
         },
         fails},
    };
    for (const auto& one : all) {
        for (const auto* to : {"203.0.113.44", "2001:db8:99::44"}) {
            for (const auto form : {Form::ethernet, Form::cooked}) {
                auto setting = settings().front();
                setting.form = form;
                Life life(setting);
                life.joins().pause(1);
                one.act(life, ip(to), ip(to).is_v4() ? 1 : 28);
                life.datagram(ip(to), 123, ntp_request(), ntp_request());
                const auto observations = seen(life);
                const auto result = judged("only-declared-destinations", observations, &declaration);
                INFO(one.what << ", " << to << ": " << result.title);
                CHECK(result.verdict == one.right);
                CHECK(judged("no-literal-addresses", observations, &declaration).verdict == passes);
            }
        }
    }
}

TEST_CASE("a neighbour as time server accuses nobody where the network's word is not on record",
          "[checks][traffic]") {
    Declaration declaration;
    for (const auto& [joins, right] : {std::pair(true, fails), std::pair(false, unsure)}) {
        Life life(settings().front());
        if (joins) life.joins();
        life.pause(1);
        life.datagram(life.router, 123, ntp_request(), ntp_request());
        const auto observations = seen(life);
        INFO(joins);
        CHECK(judged("only-declared-destinations", observations, &declaration).verdict == right);
    }
}

}  // namespace cambench::resolvers_given
