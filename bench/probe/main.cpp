// cambench-probe look ADDRESS: what a camera says it is and can, as one line of JSON.
// cambench-probe use web|onvif|rtsp ADDRESS: uses a camera as its operator would. What it prints holds the session of the web page, a secret.
// cambench-probe upgrade onvif|ports ADDRESS: brings it firmware by ONVIF, or to every TCP port that is not known.
//
// Who the operator is, and what he wants, stands in JSON on standard input. Exit code 0: it was asked; 3: a file cannot be read;
// 64: the command line is wrong. Runs in the camera's network; only upgrade changes anything about the camera.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/camera_places.hpp"
#include "bench/probe/camera_upgrade.hpp"
#include "bench/probe/camera_use.hpp"
#include "bench/probe/tcp_services.hpp"
#include "bench/probe/udp_services.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

constexpr auto udp_patience = std::chrono::seconds(2);

std::string onvif(const IpAddress& address, const Access& access, const std::string& path, const std::string& operation) {
    const auto answer = ask_onvif(address, access, path, operation).text;
    return status_of(answer) == 200 ? std::string(body_of(answer)) : "";
}

std::vector<Fact> look_at_onvif(const IpAddress& address, const Access& access) {
    const auto device = [&](const char* operation) {
        return onvif(address, access, "/onvif/device_service", fmt::format("<{} xmlns=\"http://www.onvif.org/ver10/device/wsdl\"/>", operation));
    };
    const auto services = onvif(address, access, "/onvif/device_service",
                                "<GetServices xmlns=\"http://www.onvif.org/ver10/device/wsdl\"><IncludeCapability>false</IncludeCapability></GetServices>");
    const auto profiles = onvif(address, access, "/onvif/media_service", "<GetProfiles xmlns=\"http://www.onvif.org/ver10/media/wsdl\"/>");
    return facts_of_onvif(device("GetDeviceInformation"), services, profiles);
}

std::vector<Fact> look_at_stream(const IpAddress& address, const Access& access) {
    const auto uri = fmt::format("rtsp://{}{}", host_of(address), access.stream);
    const auto answer = ask_with_login(address, rtsp_port, access, {.method = "DESCRIBE", .uri = uri, .version = "RTSP/1.0", .headers = "CSeq: 1\r\nAccept: application/sdp\r\n", .body = {}}).text;
    auto facts = facts_of_sdp(body_of(answer));
    if (const auto server = header_of(answer, "Server"); !server.empty()) facts.push_back({"banner", "rtsp", inert(server)});
    return facts;
}

/// Ports that are open at another address of the camera alone.
void look_elsewhere(const Place& place, std::vector<Fact>& facts) {
    const auto add = [&](std::uint16_t port, const char* transport) {
        const auto what = fmt::format("{}/{}", port, transport);
        const bool known = std::any_of(facts.begin(), facts.end(), [&](const Fact& fact) { return fact.subject == "open port" && fact.what == what; });
        if (!known) facts.push_back({"open port", what, place.address.is_v4() ? "IPv4 only" : "IPv6 only"});
    };
    for (const auto port : listening_ports(place.address, place.link)) add(port, "tcp");
    for (const auto port : answering_ports(place.address, udp_greetings(), udp_patience, place.link)) add(port, "udp");
}

std::vector<Fact> look(const IpAddress& address, const std::vector<Place>& places, const Access& access) {
    std::vector<Fact> facts;
    const auto add = [&](std::vector<Fact> more) { facts.insert(facts.end(), more.begin(), more.end()); };
    const auto open = listening_ports(address);
    for (const auto port : open) facts.push_back({"open port", fmt::format("{}/tcp", port), ""});
    for (const auto port : answering_ports(address, udp_greetings(), udp_patience)) facts.push_back({"open port", fmt::format("{}/udp", port), ""});
    for (const auto& place : std::span(places).subspan(1)) look_elsewhere(place, facts);
    const auto is_open = [&](std::uint16_t port) { return std::find(open.begin(), open.end(), port) != open.end(); };
    if (is_open(http_port)) {
        const auto page = ask_with_login(address, http_port, {}, {.method = "GET", .uri = "/", .headers = fmt::format("Host: {}\r\nConnection: close\r\n", host_of(address)), .body = {}}).text;
        if (const auto server = header_of(page, "Server"); !server.empty()) facts.push_back({"banner", "http", inert(server)});
        add(look_at_onvif(address, access));
    }
    if (is_open(rtsp_port)) add(look_at_stream(address, access));
    return facts;
}

