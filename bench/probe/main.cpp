// cambench-probe look ADDRESS: what a camera says it is and can, as one line of JSON.
// cambench-probe use web|onvif|rtsp ADDRESS: uses a camera as its operator would. What it prints holds the session of the web page, a secret.
// cambench-probe upgrade ADDRESS: brings it firmware by ONVIF.
//
// Who the operator is, and what he wants, stands in JSON on standard input. Exit code 0: it was asked; 3: a file cannot be read;
// 64: the command line is wrong. Runs in the camera's network; only upgrade changes anything about the camera.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/camera_upgrade.hpp"
#include "bench/probe/camera_use.hpp"
#include "bench/probe/socket_client.hpp"
#include "bench/probe/udp_services.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

constexpr auto port_patience = std::chrono::milliseconds(700);
constexpr auto udp_patience = std::chrono::seconds(2);
constexpr unsigned ports_at_once = 64;

/// The first 1,024, and what cameras, recorders and their makers' tools use.
std::vector<std::uint16_t> candidate_ports() {
    std::vector<std::uint16_t> ports;
    for (std::uint16_t port = 1; port <= 1024; ++port) ports.push_back(port);
    for (const std::uint16_t port : {1883, 1935, 2000, 2323, 3000, 3001, 3002, 3702, 3800, 4321, 4567, 5000, 5050, 5060, 5353, 5543, 5544, 6000, 6001, 6036, 7070, 8000, 8001, 8080,
                                     8081, 8086, 8088, 8090, 8200, 8443, 8554, 8555, 8800, 8883, 8888, 8899, 9000, 9010, 9020, 9090, 9527, 9530, 9978, 9979, 10000, 10554, 12366,
                                     15002, 20000, 23000, 34567, 34568, 34569, 34571, 34599, 37020, 37777, 37778, 37810, 40000, 49152, 49153, 50119, 55554, 60001})
        ports.push_back(port);
    return ports;
}

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

std::vector<Fact> look(const IpAddress& address, const Access& access) {
    std::vector<Fact> facts;
    const auto add = [&](std::vector<Fact> more) { facts.insert(facts.end(), more.begin(), more.end()); };
    const auto open = open_ports(address, candidate_ports(), ports_at_once, port_patience);
    for (const auto port : open) facts.push_back({"open port", fmt::format("{}/tcp", port), ""});
    for (const auto port : answering_ports(address, udp_greetings(), udp_patience)) facts.push_back({"open port", fmt::format("{}/udp", port), ""});
    const auto is_open = [&](std::uint16_t port) { return std::find(open.begin(), open.end(), port) != open.end(); };
    if (is_open(http_port)) {
        const auto page = ask_with_login(address, http_port, {}, {.method = "GET", .uri = "/", .headers = fmt::format("Host: {}\r\nConnection: close\r\n", host_of(address)), .body = {}}).text;
        if (const auto server = header_of(page, "Server"); !server.empty()) facts.push_back({"banner", "http", inert(server)});
        add(look_at_onvif(address, access));
    }
    if (is_open(rtsp_port)) add(look_at_stream(address, access));
    return facts;
}

/// {"user", "password", "stream", "login": {"method", "path", "body", "type", "good", "token", "header", "over"}, "watch_ms", "package"}; what is not needed may be missing.
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
    for (const auto& fact : look(address, access_of(wishes))) facts.push_back({fact.subject, fact.what, fact.value});
    print({{"address", address.to_string()}, {"facts", std::move(facts)}});
    return 0;
}

int use_command(const std::string& way, const IpAddress& address, const nlohmann::json& wishes) {
    const auto access = access_of(wishes);
    if (way == "web") print(way, address, use_web(address, access, login_of(wishes)));
    if (way == "onvif") print(way, address, use_onvif(address, access));
    if (way == "rtsp") print(way, address, use_rtsp(address, access, Milliseconds(wishes.value("watch_ms", 3000))));
    return 0;
}

int upgrade_command(const IpAddress& address, const nlohmann::json& wishes) {
    const auto package = read_text_file(wishes.value("package", ""));
    if (!package) {
        std::fprintf(stderr, "%s\n", package.error().message.c_str());
        return 3;
    }
    print("upgrade", address, upgrade_by_onvif(address, access_of(wishes), *package));
    return 0;
}

int usage() {
    std::fputs("usage: cambench-probe look ADDRESS\n       cambench-probe use web|onvif|rtsp ADDRESS\n       cambench-probe upgrade ADDRESS\n", stderr);
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
    if (words.size() == 2 && words[0] == "upgrade") return probe::upgrade_command(*address, probe::read_wishes());
    if (words.size() == 3 && words[0] == "use" && (words[1] == "web" || words[1] == "onvif" || words[1] == "rtsp"))
        return probe::use_command(words[1], *address, probe::read_wishes());
    return probe::usage();
}
