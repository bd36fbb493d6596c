#include "harness/steps/update_offers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/checksum.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr auto ten_years = std::chrono::hours(24 * 3650);  // whatever the camera was told the time is
/// Where a redirection leads: a name nobody declares.
constexpr auto elsewhere = "firmware.elsewhere.example";

std::string file_name(const offers::Offer& offer) {
    return fmt::format("{}-{}.bin", offer.model.empty() ? "firmware" : offer.model,
                       offer.version.empty() ? "0" : offer.version);
}

std::optional<std::string> checksum_field(std::string_view name, ByteView bytes) {
    const auto dot = name.find('.');
    const auto kind = name.substr(0, dot),
               form = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    if (std::find(checksum_names.begin(), checksum_names.end(), kind) == checksum_names.end())
        return std::nullopt;
    auto text = written_checksum(checksum_of(kind, bytes), form);
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

Json route(const std::string& host, const std::string& path, std::string_view role, Json answer) {
    return {{"host", host}, {"path", path}, {"role", role}, {"answers", Json::array({std::move(answer)})}};
}

Json package_answer(const offers::Offer& offer) {
    return {{"status", 200},
            {"headers", Json::array({Json::array({"Content-Type", "application/octet-stream"})})},
            {"literal", true},
            {"content", base64(as_text(offer.bytes))}};
}

/// What the recorded server said, with the offer in the package's place. A forger at the server would mend
/// the list as well.
Json learned_answer(const UpdateExchange& exchange, const offers::Offer& offer, WallTime now) {
    using Role = UpdateExchange::Role;
    if (exchange.role == Role::package && offer.redirected)
        return {{"status", 302},
                {"headers", Json::array({Json::array(
                                {"Location", fmt::format("http://{}/{}", elsewhere, file_name(offer))})})}};
    const auto field = [&](std::string_view name) { return offer_field(name, offer, now); };
    Json headers = Json::array();
    for (const auto& [name, value] : exchange.headers)
        headers.push_back(Json::array({name, fill_in(value, {}, now, field)}));
    const auto body = exchange.role == Role::package ? std::string(as_text(offer.bytes))
                                                     : fill_in(exchange.answer, {}, now, field);
    return {{"status", exchange.status},
            {"headers", std::move(headers)},
            {"literal", true},
            {"content", base64(body)}};
}

Json learned_routes(const LearnedUpdate& learned, const offers::Offer& offer, WallTime now) {
    using Role = UpdateExchange::Role;
    Json routes = Json::array();
    for (const auto& exchange : learned.exchanges) {
        const auto role = exchange.role == Role::package && !offer.redirected ? "package"
                          : exchange.role == Role::other                      ? ""
                                                                              : "list";
        auto made = route(exchange.host, exchange.path, role, learned_answer(exchange, offer, now));
        made["method"] = exchange.method;
        made["asked"] = {{"query", base64(exchange.query)},
                         {"body", base64(exchange.sent)},
                         {"authorised", exchange.authorised}};
        routes.push_back(std::move(made));
    }
    if (offer.redirected) routes.push_back(route(elsewhere, "*", "package", package_answer(offer)));
    return routes;
}

}  // namespace

std::string offer_field(std::string_view name, const offers::Offer& offer, WallTime now) {
    if (name == "model") return offer.model;
    if (name == "version") return offer.version;
    if (name == "name") return file_name(offer);
    if (name == "size") return std::to_string(offer.bytes.size());
    if (name == "expires") {
        const auto when = offer.stale ? now - ten_years : now + ten_years;
        return format_timestamp(std::chrono::floor<std::chrono::seconds>(when)).substr(0, 19) + "Z";
    }
    return checksum_field(name, offer.bytes).value_or(fmt::format("${{offer.{}}}", name));
}

std::string fill_in_offer(std::string_view text, const offers::Offer& offer, WallTime now) {
    std::string filled;
    for (;;) {
        const auto open = text.find("${"),
                   close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) return filled.append(text);
        const auto name = text.substr(open + 2, close - open - 2);
        filled.append(text.substr(0, open))
            .append(name.starts_with("offer.") ? offer_field(name.substr(6), offer, now)
                                               : std::string(text.substr(open, close + 1 - open)));
        text = text.substr(close + 1);
    }
}

Json offer_routes(const internet::UpdateServer& server, const offers::Offer& offer,
                  const offers::SigningKey* key, WallTime now) {
    if (server.learned) return learned_routes(*server.learned, offer, now);
    Json routes = Json::array();
    if (offer.redirected) {
        const auto target = fmt::format("http://{}/{}", elsewhere, file_name(offer));
        routes.push_back(
            route(server.host, server.package_path, "list",
                  {{"status", 302}, {"headers", Json::array({Json::array({"Location", target})})}}));
        routes.push_back(route(elsewhere, "*", "package", package_answer(offer)));
    } else {
        routes.push_back(route(server.host, server.package_path, "package", package_answer(offer)));
    }
    if (server.list_path.empty()) return routes;
    const auto list = fill_in_offer(server.list, offer, now);
    Json headers = Json::array({Json::array({"Content-Type", server.content_type})});
    if (!server.signature_header.empty() && key != nullptr)
        if (const auto signature = key->sign(as_bytes(list)))
            headers.push_back(Json::array({server.signature_header, base64(as_text(*signature))}));
    routes.push_back(route(
        server.host, server.list_path, "list",
        {{"status", 200}, {"headers", std::move(headers)}, {"literal", true}, {"content", base64(list)}}));
    return routes;
}

}  // namespace cambench
