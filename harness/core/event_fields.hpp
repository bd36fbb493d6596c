#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/event.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/text.hpp"

/// Fields of a recorded event, whatever the recording holds: what is absent or of another type reads as
/// nothing.
namespace cambench::analysis {

[[nodiscard]] inline std::string text_of(const Json& fields, std::string_view key) {
    const auto found = fields.find(key);
    return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

[[nodiscard]] inline std::uint64_t count_of(const Json& fields, std::string_view key) {
    const auto found = fields.find(key);
    const bool counts = found != fields.end() && found->is_number_integer() &&
                        (found->is_number_unsigned() || found->get<std::int64_t>() >= 0);
    return counts ? found->get<std::uint64_t>() : 0;
}

[[nodiscard]] inline bool flag_of(const Json& fields, std::string_view key) {
    const auto found = fields.find(key);
    return found != fields.end() && found->is_boolean() && found->get<bool>();
}

/// Whether the bytes came out of TLS, over a stream or over datagrams.
[[nodiscard]] inline bool is_inside_tls(const Json& fields) {
    const auto inside = text_of(fields, "inside");
    return inside == "tls" || inside == "dtls";
}

/// Whether what the event is about was said on the wire as it is.
[[nodiscard]] inline bool is_said_in_clear(const Json& fields) {
    return text_of(fields, "inside").empty() && text_of(fields, "layers").empty();
}

/// The addresses that the answer to a "dns-query" told; none where it was not asked for addresses.
[[nodiscard]] inline std::vector<IpAddress> told_addresses(const Json& fields) {
    std::vector<IpAddress> addresses;
    const auto type = text_of(fields, "type");
    const auto answers = fields.find("answers");
    const bool asked = type == "A" || type == "AAAA" || type == "ANY";
    if (!asked || answers == fields.end() || !answers->is_array()) return addresses;
    for (const auto& answer : *answers) {
        if (!answer.is_string()) continue;
        if (const auto address = IpAddress::parse(answer.get<std::string>())) addresses.push_back(*address);
    }
    return addresses;
}

[[nodiscard]] inline Transport transport_of(const Json& fields) {
    return text_of(fields, "transport") == "udp" ? Transport::udp : Transport::tcp;
}

/// "198.18.0.1:443", "[fd00::1]:443"
[[nodiscard]] inline std::optional<Endpoint> endpoint_of(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto address = IpAddress::parse(host);
    const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
    return address && port ? std::optional(Endpoint{*address, *port}) : std::nullopt;
}

}  // namespace cambench::analysis
