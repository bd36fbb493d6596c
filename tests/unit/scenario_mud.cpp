#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/declaration/declaration_xml.hpp"
#include "harness/declaration/mud.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;

namespace {

/// A file of the shape of RFC 8520's appendix: one named peer, one network, the abstractions, a service.
constexpr auto example = R"({
  "ietf-mud:mud": {
    "mud-version": 1, "mud-url": "https://maker.example/eye.json", "last-update": "2026-01-02T03:04:05Z", "cache-validity": 48, "is-supported": true,
    "systeminfo": "The Eye", "mfg-name": "Maker", "model-name": "Eye 3", "firmware-rev": "2.1",
    "from-device-policy": {"access-lists": {"access-list": [{"name": "out4"}, {"name": "out6"}]}},
    "to-device-policy": {"access-lists": {"access-list": [{"name": "in4"}]}}
  },
  "ietf-access-control-list:acls": {"acl": [
    {"name": "out4", "type": "ipv4-acl-type", "aces": {"ace": [
      {"name": "cloud", "matches": {"ipv4": {"ietf-acldns:dst-dnsname": "Service.Maker.example", "protocol": 6},
                                    "tcp": {"ietf-mud:direction-initiated": "from-device", "destination-port": {"operator": "eq", "port": 443}}},
       "actions": {"forwarding": "accept"}},
      {"name": "media", "matches": {"ipv4": {"destination-ipv4-network": "203.0.113.0/24", "protocol": 17},
                                    "udp": {"destination-port": {"lower-port": 5000, "upper-port": 5002}}}, "actions": {"forwarding": "accept"}},
      {"name": "names", "matches": {"ietf-mud:mud": {"controller": "urn:ietf:params:mud:dns"}}, "actions": {"forwarding": "accept"}},
      {"name": "friends", "matches": {"ietf-mud:mud": {"same-manufacturer": [null]}}, "actions": {"forwarding": "accept"}},
      {"name": "anybody", "matches": {"ipv4": {"protocol": 6}}, "actions": {"forwarding": "accept"}},
      {"name": "never", "matches": {"ipv4": {"protocol": 17}}, "actions": {"forwarding": "drop"}}]}},
    {"name": "out6", "type": "ipv6-acl-type", "aces": {"ace": [
      {"name": "cloud", "matches": {"ipv6": {"ietf-acldns:dst-dnsname": "service.maker.example", "protocol": 6},
                                    "tcp": {"destination-port": {"operator": "eq", "port": 443}}}, "actions": {"forwarding": "accept"}}]}},
    {"name": "in4", "type": "ipv4-acl-type", "aces": {"ace": [
      {"name": "answers", "matches": {"ipv4": {"ietf-acldns:src-dnsname": "service.maker.example", "protocol": 6},
                                      "tcp": {"ietf-mud:direction-initiated": "from-device", "source-port": {"operator": "eq", "port": 443}}},
       "actions": {"forwarding": "accept"}},
      {"name": "video", "matches": {"ietf-mud:mud": {"local-networks": [null]}, "ipv4": {"protocol": 6},
                                    "tcp": {"destination-port": {"operator": "eq", "port": 554}}}, "actions": {"forwarding": "accept"}}]}}
  ]}})";

bool tells(const std::vector<std::string>& list, std::string_view text) {
    return std::any_of(list.begin(), list.end(),
                       [&](const std::string& one) { return one.find(text) != std::string::npos; });
}

Declaration shipped() {
    markup::Problems problems;
    auto declaration = load_declaration(
        std::string(CAMBENCH_SOURCE_DIR) + "/scenarios/declarations/haneul-hv-2100.xml", problems);
    REQUIRE(declaration.ok());
    return *declaration;
}

Declaration reread(const std::string& xml) {
    const packets::TemporaryFile file{std::string_view(xml)};
    markup::Problems problems;
    auto declaration = load_declaration(file.path(), problems);
    for (const auto& problem : problems) UNSCOPED_INFO(problem.to_string());
    REQUIRE(declaration.ok());
    return *declaration;
}

