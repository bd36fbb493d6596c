#include "bench/internet/personality.hpp"
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
    const auto both = read("<internet>\n  <dns name=\"a.example\" address=\"1.2.3.4\" answer=\"nxdomain\"/>\n</internet>");
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
