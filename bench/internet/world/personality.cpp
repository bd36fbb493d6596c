#include "bench/internet/world/personality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>

#include "harness/core/file.hpp"
#include "harness/core/json.hpp"

namespace cambench::internet {
namespace {

using markup::Attribute;
using markup::Element;
using markup::Kind;

template <typename T, std::size_t N>
std::string_view word_of(const std::array<std::pair<T, std::string_view>, N>& table, T value) {
    for (const auto& [known, word] : table)
        if (known == value) return word;
    return "";
}

template <typename T, std::size_t N>
Result<T> value_of(const std::array<std::pair<T, std::string_view>, N>& table, std::string_view what,
                   std::string_view text) {
    std::string words;
    for (const auto& [value, word] : table) {
        if (word == text) return value;
        words += fmt::format("{}{}", words.empty() ? "" : ", ", word);
    }
    return usage_error(fmt::format("{} '{}' is not one of {}", what, text, words));
}

constexpr auto shortest_lease = std::chrono::seconds(10);
constexpr std::array answers_words{std::pair{Answers::all, std::string_view("all")},
                                   std::pair{Answers::names_only, std::string_view("names-only")},
                                   std::pair{Answers::none, std::string_view("none")}};
constexpr std::array dns_words{std::pair{DnsAnswer::address, std::string_view("address")},
                               std::pair{DnsAnswer::nxdomain, std::string_view("nxdomain")},
                               std::pair{DnsAnswer::servfail, std::string_view("servfail")},
                               std::pair{DnsAnswer::refused, std::string_view("refuse")},
                               std::pair{DnsAnswer::silent, std::string_view("silent")}};

Result<TlsLadder> make_ladder(const markup::Node& node) {
    TlsLadder ladder{.certificates = {}};
    for (const auto& word : node.words("certificates")) {
        const auto kind = parse_certificate_kind(word);
        if (!kind)
            return usage_error(
                markup::problem_at_attribute(node, "certificates", kind.error().message).to_string());
        if (*kind == CertificateKind::given_authority)
            return usage_error(markup::problem_at_attribute(
                                   node, "certificates", "given-authority always comes last", "leave it out")
                                   .to_string());
        ladder.certificates.push_back(*kind);
    }
    const auto count = [&](const char* name) {
        return static_cast<unsigned>(std::clamp<std::int64_t>(node.integer(name), 1, 1000));
    };
    ladder.attempts = count("attempts");
    ladder.rounds = count("rounds");
    return ladder;
}

std::filesystem::path file_of(const markup::Node& node) { return named_file(node, "file"); }

Result<std::string> content_of(const std::filesystem::path& path) {
    constexpr std::uint64_t longest = 64u << 20;
    auto content = read_text_file(path, longest);
    return content ? std::move(content) : usage_error(std::move(content).error().message);
}

/// The shipped personalities; what the element says besides goes on top.
Status begin_with(std::string_view word, Personality& personality) {
    constexpr std::chrono::days a_year{365};
    const auto real_time = std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now());
    if (word == "resolver-only")
        personality.answers = Answers::names_only;
    else if (word == "silent")
        personality.answers = Answers::none;
    else if (word == "dead-cloud")
        personality.servers_dead = true;
    else if (word == "next-year")
        personality.clock = real_time + a_year;
    else if (word == "other-country") {
        personality.country = "CN";
        personality.public_address = IpAddress::v4(0x24700001);  // 36.112.0.1
    } else if (word != "open") {
        return usage_error(fmt::format("personality '{}' is not known", word));
    }
    return {};
}

Status take_conditions(const markup::Node& node, Personality& personality) {
    if (const auto* child = node.first("conditions")) {
        auto& conditions = personality.conditions;
        conditions.latency = child->duration("latency");
        conditions.jitter = child->duration("jitter");
        conditions.loss = child->number("loss") / 100;
        conditions.resets = child->number("resets") / 100;
        if (child->has("bandwidth")) conditions.bandwidth = child->volume("bandwidth");
        if (conditions.loss > 1 || conditions.resets > 1)
            return usage_error(
                markup::problem_at(*child, "a share is over 100 per cent", "0 to 100").to_string());
    }
    for (const auto* child : node.all("outage")) {
        Outage outage{child->duration("after"), child->duration("for"),
                      child->has("every") ? child->duration("every") : Nanoseconds::zero()};
        if (outage.every != Nanoseconds::zero() && outage.every <= outage.length)
            return usage_error(markup::problem_at(*child, "the outage is not over when it begins anew",
                                                  "make 'every' longer than 'for'")
                                   .to_string());
        personality.outages.push_back(outage);
    }
    return {};
}

Result<NtpAnswer> make_ntp_answer(const markup::Node& node) {
    NtpAnswer answer;
    if (node.has("time")) answer.time = node.timestamp("time");
    answer.offset = node.duration("ahead") - node.duration("behind");
    const auto says = node.text("says");
    if (says == "nothing")
        answer.kind = NtpAnswer::Kind::silent;
    else if (says == "rate")
        answer.kind = NtpAnswer::Kind::rate;
    else if (says == "denied")
        answer.kind = NtpAnswer::Kind::denied;
    if (!says.empty() && (answer.time || answer.offset != Nanoseconds::zero()))
        return usage_error(
            markup::problem_at(node, "an answer that refuses tells no time", "keep one of them").to_string());
    return answer;
}

Status take_ntp(const markup::Node& node, TimeTelling& telling) {
    static constexpr double hour = 3600e9;
    static constexpr std::array leaps{
        std::pair{TimeTelling::Leap::none, std::string_view("none")},
        std::pair{TimeTelling::Leap::insert, std::string_view("insert")},
        std::pair{TimeTelling::Leap::remove, std::string_view("remove")},
        std::pair{TimeTelling::Leap::unsynchronised, std::string_view("unsynchronised")}};
    TRY_ASSIGN(telling.leap, value_of(leaps, "leap", node.text("leap")));
    const auto stratum = node.integer("stratum");
    if (stratum < 1 || stratum > 16)
        return usage_error(
            markup::problem_at_attribute(node, "stratum", "there is no such stratum", "1 to 16").to_string());
    telling.stratum = static_cast<unsigned>(stratum);
    telling.drift = static_cast<double>((node.duration("gains") - node.duration("loses")).count()) / hour;
    for (const auto* child : node.all("answer")) {
        TRY_ASSIGN(auto answer, make_ntp_answer(*child));
        telling.answers.push_back(answer);
    }
    return {};
}

Result<DnsRule> make_dns_rule(const markup::Node& dns) {
    DnsRule rule{.name = dns.text("name")};
    if (dns.has("address") && dns.has("answer"))
        return usage_error(
            markup::problem_at(dns, "<dns> has both an address and a refusal", "keep one of them")
                .to_string());
    if (dns.has("address")) rule.address = dns.address("address");
    if (dns.has("answer")) {
        TRY_ASSIGN(rule.answer, parse_dns_answer(dns.text("answer")));
    }
    rule.text = dns.text("text");
    rule.service = dns.text("service");
    if (!rule.service.empty() &&
        (rule.service.rfind(':') == std::string::npos || rule.service.ends_with(':')))
        return usage_error(markup::problem_at_attribute(dns, "service", "a service is told with its port",
                                                        "broker.vendor.example:8883")
                               .to_string());
    rule.fails_first = static_cast<unsigned>(std::min<std::int64_t>(dns.integer("fails-first"), 1'000'000));
    TRY_ASSIGN(rule.failure, parse_dns_answer(dns.text("failure")));
    return rule;
}

Result<HttpAnswer> make_answer(const markup::Node& node) {
    HttpAnswer answer;
    const auto status = node.integer("status");
    if (status < 200 || status > 599)
        return usage_error(markup::problem_at(node,
                                              fmt::format("status {} is not one of a final answer", status),
                                              "200 to 599")
                               .to_string());
    answer.status = static_cast<unsigned>(status);
    answer.body = node.has("body") ? node.text("body") : node.content();
    answer.delay = node.duration("delay");
    if (node.has("file")) {
        TRY_ASSIGN(answer.body, content_of(file_of(node)));
        answer.literal = true;
    }
    for (const auto* header : node.all("header"))
        answer.headers.emplace_back(header->text("name"), header->text("value"));
    return answer;
}

}  // namespace

