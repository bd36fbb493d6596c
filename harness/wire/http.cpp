#include "harness/wire/http.hpp"

#include <algorithm>

#include "harness/core/text.hpp"
#include "harness/wire/dns.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_requests = 64, longest_method = 24;

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    });
}

/// The next line without its ending; false when it is not whole.
bool next_line(std::string_view& rest, std::string_view& line) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return false;
    line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    rest.remove_prefix(end + 1);
    return true;
}

bool read_request_line(std::string_view line, HttpRequest& request) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || last <= first) return false;
    request.method = line.substr(0, first);
    request.target = std::string(trim(line.substr(first, last - first)));
    request.version = line.substr(last + 1);
    return request.method.size() <= longest_method && is_token(request.method) &&
           request.version.find('/') != std::string::npos;
}

void read_header(std::string_view line, HttpRequest& request) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const auto name = lower(trim(line.substr(0, colon)));
    const auto value = trim(line.substr(colon + 1));
    if (name == "host" && request.host.empty()) request.host = host_without_port(value);
    if (name == "transfer-encoding" && lower(value).find("chunked") != std::string::npos)
        request.chunked = true;
    if (name == "content-length")
        if (const auto length = whole_number<std::uint64_t>(value)) request.content_length = *length;
}

std::optional<std::uint16_t> port_in(std::string_view authority) {
    const auto colon = authority.rfind(':');
    if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos)
        return std::nullopt;
    return whole_number<std::uint16_t>(authority.substr(colon + 1));
}

/// The authority of an absolute target ("http://host/x", or CONNECT's "host:443").
std::string_view authority_of(const HttpRequest& request) {
    if (request.method == "CONNECT") return request.target;
    const auto scheme = request.target.find("://");
    if (scheme == std::string::npos || scheme > 8) return {};
    auto rest = std::string_view(request.target).substr(scheme + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (const auto user = rest.rfind('@'); user != std::string_view::npos) rest.remove_prefix(user + 1);
    return rest;
}

/// RFC 9112, section 3.2.2: an absolute target outranks the Host header.
void heed_authority(HttpRequest& request) {
    const auto authority = authority_of(request);
    if (authority.empty()) return;
    request.host = host_without_port(authority);
    const bool web = request.method == "CONNECT" || request.target.starts_with("http");
    if (web)
        request.authority_port = port_in(authority).value_or(
            request.target.starts_with("https") || request.method == "CONNECT" ? 443 : 80);
}

}  // namespace

std::string host_without_port(std::string_view text) {
    text = trim(text);
    if (text.starts_with('['))
        return lower(
            text.substr(1, text.find(']') == std::string_view::npos ? text.size() : text.find(']') - 1));
    if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
    return plain_name(text);
}

bool is_dns_name(std::string_view text) {
    if (text.empty() || text.size() > 253 || text.find('.') == std::string_view::npos || text.front() == '.')
        return false;
    if (IpAddress::parse(text)) return false;
    const auto plain = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; };
    if (!std::all_of(text.begin(), text.end(), plain)) return false;
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c); });
}

std::vector<HttpRequest> parse_http_requests(ByteView bytes) {
    std::vector<HttpRequest> requests;
    auto rest = as_text(bytes);
    while (!rest.empty() && requests.size() < most_requests) {
        const auto before = rest.size();
        HttpRequest request;
        std::string_view line;
        if (!next_line(rest, line) || !read_request_line(line, request)) break;
        bool whole = false;
        while (!whole && next_line(rest, line)) {
            if (line.empty())
                whole = true;
            else
                read_header(line, request);
        }
        heed_authority(request);
        request.head_length = before - rest.size();
        const auto body = request.content_length.value_or(0);
        const bool last = !whole || request.chunked || request.method == "CONNECT" || body > rest.size();
        requests.push_back(std::move(request));
        if (last) break;
        rest.remove_prefix(static_cast<std::size_t>(body));
    }
    return requests;
}

}  // namespace cambench::analysis
