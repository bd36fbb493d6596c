#include <fmt/format.h>

#include <algorithm>

#include "harness/analysis/run/tls_trials.hpp"
#include "harness/checks/destination_json.hpp"
#include "harness/checks/judgement.hpp"
#include "harness/checks/matching.hpp"
#include "harness/checks/update_contacts.hpp"
#include "harness/checks/upgrade_findings.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

using analysis::Observations;
using json_parts::seconds;
using json_parts::text_or_null;
using json_parts::texts;

Json to_json(const std::vector<Pointer>& pointers) {
    Json list = Json::array();
    for (const auto& pointer : pointers) {
        Json json = Json::object();
        if (pointer.frame) json["frame"] = *pointer.frame;
        if (pointer.line) json["line"] = *pointer.line;
        if (pointer.time) json["time"] = seconds(*pointer.time);
        if (!pointer.file.empty()) json["file"] = to_utf8(pointer.file);
        if (!json.empty()) list.push_back(std::move(json));
    }
    return list;
}

Json to_json(const Finding& finding) {
    return {{"title", to_utf8(finding.title)},
            {"detail", to_utf8(finding.detail)},
            {"verdict", to_string(finding.verdict)},
            {"evidence", to_json(finding.evidence)}};
}

Json to_json(const CheckResult& result) {
    Json findings = Json::array();
    for (const auto& finding : result.findings) findings.push_back(to_json(finding));
    return {{"check", result.check},
            {"verdict", to_string(result.verdict)},
            {"title", to_utf8(result.title)},
            {"why", result.why},
            {"seen", to_utf8(result.seen)},
            {"remedy", result.remedy},
            {"requirements", result.requirements},
            {"findings", std::move(findings)},
            {"evidence", to_json(result.evidence)}};
}

constexpr std::size_t most_names_listed = 5000;

Json dns_json(const Observations& observations) {
    Json list = Json::array();
    std::size_t bytes = 0;
    for (const auto& lookup : observations.lookups) {
        constexpr std::size_t of_a_row = 200;
        bytes += of_a_row + lookup.name.size() + lookup.answers.size() * of_a_row / 8 +
                 lookup.aliases.size() * of_a_row / 4;
        if (list.size() >= most_names_listed || bytes > most_bytes_of_a_list) break;
        list.push_back({{"name", to_utf8(lookup.name)},
                        {"type", lookup.type},
                        {"resolver", lookup.resolver.address.to_string()},
                        {"answers", texts(lookup.answers)},
                        {"aliases", texts(lookup.aliases)},
                        {"times", lookup.times},
                        {"answered", lookup.answer.has_value()},
                        {"frame", lookup.query.number == 0 ? Json() : Json(lookup.query.number)},
                        {"time", seconds(analysis::run_time(observations, lookup.query))}});
    }
    return list;
}

Json certificates_json(const analysis::TlsPosture& posture) {
    Json list = Json::array();
    for (const auto& one : posture.certificates) {
        Json json{{"certificate", to_utf8(one.certificate)},
                  {"result", to_string(one.result)},
                  {"attempts", one.attempts}};
        if (const auto* telling = one.telling) {
            json["outcome"] = to_utf8(telling->outcome);
            json["issuer"] = to_utf8(telling->issuer);
            json["alert"] = text_or_null(telling->alert);
            json["alert_number"] = telling->alert.empty() ? Json() : Json(telling->alert_number);
            json["version"] = text_or_null(telling->version);
            json["cipher"] = text_or_null(telling->cipher);
            json["time"] = seconds(telling->time);
        }
        list.push_back(std::move(json));
    }
    return list;
}