std::string_view to_string(Answers answers) { return word_of(answers_words, answers); }
Result<Answers> parse_answers(std::string_view text) { return value_of(answers_words, "answers", text); }
std::string_view to_string(DnsAnswer answer) { return word_of(dns_words, answer); }
Result<DnsAnswer> parse_dns_answer(std::string_view text) { return value_of(dns_words, "answer", text); }

// In evidence the files stand beside the copy of the document, wherever they were when it was written.
namespace {

/// What inputs/index.json of evidence says that a file is called there; "" where nothing does.
std::string name_in_evidence(const std::filesystem::path& folder, const std::string& named) {
    constexpr std::uint64_t longest_index = 4u << 20;
    const auto text = read_text_file(folder / "index.json", longest_index, Links::refused);
    const auto index = text ? parse_json(*text) : Json();
    if (!index.is_array()) return {};
    for (const auto& entry : index) {
        JsonMembers members(entry, "index.json");
        const auto name = members.text("name");
        if (members.text("named") == named && name.find('/') == std::string::npos) return name;
    }
    return {};
}

}  // namespace

std::filesystem::path named_file(const markup::Node& node, std::string_view attribute) {
    const auto named = node.text(attribute);
    const auto folder = std::filesystem::path(node.position().file).parent_path();
    std::error_code code;
    if (!std::filesystem::exists(folder / named, code))
        if (const auto known = name_in_evidence(folder, named); !known.empty()) return folder / known;
    const auto file = node.path(attribute);
    const auto beside = folder / file.filename();
    return std::filesystem::exists(file, code) || !std::filesystem::exists(beside, code) ? file : beside;
}

