#include "harness/wire/http_body.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t longest_head = 65536, most_headers = 200, longest_unpacked = 64U << 20;

/// The next line without its ending; nullopt when it is not whole.
std::optional<std::string_view> take_line(std::string_view bytes, std::size_t& at) {
    const auto end = bytes.find('\n', at);
    if (end == std::string_view::npos) return std::nullopt;
    auto line = bytes.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at = end + 1;
    return line;
}

bool take_head(std::string_view bytes, std::size_t& at, HttpMessage& message) {
    const auto within = bytes.substr(0, std::min(bytes.size(), longest_head));
    const auto first = take_line(within, at);
    if (!first) return false;
    message.first_line = *first;
    for (;;) {
        const auto line = take_line(within, at);
        if (!line) return false;
        if (line->empty()) return true;
        const auto colon = line->find(':');
        if (colon == std::string_view::npos || message.headers.size() >= most_headers) continue;
        message.headers.emplace_back(trim(line->substr(0, colon)), trim(line->substr(colon + 1)));
    }
}

/// RFC 9112, 7.1. Ends where the bytes end or are no chunk.
void take_chunks(std::string_view bytes, std::size_t& at, HttpMessage& message) {
    for (;;) {
        const auto line = take_line(bytes, at);
        if (!line) return;
        const auto size = whole_number<std::uint64_t>(trim(line->substr(0, line->find(';'))), 16);
        if (!size) return;
        if (*size == 0) break;
        const auto there = std::min<std::uint64_t>(*size, bytes.size() - at);
        message.body += bytes.substr(at, there);
        at += there;
        if (there < *size || !take_line(bytes, at)) return;
    }
    for (auto line = take_line(bytes, at); line; line = take_line(bytes, at))
        if (line->empty()) {
            message.whole = true;
            return;
        }
}

/// Unpacked gzip or zlib; nullopt when it is neither whole nor short enough.
std::optional<std::string> unpacked_body(const std::string& packed) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 32) != Z_OK) return std::nullopt;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib reads it only
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string out;
    std::array<char, 65536> piece{};
    int code = Z_OK;
    while (code == Z_OK && out.size() <= longest_unpacked) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = piece.size();
        code = inflate(&stream, Z_NO_FLUSH);
        out.append(piece.data(), piece.size() - stream.avail_out);
        if (code == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) break;
    }
    inflateEnd(&stream);
    return code == Z_STREAM_END ? std::optional(std::move(out)) : std::nullopt;
}

void take_body(std::string_view bytes, std::size_t& at, HttpSide side, bool over, HttpMessage& message) {
    const auto status = http_status(message.first_line);
    if (side == HttpSide::answer_to_head ||
        (side == HttpSide::answer && (status / 100 == 1 || status == 204 || status == 304))) {
        message.whole = true;
    } else if (lower(message.header("transfer-encoding")).find("chunked") != std::string::npos) {
        take_chunks(bytes, at, message);
    } else if (const auto length = whole_number<std::uint64_t>(message.header("content-length"), 10);
               length || side == HttpSide::request) {
        const auto there = std::min<std::uint64_t>(length.value_or(0), bytes.size() - at);
        message.body = bytes.substr(at, there);
        message.whole = there == length.value_or(0);
        at += there;
    } else {
        message.body = bytes.substr(at);
        message.whole = over;
        at = bytes.size();
    }
    const auto packing = lower(message.header("content-encoding"));
    if (packing.find("gzip") == std::string::npos && packing != "deflate") return;
    if (auto plain = unpacked_body(message.body)) message.body = std::move(*plain);
}

}  // namespace

unsigned http_status(std::string_view first_line) {
    if (!first_line.starts_with("HTTP/1.") || first_line.size() < 12) return 0;
    return static_cast<unsigned>(whole_number<std::uint64_t>(first_line.substr(9, 3), 10).value_or(0));
}

std::string_view HttpMessage::header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& one) {
        return one.first.size() == name.size() && lower(one.first) == lower(name);
    });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<HttpMessage> parse_http_message(std::string_view bytes, HttpSide side, bool over) {
    HttpMessage message;
    std::size_t at = 0;
    if (!take_head(bytes, at, message)) return std::nullopt;
    if (side == HttpSide::request ? message.first_line.find(" HTTP/1.") == std::string::npos
                                  : http_status(message.first_line) == 0)
        return std::nullopt;
    take_body(bytes, at, side, over, message);
    message.size = at;
    return message;
}

}  // namespace cambench::analysis
