#include "harness/analysis/flows/ftp.hpp"

#include <charconv>

#include "harness/wire/ftp_address.hpp"

namespace cambench::analysis {

std::optional<Endpoint> parse_passive_reply(std::string_view line, const IpAddress& server) {
    line = line.substr(0, line.find_first_of("\r\n"));
    if (line.starts_with("227 ")) return parse_ftp_numbers(line.substr(4));
    const auto bars = line.find("|||");
    if (!line.starts_with("229 ") || bars == std::string_view::npos) return std::nullopt;
    const auto digits = line.substr(bars + 3);
    std::uint16_t port = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool closed = code == std::errc{} && end != digits.data() + digits.size() && *end == '|';
    return closed && port != 0 ? std::optional(Endpoint{server, port}) : std::nullopt;
}

}  // namespace cambench::analysis
