#include "bench/internet/world/whereabouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cambench::internet {
namespace {

struct Country {
    std::string_view code, name, city, zone;
    int offset_hours;
};
constexpr std::array countries{Country{"KR", "South Korea", "Seoul", "Asia/Seoul", 9},
                               Country{"CN", "China", "Beijing", "Asia/Shanghai", 8},
                               Country{"US", "United States", "New York", "America/New_York", -5},
                               Country{"DE", "Germany", "Berlin", "Europe/Berlin", 1},
                               Country{"JP", "Japan", "Tokyo", "Asia/Tokyo", 9},
                               Country{"GB", "United Kingdom", "London", "Europe/London", 0},
                               Country{"RU", "Russia", "Moscow", "Europe/Moscow", 3},
                               Country{"IN", "India", "Delhi", "Asia/Kolkata", 5}};

Country country_of(const World& world) {
    const auto& code = world.personality.country;
    const auto found =
        std::find_if(countries.begin(), countries.end(), [&](const auto& one) { return one.code == code; });
    if (found != countries.end()) return *found;
    if (code.empty()) return countries[0];
    return {code, code, code, "Etc/UTC", 0};
}

WebAnswer plain(std::string text) {
    return {{200, {{"Content-Type", "text/plain"}}, std::move(text)}, "whereabouts"};
}
WebAnswer json(const Json& content) {
    return {{200, {{"Content-Type", "application/json"}}, content.dump()}, "whereabouts"};
}

}  // namespace

IpAddress public_address(const World& world) {
    return world.personality.public_address.value_or(IpAddress::v4(0x01d04d07));
}

std::optional<WebAnswer> answer_whereabouts(const World& world, const HttpHead& head) {
    const auto host = head.host();
    const auto is = [&](std::string_view name) {
        return host.ends_with(name) &&
               (host.size() == name.size() || host[host.size() - name.size() - 1] == '.');
    };
    static constexpr std::array known{
        "checkip.dyndns.org",    "checkip.dyndns.com", "ipify.org",  "icanhazip.com", "ifconfig.me",
        "checkip.amazonaws.com", "ident.me",           "ip-api.com", "ipinfo.io",     "ipapi.co"};
    if (std::none_of(known.begin(), known.end(), is)) return std::nullopt;
    const auto address = public_address(world).to_string();
    const auto country = country_of(world);
    if (is("checkip.dyndns.org") || is("checkip.dyndns.com"))
        return WebAnswer{{200,
                          {{"Content-Type", "text/html"}},
                          fmt::format("<html><head><title>Current IP Check</title></head><body>Current IP "
                                      "Address: {}</body></html>",
                                      address)},
                         "whereabouts"};
    if (is("ipify.org") && head.query().find("json") != std::string_view::npos)
        return json({{"ip", address}});
    if (is("ipify.org") || is("icanhazip.com") || is("ifconfig.me") || is("checkip.amazonaws.com") ||
        is("ident.me"))
        return plain(address + "\n");
    if (is("ip-api.com"))
        return json({{"status", "success"},
                     {"country", country.name},
                     {"countryCode", country.code},
                     {"city", country.city},
                     {"timezone", country.zone},
                     {"offset", country.offset_hours * 3600},
                     {"query", address}});
    if (is("ipinfo.io") || is("ipapi.co"))
        return json({{"ip", address},
                     {"city", country.city},
                     {"country", country.code},
                     {"country_name", country.name},
                     {"timezone", country.zone}});
    return std::nullopt;
}

}  // namespace cambench::internet
