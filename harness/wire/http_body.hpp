#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// The code of a status line of HTTP/1.x; 0 when it is none.
[[nodiscard]] unsigned http_status(std::string_view first_line);

}  // namespace cambench::analysis
