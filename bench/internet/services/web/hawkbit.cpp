#include "bench/internet/services/web/hawkbit.hpp"

#include <fmt/format.h>

#include "bench/internet/world/name_directory.hpp"
#include "harness/core/checksum.hpp"
#include "harness/core/event.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

WebAnswer told(const Json& json) {
    return {{200,
             {{"Content-Type", "application/hal+json;charset=UTF-8"}},
             json.dump(-1, ' ', false, Json::error_handler_t::replace)},
            "hawkbit"};
}

/// A path that the package is served at, for a pattern may stand there.
std::string path_of(const HttpRoute& package) {
    auto path = package.path;
    for (auto star = path.find('*'); star != std::string::npos; star = path.find('*'))
        path.replace(star, 1, "update.swu");
    return path;
}

Json deployment(const World& world, const HttpRoute& package, const std::string& base) {
    const auto& body = package.answers.back().body;
    const auto path = path_of(package);
    const auto hash = [&](std::string_view name) {
        return written_checksum(checksum_of(name, as_bytes(body)), "");
    };
    const auto link = Json{{"href", base + path}};
    const Json artifact{
        {"filename", path.substr(path.rfind('/') + 1)},
        {"hashes", {{"sha1", hash("sha1")}, {"md5", hash("md5")}, {"sha256", hash("sha256")}}},
        {"size", body.size()},
        {"_links", {{"download", link}, {"download-http", link}}}};
    const Json chunk{{"part", "os"},
                     {"version", fmt::format("{}", world.web.offer_number())},
                     {"name", "firmware"},
                     {"artifacts", Json::array({artifact})}};
    return {{"id", fmt::format("{}", world.web.offer_number())},
            {"deployment", {{"download", "forced"}, {"update", "forced"}, {"chunks", Json::array({chunk})}}}};
}

}  // namespace

std::optional<HawkbitRequest> parse_hawkbit(std::string_view path) {
    const auto parts = split(path, '/');
    if (parts.size() < 4 || parts.size() > 8 || parts[1] != "controller" || parts[2] != "v1")
        return std::nullopt;
    HawkbitRequest request{parts[0], parts[3], "poll", {}};
    if (parts.size() > 4) request.action = parts[4];
    if (parts.size() > 5) request.number = parts[5];
    if (parts.size() > 6 && parts.back() == "feedback") request.action = "feedback";
    return request;
}

std::optional<WebAnswer> answer_hawkbit(const World& world, const Flow& flow, const HttpHead& head) {
    const auto asked = parse_hawkbit(head.path());
    if (!asked) return std::nullopt;
    const auto said = head.header("Host");
    const auto host = said.empty() ? flow.destination.to_string() : std::string(said);
    const auto base =
        fmt::format("{}://{}", flow.inside == protocol::tls ? protocol::https : protocol::http, host);
    const auto own = fmt::format("{}/{}/controller/v1/{}", base, asked->tenant, asked->controller);
    if (head.method == "PUT" || head.method == "POST") return WebAnswer{{200, {}, ""}, "hawkbit"};
    const auto* package =
        world.web.offer_number() > 0 ? world.web.package_for(canonical_name(head.host())) : nullptr;
    if (asked->action == "deploymentBase" && package != nullptr)
        return told(deployment(world, *package, base));
    if (asked->action != "poll") return WebAnswer{{404, {}, ""}, "hawkbit"};
    Json links{{"configData", {{"href", own + "/configData"}}}};
    if (package != nullptr)
        links["deploymentBase"] = {
            {"href", fmt::format("{}/deploymentBase/{}", own, world.web.offer_number())}};
    return told({{"config", {{"polling", {{"sleep", "00:00:10"}}}}}, {"_links", std::move(links)}});
}

}  // namespace cambench::internet