/// {"user", "password", "stream", "login": {"method", "path", "body", "type", "good", "token", "header", "over"}, "watch_ms", "package", "known_ports"}; what is not needed may be missing.
nlohmann::json read_wishes() {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    auto json = nlohmann::json::parse(text, nullptr, false);
    return json.is_object() ? json : nlohmann::json::object();
}

Access access_of(const nlohmann::json& wishes) { return {wishes.value("user", ""), wishes.value("password", ""), wishes.value("stream", "/")}; }

WebLogin login_of(const nlohmann::json& wishes) {
    const auto login = wishes.value("login", nlohmann::json::object());
    const auto text = [&](const char* name) { return login.value(name, std::string()); };
    return {.method = text("method"), .path = text("path"), .body = text("body"), .type = text("type"), .good = text("good"), .token = text("token"), .header = text("header"), .over = text("over")};
}

void print(const nlohmann::json& json) { std::printf("%s\n", json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str()); }

void print(const std::string& way, const IpAddress& address, const Use& done) {
    auto calls = nlohmann::json::array();
    for (const auto& call : done.calls) calls.push_back({call.what, call.status});
    nlohmann::json json{{"address", address.to_string()}, {"use", way}, {"succeeded", done.succeeded}, {"why", done.why}, {"delivered", done.delivered}, {"calls", std::move(calls)}};
    if (done.session) json["session"] = {{"cookies", done.session->cookies}, {"token", done.session->token}};
    print(json);
}

int look_command(const IpAddress& address, const nlohmann::json& wishes) {
    auto facts = nlohmann::json::array();
    const auto places = places_of(address);
    for (const auto& fact : look(address, places, access_of(wishes))) facts.push_back({fact.subject, fact.what, fact.value});
    auto addresses = nlohmann::json::array();
    for (const auto& place : places) addresses.push_back(place.address.to_string());
    print({{"address", address.to_string()}, {"addresses", std::move(addresses)}, {"facts", std::move(facts)}});
    return 0;
}

int use_command(const std::string& way, const IpAddress& address, const nlohmann::json& wishes) {
    const auto access = access_of(wishes);
    if (way == "web") print(way, address, use_web(address, access, login_of(wishes)));
    if (way == "onvif") print(way, address, use_onvif(address, access));
    if (way == "rtsp") print(way, address, use_rtsp(address, access, Milliseconds(wishes.value("watch_ms", 3000))));
    return 0;
}

/// Numbers of ports that the wish names; what is none is passed over.
std::vector<std::uint16_t> known_ports(const nlohmann::json& wishes) {
    std::vector<std::uint16_t> ports;
    for (const auto& port : wishes.value("known_ports", nlohmann::json::array()))
        if (port.is_number_unsigned() && port.get<std::uint64_t>() <= 65535) ports.push_back(port.get<std::uint16_t>());
    return ports;
}

int upgrade_command(const std::string& way, const IpAddress& address, const nlohmann::json& wishes) {
    const auto package = read_text_file(wishes.value("package", ""));
    if (!package) {
        std::fprintf(stderr, "%s\n", package.error().message.c_str());
        return 3;
    }
    print("upgrade", address, way == "ports" ? upgrade_by_ports(address, *package, known_ports(wishes)) : upgrade_by_onvif(address, access_of(wishes), *package));
    return 0;
}

int usage() {
    std::fputs("usage: cambench-probe look ADDRESS\n       cambench-probe use web|onvif|rtsp ADDRESS\n       cambench-probe upgrade onvif|ports ADDRESS\n", stderr);
    return 64;
}

}  // namespace
}  // namespace cambench::probe

int main(int argc, char** argv) {
    using namespace cambench;
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto address = words.size() >= 2 ? IpAddress::parse(words.back()) : Result<IpAddress>(usage_error(""));
    if (!address) return probe::usage();
    if (words.size() == 2 && words[0] == "look") return probe::look_command(*address, probe::read_wishes());
    if (words.size() == 3 && words[0] == "upgrade" && (words[1] == "onvif" || words[1] == "ports"))
        return probe::upgrade_command(words[1], *address, probe::read_wishes());
    if (words.size() == 3 && words[0] == "use" && (words[1] == "web" || words[1] == "onvif" || words[1] == "rtsp"))
        return probe::use_command(words[1], *address, probe::read_wishes());
    return probe::usage();
}
