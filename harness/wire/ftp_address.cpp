#include "harness/wire/ftp_address.hpp"

#include <array>
#include <charconv>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

/// Between bars, or whatever stands in their place: |2|2001:db8::1|5001|
std::optional<Endpoint> parse_extended(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto parts = split(text.substr(1), text.front());
    if (parts.size() < 3) return std::nullopt;
    const auto address = IpAddress::parse(parts[1]);
    const auto port = whole_number<std::uint16_t>(parts[2]);
    return address && port && *port != 0 ? std::optional(Endpoint{*address, *port}) : std::nullopt;
}

}  // namespace

std::optional<Endpoint> parse_ftp_numbers(std::string_view text) {
    const auto begin = text.find_first_of("0123456789");
    if (begin == std::string_view::npos) return std::nullopt;
    std::array<unsigned, 6> numbers{};
    const char* at = text.data() + begin;
    const char* const end = text.data() + text.size();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto [next, code] = std::from_chars(at, end, numbers[i]);
        if (code != std::errc{} || numbers[i] > 255) return std::nullopt;
        at = next;
        if (i + 1 == numbers.size()) break;
        if (at == end || *at != ',') return std::nullopt;
        ++at;
    }
    return Endpoint{IpAddress::v4(numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | numbers[3]),
                    static_cast<std::uint16_t>(numbers[4] << 8 | numbers[5])};
}

std::optional<Endpoint> parse_ftp_port_command(std::string_view line) {
    constexpr std::size_t verb_size = 4;
    if (line.size() <= verb_size || line[verb_size] != ' ')
        return std::nullopt;  // most lines that come here are none of FTP's
    const auto verb = lower(line.substr(0, verb_size));
    const auto argument = trim(line.substr(verb_size + 1));
    if (verb == "port") return parse_ftp_numbers(argument);
    return verb == "eprt" ? parse_extended(argument) : std::nullopt;
}

}  // namespace cambench