bool same(const DeclaredDestination& a, const DeclaredDestination& b) {
    const auto network = [](const DeclaredDestination& entry) {
        return entry.network ? entry.network->to_string() : "";
    };
    return a.name == b.name && network(a) == network(b) && a.port == b.port && a.transport == b.transport &&
           a.protocol == b.protocol && a.purpose == b.purpose && a.every == b.every && a.volume == b.volume &&
           a.cloud == b.cloud;
}

}  // namespace

TEST_CASE("a MUD file becomes destinations and services; both address families say one thing") {
    const auto imported = mud::read(example);
    REQUIRE(imported.ok());
    const auto& declaration = imported->declaration;
    CHECK(declaration.vendor == "Maker");
    CHECK(declaration.model == "Eye 3");
    CHECK(declaration.identity.firmware == "2.1");
    REQUIRE(declaration.destinations.size() == 4);
    CHECK(declaration.destinations[0].name == "service.maker.example");
    CHECK(declaration.destinations[0].port == 443);
    CHECK(declaration.destinations[0].transport == Transport::tcp);
    CHECK(declaration.destinations[1].network->to_string() == "203.0.113.0/24");
    CHECK(declaration.destinations[3].port == 5002);
    REQUIRE(declaration.services.size() == 1);
    CHECK(declaration.services[0].port == 554);
}

TEST_CASE("what a declaration has no words for is told, and declares nothing") {
    const auto imported = mud::read(example);
    REQUIRE(imported.ok());
    CHECK(imported->left_out.size() == 3);
    CHECK(tells(imported->left_out, "same-manufacturer"));
    CHECK(tells(imported->left_out, "anybody"));
    CHECK(tells(imported->left_out, "never"));
}

TEST_CASE("a broken MUD file is refused with the member that is wrong") {
    CHECK(mud::read("<mud/>").error().message.find("not a JSON object") != std::string::npos);
    CHECK(mud::read("{}").error().message.find("ietf-mud:mud") != std::string::npos);
    CHECK(mud::read(R"({"ietf-mud:mud": {"mud-version": 2}})").error().message.find("mud-version") !=
          std::string::npos);
    CHECK(
        mud::read(
            R"({"ietf-mud:mud": {"from-device-policy": {"access-lists": {"access-list": [{"name": "gone"}]}}}})")
            .error()
            .message.find("gone") != std::string::npos);
    CHECK(mud::read(R"({"ietf-mud:mud": 7, "ietf-access-control-list:acls": []})").ok() == false);
    CHECK(
        mud::read(
            R"({"ietf-mud:mud": {"from-device-policy": [1, {"a": 2}]}, "ietf-access-control-list:acls": {"acl": "x"}})")
            .ok());
}

TEST_CASE("a declaration survives the way into a MUD file and back, as far as MUD has words") {
    auto declaration = shipped();
    std::erase_if(declaration.destinations,
                  [](const auto& entry) { return entry.name && entry.name->starts_with("*."); });
    declaration.destinations.push_back({.network = *Cidr::parse("2001:db8:7::/48"),
                                        .port = 8883,
                                        .transport = Transport::tcp,
                                        .purpose = "messages"});
    const auto exported = mud::write(declaration, "https://maker.example/x.json", WallTime{});
    const auto back = mud::read(exported.json);
    REQUIRE(back.ok());
    CHECK(back->url == "https://maker.example/x.json");
    CHECK(back->declaration.vendor == declaration.vendor);
    REQUIRE(back->declaration.destinations.size() == declaration.destinations.size());
    for (std::size_t i = 0; i < declaration.destinations.size(); ++i) {
        const auto& before = declaration.destinations[i];
        const auto& list = back->declaration.destinations;
        CHECK(std::any_of(list.begin(), list.end(), [&](const auto& after) {
            return before.name == after.name && before.port == after.port &&
                   before.transport == after.transport &&
                   before.network.has_value() == after.network.has_value();
        }));
    }
    CHECK(back->declaration.services.size() == declaration.services.size());
}

