#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cambench::probe {

/// How a browser logs in, where it is not by HTTP's own means, and how the camera knows it afterwards.
struct WebLogin {
    std::string method, path, body,
        type;            ///< path and body may hold login_words(); an empty path: there is no such login
    std::string good;    ///< RE2 that the answer's body fits when the login worked; "": its status tells
    std::string token;   ///< keys of the token in the answer's JSON, "data.token"; "": cookies alone
    std::string header;  ///< what carries it afterwards, "Authorization: Bearer {token}"
    std::string
        over;  ///< RE2: an answer that says the session is over, beside 401, 403 and the way to the login
};

/// What the camera knows its operator by. Secret: nothing of it goes into events, logs or reports.
struct WebSession {
    std::string cookies;  ///< "a=1; b=2", as a Cookie header says it
    std::string token;
};

/// An answer over HTTP, its body without transfer encoding.
struct WebAnswer {
    std::string head, body;
    [[nodiscard]] int status() const;  ///< 0: nothing came
};

/// The body of an answer, chunks put together; what came of it when it is cut.
[[nodiscard]] std::string content_of(std::string_view answer);

struct LoginResult {
    std::optional<WebSession> session;  ///< nullopt: it did not work
    std::string why;                    ///< for people; holds no secret
};
[[nodiscard]] LoginResult judge_login(const WebLogin& login, const WebAnswer& answer);

/// Cookies that a further answer sets or takes back.
void keep_cookies(WebSession& session, std::string_view head);

/// The header lines by which the camera knows its operator; each ends with CR LF.
[[nodiscard]] std::string session_headers(const WebLogin& login, const WebSession& session);

/// Whether the answer asks for a login instead of doing what it was asked for.
[[nodiscard]] bool is_over(const WebLogin& login, const WebAnswer& answer);

/// The text with passwords, tokens and cookies made unreadable.
[[nodiscard]] std::string without_secrets(std::string text, const WebSession& session,
                                          std::string_view password);

}  // namespace cambench::probe
