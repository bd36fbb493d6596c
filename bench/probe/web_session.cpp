#include "bench/probe/web_session.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "bench/probe/camera_answers.hpp"
#include "harness/core/json.hpp"
#include "harness/core/text.hpp"
#include "harness/learned/login_template.hpp"

namespace cambench::probe {
namespace {

using Json = nlohmann::json;
using Cookie = std::pair<std::string, std::string>;

constexpr std::size_t most_cookies = 32, longest_secret = 4096, longest_json = 1 << 20, most_names = 8;

bool fits(const std::string& pattern, std::string_view text) {
    const RE2 expression(pattern, RE2::Quiet);
    return expression.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression);
}

/// The path of a URL, in whichever form a Location header has it.
std::string path_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos && scheme < url.find('/')) {
        const auto slash = url.find('/', scheme + 3);
        url = slash == std::string_view::npos ? "/" : url.substr(slash);
    }
    return std::string(url.substr(0, url.find_first_of("?#")));
}

bool leads_to_login(const WebLogin& login, const WebAnswer& answer) {
    const auto status = answer.status();
    if (status < 300 || status >= 400) return false;
    const auto path = lower(path_of(header_of(answer.head, "Location")));
    constexpr std::array<std::string_view, 4> names{"login", "logon", "signin", "sign-in"};
    return path == lower(path_of(login.path)) ||
           std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return path.find(name) != std::string::npos; });
}

std::vector<Cookie> cookies_in(const std::string& header) {
    std::vector<Cookie> cookies;
    for (const auto& part : split(header, ';')) {
        const auto text = trim(part);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            cookies.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return cookies;
}

/// One Set-Cookie header; an empty value takes the cookie back. nullopt: it is none.
std::optional<Cookie> cookie_set_by(std::string_view header) {
    const auto cookie = trim(header.substr(0, header.find(';')));
    const auto equals = cookie.find('=');
    if (equals == std::string_view::npos || equals == 0 || !is_plain(cookie) ||
        cookie.size() > longest_secret)
        return std::nullopt;
    const auto attributes = lower(header);
    const bool taken_back = fits(R"re(;\s*max-age\s*=\s*"?(0|-\d+)"?\s*(;|$))re", attributes);
    return Cookie{cookie.substr(0, equals), taken_back ? std::string_view() : cookie.substr(equals + 1)};
}

/// What an object has, for people who look for a key in vain. Names, never values.
std::string names_in(const Json& json) {
    if (!json.is_object() || json.empty())
        return json.is_array() ? "a list stands there" : "no object stands there";
    std::string names;
    std::size_t count = 0;
    for (const auto& [name, value] : json.items())
        if (++count <= most_names)
            names += fmt::format("{}'{}'", names.empty() ? "" : ", ", inert(name.substr(0, 40)));
    return "there are " + names + (count > most_names ? ", ..." : "");
}

struct Token {
    std::string value, why;
};

Token token_of(const WebLogin& login, const std::string& body) {
    const auto json = body.size() > longest_json ? Json(Json::value_t::discarded) : parse_json(body);
    if (json.is_discarded()) return {"", "the login's answer is no JSON"};
    const Json* place = &json;
    for (const auto& key : split(login.token, '.')) {
        const auto index = whole_number<std::size_t>(key);
        if (place->is_object() && place->contains(key))
            place = &place->at(key);
        else if (place->is_array() && index && *index < place->size())
            place = &place->at(*index);
        else
            return {"",
                    fmt::format("the login's answer has no '{}' where session-token=\"{}\" looks for it; {}",
                                key, login.token, names_in(*place))};
    }
    const auto value = place->is_string()           ? place->get<std::string>()
                       : place->is_number_integer() ? place->dump()
                                                    : std::string();
    if (!is_plain(value) || value.size() > longest_secret)
        return {"",
                fmt::format("what session-token=\"{}\" finds in the login's answer cannot stand in a header",
                            login.token)};
    return {value, ""};
}

void blank_out(std::string& text, std::string_view secret) {
    constexpr std::string_view mark = "***";
    if (secret.empty()) return;
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + mark.size()))
        text.replace(at, secret.size(), mark);
}

}  // namespace