/// null when the run did not put the camera's TLS to the test.
Json tls_json(const Observations& observations) {
    if (!observations.tls_trials.present) return {};
    Json servers = Json::array();
    for (const auto& posture : tls_postures(observations)) {
        Json fallbacks = Json::array();
        for (const auto* contact : posture.fallbacks)
            fallbacks.push_back({{"name", text_or_null(contact->name)},
                                 {"destination", contact->destination.to_string()},
                                 {"transport", to_string(contact->transport)},
                                 {"protocol", to_utf8(contact->protocol)},
                                 {"recognised", contact->recognised},
                                 {"times", contact->times},
                                 {"time", seconds(contact->first)}});
        servers.push_back({{"server", to_utf8(posture.server)},
                           {"address", posture.destination.address.to_string()},
                           {"port", posture.destination.port},
                           {"stance", to_string(posture.stance)},
                           {"attempts", posture.attempts},
                           {"gave_way", posture.gave_way},
                           {"silent_for_s", posture.silent_for ? Json(seconds(*posture.silent_for)) : Json()},
                           {"certificates", certificates_json(posture)},
                           {"fallbacks", std::move(fallbacks)}});
    }
    return {{"authority_given", observations.tls_trials.authority_given}, {"servers", std::move(servers)}};
}

/// One entry for each offer of firmware, with what its four witnesses saw.
Json upgrades_json(const Observations& observations, const Declaration* declaration) {
    Json list = Json::array();
    const auto time = [](const std::optional<Nanoseconds>& when) {
        return when ? Json(seconds(*when)) : Json();
    };
    for (const auto& story : stories_of(observations, declaration)) {
        const auto& offer = story.offer;
        std::optional<Nanoseconds> booted;
        if (!story.starts.empty()) booted = story.starts.back().time;
        list.push_back({{"offer", to_utf8(offer.kind)},
                        {"version", to_utf8(offer.version)},
                        {"genuine", offer.genuine},
                        {"objection", to_utf8(offer.objection)},
                        {"sha256", to_utf8(offer.sha256)},
                        {"offered_s", time(offer.asked)},
                        {"fetched_s", time(offer.delivered)},
                        {"bytes", offer.uploaded ? offer.size : offer.bytes},
                        {"of", offer.size},
                        {"installed_s", time(story.written_at())},
                        {"installed_is_hint", story.writing() == analysis::Writing::hinted},
                        {"booted_s", time(booted)},
                        {"before", to_utf8(story.before)},
                        {"after", to_utf8(story.after)},
                        {"cut_s", time(offer.cut)},
                        {"taken", story.booted()}});
    }
    return list;
}

/// How a unit of a run came by its address, where it was not by a lease; "" otherwise.
std::string network_settings(const Observations& observations) {
    for (const auto& event : observations.run.events) {
        if (event.lane != "bench" || event.kind != "unit-addresses") continue;
        const auto address = IpAddress::parse(analysis::text_of(event.fields, "called_at"));
        const auto& servers = observations.network.dhcp_servers;
        const bool leased =
            address && std::any_of(observations.network.subnets.begin(), observations.network.subnets.end(),
                                   [&](const Cidr& one) { return one.contains(*address); });
        if (!address || (leased && !servers.empty() && address->is_v4())) return {};
        if (leased && !address->is_v4())
            return fmt::format("uses {} and took no IPv4 lease", address->to_string());
        return fmt::format("uses {}, {}", address->to_string(),
                           analysis::flag_of(event.fields, "asked_dhcp")
                               ? "and did not stay with what DHCP gave it"
                               : "never asked DHCP");
    }
    return {};
}

/// All stations that count as the camera.
Json macs_json(const analysis::Camera& camera) {
    Json list = Json::array();
    for (const auto& one : camera.macs)
        list.push_back(
            {{"mac", one.mac.to_string()}, {"addresses", texts(one.addresses)}, {"frames", one.frames}});
    return list;
}

Json camera_json(const Observations& observations) {
    const auto& camera = observations.camera;
    Json identity = Json::object();
    for (const auto* key :
         {"soc", "firmware", "serial", "model", "mac", "hostname", "bootloader", "kernel"}) {
        for (const auto& fact : observations.console.facts) {
            if (fact.key == key && !identity.contains(key)) identity[key] = to_utf8(fact.value);
        }
    }
    if (const auto settings = network_settings(observations); !settings.empty())
        identity["network"] = settings;
    return {{"mac", camera.mac ? Json(camera.mac->to_string()) : Json()},
            {"addresses", texts(camera.addresses)},
            {"hostname", to_utf8(camera.hostname)},
            {"vendor_class", to_utf8(camera.vendor_class)},
            {"guessed", camera.guessed},
            {"rivals", camera.rivals},
            {"macs", macs_json(camera)},
            {"identity", std::move(identity)}};
}

