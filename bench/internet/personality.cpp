#include "bench/internet/personality.hpp"

#include <fmt/format.h>

#include <array>

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
Result<T> value_of(const std::array<std::pair<T, std::string_view>, N>& table, std::string_view what, std::string_view text) {
    std::string words;
    for (const auto& [value, word] : table) {
        if (word == text) return value;
        words += fmt::format("{}{}", words.empty() ? "" : ", ", word);
    }
    return usage_error(fmt::format("{} '{}' is not one of {}", what, text, words));
}

constexpr std::array answers_words{std::pair{Answers::all, std::string_view("all")}, std::pair{Answers::names_only, std::string_view("names-only")},
                                   std::pair{Answers::none, std::string_view("none")}};
constexpr std::array personality_words{std::pair{Answers::all, std::string_view("open")},
                                       std::pair{Answers::names_only, std::string_view("resolver-only")},
                                       std::pair{Answers::none, std::string_view("silent")}};
constexpr std::array dns_words{std::pair{DnsAnswer::address, std::string_view("address")}, std::pair{DnsAnswer::nxdomain, std::string_view("nxdomain")},
                               std::pair{DnsAnswer::servfail, std::string_view("servfail")}, std::pair{DnsAnswer::refused, std::string_view("refuse")},
                               std::pair{DnsAnswer::silent, std::string_view("silent")}};

const Element& dns_element() {
    static const Element element{
        .name = "dns",
        .doc = "What the resolver says to one name, or to all names below one ('*.vendor.example').",
        .attributes = {{.name = "name", .kind = Kind::host, .doc = "The name asked for.", .required = true},
                       {.name = "address", .kind = Kind::address, .doc = "The address given instead of one of the name's own."},
                       {.name = "answer", .kind = Kind::choice, .doc = "The refusal given instead of an address.",
                        .choices = {"nxdomain", "servfail", "refuse", "silent"}}},
        .one_of = {{"address", "answer"}}};
    return element;
}

const Element& header_element() {
    static const Element element{.name = "header",
                                 .doc = "A header field of an answer; takes the place of the server's own of that name.",
                                 .attributes = {{.name = "name", .kind = Kind::word, .doc = "The field's name.", .required = true},
                                                {.name = "value", .kind = Kind::text, .doc = "The field's value.", .required = true}}};
    return element;
}

const Element& answer_element() {
    static const Element element{
        .name = "answer",
        .doc = "One answer; the text between the tags is the body and may hold ${placeholders}.",
        .attributes = {{.name = "status", .kind = Kind::integer, .doc = "The status code.", .fallback = "200"},
                       {.name = "body", .kind = Kind::text, .doc = "A body, for one that fits into an attribute."}},
        .children = {{&header_element()}},
        .content = Element::Content::text};
    return element;
}

const Element& http_route_element() {
    static const Element element{
        .name = "http-route",
        .doc = "What web servers say to some requests: each request takes the next answer, the last one repeats.",
        .attributes = {{.name = "host", .kind = Kind::text, .doc = "A name, an address, '*.vendor.example' or '*'.", .fallback = "*"},
                       {.name = "path", .kind = Kind::text, .doc = "The path; '*' stands for any characters.", .fallback = "*"},
                       {.name = "method", .kind = Kind::word, .doc = "The method, such as POST; any when left out."}},
        .children = {{&answer_element(), 1}}};
    return element;
}

Result<HttpAnswer> make_answer(const markup::Node& node) {
    HttpAnswer answer;
    const auto status = node.integer("status");
    if (status < 200 || status > 599)
        return usage_error(markup::problem_at(node, fmt::format("status {} is not one of a final answer", status), "200 to 599").to_string());
    answer.status = static_cast<unsigned>(status);
    answer.body = node.has("body") ? node.text("body") : node.content();
    for (const auto* header : node.all("header")) answer.headers.emplace_back(header->text("name"), header->text("value"));
    return answer;
}

Json to_json(const HttpAnswer& answer) {
    return {{"status", answer.status}, {"headers", answer.headers}, {"body", answer.body}};
}

}  // namespace

std::string_view to_string(Answers answers) { return word_of(answers_words, answers); }
Result<Answers> parse_answers(std::string_view text) { return value_of(answers_words, "answers", text); }
std::string_view to_string(DnsAnswer answer) { return word_of(dns_words, answer); }
Result<DnsAnswer> parse_dns_answer(std::string_view text) { return value_of(dns_words, "answer", text); }

const markup::Element& internet_element() {
    static const Element element{
        .name = "internet",
        .doc = "The fake internet the camera finds: how much of it answers, what time it tells, what it says.",
        .attributes = {{.name = "personality", .kind = Kind::choice, .doc = "open: everything answers; resolver-only: names are resolved and nothing "
                                                                            "else; silent: only DHCP, as on a network cut off.",
                        .fallback = "open", .choices = {"open", "resolver-only", "silent"}},
                       {.name = "clock", .kind = Kind::timestamp, .doc = "The time told by NTP and HTTP when the run begins; the real time when left out."}},
        .children = {{&dns_element()}, {&http_route_element()}}};
    return element;
}

