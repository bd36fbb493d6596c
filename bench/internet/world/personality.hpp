#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/internet/world/tls_ladder.hpp"
#include "harness/core/event.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/markup/markup.hpp"
#include "harness/core/time.hpp"
#include "harness/learned/dialogue_file.hpp"
#include "harness/learned/update_file.hpp"

namespace cambench::internet {

/// How much of the internet answers. Requests become events in every case; DHCP, ARP and NDP are answered in
/// every case.
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
    std::string text;                  ///< of TXT; "": an ordinary one
    std::string service;               ///< HOST:PORT told by SRV, SVCB and HTTPS; "": the name itself
    unsigned fails_first = 0;  ///< so many questions get `failure` before the name is answered as stated
    DnsAnswer failure = DnsAnswer::silent;
};

/// What one question for the time gets.
struct NtpAnswer {
    enum class Kind {
        time,
        silent,
        rate,
        denied
    } kind = Kind::time;           ///< rate and denied: the kiss of death of RFC 5905
    std::optional<WallTime> time;  ///< instead of the clock's
    Nanoseconds offset{};          ///< added to the clock's
};

/// How time servers tell the time.
struct TimeTelling {
    enum class Leap { none, insert, remove, unsynchronised } leap = Leap::none;
    unsigned stratum = 2;
    double drift = 0;  ///< seconds a second the told time gains since the run's beginning; negative: loses
    std::vector<NtpAnswer>
        answers;  ///< each question takes the next; the last repeats; empty: the clock's time
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
    unsigned status = 200;
    HttpHeaders headers;
    std::string body;      ///< may hold ${placeholders}, see bench/internet/README.md
    bool literal = false;  ///< a file's content: nothing in it is a placeholder
    Nanoseconds delay{};   ///< before it is sent
};

/// What an answer is to a camera that looks for new firmware.
enum class UpdateRole { none, list, package };

/// Requests that fit all three patterns take the answers in order; the last repeats.
struct HttpRoute {
    std::string host = "*";  ///< a name, an address, "*.name" or "*"
    std::string path = "*";  ///< "*" stands for any characters
    std::string method = "*";
    std::vector<HttpAnswer> answers;
    UpdateRole role = UpdateRole::none;
    /// Of an offer learned from a recording: the query and body asked with there, and whether with a field
    /// Authorization. Of those whose server, path and method fit, the one most like the request counts.
    struct Asked {
        std::string query, body;
        bool authorised = false;
    };
    std::optional<Asked> asked = {};
};

/// A server of firmware: where the camera asks for its list and for the package, and what the list says. What
/// it offers, a step of the scenario decides.
struct UpdateServer {
    std::string host = "*";  ///< as in HttpRoute
    std::string list_path, package_path;
    std::string list;  ///< may hold ${offer.*}
    std::string content_type = "application/json";
    std::string signature_header;  ///< carries the vendor's signature of the list, in base64; "": none
    std::optional<LearnedUpdate> learned;  ///< what it says instead, from a recording
};

/// A message an MQTT broker holds for whoever subscribes to its topic.
struct MqttMessage {
    std::string topic, content;
    unsigned qos = 0;  ///< 0 to 2; the subscriber's wish may lower it
};

/// How good the way to the servers is. The local network, its resolver and DHCP stay as they are.
struct Conditions {
    Nanoseconds latency{}, jitter{};  ///< added to every answer: latency and up to jitter more
    double loss = 0;                  ///< share of datagrams lost, 0 to 1, each way
    double resets = 0;  ///< share of connections that are reset when the camera has sent its first bytes
    std::uint64_t bandwidth = 0;  ///< bytes a second of one connection, each way; 0: unlimited
};

/// No server can be reached for a while; times are counted from the run's beginning.
struct Outage {
    Nanoseconds after{}, length{};
    Nanoseconds every{};  ///< repeats with this period; 0: once
};

/// What a scenario decides about the fake internet.
struct Personality {
    Answers answers = Answers::all;
    std::optional<WallTime> clock;  ///< nullopt: the real time
    std::vector<DnsRule> dns;
    std::vector<HttpRoute> http_routes;
    std::vector<UpdateServer> update_servers;  ///< for the engine, which knows what is offered
    std::string given_authority;  ///< PEM: every server's certificate is from this authority; "": from the
                                  ///< bench's own
    bool wants_given_authority = false;  ///< so the scenario says
    std::vector<MqttMessage> mqtt_retained;
    TimeTelling time_telling;
    bool starttls =
        true;  ///< mail and file servers offer to go on in TLS; false: as if somebody had taken the offer out
    bool captive_portal = false;            ///< plain HTTP is sent to a page to log in, as in a hotel
    std::vector<DialogueServer> dialogues;  ///< servers that say what a recording has of them
    Conditions conditions;
    std::vector<Outage> outages;
    unsigned refuse_first =
        0;  ///< so many servers (by name, else by address) are out of reach: shows who is asked next
    bool servers_dead = false;  ///< names resolve, time is told, pings return; no server answers
    std::optional<TlsLadder>
        tls;  ///< every server's certificate is put to the test; nullopt: all are right and from the bench
    std::optional<IpAddress> public_address;  ///< the camera's, as servers tell it
    std::optional<Nanoseconds> lease;         ///< of addresses given by DHCP; nullopt: the usual ten minutes
    std::string country;                      ///< ISO 3166 code told by geolocation services; "" is "KR"
};

/// The table of <update>, and what it says.
[[nodiscard]] const markup::Element& update_element();
[[nodiscard]] Result<UpdateServer> make_update_server(const markup::Node& node);
/// What a learned server says before anything is offered: all but what the package is part of, of which it
/// knows nothing.
[[nodiscard]] std::vector<HttpRoute> routes_before_offers(const UpdateServer& server);

/// The table of <internet>.
[[nodiscard]] const markup::Element& internet_element();
/// From an <internet> that passed its table.
[[nodiscard]] Result<Personality> make_personality(const markup::Node& node);

/// The file an attribute names. Where it is not at its place it is looked for beside the document, as in
/// evidence: as index.json says there, else by its own name.
[[nodiscard]] std::filesystem::path named_file(const markup::Node& node, std::string_view attribute);

/// A file that an <internet> reads.
struct NamedFile {
    std::filesystem::path file;
    std::string role;   ///< element and attribute: "answer file"
    std::string named;  ///< the attribute's text
};
/// All of them, found as named_file() finds them.
[[nodiscard]] std::vector<NamedFile> files_of(const markup::Node& node);

/// For the border between the engine and the sandbox process.
[[nodiscard]] Json to_json(const Personality& personality);
[[nodiscard]] Result<Personality> personality_from_json(const Json& json);
[[nodiscard]] Result<DnsRule> dns_rule_from_json(const Json& json);
[[nodiscard]] Result<Conditions> conditions_from_json(const Json& json);
[[nodiscard]] Result<HttpRoute> http_route_from_json(const Json& json);

}  // namespace cambench::internet
