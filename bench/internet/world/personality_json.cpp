#include <fmt/format.h>

#include <algorithm>

#include "bench/internet/world/personality.hpp"
#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

Nanoseconds nanoseconds(const Json& json, const char* name) {
    return Nanoseconds(json.value(name, std::int64_t{0}));
}

/// A file may hold any bytes, which JSON cannot: its content goes in base64.
Json to_json(const HttpAnswer& answer) {
    Json json{{"status", answer.status},
              {"headers", answer.headers},
              {"literal", answer.literal},
              {"delay_ns", answer.delay.count()}};
    if (answer.literal)
        json["content"] = base64(answer.body);
    else
        json["body"] = answer.body;
    return json;
}

Json to_json(const TlsLadder& ladder) {
    Json certificates = Json::array();
    for (const auto kind : ladder.certificates) certificates.push_back(to_string(kind));
    return {{"certificates", std::move(certificates)},
            {"attempts", ladder.attempts},
            {"rounds", ladder.rounds},
            {"authority", ladder.authority}};
}

Result<TlsLadder> ladder_from_json(const Json& json) {
    TlsLadder ladder;
    if (json.contains("certificates")) ladder.certificates.clear();
    for (const auto& word : json.value("certificates", Json::array())) {
        TRY_ASSIGN(const auto kind, parse_certificate_kind(word.get<std::string>()));
        ladder.certificates.push_back(kind);
    }
    ladder.attempts = json.value("attempts", 1U);
    ladder.rounds = json.value("rounds", 1U);
    ladder.authority = json.value("authority", "");
    return ladder;
}

Json to_json(const TimeTelling& telling) {
    Json answers = Json::array();
    for (const auto& answer : telling.answers) {
        Json entry{{"kind", static_cast<int>(answer.kind)}, {"offset_ns", answer.offset.count()}};
        if (answer.time) entry["time_ns"] = answer.time->time_since_epoch().count();
        answers.push_back(std::move(entry));
    }
    return {{"leap", static_cast<int>(telling.leap)},
            {"stratum", telling.stratum},
            {"drift", telling.drift},
            {"answers", std::move(answers)}};
}

TimeTelling time_telling_from_json(const Json& json) {
    TimeTelling telling{static_cast<TimeTelling::Leap>(json.value("leap", 0) & 3),
                        json.value("stratum", 2U),
                        json.value("drift", 0.0),
                        {}};
    for (const auto& entry : json.value("answers", Json::array())) {
        NtpAnswer answer{
            static_cast<NtpAnswer::Kind>(entry.value("kind", 0) & 3), {}, nanoseconds(entry, "offset_ns")};
        if (entry.contains("time_ns"))
            answer.time = WallTime(Nanoseconds(entry.at("time_ns").get<std::int64_t>()));
        telling.answers.push_back(answer);
    }
    return telling;
}

Json to_json(const DialogueServer& server) {
    Json turns = Json::array();
    for (const auto& turn : server.turns) {
        Json answers = Json::array();
        for (const auto& answer : turn.answers) answers.push_back(answer.to_string());
        Json entry{{"answers", std::move(answers)}, {"closes", turn.closes}};
        if (turn.request) entry["camera"] = turn.request->to_string();
        turns.push_back(std::move(entry));
    }
    Json json{{"name", server.name},
              {"port", server.port},
              {"transport", to_string(server.transport)},
              {"tls", server.inside_tls},
              {"turns", std::move(turns)}};
    if (server.address) json["address"] = server.address->to_string();
    return json;
}

Result<DialogueServer> dialogue_from_json(const Json& json) {
    DialogueServer server{.name = json.at("name").get<std::string>(),
                          .address = {},
                          .port = json.at("port").get<std::uint16_t>(),
                          .turns = {}};
    if (json.contains("address")) {
        TRY_ASSIGN(server.address, IpAddress::parse(json.at("address").get<std::string>()));
    }
    server.transport = json.at("transport") == "udp" ? Transport::udp : Transport::tcp;
    server.inside_tls = json.at("tls").get<bool>();
    for (const auto& entry : json.at("turns")) {
        DialogueTurn turn{.request = {}, .answers = {}, .closes = entry.at("closes").get<bool>()};
        if (entry.contains("camera")) {
            TRY_ASSIGN(turn.request, DialogueTemplate::parse(entry.at("camera").get<std::string>()));
        }
        for (const auto& answer : entry.at("answers")) {
            TRY_ASSIGN(auto parsed, DialogueTemplate::parse(answer.get<std::string>()));
            turn.answers.push_back(std::move(parsed));
        }
        server.turns.push_back(std::move(turn));
    }
    return server;
}

}  // namespace