Result<Personality> make_personality(const markup::Node& node) {
    Personality personality;
    TRY_ASSIGN(personality.answers, value_of(personality_words, "personality", node.text("personality")));
    if (node.has("clock")) personality.clock = node.timestamp("clock");
    for (const auto* dns : node.all("dns")) {
        DnsRule rule{.name = dns->text("name")};
        if (dns->has("address") && dns->has("answer"))
            return usage_error(markup::problem_at(*dns, "<dns> has both an address and a refusal", "keep one of them").to_string());
        if (dns->has("address")) rule.address = dns->address("address");
        else {
            TRY_ASSIGN(rule.answer, parse_dns_answer(dns->text("answer")));
        }
        personality.dns.push_back(std::move(rule));
    }
    for (const auto* child : node.all("http-route")) {
        HttpRoute route{.host = child->text("host"), .path = child->text("path"), .method = child->has("method") ? child->text("method") : "*"};
        for (const auto* answer : child->all("answer")) {
            TRY_ASSIGN(auto made, make_answer(*answer));
            route.answers.push_back(std::move(made));
        }
        personality.http_routes.push_back(std::move(route));
    }
    return personality;
}

Json to_json(const Personality& personality) {
    Json dns = Json::array(), routes = Json::array();
    for (const auto& rule : personality.dns) {
        Json entry{{"name", rule.name}, {"answer", to_string(rule.answer)}};
        if (rule.address) entry["address"] = rule.address->to_string();
        dns.push_back(std::move(entry));
    }
    for (const auto& route : personality.http_routes) {
        Json answers = Json::array();
        for (const auto& answer : route.answers) answers.push_back(to_json(answer));
        routes.push_back({{"host", route.host}, {"path", route.path}, {"method", route.method}, {"answers", std::move(answers)}});
    }
    Json json{{"answers", to_string(personality.answers)}, {"dns", std::move(dns)}, {"http-routes", std::move(routes)}};
    if (personality.clock) json["clock-ns"] = personality.clock->time_since_epoch().count();
    return json;
}

Result<DnsRule> dns_rule_from_json(const Json& json) {
    try {
        DnsRule rule{.name = json.at("name").get<std::string>()};
        TRY_ASSIGN(rule.answer, parse_dns_answer(json.value("answer", "address")));
        if (json.contains("address")) {
            TRY_ASSIGN(auto address, IpAddress::parse(json.at("address").get<std::string>()));
            rule.address = address;
        }
        if (rule.answer == DnsAnswer::address && !rule.address) return usage_error(fmt::format("dns rule for '{}' has no address", rule.name));
        return rule;
    } catch (const Json::exception& exception) {
        return usage_error(fmt::format("dns rule: {}", exception.what()));
    }
}

Result<HttpRoute> http_route_from_json(const Json& json) {
    try {
        HttpRoute route{.host = json.value("host", "*"), .path = json.value("path", "*"), .method = json.value("method", "*")};
        for (const auto& entry : json.at("answers")) {
            HttpAnswer answer{.status = entry.value("status", 200U), .body = entry.value("body", "")};
            if (answer.status < 200 || answer.status > 599) return usage_error(fmt::format("http route: status {} is out of range", answer.status));
            if (entry.contains("headers")) answer.headers = entry.at("headers").get<HttpHeaders>();
            route.answers.push_back(std::move(answer));
        }
        if (route.answers.empty()) return usage_error(fmt::format("http route for '{}{}' has no answer", route.host, route.path));
        return route;
    } catch (const Json::exception& exception) {
        return usage_error(fmt::format("http route: {}", exception.what()));
    }
}

Result<Personality> personality_from_json(const Json& json) {
    try {
        Personality personality;
        TRY_ASSIGN(personality.answers, parse_answers(json.value("answers", "all")));
        if (json.contains("clock-ns")) personality.clock = WallTime(Nanoseconds(json.at("clock-ns").get<std::int64_t>()));
        for (const auto& entry : json.value("dns", Json::array())) {
            TRY_ASSIGN(auto rule, dns_rule_from_json(entry));
            personality.dns.push_back(std::move(rule));
        }
        for (const auto& entry : json.value("http-routes", Json::array())) {
            TRY_ASSIGN(auto route, http_route_from_json(entry));
            personality.http_routes.push_back(std::move(route));
        }
        return personality;
    } catch (const Json::exception& exception) {
        return usage_error(fmt::format("personality: {}", exception.what()));
    }
}

}  // namespace cambench::internet
