// cambench-probe ADDRESS [USER PASSWORD STREAM]: what a camera says it is and can, as one line of JSON.
//
// Exit code 0: it was looked at; 64: the command line is wrong. Runs in the camera's network; changes nothing on the camera.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/socket_client.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

constexpr auto patience = std::chrono::milliseconds(1500);
constexpr auto port_patience = std::chrono::milliseconds(700);
constexpr unsigned ports_at_once = 64;
constexpr std::uint16_t http_port = 80, rtsp_port = 554;

struct Access {
    std::string user, password, stream = "/";
};

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

/// Once without a login and, when the answer asks for one, once more with it.
std::string ask_with_login(const IpAddress& address, std::uint16_t port, const Access& access, std::string_view method, const std::string& uri, std::string_view version,
                           const std::string& headers, const std::string& body) {
    const auto request = [&](const std::string& more) { return fmt::format("{} {} {}\r\n{}{}\r\n{}", method, uri, version, headers, more, body); };
    auto answer = ask(address, port, request(""), patience, is_whole);
    if (status_of(answer) != 401 || access.user.empty()) return answer;
    const auto login = authorization_for(header_of(answer, "WWW-Authenticate"), access.user, access.password, method, uri);
    return login.empty() ? answer : ask(address, port, request("Authorization: " + login + "\r\n"), patience, is_whole);
}

std::string onvif(const IpAddress& address, const Access& access, const std::string& path, const std::string& operation) {
    const auto body = fmt::format("<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>{}</s:Body></s:Envelope>", operation);
    const auto headers = fmt::format("Host: {}\r\nContent-Type: application/soap+xml; charset=utf-8\r\nConnection: close\r\nContent-Length: {}\r\n", address.to_string(), body.size());
    const auto answer = ask_with_login(address, http_port, access, "POST", path, "HTTP/1.1", headers, body);
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
    const auto uri = fmt::format("rtsp://{}{}", address.is_v4() ? address.to_string() : "[" + address.to_string() + "]", access.stream);
    const auto answer = ask_with_login(address, rtsp_port, access, "DESCRIBE", uri, "RTSP/1.0", "CSeq: 1\r\nAccept: application/sdp\r\n", "");
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
        const auto page = ask(address, http_port, fmt::format("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", address.to_string()), patience, is_whole);
        if (const auto server = header_of(page, "Server"); !server.empty()) facts.push_back({"banner", "http", inert(server)});
        add(look_at_onvif(address, access));
    }
    if (is_open(rtsp_port)) add(look_at_stream(address, access));
    return facts;
}

}  // namespace
}  // namespace cambench::probe

int main(int argc, char** argv) {
    using namespace cambench;
    const auto address = argc >= 2 ? IpAddress::parse(argv[1]) : Result<IpAddress>(usage_error(""));
    if (!address) {
        std::fputs("usage: cambench-probe ADDRESS [USER PASSWORD [STREAM]]\n", stderr);
        return 64;
    }
    probe::Access access;
    if (argc >= 4) access.user = argv[2], access.password = argv[3];
    if (argc >= 5) access.stream = argv[4];
    auto facts = nlohmann::json::array();
    for (const auto& fact : probe::look(*address, access)) facts.push_back({fact.subject, fact.what, fact.value});
    std::printf("%s\n", nlohmann::json{{"address", address->to_string()}, {"facts", std::move(facts)}}.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str());
    return 0;
}
