#include "bench/internet/services/web/hawkbit.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

Json body_of(const std::string& answer) { return Json::parse(answer.substr(answer.find("\r\n\r\n") + 4)); }

std::string get(StreamDialogue& server, const std::string& path) {
    return say(server, "GET " + path +
                           " HTTP/1.1\r\nHost: hawk.vendor.example:8080\r\nAccept: application/json\r\n\r\n");
}

}  // namespace

TEST_CASE("a device that polls hawkBit is told to come back, and who it is is on record") {
    TestWorld test;
    auto server = make_conversation(test.world, test.flow("198.51.100.3", 8080, Transport::tcp));
    const auto polled = body_of(get(*server, "/DEFAULT/controller/v1/cam-0001"));
    CHECK(polled["config"]["polling"]["sleep"] == "00:00:10");
    CHECK(polled["_links"]["configData"]["href"] ==
          "http://hawk.vendor.example:8080/DEFAULT/controller/v1/cam-0001/configData");
    CHECK_FALSE(polled["_links"].contains("deploymentBase"));
    const auto event = test.recorder.last("http-request");
    CHECK(event["controller"] == "cam-0001");
    CHECK(event["tenant"] == "DEFAULT");
    CHECK(event["action"] == "poll");
    CHECK(event["answered_by"] == "hawkbit");
    CHECK(say(*server,
              "PUT /DEFAULT/controller/v1/cam-0001/configData HTTP/1.1\r\nHost: h\r\nContent-Length: "
              "2\r\n\r\n{}")
              .starts_with("HTTP/1.1 200"));
    CHECK(test.recorder.last("http-request")["action"] == "configData");
    CHECK(get(*server, "/DEFAULT/controller/v1/cam-0001/deploymentBase/9").starts_with("HTTP/1.1 404"));
    CHECK_FALSE(parse_hawkbit("/api/controller/v2/x"));
    CHECK_FALSE(parse_hawkbit("/controller/v1"));
    CHECK(parse_hawkbit("/T/controller/v1/d/deploymentBase/3/feedback")->action == "feedback");
}

TEST_CASE("what is on offer becomes a deployment of hawkBit's") {
    TestWorld test;
    test.world.web.offer(
        2, {{.host = "*", .path = "/fw/*", .answers = {{.body = "package"}}, .role = UpdateRole::package}});
    auto server = make_conversation(test.world, test.flow("198.51.100.3", 8080, Transport::tcp));
    const auto link =
        body_of(get(*server, "/T/controller/v1/d"))["_links"]["deploymentBase"]["href"].get<std::string>();
    CHECK(link == "http://hawk.vendor.example:8080/T/controller/v1/d/deploymentBase/2");
    const auto deployed = body_of(get(*server, "/T/controller/v1/d/deploymentBase/2"));
    const auto artifact = deployed["deployment"]["chunks"][0]["artifacts"][0];
    CHECK(artifact["size"] == 7);
    CHECK(artifact["hashes"]["sha1"] == "582681c2eae02b3f3d399c0c26d321560f6c567a");
    CHECK(artifact["_links"]["download-http"]["href"] == "http://hawk.vendor.example:8080/fw/update.swu");
    CHECK(get(*server, "/fw/update.swu").ends_with("package"));
}
