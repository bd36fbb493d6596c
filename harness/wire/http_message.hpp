#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

/// HTTP/1 messages (RFC 9112), lenient where cameras are careless: bare LF, blanks around names, unknown
/// methods.
namespace cambench::internet {

struct HttpHead {
    std::string method;
    std::string target;                                        ///< as sent
    unsigned major = 1, minor = 1;                             ///< HTTP/major.minor
    std::vector<std::pair<std::string, std::string>> headers;  ///< in order, names as sent

    /// The first field of that name, compared without case; "" when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    /// Whether a comma-separated field holds the word, compared without case.
    [[nodiscard]] bool header_has(std::string_view name, std::string_view word) const;
    /// The target without scheme, host and query.
    [[nodiscard]] std::string_view path() const;
    [[nodiscard]] std::string_view query() const;
    /// Of Host or of an absolute target: lower case, without port; "" when neither names one.
    [[nodiscard]] std::string host() const;
    [[nodiscard]] bool keep_alive() const;
};

/// Where the head ends (behind its blank line); nullopt when more bytes are needed. `from`: what was searched
/// before.
[[nodiscard]] std::optional<std::size_t> head_end(std::string_view text, std::size_t from = 0);
[[nodiscard]] Result<HttpHead> parse_http_head(ByteView head);

/// Whether these first bytes are an HTTP/1 request line.
enum class Likeness { no, perhaps, yes };
[[nodiscard]] Likeness http_likeness(ByteView first_bytes);

/// Follows a request's body to its end.
class HttpBody {
public:
    /// An error when the head contradicts itself.
    [[nodiscard]] static Result<HttpBody> of(const HttpHead& head);

    using Take = std::function<void(ByteView content)>;
    /// Consumes what belongs to the body and hands its content to `take`; the rest is the next request's.
    [[nodiscard]] Result<ByteView> feed(ByteView bytes, const Take& take);
    [[nodiscard]] bool complete() const { return state_ == State::complete; }

private:
    enum class State { content, chunk_size, chunk_content, chunk_end, trailer, complete };
    [[nodiscard]] Status take_line(std::string_view line);

    State state_ = State::complete;
    std::uint64_t remaining_ = 0;
    std::string line_;
};

[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace cambench::internet
