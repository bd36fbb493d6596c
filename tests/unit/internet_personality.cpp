#include "bench/internet/world/personality.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

Result<Personality> read(std::string_view xml) {
    markup::Problems problems;
    const auto node = markup::read_text(xml, "test.xml", internet_element(), problems);
    if (!node) return node.error();
    return make_personality(*node);
}

constexpr auto everything = R"(<internet personality="open" clock="2026-11-21T09:00:00Z">
  <dns name="fixed.vendor.example" address="203.0.113.9"/>
  <dns name="*.gone.example" answer="nxdomain"/>
  <http-route host="cloud.vendor.example" path="/v1/*" method="POST">
    <answer status="503"><header name="Retry-After" value="5"/></answer>
    <answer>{"time": ${time.unix}}</answer>
  </http-route>
</internet>)";

}  // namespace

TEST_CASE("a personality says what its element says") {
    const auto personality = read(everything);
    REQUIRE(personality.ok());
    CHECK(personality->answers == Answers::all);
    CHECK(personality->clock == parse_timestamp("2026-11-21T09:00:00Z").value());
    REQUIRE(personality->dns.size() == 2);
    CHECK(personality->dns[0].address->to_string() == "203.0.113.9");
    CHECK(personality->dns[1].answer == DnsAnswer::nxdomain);
    REQUIRE(personality->http_routes.size() == 1);
    const auto& route = personality->http_routes[0];
    CHECK(route.method == "POST");
    REQUIRE(route.answers.size() == 2);
    CHECK(route.answers[0].status == 503);
    CHECK(route.answers[0].headers == HttpHeaders{{"Retry-After", "5"}});
    CHECK(route.answers[1].body == "{\"time\": ${time.unix}}");
}

TEST_CASE("an empty element is an open internet with the real time") {
    const auto personality = read("<internet/>");
    REQUIRE(personality.ok());
    CHECK(personality->answers == Answers::all);
    CHECK_FALSE(personality->clock.has_value());
    CHECK(read("<internet personality=\"silent\"/>")->answers == Answers::none);
    CHECK(read("<internet personality=\"resolver-only\"/>")->answers == Answers::names_only);
}

TEST_CASE("contradictions are told with their place") {
    const auto both =
        read("<internet>\n  <dns name=\"a.example\" address=\"1.2.3.4\" answer=\"nxdomain\"/>\n</internet>");
    REQUIRE_FALSE(both.ok());
    CHECK(both.error().message.find("test.xml:2:") == 0);
    CHECK_FALSE(read("<internet><dns name=\"a.example\"/></internet>").ok());
    CHECK_FALSE(read("<internet><http-route path=\"/\"/></internet>").ok());
    CHECK_FALSE(read("<internet><http-route><answer status=\"99\"/></http-route></internet>").ok());
    CHECK_FALSE(read("<internet personality=\"closed\"/>").ok());
}

TEST_CASE("a personality crosses the border between processes unchanged") {
    const auto personality = read(everything).value();
    const auto json = to_json(personality);
    const auto back = personality_from_json(Json::parse(json.dump()));
    REQUIRE(back.ok());
    CHECK(to_json(*back) == json);
    CHECK(back->clock == personality.clock);
}

TEST_CASE("broken descriptions are errors, not exceptions") {
    CHECK_FALSE(personality_from_json(Json::parse(R"({"answers": "some"})")).ok());
    CHECK_FALSE(personality_from_json(Json::parse(R"({"answers": 5})")).ok());
    CHECK_FALSE(personality_from_json(Json::parse(R"({"dns": [{"name": "a"}]})")).ok());
    CHECK_FALSE(personality_from_json(Json::parse(R"({"http-routes": [{"answers": []}]})")).ok());
    CHECK_FALSE(personality_from_json(Json::array()).ok());
    CHECK(personality_from_json(Json::object()).ok());
}

TEST_CASE("conditions, outages, retained messages and refusals survive the way to the sandbox") {
    const auto personality = read(R"(<internet country="DE" public-address="198.51.100.200" refuse-first="3">
  <http-route path="/slow"><answer delay="1500ms" body="late"/></http-route>
  <mqtt-retained topic="dev/cmd" qos="1">{"do":"reboot"}</mqtt-retained>
  <conditions latency="80ms" jitter="20ms" loss="2.5" resets="10" bandwidth="100kB"/>
  <outage after="30s" for="10s" every="1m"/>
</internet>)");
    REQUIRE(personality.ok());
    const auto again = personality_from_json(Json::parse(to_json(*personality).dump()));
    REQUIRE(again.ok());
    for (const auto& one : {*personality, *again}) {
        CHECK(one.country == "DE");
        CHECK(one.public_address->to_string() == "198.51.100.200");
        CHECK(one.refuse_first == 3);
        CHECK(one.http_routes.at(0).answers.at(0).delay == Milliseconds(1500));
        CHECK(one.mqtt_retained.at(0).topic == "dev/cmd");
        CHECK(one.mqtt_retained.at(0).content == "{\"do\":\"reboot\"}");
        CHECK(one.mqtt_retained.at(0).qos == 1);
        CHECK(one.conditions.latency == Milliseconds(80));
        CHECK(one.conditions.jitter == Milliseconds(20));
        CHECK(one.conditions.loss == Approx(0.025));
        CHECK(one.conditions.resets == Approx(0.1));
        CHECK(one.conditions.bandwidth == 100'000);
        CHECK(one.outages.at(0).every == std::chrono::minutes(1));
    }
    CHECK_FALSE(read("<internet><conditions loss=\"101\"/></internet>").ok());
    CHECK_FALSE(read("<internet><outage after=\"0s\" for=\"2m\" every=\"1m\"/></internet>").ok());
}

TEST_CASE("shipped personalities are what their names say") {
    CHECK(read("<internet personality=\"dead-cloud\"/>")->servers_dead);
    CHECK(read("<internet personality=\"other-country\"/>")->country == "CN");
    CHECK(read("<internet personality=\"other-country\" country=\"US\"/>")->country == "US");
    const auto now = std::chrono::system_clock::now();
    CHECK(read("<internet personality=\"next-year\"/>")->clock.value() > now + std::chrono::days(364));
}

TEST_CASE("a file's bytes reach the sandbox as they are, and a missing one is told") {
    HttpRoute route{.answers = {{.body = std::string("\0\xff${host}", 9), .literal = true}}};
    Personality personality;
    personality.http_routes.push_back(route);
    const auto again = personality_from_json(Json::parse(to_json(personality).dump()));
    REQUIRE(again.ok());
    CHECK(again->http_routes.at(0).answers.at(0).body == route.answers[0].body);
    CHECK(again->http_routes.at(0).answers.at(0).literal);
    CHECK_FALSE(read("<internet><http-route><answer file=\"nowhere.bin\"/></http-route></internet>").ok());
}