Json to_json(const Personality& personality) {
    Json dns = Json::array(), routes = Json::array();
    for (const auto& rule : personality.dns) {
        Json entry{{"name", rule.name}, {"answer", to_string(rule.answer)}};
        if (rule.address) entry["address"] = rule.address->to_string();
        if (!rule.text.empty()) entry["text"] = rule.text;
        if (!rule.service.empty()) entry["service"] = rule.service;
        if (rule.fails_first > 0)
            entry["fails-first"] = rule.fails_first, entry["failure"] = to_string(rule.failure);
        dns.push_back(std::move(entry));
    }
    for (const auto& route : personality.http_routes) {
        Json answers = Json::array();
        for (const auto& answer : route.answers) answers.push_back(to_json(answer));
        routes.push_back({{"host", route.host},
                          {"path", route.path},
                          {"method", route.method},
                          {"answers", std::move(answers)}});
    }
    Json json{{"answers", to_string(personality.answers)},
              {"dns", std::move(dns)},
              {"http-routes", std::move(routes)}};
    for (const auto& message : personality.mqtt_retained)
        json["mqtt-retained"].push_back(
            {{"topic", message.topic}, {"content", message.content}, {"qos", message.qos}});
    const auto& conditions = personality.conditions;
    json["conditions"] = {{"latency_ns", conditions.latency.count()},
                          {"jitter_ns", conditions.jitter.count()},
                          {"loss", conditions.loss},
                          {"resets", conditions.resets},
                          {"bandwidth", conditions.bandwidth}};
    for (const auto& outage : personality.outages)
        json["outages"].push_back({{"after_ns", outage.after.count()},
                                   {"length_ns", outage.length.count()},
                                   {"every_ns", outage.every.count()}});
    if (personality.tls) json["tls"] = to_json(*personality.tls);
    json["time-telling"] = to_json(personality.time_telling);
    json["given-authority"] = personality.given_authority;
    json["captive-portal"] = personality.captive_portal;
    json["starttls"] = personality.starttls;
    for (const auto& server : personality.dialogues) json["dialogues"].push_back(to_json(server));
    if (personality.lease) json["lease-ns"] = personality.lease->count();
    json["refuse-first"] = personality.refuse_first;
    json["servers-dead"] = personality.servers_dead;
    json["country"] = personality.country;
    if (personality.public_address) json["public-address"] = personality.public_address->to_string();
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
        rule.text = json.value("text", "");
        rule.service = json.value("service", "");
        rule.fails_first = json.value("fails-first", 0U);
        TRY_ASSIGN(rule.failure, parse_dns_answer(json.value("failure", "silent")));
        const bool says_more = !rule.text.empty() || !rule.service.empty() || rule.fails_first > 0;
        if (rule.answer == DnsAnswer::address && !rule.address && !says_more)
            return usage_error(fmt::format("dns rule for '{}' has no address", rule.name));
        return rule;
    } catch (const Json::exception& exception) {
        return usage_error(fmt::format("dns rule: {}", exception.what()));
    }
}

Result<Conditions> conditions_from_json(const Json& json) {
    try {
        Conditions conditions;
        conditions.latency = nanoseconds(json, "latency_ns");
        conditions.jitter = nanoseconds(json, "jitter_ns");
        conditions.loss = json.value("loss", 0.0);
        conditions.resets = json.value("resets", 0.0);
        conditions.bandwidth = json.value("bandwidth", std::uint64_t{0});
        if (conditions.loss < 0 || conditions.loss > 1 || conditions.resets < 0 || conditions.resets > 1)
            return usage_error("conditions: a share is not between 0 and 1");
        return conditions;
    } catch (const Json::exception& exception) {
        return usage_error(fmt::format("conditions: {}", exception.what()));
    }
}