std::vector<NamedFile> files_of(const markup::Node& node) {
    std::vector<NamedFile> files;
    const auto add = [&](const markup::Node& one, const char* attribute) {
        files.push_back({named_file(one, attribute), one.name() + " " + attribute, one.text(attribute)});
    };
    for (const auto* route : node.all("http-route"))
        for (const auto* answer : route->all("answer"))
            if (answer->has("file")) add(*answer, "file");
    for (const auto* dialogue : node.all("dialogue")) add(*dialogue, "file");
    for (const auto* update : node.all("update"))
        if (update->has("learned")) add(*update, "learned");
    return files;
}

Result<Personality> make_personality(const markup::Node& node) {
    Personality personality;
    TRY(begin_with(node.text("personality"), personality));
    if (node.has("clock")) personality.clock = node.timestamp("clock");
    if (node.has("country")) personality.country = node.text("country");
    if (node.has("public-address")) personality.public_address = node.address("public-address");
    if (node.given("lease")) personality.lease = node.duration("lease");
    if (personality.lease && *personality.lease < shortest_lease)
        return usage_error(
            markup::problem_at_attribute(node, "lease", "nobody can renew it in time", "10s or more")
                .to_string());
    personality.refuse_first =
        static_cast<unsigned>(std::min<std::int64_t>(node.integer("refuse-first"), 1000));
    TRY(take_conditions(node, personality));
    if (const auto* child = node.first("tls")) {
        TRY_ASSIGN(personality.tls, make_ladder(*child));
    }
    for (const auto* dns : node.all("dns")) {
        TRY_ASSIGN(auto rule, make_dns_rule(*dns));
        personality.dns.push_back(std::move(rule));
    }
    if (const auto* ntp = node.first("ntp")) TRY(take_ntp(*ntp, personality.time_telling));
    personality.captive_portal = node.flag("captive-portal");
    personality.starttls = node.flag("starttls");
    for (const auto* child : node.all("http-route")) {
        HttpRoute route{.host = child->text("host"),
                        .path = child->text("path"),
                        .method = child->has("method") ? child->text("method") : "*"};
        for (const auto* answer : child->all("answer")) {
            TRY_ASSIGN(auto made, make_answer(*answer));
            route.answers.push_back(std::move(made));
        }
        personality.http_routes.push_back(std::move(route));
    }
    for (const auto* child : node.all("update")) {
        TRY_ASSIGN(auto server, make_update_server(*child));
        for (auto& route : routes_before_offers(server)) personality.http_routes.push_back(std::move(route));
        personality.update_servers.push_back(std::move(server));
    }
    personality.wants_given_authority = node.text("certificates") == "given";
    for (const auto* child : node.all("mqtt-retained"))
        personality.mqtt_retained.push_back(
            {child->text("topic"), child->has("content") ? child->text("content") : child->content(),
             static_cast<unsigned>(child->text("qos").at(0) - '0')});
    for (const auto* child : node.all("dialogue")) {
        markup::Problems problems;
        TRY_ASSIGN(auto servers, load_dialogues(file_of(*child), problems));
        for (auto& server : servers) personality.dialogues.push_back(std::move(server));
    }
    return personality;
}

}  // namespace cambench::internet
