// A server of firmware that says what a recording has of it.

#include "bench/internet/world/web.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

HttpRoute learned(const std::string& path, const std::string& query, const std::string& body,
                  const std::string& answer, bool authorised = false, const std::string& method = "GET") {
    HttpRoute route{.host = "fw.vendor.example", .path = path, .method = method};
    route.answers.push_back({.status = 200, .headers = {}, .body = answer, .literal = true});
    route.asked = HttpRoute::Asked{query, body, authorised};
    return route;
}

std::string said(Web& web, const std::string& target, const std::string& body = "",
                 const std::string& method = "GET", HttpHeaders headers = {},
                 const std::string& host = "fw.vendor.example") {
    const HttpHead head{
        .method = method, .target = target, .major = 1, .minor = 1, .headers = std::move(headers)};
    const auto found = web.answer({head, host, "192.168.77.9", "198.18.0.1", {}, body});
    return found.by == "update" ? found.answer.body : "(" + std::string(found.by) + ")";
}

}  // namespace

TEST_CASE("of recorded exchanges the one most like the request is given") {
    Web web;
    web.offer(1, {learned("/check", "model=UC-7&ver=1.9.3&sn=100", "", "new"),
                  learned("/check", "model=UC-7&ver=2.4.0&sn=100", "", "nothing"),
                  learned("/fw-*.img", "", "", "bytes"), learned("/login", "", "", "challenge"),
                  learned("/login", "", "", "token", true),
                  learned("/api", "", R"({"ask":"version"})", "v", false, "POST"),
                  learned("/api", "", R"({"ask":"license"})", "l", false, "POST"),
                  learned("/dev/UC7000123/list", "", "", "list")});
    CHECK(said(web, "/check?model=UC-7&ver=1.9.3&sn=100") == "new");
    CHECK(said(web, "/check?model=UC-7&ver=2.4.0&sn=100") == "nothing");
    CHECK(said(web, "/check?model=UC-7&ver=2.4.0&sn=555") == "nothing");
    CHECK(said(web, "/fw-99.9.9.img") == "bytes");
    CHECK(said(web, "/fw-1.img", "", "HEAD") == "bytes");
    CHECK(said(web, "/login") == "challenge");
    CHECK(said(web, "/login", "", "GET", {{"Authorization", "Basic eDp5"}}) == "token");
    CHECK(said(web, "/api", R"({"ask":"license"})", "POST") == "l");
    CHECK(said(web, "/api", R"({"ask":"version","nonce":7})", "POST") == "v");
    CHECK(said(web, "/dev/UC7999999/list") == "list");
    CHECK(said(web, "/dev/other/list") == "(default)");
    CHECK(said(web, "/check", "", "GET", {}, "elsewhere.example") == "(default)");
    CHECK(said(web, "/check", "", "DELETE") == "(default)");
}

TEST_CASE("before anything is offered a learned server has nothing, and says the rest as it did") {
    UpdateServer server;
    server.learned = LearnedUpdate{};
    auto& exchanges = server.learned->exchanges;
    exchanges.push_back({.host = "fw.vendor.example",
                         .method = "GET",
                         .path = "/token",
                         .query = {},
                         .sent = {},
                         .authorised = false,
                         .role = UpdateExchange::Role::other,
                         .status = 200,
                         .headers = {},
                         .answer = DialogueTemplate::literal("secret")});
    exchanges.push_back({.host = "fw.vendor.example",
                         .method = "GET",
                         .path = "/check",
                         .query = {},
                         .sent = {},
                         .authorised = false,
                         .role = UpdateExchange::Role::list,
                         .status = 200,
                         .headers = {},
                         .answer = DialogueTemplate::literal("new")});
    exchanges.push_back({.host = "fw.vendor.example",
                         .method = "GET",
                         .path = "/check",
                         .query = "done",
                         .sent = {},
                         .authorised = false,
                         .role = UpdateExchange::Role::other,
                         .status = 200,
                         .headers = {},
                         .answer = DialogueTemplate::literal("thanks")});
    Web web;
    for (auto& route : routes_before_offers(server)) web.add(std::move(route));
    const auto answer = [&](const std::string& target) {
        const HttpHead head{.method = "GET", .target = target, .major = 1, .minor = 1, .headers = {}};
        return web.answer({head, "fw.vendor.example", "192.168.77.9", "198.18.0.1", {}, ""}).answer;
    };
    CHECK(answer("/token").body == "secret");
    CHECK(answer("/check").status == 404);
    CHECK(answer("/check?done").status == 404);
}
