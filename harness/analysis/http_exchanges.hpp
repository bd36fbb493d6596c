#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/analysis/learn_dialogues.hpp"

namespace cambench::analysis {

/// A message of HTTP/1.x with its body as it was meant: chunks joined, gzip and deflate unpacked.
struct HttpMessage {
    std::string first_line;
    std::vector<std::pair<std::string, std::string>> headers;  ///< as they stand there
    std::string body;
    bool whole = false;    ///< its end was there
    std::size_t size = 0;  ///< bytes of the input that belong to it

    /// "" when there is none; the name in any case.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

enum class HttpSide { request, answer, answer_to_head };
/// The message that `bytes` begin with; nullopt when its head is not whole or is none. `over`: nothing
/// follows these bytes.
[[nodiscard]] std::optional<HttpMessage> parse_http_message(std::string_view bytes, HttpSide side, bool over);

/// A request and its final answer.
struct HttpExchange {
    std::string
        host;  ///< as the client called it, lower case, without port; else the server's name or address
    std::uint16_t port = 80;
    std::string method, target;
    HttpMessage request, answer;
    unsigned status = 0;
    WallTime time{};  ///< of the request

    [[nodiscard]] std::string path() const;  ///< without query and, of an absolute target, without the server
    [[nodiscard]] std::string query() const;  ///< "" for none
};

/// What was asked and answered in a conversation, as long as it is HTTP/1.x.
[[nodiscard]] std::vector<HttpExchange> http_exchanges(const RecordedTalk& talk);

}  // namespace cambench::analysis
