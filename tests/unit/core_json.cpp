#include "harness/core/json.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

std::string nested(std::size_t levels, const std::string& open, const std::string& close) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += "1";
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text;
}

}  // namespace

TEST_CASE("JSON that is nested too deeply is none") {
    CHECK(parse_json(nested(60'000, "[", "]")).is_discarded());
    CHECK(parse_json(nested(60'000, "{\"a\":", "}")).is_discarded());
    CHECK(parse_json(nested(60'000, "[{\"a\":", "}]")).is_discarded());
    CHECK(parse_json(nested(deepest_json + 1, "[", "]")).is_discarded());
    CHECK(parse_json(nested(deepest_json, "[", "]")).is_array());
}

TEST_CASE("brackets in texts are no nesting, and lists beside each other neither") {
    CHECK(parse_json("\"" + std::string(1000, '[') + "\"").is_string());
    CHECK(parse_json(R"({"a": "\"[[[[", "b": "\\"})").is_object());
    std::string beside = "[";
    for (int i = 0; i < 1000; ++i) beside += "[],";
    CHECK(parse_json(beside + "[]]").size() == 1001);
    CHECK(parse_json("]]]]").is_discarded());
    CHECK(parse_json("\"\\").is_discarded());
    CHECK(parse_json("").is_discarded());
}

TEST_CASE("a member of a wrong type is a sentence that says where") {
    const auto json =
        parse_json(R"({"kind": 5, "finished": "yes", "scenarios": {}, "parameters": null, "unit": "A"})");
    const auto said = [&](auto ask) {
        JsonMembers members(json, "run.json");
        ask(members);
        return members.status().ok() ? std::string() : members.status().error().message;
    };
    CHECK(said([](auto& members) { CHECK(members.text("kind").empty()); }) ==
          "run.json: \"kind\" is a number, and a text belongs there");
    CHECK(said([](auto& members) { CHECK_FALSE(members.flag("finished")); }) ==
          "run.json: \"finished\" is a text, and true or false belongs there");
    CHECK(said([](auto& members) { CHECK(members.list("scenarios").empty()); }) ==
          "run.json: \"scenarios\" is an object, and a list belongs there");
    CHECK(said([](auto& members) { CHECK(members.object("parameters").empty()); }).empty());
    CHECK(said([](auto& members) { CHECK(members.text("unit") == "A"); }).empty());
    CHECK(said([](auto& members) { CHECK(members.text("absent").empty()); }).empty());
    const auto list = parse_json("[]");
    JsonMembers members(list, "run.json");
    CHECK(members.text("kind").empty());
    CHECK(members.status().error().message == "run.json is a list, and an object belongs there");
}