Result<HttpRoute> http_route_from_json(const Json& json) {
    try {
        HttpRoute route{.host = json.value("host", "*"),
                        .path = json.value("path", "*"),
                        .method = json.value("method", "*")};
        for (const auto& entry : json.at("answers")) {
            HttpAnswer answer{.status = entry.value("status", 200U), .body = entry.value("body", "")};
            if (entry.contains("content"))
                answer.body = from_base64(entry.at("content").get<std::string>()).value_or("");
            answer.literal = entry.value("literal", false);
            answer.delay = Nanoseconds(entry.value("delay_ns", std::int64_t{0}));
            if (answer.status < 200 || answer.status > 599)
                return usage_error(fmt::format("http route: status {} is out of range", answer.status));
            if (entry.contains("headers")) answer.headers = entry.at("headers").get<HttpHeaders>();
            route.answers.push_back(std::move(answer));
        }
        const auto role = json.value("role", "");
        route.role = role == "list"      ? UpdateRole::list
                     : role == "package" ? UpdateRole::package
                                         : UpdateRole::none;
        if (const auto asked = json.find("asked"); asked != json.end())
            route.asked = HttpRoute::Asked{from_base64(asked->value("query", "")).value_or(""),
                                           from_base64(asked->value("body", "")).value_or(""),
                                           asked->value("authorised", false)};
        if (route.answers.empty())
            return usage_error(fmt::format("http route for '{}{}' has no answer", route.host, route.path));
        return route;
    } catch (const Json::exception& exception) {
        return usage_error(fmt::format("http route: {}", exception.what()));
    }
}

Result<Personality> personality_from_json(const Json& json) {
    try {
        Personality personality;
        TRY_ASSIGN(personality.answers, parse_answers(json.value("answers", "all")));
        if (json.contains("clock-ns"))
            personality.clock = WallTime(Nanoseconds(json.at("clock-ns").get<std::int64_t>()));
        for (const auto& entry : json.value("dns", Json::array())) {
            TRY_ASSIGN(auto rule, dns_rule_from_json(entry));
            personality.dns.push_back(std::move(rule));
        }
        for (const auto& entry : json.value("http-routes", Json::array())) {
            TRY_ASSIGN(auto route, http_route_from_json(entry));
            personality.http_routes.push_back(std::move(route));
        }
        for (const auto& entry : json.value("mqtt-retained", Json::array()))
            personality.mqtt_retained.push_back({entry.at("topic").get<std::string>(),
                                                 entry.at("content").get<std::string>(),
                                                 entry.value("qos", 0U)});
        personality.time_telling = time_telling_from_json(json.value("time-telling", Json::object()));
        personality.given_authority = json.value("given-authority", "");
        personality.captive_portal = json.value("captive-portal", false);
        personality.starttls = json.value("starttls", true);
        for (const auto& entry : json.value("dialogues", Json::array())) {
            TRY_ASSIGN(auto server, dialogue_from_json(entry));
            personality.dialogues.push_back(std::move(server));
        }
        if (json.contains("conditions")) {
            TRY_ASSIGN(personality.conditions, conditions_from_json(json.at("conditions")));
        }
        for (const auto& entry : json.value("outages", Json::array()))
            personality.outages.push_back({nanoseconds(entry, "after_ns"), nanoseconds(entry, "length_ns"),
                                           nanoseconds(entry, "every_ns")});
        if (json.contains("tls")) {
            TRY_ASSIGN(personality.tls, ladder_from_json(json.at("tls")));
        }
        if (json.contains("lease-ns")) personality.lease = nanoseconds(json, "lease-ns");
        personality.refuse_first = json.value("refuse-first", 0U);
        personality.servers_dead = json.value("servers-dead", false);
        personality.country = json.value("country", "");
        if (json.contains("public-address")) {
            TRY_ASSIGN(personality.public_address,
                       IpAddress::parse(json.at("public-address").get<std::string>()));
        }
        return personality;
    } catch (const Json::exception& exception) {
        return usage_error(fmt::format("personality: {}", exception.what()));
    }
}

}  // namespace cambench::internet
