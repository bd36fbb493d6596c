#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/event.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/markup.hpp"
#include "harness/core/time.hpp"

namespace cambench::internet {

/// How much of the internet answers. Requests become events in every case; DHCP, ARP and NDP are answered in every case.
enum class Answers {
    all,
    names_only,  ///< the resolver and nothing else
    none,
};
[[nodiscard]] std::string_view to_string(Answers answers);
[[nodiscard]] Result<Answers> parse_answers(std::string_view text);  ///< "all", "names-only", "none"

enum class DnsAnswer { address, nxdomain, servfail, refused, silent };
[[nodiscard]] std::string_view to_string(DnsAnswer answer);
[[nodiscard]] Result<DnsAnswer> parse_dns_answer(std::string_view text);

/// What the resolver says to one name or, with a leading "*.", to all names below one.
struct DnsRule {
    std::string name;
    DnsAnswer answer = DnsAnswer::address;
    std::optional<IpAddress> address;  ///< set for DnsAnswer::address
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
    unsigned status = 200;
    HttpHeaders headers;
    std::string body;  ///< may hold ${placeholders}, see bench/internet/README.md
};

/// Requests that fit all three patterns take the answers in order; the last repeats.
struct HttpRoute {
    std::string host = "*";    ///< a name, an address, "*.name" or "*"
    std::string path = "*";    ///< "*" stands for any characters
    std::string method = "*";
    std::vector<HttpAnswer> answers;
};

/// What a scenario decides about the fake internet.
struct Personality {
    Answers answers = Answers::all;
    std::optional<WallTime> clock;  ///< nullopt: the real time
    std::vector<DnsRule> dns;
    std::vector<HttpRoute> http_routes;
};

/// The table of <internet>.
[[nodiscard]] const markup::Element& internet_element();
/// From an <internet> that passed its table.
[[nodiscard]] Result<Personality> make_personality(const markup::Node& node);

/// For the border between the engine and the sandbox process.
[[nodiscard]] Json to_json(const Personality& personality);
[[nodiscard]] Result<Personality> personality_from_json(const Json& json);
[[nodiscard]] Result<DnsRule> dns_rule_from_json(const Json& json);
[[nodiscard]] Result<HttpRoute> http_route_from_json(const Json& json);

}  // namespace cambench::internet