Json capture_json(const Observations& observations) {
    if (observations.captures.empty()) return {};
    Json json{{"file", to_utf8(observations.captures.front().file)},
              {"frames", 0},
              {"bytes", 0},
              {"dropped", Json()}};
    std::uint64_t frames = 0, bytes = 0;
    std::optional<std::uint64_t> dropped;
    for (const auto& capture : observations.captures) {
        frames += capture.frames;
        bytes += capture.bytes;
        if (capture.dropped) dropped = dropped.value_or(0) + *capture.dropped;
    }
    json["frames"] = frames;
    json["bytes"] = bytes;
    if (dropped) json["dropped"] = *dropped;
    return json;
}

}  // namespace

Json to_json(const Observations& observations, const Declaration* declaration, const Judgement& judgement) {
    Json checks = Json::array();
    for (const auto& result : judgement.results) checks.push_back(to_json(result));
    Json declared;
    if (declaration != nullptr)
        declared = {{"file", to_utf8(declaration->file)},
                    {"vendor", to_utf8(declaration->vendor)},
                    {"model", to_utf8(declaration->model)}};
    Json json{{"verdict", to_string(judgement.verdict)},
              {"reason", to_utf8(judgement.reason)},
              {"declaration", std::move(declared)},
              {"powered_s", seconds(observations.run.powered)},
              {"observed_s", seconds(observations.run.observed)},
              {"camera", camera_json(observations)},
              {"checks", std::move(checks)},
              {"destinations", destinations_json(observations, declaration)},
              {"dns", dns_json(observations)},
              {"tls", tls_json(observations)},
              {"limits", texts(judgement.limits)},
              {"capture", capture_json(observations)}};
    for (const auto& [name, count] : {std::pair("destinations", observations.destinations.size()),
                                      std::pair("dns", observations.lookups.size())})
        if (const auto listed = json[name].size(); listed < count)
            json[std::string(name) + "_left_out"] = count - listed;
    if (!observations.upgrade_offers.empty()) json["upgrades"] = upgrades_json(observations, declaration);
    if (auto contacts = update_contacts_json(observations, declaration); !contacts.empty())
        json["update_requests"] = std::move(contacts);
    return json;
}

std::vector<LazyMember> analyze_members(const Observations& observations, const Declaration* declaration,
                                        const Judgement& judgement, const std::string& capture) {
    const auto findings = [&judgement] {
        Json list = Json::array();
        for (const auto& result : judgement.results) {
            for (const auto& finding : result.findings) {
                auto json = to_json(finding);
                json["check"] = result.check;
                list.push_back(std::move(json));
            }
        }
        return list;
    };
    const auto checks = [&judgement] {
        Json list = Json::array();
        for (const auto& result : judgement.results) list.push_back(to_json(result));
        return list;
    };
    std::vector<LazyMember> members{
        {"camera", [&] { return camera_json(observations); }},
        {"capture", [capture] { return Json(to_utf8(capture)); }},
        {"checks", checks},
        {"destinations",
         [&observations, declaration] { return destinations_json(observations, declaration); }},
        {"dns", [&] { return dns_json(observations); }},
        {"findings", findings},
        {"limits", [&] { return texts(judgement.limits); }},
        {"reason", [&] { return Json(to_utf8(judgement.reason)); }}};
    if (auto contacts = update_contacts_json(observations, declaration); !contacts.empty())
        members.push_back({"update_requests", [contacts = std::move(contacts)] { return contacts; }});
    members.push_back({"verdict", [&] { return Json(to_string(judgement.verdict)); }});
    return members;
}

Json analyze_json(const Observations& observations, const Declaration* declaration,
                  const Judgement& judgement, const std::string& capture) {
    Json json = Json::object();
    for (const auto& member : analyze_members(observations, declaration, judgement, capture))
        json[member.name] = member.make();
    return json;
}

}  // namespace cambench