TEST_CASE("an exported MUD file tells what it could not take along") {
    const auto exported = mud::write(shipped(), "https://maker.example/x.json", WallTime{});
    CHECK(tells(exported.left_out, "wildcard"));
    CHECK(tells(exported.left_out, "identity"));
    CHECK(exported.json.find("\"last-update\": \"1970-01-01T00:00:00Z\"") != std::string::npos);
}

TEST_CASE("a written declaration reads back as it was") {
    const auto before = shipped();
    const auto after = reread(declaration_xml(before));
    CHECK(after.vendor == before.vendor);
    CHECK(after.origin == before.origin);
    CHECK(after.identity.soc == before.identity.soc);
    CHECK(after.identity.mac_prefixes == before.identity.mac_prefixes);
    CHECK(after.identity.boot_lines == before.identity.boot_lines);
    REQUIRE(after.destinations.size() == before.destinations.size());
    for (std::size_t i = 0; i < before.destinations.size(); ++i)
        CHECK(same(after.destinations[i], before.destinations[i]));
    CHECK(after.services.size() == before.services.size());
    CHECK(after.time_servers == before.time_servers);
    CHECK(after.secure_boot_markers == before.secure_boot_markers);
    CHECK(after.abilities == before.abilities);
    CHECK(after.operator_access.password == before.operator_access.password);
    CHECK(after.operator_access.login.request == before.operator_access.login.request);
    CHECK(after.operator_access.login.body == before.operator_access.login.body);
    CHECK(after.operator_access.factory_reset.request == before.operator_access.factory_reset.request);
    CHECK(after.cloud_off.body == before.cloud_off.body);
    CHECK(after.cloud_on.request == before.cloud_on.request);
    REQUIRE(after.stimuli.contains("motion"));
    CHECK(after.stimuli.at("motion").request == before.stimuli.at("motion").request);
}

TEST_CASE("a written declaration keeps how the operator's session is carried") {
    auto before = shipped();
    before.operator_access.login_good = "\"code\": *0";
    before.operator_access.session_token = "data.token";
    before.operator_access.session_header = "X-Token: {token}";
    before.operator_access.session_over = "Invalid session";
    const auto after = reread(declaration_xml(before)).operator_access;
    CHECK(after.login_good == before.operator_access.login_good);
    CHECK(after.session_token == before.operator_access.session_token);
    CHECK(after.session_header == before.operator_access.session_header);
    CHECK(after.session_over == before.operator_access.session_over);
}

TEST_CASE("hostile remarks and values do not break out of a written declaration") {
    auto declaration = shipped();
    declaration.model = "x\"/><operator user=\"a\" password=\"b\"/>\x1b[2J";
    DeclarationRemarks remarks;
    remarks.head = "--><operator user='evil' password='x'/><!--\x01---";
    remarks.left_out = {"-->", "a--b---c-"};
    const auto after = reread(declaration_xml(declaration, remarks));
    CHECK(after.operator_access.user == "admin");
    CHECK(after.model.find("operator user") != std::string::npos);
}

namespace {

/// A file with one entry in each policy, in the words of whoever wrote it. `lists` is the member's name for
/// them.
std::string mud_file(const std::string& from, const std::string& to,
                     const std::string& lists = "ietf-access-control-list:acls") {
    const auto list = [](const char* name, const std::string& ace) {
        return R"({"name":")" + std::string(name) + R"(","type":"ipv4-acl-type","aces":{"ace":[)" + ace +
               "]}}";
    };
    return R"({"ietf-mud:mud":{"mud-version":1,"mud-url":"https://m.example/a.json","systeminfo":"Camera","from-device-policy":{"access-lists":{"access-list":[{"name":"fr"}]}},)"
           R"("to-device-policy":{"access-lists":{"access-list":[{"name":"to"}]}}},")" +
           lists + R"(":{"acl":[)" + list("fr", from) + "," + list("to", to) + "]}}";
}
std::string ace(const std::string& matches, const std::string& actions = R"({"forwarding":"accept"})") {
    return R"({"name":"entry","matches":)" + matches + R"(,"actions":)" + actions + "}";
}

