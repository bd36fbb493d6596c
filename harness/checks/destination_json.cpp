#include "harness/checks/destination_json.hpp"

#include <algorithm>
#include <span>

#include "harness/analysis/flows/tls_sessions.hpp"
#include "harness/checks/clouds.hpp"
#include "harness/checks/dns_tunnel.hpp"
#include "harness/checks/matching.hpp"
#include "harness/checks/occasions.hpp"

namespace cambench {
namespace {

using analysis::Destination;
using analysis::Observations;
using json_parts::epoch;
using json_parts::seconds;
using json_parts::text_or_null;
using json_parts::texts;

/// true, false, or null where there is nothing to compare with or the recording cannot tell.
Json declared_value(const Match& found, const Declaration* declaration) {
    if (declaration == nullptr || found.standing == Standing::unknown) return {};
    return found.standing == Standing::declared || found.standing == Standing::infrastructure ||
           found.standing == Standing::answer;
}

std::string purpose_of(const Match& found) {
    switch (found.standing) {
        case Standing::declared:
            return found.entry != nullptr ? found.entry->purpose : found.why;
        case Standing::infrastructure:
            return "network";
        case Standing::discovery:
            return "discovery";
        case Standing::answer:
            return "asked for";
        case Standing::device:
            return "neighbouring device";
        default:
            return "";
    }
}

/// null when nobody is known behind the name.
Json owner_json(const Destination& destination) {
    const auto cloud = cloud_of(destination.name);
    if (!cloud) return {};
    return {{"owner", cloud->owner.empty() ? Json() : Json(cloud->owner)},
            {"role", cloud->role},
            {"covered", cloud->covered}};
}

/// null when no database knows the address, or none was given.
Json place_json(const Destination& destination) {
    if (!destination.place) return {};
    const auto& place = *destination.place;
    return {{"country", text_or_null(place.country)},
            {"as", text_or_null(place.system)},
            {"organisation", text_or_null(place.organisation)}};
}

Json contents_json(const Destination& destination) {
    Json list = Json::array();
    for (const auto& fact : destination.contents) {
        Json json{{"kind", to_string(fact.kind)},
                  {"what", to_utf8(fact.what)},
                  {"outgoing", fact.outgoing},
                  {"times", fact.times}};
        if (fact.frame.number != 0) json["frame"] = fact.frame.number;
        if (!fact.payload.empty()) json["file"] = fact.payload;
        if (!fact.certain) json["certain"] = false;
        list.push_back(std::move(json));
    }
    return list;
}

Json inner_json(const Destination& destination) {
    Json list = Json::array();
    for (const auto& one : destination.inner) {
        Json json{{"layers", to_utf8(one.layers)}, {"protocol", to_utf8(one.protocol)}, {"times", one.times}};
        if (!one.toward.empty()) json["toward"] = to_utf8(one.toward);
        if (!one.payload.empty()) json["file"] = to_utf8(one.payload);
        list.push_back(std::move(json));
    }
    return list;
}

Json deliveries_json(const Destination& destination) {
    Json list = Json::array();
    for (const auto& one : destination.deliveries) {
        Json json{{"what", to_utf8(one.what)},
                  {"bytes", one.bytes},
                  {"times", one.times},
                  {"time", seconds(one.first)}};
        if (!one.payload.empty()) json["file"] = to_utf8("payloads/" + one.payload);
        list.push_back(std::move(json));
    }
    return list;
}

/// The handshakes on record, each with the certificate as far as it was in clear.
Json sessions_json(const Destination& destination) {
    Json list = Json::array();
    constexpr std::size_t most_sessions = 64;
    for (const auto& one : std::span(destination.tls_sessions)
                               .first(std::min(most_sessions, destination.tls_sessions.size()))) {
        Json json{{"frame", one.frame.number},
                  {"asked", text_or_null(one.asked)},
                  {"version", text_or_null(analysis::tls_version_name(one.version))},
                  {"end", to_string(one.end)},
                  {"alert", text_or_null(one.alert)},
                  {"resumed", one.resumed},
                  {"certificate", Json()}};
        if (one.certificate) {
            const auto& certificate = *one.certificate;
            json["certificate"] = {
                {"sha256", certificate.fingerprint},        {"subject", to_utf8(certificate.subject)},
                {"issuer", to_utf8(certificate.issuer)},    {"names", texts(certificate.names)},
                {"self_signed", certificate.self_signed},   {"not_before", epoch(certificate.not_before)},
                {"not_after", epoch(certificate.not_after)}};
        }
        list.push_back(std::move(json));
    }
    return list;
}

WallTime beginning_of(const Observations& observations) {
    std::optional<WallTime> first;
    for (const auto& capture : observations.captures)
        if (capture.first) first = std::min(first.value_or(*capture.first), *capture.first);
    return first.value_or(WallTime());
}

Json answers_json(const Destination& destination) {
    Json list = Json::array();
    for (const auto& one : destination.certificates)
        list.push_back({{"taken", one.outcome == "established"},
                        {"outcome", to_utf8(one.outcome)},
                        {"alert", text_or_null(one.alert)},
                        {"version", text_or_null(one.version)},
                        {"times", one.times}});
    return list;
}

/// What the scenario did last before the first contact; null: no run, or nothing yet.
Json occasion_json(const Destination& destination, const Observations& observations) {
    const auto occasion = occasion_of(observations, run_time(observations, {0, destination.first_seen, 0}));
    if (!occasion) return {};
    return {{"step", to_utf8(occasion->step)}, {"seconds", seconds(occasion->before)}};
}

Json to_json(const Destination& destination, const Observations& observations,
             const Declaration* declaration) {
    const auto found = match(destination, observations, declaration);
    Json claims = Json::array();
    for (const auto& claim : destination.claims)
        claims.push_back(
            {{"name", to_utf8(claim.name)}, {"by", to_string(claim.by)}, {"frame", claim.frame.number}});
    return {
        {"name", text_or_null(destination.name)},
        {"address", destination.addresses.front().to_string()},
        {"addresses", texts(destination.addresses)},
        {"resolution", to_string(destination.resolution)},
        {"port", destination.port},
        {"transport", to_string(destination.transport)},
        {"protocol", destination.protocol},
        {"bytes_out", destination.bytes_out},
        {"bytes_in", destination.bytes_in},
        {"attempts", destination.attempts},
        {"failed", destination.failed},
        {"first_seen", epoch(destination.first_seen)},
        {"last_seen", epoch(destination.last_seen)},
        {"first_frame", destination.first_frame.number},
        {"under_way", destination.under_way},
        {"first_after", occasion_json(destination, observations)},
        {"claims", std::move(claims)},
        {"aliases", texts(destination.aliases)},
        {"declared", declared_value(found, declaration)},
        {"purpose", text_or_null(purpose_of(found))},
        {"domain", destination.name.empty() ? Json() : Json(to_utf8(registrable_domain(destination.name)))},
        {"cloud", owner_json(destination)},
        {"place", place_json(destination)},
        {"alpn", texts(destination.alpn)},
        {"ja3", destination.ja3},
        {"ja4", destination.ja4},
        {"certificate_names", texts(destination.certificate_names)},
        {"certificates", answers_json(destination)},
        {"tls_sessions", sessions_json(destination)},
        {"interception", to_string(interception_of(destination, beginning_of(observations)))},
        {"deliveries", deliveries_json(destination)},
        {"deliveries_unlisted", destination.unlisted_deliveries},
        {"inner", inner_json(destination)},
        {"mute", destination.mute},
        {"contents", contents_json(destination)}};
}

constexpr std::size_t most_rows = 2000;

/// Which of them are listed: all, or the ones that matter most, in order of appearance.
std::vector<const Destination*> listed_destinations(const Observations& observations,
                                                    const Declaration* declaration) {
    std::vector<const Destination*> listed;
    for (const auto& destination : observations.destinations) listed.push_back(&destination);
    if (listed.size() <= most_rows) return listed;
    const auto weight = [&](const Destination* one) {
        const auto standing = match(*one, observations, declaration).standing;
        return standing == Standing::undeclared ? 0 : standing == Standing::unknown ? 1 : 2;
    };
    std::vector<std::pair<int, const Destination*>> weighed;
    for (const auto* one : listed) weighed.emplace_back(weight(one), one);
    std::stable_sort(weighed.begin(), weighed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    listed.clear();
    for (std::size_t i = 0; i < most_rows; ++i) listed.push_back(weighed[i].second);
    std::sort(listed.begin(), listed.end());
    return listed;
}

}  // namespace

Json destinations_json(const Observations& observations, const Declaration* declaration) {
    Json list = Json::array();
    std::size_t bytes = 0;
    for (const auto* destination : listed_destinations(observations, declaration)) {
        auto row = to_json(*destination, observations, declaration);
        bytes += row.dump(-1, ' ', false, Json::error_handler_t::replace).size();
        if (bytes > most_bytes_of_a_list) break;
        list.push_back(std::move(row));
    }
    return list;
}

}  // namespace cambench
