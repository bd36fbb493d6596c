#include <array>
#include <charconv>

#include "harness/analysis/protocol.hpp"

namespace cambench::analysis {
namespace {

/// The numbers behind `open` in "227 Entering Passive Mode (192,0,2,1,19,137)."
std::optional<Endpoint> parse_227(std::string_view line) {
    const auto open = line.find_first_of("0123456789", 4);
    if (open == std::string_view::npos) return std::nullopt;
    std::array<unsigned, 6> numbers{};
    const char* at = line.data() + open;
    const char* const end = line.data() + line.size();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto [next, code] = std::from_chars(at, end, numbers[i]);
        if (code != std::errc{} || numbers[i] > 255) return std::nullopt;
        at = next;
        if (i + 1 == numbers.size()) break;
        if (at == end || *at != ',') return std::nullopt;
        ++at;
    }
    return Endpoint{IpAddress::v4(numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | numbers[3]), static_cast<std::uint16_t>(numbers[4] << 8 | numbers[5])};
}

}  // namespace

std::optional<Endpoint> parse_passive_reply(std::string_view line, const IpAddress& server) {
    line = line.substr(0, line.find_first_of("\r\n"));
    if (line.starts_with("227 ")) return parse_227(line);
    const auto bars = line.find("|||");
    if (!line.starts_with("229 ") || bars == std::string_view::npos) return std::nullopt;
    const auto digits = line.substr(bars + 3);
    std::uint16_t port = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool closed = code == std::errc{} && end != digits.data() + digits.size() && *end == '|';
    return closed && port != 0 ? std::optional(Endpoint{server, port}) : std::nullopt;
}

}  // namespace cambench::analysis
