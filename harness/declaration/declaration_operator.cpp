#include "harness/declaration/declaration_operator.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <nlohmann/json.hpp>

#include "harness/core/json.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration_doubts.hpp"
#include "harness/learned/login_template.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;
using markup::Node;
using markup::Problems;

/// Attributes that say more of a request that is not there.
void judge_companions(const Node& node, const char* request, std::initializer_list<const char*> companions,
                      Problems& problems) {
    for (const auto* name : companions)
        if (node.given(name) && !node.given(request))
            problems.push_back(problem_at_attribute(
                node, name, fmt::format("'{}' without '{}'", name, request),
                fmt::format("say which request that belongs to, such as {}=\"POST /path\"", request)));
}

/// What is sent must become what its type says once it is filled in.
void judge_login(const Node& node, Problems& problems) {
    judge_companions(
        node, "login",
        {"login-body", "login-type", "login-good", "session-token", "session-header", "session-over"},
        problems);
    judge_companions(node, "factory-reset", {"factory-reset-body", "factory-reset-type"}, problems);
    if (!node.given("login")) return;
    for (const auto* name : {"login", "login-body"})
        for (const auto& word : unknown_login_words(node.text(name)))
            problems.push_back(problem_at_attribute(node, name, fmt::format("nobody fills in {}", word),
                                                    "the words are " + join(login_words(), ", ")));
    if (!holds_password(node.text("login")) && !holds_password(node.text("login-body")))
        problems.push_back(problem_at_attribute(
            node, node.given("login-body") ? "login-body" : "login", "the login does not send the password",
            "put {password} where it belongs, such as login-body=\"user={user}&amp;password={password}\""));
    const bool json = node.text("login-type").find("json") != std::string::npos;
    if (json && parse_json(filled_in(node.text("login-body"), node.text("login-type"), "user", "password"))
                    .is_discarded())
        problems.push_back(problem_at_attribute(
            node, "login-body", "this does not become JSON when it is filled in",
            R"(write names and texts in quotes, such as {&quot;user&quot;: &quot;{user}&quot;, &quot;password&quot;: &quot;{password}&quot;})"));
}

/// The token's place in the answer, and the header that carries it.
void judge_session(const Node& node, Problems& problems) {
    const auto token = node.text("session-token"), header = node.text("session-header");
    if (node.given("session-token") &&
        (token.empty() || token.front() == '.' || token.back() == '.' ||
         token.find("..") != std::string::npos || token.find_first_of(" /[]$") != std::string::npos))
        problems.push_back(problem_at_attribute(
            node, "session-token", fmt::format("'{}' is no place in JSON", token),
            "write the keys with dots between them, such as data.token or data.0.token"));
    if (!node.given("session-header")) return;
    const auto name = header.substr(0, header.find(':'));
    constexpr auto letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (name.size() == header.size() || name.empty() ||
        name.find_first_not_of(letters) != std::string::npos || header.find("{token}") == std::string::npos)
        problems.push_back(
            problem_at_attribute(node, "session-header", fmt::format("'{}' carries no token", header),
                                 "write the header's name and its value, such as X-Token: {token}"));
    if (node.given("login") && !node.given("session-token"))
        problems.push_back(problem_at_attribute(
            node, "session-header", "'session-header' without 'session-token'",
            "say where the login's answer has the token, such as session-token=\"data.token\""));
}

}  // namespace

const Element& operator_element() {
    static const Element element{
        .name = "operator",
        .doc = "The account given to the bench for the tests: it looks at the unit as its operator would.",
        .attributes = {
            {.name = "user", .doc = "The user name.", .required = true},
            {.name = "password", .doc = "The password, set for the tests.", .required = true},
            {.name = "stream", .doc = "The path of the main video stream, such as /live.", .fallback = "/"},
            {.name = "login",
             .doc =
                 "How a browser logs in to the web page, where it is not by HTTP's own means: METHOD PATH."},
            {.name = "login-body",
             .doc = "What it sends then; {user}, {user-base64}, {password}, {password-base64}, "
                    "{password-md5} and {password-sha256} are filled in, escaped as the type wants."},
            {.name = "login-type",
             .kind = Kind::text,
             .doc = "The content type of that.",
             .fallback = form_type},
            {.name = "login-good",
             .kind = Kind::pattern,
             .doc = "Regular expression that the answer's body fits when the login worked, where its status "
                    "does not tell."},
            {.name = "session-token",
             .doc = "Where the answer's JSON has the token of the session, such as data.token; without it "
                    "the session is in cookies."},
            {.name = "session-header",
             .doc = "The header that carries the token afterwards.",
             .fallback = "Authorization: Bearer {token}"},
            {.name = "session-over",
             .kind = Kind::pattern,
             .doc = "Regular expression that the body of an answer fits when the session has run out, beside "
                    "401, 403 and the way back to the login."},
            {.name = "factory-reset",
             .doc = "How the operator resets the unit to its factory settings, over HTTP: METHOD PATH."},
            {.name = "factory-reset-body", .doc = "What is sent then."},
            {.name = "factory-reset-type",
             .kind = Kind::text,
             .doc = "The content type of that.",
             .fallback = form_type}}};
    return element;
}

DeclaredRequest declared_request(const Node& node, const char* attribute, const char* body, const char* type,
                                 Problems& problems) {
    if (!node.given(attribute)) return {};
    const auto text = node.text(attribute);
    const auto blank = text.find(' ');
    if (blank == std::string::npos || blank == 0 || text.find(' ', blank + 1) != std::string::npos ||
        text.substr(blank + 1, 1) != "/")
        problems.push_back(problem_at_attribute(node, attribute, fmt::format("'{}' is not a request", text),
                                                "write the method and the path, such as POST /login"));
    else
        judge_method(node, attribute, problems);
    const auto given = [&](const char* name) { return name == nullptr ? std::string() : node.text(name); };
    return {text, given(body), given(type)};
}

Declaration::Operator read_operator(const Node& node, Problems& problems) {
    judge_login(node, problems);
    judge_session(node, problems);
    return {.user = node.text("user"),
            .password = node.text("password"),
            .stream = node.text("stream"),
            .login = declared_request(node, "login", "login-body", "login-type", problems),
            .login_good = node.text("login-good"),
            .session_token = node.text("session-token"),
            .session_header = node.text("session-header"),
            .session_over = node.text("session-over"),
            .factory_reset =
                declared_request(node, "factory-reset", "factory-reset-body", "factory-reset-type", problems),
            .line = node.position().line};
}

}  // namespace cambench