/// "name:port/transport" of each destination, then the services, as one line.
std::string said_by(const mud::Imported& imported) {
    std::string text;
    for (const auto& entry : imported.declaration.destinations)
        text += fmt::format("{}:{}/{} ", entry.name ? *entry.name : entry.network->to_string(),
                            entry.port ? std::to_string(*entry.port) : "any",
                            entry.transport ? to_string(*entry.transport) : "any");
    for (const auto& service : imported.declaration.services)
        text += fmt::format("serves {}/{} ", service.port, to_string(service.transport));
    return text.empty() ? text : text.substr(0, text.size() - 1);
}

struct Style {
    const char* what;
    std::string from, to;  ///< the entries; "" : none
    const char* right;
};

const std::string nobody;

const std::vector<Style>& styles() {
    static const std::vector<Style> list{
        {"the device calls",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"C.m.example.","protocol":6},"tcp":{"ietf-mud:direction-initiated":"from-device","destination-port":{"operator":"eq","port":443}}})"),
         ace(R"({"ipv4":{"ietf-acldns:src-dnsname":"c.m.example","protocol":6},"tcp":{"ietf-mud:direction-initiated":"from-device","source-port":{"operator":"eq","port":443}}})"),
         "c.m.example:443/tcp"},
        {"others call, both halves",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"nvr.m.example","protocol":6},"tcp":{"ietf-mud:direction-initiated":"to-device","source-port":{"operator":"eq","port":554}}})"),
         ace(R"({"ipv4":{"ietf-acldns:src-dnsname":"nvr.m.example","protocol":6},"tcp":{"ietf-mud:direction-initiated":"to-device","destination-port":{"operator":"eq","port":554}}})"),
         "serves 554/tcp"},
        {"others call, the answers alone",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"nvr.m.example"},"tcp":{"ietf-mud:direction-initiated":"to-device","source-port":{"operator":"eq","port":22}}})"),
         nobody, "serves 22/tcp"},
        {"others call at any port",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"nvr.m.example","protocol":6},"tcp":{"ietf-mud:direction-initiated":"to-device"}})"),
         nobody, ""},
        {"others call from a port of theirs",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"nvr.m.example","protocol":6},"tcp":{"ietf-mud:direction-initiated":"to-device","source-port":{"operator":"eq","port":80},"destination-port":{"operator":"eq","port":4000}}})"),
         nobody, "serves 80/tcp"},
        {"its own port alone, TCP",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"nvr.m.example","protocol":6},"tcp":{"source-port":{"operator":"eq","port":554}}})"),
         nobody, ""},
        {"its own port alone, UDP",
         ace(R"({"ipv4":{"destination-ipv4-network":"192.0.2.0/24","protocol":17},"udp":{"source-port":{"operator":"eq","port":161}}})"),
         nobody, ""},
        {"ephemeral source ports",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"c.m.example","protocol":6},"tcp":{"source-port":{"lower-port":1024,"upper-port":65535},"destination-port":{"operator":"eq","port":8883}}})"),
         nobody, "c.m.example:8883/tcp"},
        {"both ports of NTP",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"t.m.example","protocol":17},"udp":{"source-port":{"operator":"eq","port":123},"destination-port":{"operator":"eq","port":123}}})"),
         ace(R"({"ipv4":{"ietf-acldns:src-dnsname":"t.m.example","protocol":17},"udp":{"source-port":{"operator":"eq","port":123},"destination-port":{"operator":"eq","port":123}}})"),
         "t.m.example:123/udp"},
        {"IPv6 by network",
         ace(R"({"ipv6":{"destination-ipv6-network":"2001:db8:7::/48","protocol":6},"tcp":{"destination-port":{"operator":"eq","port":443}}})"),
         nobody, "2001:db8:7::/48:443/tcp"},
        {"layers l3 and l4",
         ace(R"({"l3":{"ipv4":{"ietf-acldns:dst-dnsname":"c.m.example","protocol":17}},"l4":{"udp":{"destination-port":{"operator":"eq","port":5684}}}})"),
         nobody, "c.m.example:5684/udp"},
        {"layers with -acl, ports as in drafts",
         ace(R"({"ipv4-acl":{"ietf-acldns:dst-dnsname":"c.m.example","protocol":6},"tcp-acl":{"ietf-mud:direction-initiated":"from-device","destination-port-range-or-operator":{"operator":"eq","port":1883}}})"),
         nobody, "c.m.example:1883/tcp"},
        {"a port as a number",
         ace(R"({"ipv4":{"dst-dnsname":"c.m.example","protocol":6},"tcp":{"direction-initiated":"from-device","destination-port":443}})"),
         nobody, "c.m.example:443/tcp"},
        {"permit of the drafts",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"c.m.example","protocol":6},"tcp":{"destination-port":{"port":443}}})",
             R"({"permit":[null]})"),
         nobody, "c.m.example:443/tcp"},
        {"deny of the drafts",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"c.m.example","protocol":6}})", R"({"deny":[null]})"),
         nobody, ""},
        {"an entry that stands alone", ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"c.m.example"}})"), nobody,
         "c.m.example:any/any"},
        {"local clients of a service", nobody,
         ace(R"({"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"protocol":6},"tcp":{"destination-port":{"lower-port":8000,"upper-port":8001}}})"),
         "serves 8000/tcp serves 8001/tcp"},
        {"a controller calls",
         ace(R"({"ietf-mud:mud":{"my-controller":[null]},"ipv4":{"protocol":6},"tcp":{"ietf-mud:direction-initiated":"to-device","source-port":{"operator":"eq","port":80}}})"),
         nobody, "serves 80/tcp"},
        {"ports other than one",
         ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"c.m.example","protocol":6},"tcp":{"destination-port":{"operator":"gte","port":1024}}})"),
         nobody, ""},
        {"answers to a resolver",
         ace(R"({"ietf-mud:mud":{"controller":"urn:ietf:params:mud:dns"},"ipv4":{"protocol":17},"udp":{"destination-port":{"operator":"eq","port":53}}})"),
         ace(R"({"ietf-mud:mud":{"controller":"urn:ietf:params:mud:dns"},"ipv4":{"protocol":17},"udp":{"source-port":{"operator":"eq","port":53}}})"),
         ""},
    };
    return list;
}

}  // namespace