int WebAnswer::status() const { return status_of(head); }

std::string content_of(std::string_view answer) {
    auto rest = body_of(answer);
    if (lower(header_of(answer, "Transfer-Encoding")).find("chunked") == std::string::npos)
        return std::string(rest);
    std::string content;
    while (true) {
        const auto end = rest.find("\r\n");
        std::size_t length = 0;
        if (end == std::string_view::npos ||
            std::from_chars(rest.data(), rest.data() + end, length, 16).ec != std::errc() || length == 0)
            return content;
        rest.remove_prefix(end + 2);
        content += rest.substr(0, length);
        if (length >= rest.size() || rest.size() - length < 2) return content;
        rest.remove_prefix(length + 2);
    }
}

LoginResult judge_login(const WebLogin& login, const WebAnswer& answer) {
    const auto status = answer.status();
    if (status == 0) return {{}, "the camera did not answer the login"};
    if (status >= 400) return {{}, fmt::format("the camera answered the login with status {}", status)};
    if (leads_to_login(login, answer))
        return {{}, "the camera answered the login by sending back to its login page"};
    if (!login.good.empty() && !fits(login.good, answer.body))
        return {{},
                fmt::format("the camera's answer to the login does not fit login-good=\"{}\"", login.good)};
    WebSession session;
    keep_cookies(session, answer.head);
    if (!login.token.empty()) {
        const auto token = token_of(login, answer.body);
        if (token.value.empty()) return {{}, token.why};
        session.token = token.value;
    } else if (session.cookies.empty() && login.good.empty()) {
        return {{},
                fmt::format("the camera answered the login with status {}, but set no cookie; if its answer "
                            "holds a token, declare where: session-token=\"data.token\"",
                            status)};
    }
    return {session, "the camera took the login"};
}

void keep_cookies(WebSession& session, std::string_view head) {
    auto cookies = cookies_in(session.cookies);
    for (const auto& raw : split(head.substr(0, head.find("\r\n\r\n")), '\n')) {
        constexpr std::string_view name = "set-cookie:";
        const auto line = trim(raw);
        if (lower(line.substr(0, name.size())) != name) continue;
        const auto set = cookie_set_by(trim(line.substr(name.size())));
        if (!set) continue;
        std::erase_if(cookies, [&](const Cookie& known) { return known.first == set->first; });
        if (!set->second.empty() && cookies.size() < most_cookies) cookies.push_back(*set);
    }
    session.cookies.clear();
    for (const auto& [name, value] : cookies)
        session.cookies += fmt::format("{}{}={}", session.cookies.empty() ? "" : "; ", name, value);
}

std::string session_headers(const WebLogin& login, const WebSession& session) {
    std::string headers = session.cookies.empty() ? "" : "Cookie: " + session.cookies + "\r\n";
    constexpr std::string_view mark = "{token}";
    auto carrier = login.header;
    if (const auto at = carrier.find(mark); at != std::string::npos && !session.token.empty())
        headers += carrier.replace(at, mark.size(), session.token) + "\r\n";
    return headers;
}

bool is_over(const WebLogin& login, const WebAnswer& answer) {
    const auto status = answer.status();
    return status == 401 || status == 403 || leads_to_login(login, answer) ||
           (!login.over.empty() && status != 0 && fits(login.over, answer.body));
}

std::string without_secrets(std::string text, const WebSession& session, std::string_view password) {
    constexpr std::size_t shortest_cookie = 6;  // "lang=en" is none
    blank_out(text, session.token);
    for (const auto& [name, value] : cookies_in(session.cookies))
        if (value.size() >= shortest_cookie) blank_out(text, value);
    for (const auto* word : {"{password}", "{password-md5}", "{password-sha256}", "{password-base64}"})
        for (const std::string_view type :
             {std::string_view("text/plain"), std::string_view("application/json"),
              std::string_view(form_type)})
            blank_out(text, filled_in(word, type, "", password));
    return text;
}

}  // namespace cambench::probe
