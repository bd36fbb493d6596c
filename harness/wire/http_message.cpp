#include "harness/wire/http_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_request_line = 8192, longest_chunk_line = 4096;

bool same(std::string_view a, std::string_view b) {
    const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; };
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return small(x) == small(y); });
}

bool is_method_letter(unsigned char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; }

std::string_view next_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// "http://host:1/path" -> "host:1" and "/path"; an origin-form target has no authority.
std::pair<std::string_view, std::string_view> split_target(std::string_view target) {
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos || target.starts_with('/')) return {{}, target};
    const auto rest = target.substr(scheme + 3);
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) return {rest, "/"};
    return {rest.substr(0, slash), rest.substr(slash)};
}

Status parse_request_line(std::string_view line, HttpHead& head) {
    const auto first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return dut_error("http: malformed request line");
    const auto version = line.substr(last + 1);
    if (!version.starts_with("HTTP/1.") || version.size() != 8 || version[7] < '0' || version[7] > '9')
        return dut_error("http: not HTTP/1");
    head.method = line.substr(0, first);
    head.target = trim(line.substr(first, last - first));
    head.minor = static_cast<unsigned>(version[7] - '0');
    const bool sound =
        !head.target.empty() && std::all_of(head.method.begin(), head.method.end(), is_method_letter);
    if (!sound || head.method.empty()) return dut_error("http: malformed request line");
    return {};
}

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (same(key, name)) return value;
    return {};
}

bool HttpHead::header_has(std::string_view name, std::string_view word) const {
    for (const auto& [key, value] : headers) {
        if (!same(key, name)) continue;
        for (const auto& part : split(value, ','))
            if (same(trim(part), word)) return true;
    }
    return false;
}

std::string_view HttpHead::path() const {
    const auto rest = split_target(target).second;
    return rest.substr(0, rest.find('?'));
}

std::string_view HttpHead::query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::string HttpHead::host() const {
    auto authority = split_target(target).first;
    if (authority.empty()) authority = trim(header("Host"));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos)
        authority = authority.substr(at + 1);
    if (authority.starts_with('['))
        return lower(
            authority.substr(1, authority.find(']') == std::string_view::npos ? 0 : authority.find(']') - 1));
    auto host = lower(authority.substr(0, authority.find(':')));
    if (host.ends_with('.')) host.pop_back();
    return host;
}

bool HttpHead::keep_alive() const {
    if (header_has("Connection", "close")) return false;
    return minor >= 1 || header_has("Connection", "keep-alive");
}

std::optional<std::size_t> head_end(std::string_view text, std::size_t from) {
    for (auto at = text.find('\n', from > 3 ? from - 3 : 0); at != std::string_view::npos;
         at = text.find('\n', at + 1)) {
        const auto rest = text.substr(at + 1);
        if (rest.starts_with('\n')) return at + 2;
        if (rest.starts_with("\r\n")) return at + 3;
    }
    return std::nullopt;
}

Result<HttpHead> parse_http_head(ByteView bytes) {
    auto text = as_text(bytes);
    HttpHead head;
    TRY(parse_request_line(next_line(text), head));
    while (!text.empty()) {
        const auto line = next_line(text);
        if (line.empty()) break;
        if ((line.front() == ' ' || line.front() == '\t') && !head.headers.empty()) {
            head.headers.back().second += fmt::format(" {}", trim(line));
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) return dut_error("http: malformed header field");
        head.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
    return head;
}

Likeness http_likeness(ByteView first_bytes) {
    const auto text = as_text(first_bytes);
    const auto method_end =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_method_letter) - text.begin());
    if (method_end > 24) return Likeness::no;
    if (method_end == text.size()) return Likeness::perhaps;
    if (method_end < 3 || text[method_end] != ' ') return Likeness::no;
    const auto line_end = text.find('\n');
    if (line_end == std::string_view::npos)
        return text.size() < longest_request_line ? Likeness::perhaps : Likeness::no;
    return text.substr(0, line_end).find(" HTTP/1.") != std::string_view::npos ? Likeness::yes : Likeness::no;
}

Result<HttpBody> HttpBody::of(const HttpHead& head) {
    HttpBody body;
    if (!head.header("Transfer-Encoding").empty()) {
        if (!head.header_has("Transfer-Encoding", "chunked"))
            return dut_error("http: unknown transfer encoding");
        body.state_ = State::chunk_size;
        return body;
    }
    const auto length = trim(head.header("Content-Length"));
    if (length.empty()) return body;
    const auto announced = whole_number<std::uint64_t>(length);
    if (!announced) return dut_error("http: malformed content length");
    body.remaining_ = *announced;
    if (body.remaining_ > 0) body.state_ = State::content;
    return body;
}

Status HttpBody::take_line(std::string_view line) {
    line = trim(line);
    if (state_ == State::chunk_end) {
        state_ = State::chunk_size;
        if (!line.empty()) return dut_error("http: chunk longer than its size");
    } else if (state_ == State::trailer) {
        if (line.empty()) state_ = State::complete;
    } else {
        const auto size = whole_number<std::uint64_t>(trim(line.substr(0, line.find(';'))), 16);
        if (!size) return dut_error("http: malformed chunk size");
        remaining_ = *size;
        state_ = remaining_ == 0 ? State::trailer : State::chunk_content;
    }
    return {};
}

Result<ByteView> HttpBody::feed(ByteView bytes, const Take& take) {
    while (!bytes.empty() && state_ != State::complete) {
        if (state_ == State::content || state_ == State::chunk_content) {
            const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
            take(bytes.first(count));
            bytes = bytes.subspan(count);
            remaining_ -= count;
            if (remaining_ == 0) state_ = state_ == State::content ? State::complete : State::chunk_end;
            continue;
        }
        const auto text = as_text(bytes);
        const auto end = text.find('\n');
        line_ += text.substr(0, end);
        if (line_.size() > longest_chunk_line) return dut_error("http: chunk line without end");
        if (end == std::string_view::npos) return ByteView();
        bytes = bytes.subspan(end + 1);
        const auto line = std::exchange(line_, {});
        TRY(take_line(line));
    }
    return bytes;
}

std::string_view reason_phrase(unsigned status) {
    static constexpr std::array<std::pair<unsigned, std::string_view>, 34> phrases{
        {{101, "Switching Protocols"},
         {200, "OK"},
         {201, "Created"},
         {202, "Accepted"},
         {204, "No Content"},
         {206, "Partial Content"},
         {301, "Moved Permanently"},
         {302, "Found"},
         {303, "See Other"},
         {304, "Not Modified"},
         {307, "Temporary Redirect"},
         {308, "Permanent Redirect"},
         {400, "Bad Request"},
         {401, "Unauthorized"},
         {402, "Payment Required"},
         {403, "Forbidden"},
         {404, "Not Found"},
         {405, "Method Not Allowed"},
         {406, "Not Acceptable"},
         {408, "Request Timeout"},
         {409, "Conflict"},
         {410, "Gone"},
         {411, "Length Required"},
         {412, "Precondition Failed"},
         {413, "Content Too Large"},
         {416, "Range Not Satisfiable"},
         {422, "Unprocessable Content"},
         {426, "Upgrade Required"},
         {429, "Too Many Requests"},
         {500, "Internal Server Error"},
         {501, "Not Implemented"},
         {502, "Bad Gateway"},
         {503, "Service Unavailable"},
         {504, "Gateway Timeout"}}};
    for (const auto& [known, phrase] : phrases)
        if (known == status) return phrase;
    return "Status";
}

}  // namespace cambench::internet
