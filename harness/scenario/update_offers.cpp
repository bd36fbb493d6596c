#include "harness/scenario/update_offers.hpp"

#include <fmt/format.h>

#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr auto ten_years = std::chrono::hours(24 * 3650);  // whatever the camera was told the time is
/// Where a redirection leads: a name nobody declares.
constexpr auto elsewhere = "firmware.elsewhere.example";

std::string file_name(const offers::Offer& offer) { return fmt::format("{}-{}.bin", offer.model.empty() ? "firmware" : offer.model, offer.version.empty() ? "0" : offer.version); }

std::string value_of(std::string_view name, const offers::Offer& offer, WallTime now) {
    if (name == "offer.model") return offer.model;
    if (name == "offer.version") return offer.version;
    if (name == "offer.name") return file_name(offer);
    if (name == "offer.size") return std::to_string(offer.bytes.size());
    if (name == "offer.sha256") return sha256_of(offer.bytes);
    if (name == "offer.md5") return md5_of(offer.bytes);
    if (name == "offer.expires") {
        const auto when = offer.stale ? now - ten_years : now + ten_years;
        return format_timestamp(std::chrono::floor<std::chrono::seconds>(when)).substr(0, 19) + "Z";
    }
    return fmt::format("${{{}}}", name);
}

Json route(const std::string& host, const std::string& path, std::string_view role, Json answer) {
    return {{"host", host}, {"path", path}, {"role", role}, {"answers", Json::array({std::move(answer)})}};
}

Json package_answer(const offers::Offer& offer) {
    return {{"status", 200}, {"headers", Json::array({Json::array({"Content-Type", "application/octet-stream"})})}, {"literal", true},
            {"content", base64(as_text(offer.bytes))}};
}

}  // namespace

std::string fill_in_offer(std::string_view text, const offers::Offer& offer, WallTime now) {
    std::string filled;
    for (;;) {
        const auto open = text.find("${"), close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) return filled.append(text);
        filled.append(text.substr(0, open)).append(value_of(text.substr(open + 2, close - open - 2), offer, now));
        text = text.substr(close + 1);
    }
}

Json offer_routes(const internet::UpdateServer& server, const offers::Offer& offer, const offers::SigningKey* key, WallTime now) {
    Json routes = Json::array();
    if (offer.redirected) {
        const auto target = fmt::format("http://{}/{}", elsewhere, file_name(offer));
        routes.push_back(route(server.host, server.package_path, "list", {{"status", 302}, {"headers", Json::array({Json::array({"Location", target})})}}));
        routes.push_back(route(elsewhere, "*", "package", package_answer(offer)));
    } else {
        routes.push_back(route(server.host, server.package_path, "package", package_answer(offer)));
    }
    if (server.list_path.empty()) return routes;
    const auto list = fill_in_offer(server.list, offer, now);
    Json headers = Json::array({Json::array({"Content-Type", server.content_type})});
    if (!server.signature_header.empty() && key != nullptr)
        if (const auto signature = key->sign(as_bytes(list))) headers.push_back(Json::array({server.signature_header, base64(as_text(*signature))}));
    routes.push_back(route(server.host, server.list_path, "list", {{"status", 200}, {"headers", std::move(headers)}, {"literal", true}, {"content", base64(list)}}));
    return routes;
}

}  // namespace cambench
