// cambench-probe ADDRESS [USER PASSWORD [STREAM]]: what a camera says it is and can, as one line of JSON.
// cambench-probe use web|onvif|rtsp ADDRESS: uses a camera as its operator would; who he is stands in JSON on standard input.
//
// Exit code 0: it was looked at; 64: the command line is wrong. Runs in the camera's network; changes no setting of the camera.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/camera_use.hpp"
#include "bench/probe/socket_client.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

constexpr auto port_patience = std::chrono::milliseconds(700);
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
    const auto is_open = [&](std::uint16_t port) { return std::find(open.begin(), open.end(), port) != open.end(); };
    if (is_open(http_port)) {
        const auto page = ask(address, http_port, fmt::format("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", address.to_string()), answer_time, is_whole);
        if (const auto server = header_of(page, "Server"); !server.empty()) facts.push_back({"banner", "http", inert(server)});
        add(look_at_onvif(address, access));
    }
    if (is_open(rtsp_port)) add(look_at_stream(address, access));
    return facts;
}

/// The operator and his wishes: {"user", "password", "stream", "login": {"method", "path", "body", "type"}, "watch_ms"}.
nlohmann::json read_wishes() {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    auto json = nlohmann::json::parse(text, nullptr, false);
    return json.is_object() ? json : nlohmann::json::object();
}

Use use(const std::string& way, const IpAddress& address) {
    const auto wishes = read_wishes();
    const Access access{wishes.value("user", ""), wishes.value("password", ""), wishes.value("stream", "/")};
    const auto login = wishes.value("login", nlohmann::json::object());
    if (way == "web") return use_web(address, access, {login.value("method", ""), login.value("path", ""), login.value("body", ""), login.value("type", "")});
    if (way == "onvif") return use_onvif(address, access);
    return use_rtsp(address, access, Milliseconds(wishes.value("watch_ms", 3000)));
}

void print(const nlohmann::json& json) { std::printf("%s\n", json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str()); }

int use_command(const std::string& way, const IpAddress& address) {
    const auto done = use(way, address);
    auto calls = nlohmann::json::array();
    for (const auto& call : done.calls) calls.push_back({call.what, call.status});
    print({{"address", address.to_string()}, {"use", way}, {"succeeded", done.succeeded}, {"why", done.why}, {"calls", std::move(calls)}});
    return 0;
}

}  // namespace
}  // namespace cambench::probe

int main(int argc, char** argv) {
    using namespace cambench;
    const std::string way = argc == 4 && std::string_view(argv[1]) == "use" ? argv[2] : "";
    if (way == "web" || way == "onvif" || way == "rtsp")
        if (const auto camera = IpAddress::parse(argv[3])) return probe::use_command(way, *camera);
    const auto address = argc >= 2 ? IpAddress::parse(argv[1]) : Result<IpAddress>(usage_error(""));
    if (!address) {
        std::fputs("usage: cambench-probe ADDRESS [USER PASSWORD [STREAM]]\n       cambench-probe use web|onvif|rtsp ADDRESS\n", stderr);
        return 64;
    }
    probe::Access access;
    if (argc >= 4) access.user = argv[2], access.password = argv[3];
    if (argc >= 5) access.stream = argv[4];
    auto facts = nlohmann::json::array();
    for (const auto& fact : probe::look(*address, access)) facts.push_back({fact.subject, fact.what, fact.value});
    probe::print({{"address", address->to_string()}, {"facts", std::move(facts)}});
    return 0;
}