TEST_CASE(
    "an entry of a MUD file says whom the device calls or at what port it is called, in the words of many "
    "writers") {
    for (const auto& style : styles()) {
        INFO(style.what);
        const auto imported = mud::read(mud_file(style.from, style.to));
        REQUIRE(imported.ok());
        CHECK(said_by(*imported) == style.right);
    }
}

TEST_CASE("access lists are found by RFC 8519's name and by that of its drafts") {
    const auto& style = styles()[1];
    for (const auto* lists :
         {"ietf-access-control-list:acls", "ietf-access-control-list:access-lists", "acls", "access-lists"}) {
        INFO(lists);
        const auto imported = mud::read(mud_file(style.from, style.to, lists));
        REQUIRE(imported.ok());
        CHECK(said_by(*imported) == style.right);
    }
    const auto other = mud::read(mud_file(style.from, style.to, "my:lists"));
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().message.find(
              "the file has no list of them: neither 'ietf-access-control-list:acls'") != std::string::npos);
}

TEST_CASE("what says nothing about whom the device calls is told, and declares nothing") {
    const auto imported = mud::read(mud_file(
        ace(R"({"ipv4":{"ietf-acldns:dst-dnsname":"nvr.m.example","protocol":6},"tcp":{"source-port":{"operator":"eq","port":554}}})"),
        ""));
    REQUIRE(imported.ok());
    CHECK(imported->declaration.destinations.empty());
    CHECK(tells(imported->left_out, "the device's own port alone"));
}
