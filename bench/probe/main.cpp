// cambench-probe look ADDRESS: what a camera says it is and can, as one line of JSON.
// cambench-probe find ADDRESS: where its web page, ONVIF and stream are.
// cambench-probe use web|onvif|rtsp ADDRESS: uses a camera as its operator would. What it prints holds the
// session of
//     the web page, a secret.
// cambench-probe upgrade onvif|ports ADDRESS: brings it firmware by ONVIF, or to every TCP port that is not
// known.
//
// Who the operator is, and what he wants, stands in JSON on standard input. Exit code 0: it was asked; 3: a
// file cannot be read; 64: the command line is wrong. Runs in the camera's network; only upgrade changes
// anything about the camera.
//
// An upgrade's package is open as descriptor 3. What needs rights (the kernel's table of neighbours, an echo
// request to all of them) is done first. What the camera says, and the wishes, are then read by a child that
// is confined (bench/sandbox/confinement.hpp).

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
#include "bench/probe/service_places.hpp"
#include "bench/probe/socket_client.hpp"
#include "bench/probe/tcp_services.hpp"
#include "bench/probe/udp_services.hpp"
#include "bench/sandbox/confinement.hpp"
#include "harness/core/file.hpp"
#include "harness/core/json.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

constexpr int package_descriptor = 3;
constexpr auto udp_patience = std::chrono::seconds(2);

/// Ports that are open at another address of the camera alone.
void look_elsewhere(const Place& place, std::vector<Fact>& facts) {
    const auto add = [&](std::uint16_t port, const char* transport) {
        const auto what = fmt::format("{}/{}", port, transport);
        const bool known = std::any_of(facts.begin(), facts.end(), [&](const Fact& fact) {
            return fact.subject == "open port" && fact.what == what;
        });
        if (!known) facts.push_back({"open port", what, place.address.is_v4() ? "IPv4 only" : "IPv6 only"});
    };
    for (const auto port : listening_ports(place.address, place.link)) add(port, "tcp");
    for (const auto port : answering_ports(place.address, udp_greetings(), udp_patience, place.link))
        add(port, "udp");
}

/// What a camera was seen to be and can, and what it could not be asked: nobody knows what stands there.
struct Look {
    std::vector<Fact> facts;
    std::vector<std::string> unasked;

    void add(const std::vector<Fact>& more) { facts.insert(facts.end(), more.begin(), more.end()); }
};

std::string why_not(int status) {
    return status == 0     ? "did not answer"
           : status == 401 ? "asks for a login that was not given, or not taken"
                           : fmt::format("answered with status {}", status);
}

void look_at_onvif(const IpAddress& address, const Access& access, const OnvifPlace& place, Look& look) {
    const auto ask = [&](const std::string& path, const std::string& operation) {
        const auto name = operation.substr(1, operation.find(' ') - 1);
        const auto answer = ask_onvif(address, access, path, operation, place.web).text;
        if (const auto status = status_of(answer); status != 200)
            look.unasked.push_back(fmt::format("ONVIF's {} {}", name, why_not(status)));
        return status_of(answer) == 200 ? std::string(body_of(answer)) : "";
    };
    const auto device = [&](const char* operation, const char* content) {
        return ask(place.path, fmt::format("<{0} xmlns=\"http://www.onvif.org/ver10/device/wsdl\">{1}</{0}>",
                                           operation, content));
    };
    const auto services = device("GetServices", "<IncludeCapability>false</IncludeCapability>");
    const auto media = service_path(services, "/media/wsdl");
    const auto profiles = ask(media.empty() ? "/onvif/media_service" : media,
                              "<GetProfiles xmlns=\"http://www.onvif.org/ver10/media/wsdl\"/>");
    look.add(facts_of_onvif(device("GetDeviceInformation", ""), services, profiles));
}

/// A banner at the usual port is called by its protocol alone, so that snapshots of different places can be
/// compared.
Fact banner(const char* protocol, std::uint16_t port, std::uint16_t usual, std::string_view text) {
    return {"banner", port == usual ? std::string(protocol) : fmt::format("{} {}/tcp", protocol, port),
            inert(text)};
}

void look_at_stream(const IpAddress& address, const Access& access, std::uint16_t port, Look& look) {
    const auto uri = fmt::format("rtsp://{}{}{}", host_of(address),
                                 port == rtsp_port ? "" : fmt::format(":{}", port), access.stream);
    const auto answer = ask_with_login(address, port, access,
                                       {.method = "DESCRIBE",
                                        .uri = uri,
                                        .version = "RTSP/1.0",
                                        .headers = "CSeq: 1\r\nAccept: application/sdp\r\n",
                                        .body = {}})
                            .text;
    look.add(facts_of_sdp(body_of(answer)));
    if (const auto status = status_of(answer); status != 200)
        look.unasked.push_back(fmt::format("the stream at {}/tcp {}", port, why_not(status)));
    if (const auto server = header_of(answer, "Server"); !server.empty())
        look.facts.push_back(banner("rtsp", port, rtsp_port, server));
}

void look_at_page(const IpAddress& address, const WebPlace& web, Look& look) {
    const auto page =
        ask_with_login(address, web.port, {},
                       {.method = "GET",
                        .uri = "/",
                        .headers = fmt::format("Host: {}\r\nConnection: close\r\n", host_of(address, web)),
                        .body = {},
                        .tls = web.tls})
            .text;
    const auto server = header_of(page, "Server");
    if (!server.empty())
        look.facts.push_back(web.tls ? banner("https", web.port, https_port, server)
                                     : banner("http", web.port, http_port, server));
}

Look look_at(const IpAddress& address, const std::vector<Place>& others, const Access& access,
             const std::vector<DeclaredPlace>& declared) {
    Look look;
    const auto open = listening_ports(address);
    for (const auto port : open) look.facts.push_back({"open port", fmt::format("{}/tcp", port), ""});
    for (const auto port : answering_ports(address, udp_greetings(), udp_patience))
        look.facts.push_back({"open port", fmt::format("{}/udp", port), ""});
    for (const auto& place : std::span(others).subspan(1)) look_elsewhere(place, look.facts);
    const auto places = find_places(address, declared, Want::both, &open);
    for (const auto& web : places.web) look_at_page(address, web, look);
    if (places.onvif) look_at_onvif(address, access, *places.onvif, look);
    for (const auto port : places.rtsp) look_at_stream(address, access, port, look);
    for (const auto& one : declared) {
        const bool rtsp = one.protocol == "rtsp" &&
                          std::find(places.rtsp.begin(), places.rtsp.end(), one.port) == places.rtsp.end();
        if (rtsp || (one.protocol == "onvif" && !places.onvif))
            look.unasked.push_back(
                fmt::format("the declared {} at {}/tcp did not answer as such", one.protocol, one.port));
    }
    if (!open.empty() && !places.onvif && places.rtsp.empty())
        look.unasked.push_back("neither ONVIF nor RTSP answered at any port");
    return look;
}

/// {"user", "password", "stream", "login": {"method", "path", "body", "type", "good", "token", "header",
/// "over"}, "watch_ms", "known_ports", "services": [{"port", "protocol"}], "want": page, stream, both}; what
/// is not needed may be missing.
nlohmann::json read_wishes() {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    auto json = parse_json(text);
    return json.is_object() ? json : nlohmann::json::object();
}

Access access_of(const nlohmann::json& wishes) {
    return {wishes.value("user", ""), wishes.value("password", ""), wishes.value("stream", "/")};
}

WebLogin login_of(const nlohmann::json& wishes) {
    const auto login = wishes.value("login", nlohmann::json::object());
    const auto text = [&](const char* name) { return login.value(name, std::string()); };
    return {.method = text("method"),
            .path = text("path"),
            .body = text("body"),
            .type = text("type"),
            .good = text("good"),
            .token = text("token"),
            .header = text("header"),
            .over = text("over")};
}

void print(const nlohmann::json& json) {
    std::printf("%s\n", json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str());
}

void print(const std::string& way, const IpAddress& address, const Use& done) {
    auto calls = nlohmann::json::array();
    for (const auto& call : done.calls) calls.push_back({call.what, call.status});
    nlohmann::json json{{"address", address.to_string()}, {"use", way},
                        {"succeeded", done.succeeded},    {"why", done.why},
                        {"delivered", done.delivered},    {"calls", std::move(calls)}};
    if (done.session) json["session"] = {{"cookies", done.session->cookies}, {"token", done.session->token}};
    print(json);
}

/// TCP services of the declaration.
std::vector<DeclaredPlace> declared_places(const nlohmann::json& wishes) {
    std::vector<DeclaredPlace> places;
    for (const auto& one : wishes.value("services", nlohmann::json::array()))
        if (one.is_object() && places.size() < 64)
            places.push_back({one.value("port", std::uint16_t{0}), one.value("protocol", "")});
    return places;
}

int look_command(const IpAddress& address, const std::vector<Place>& places, const nlohmann::json& wishes) {
    auto facts = nlohmann::json::array();
    const auto look = look_at(address, places, access_of(wishes), declared_places(wishes));
    auto addresses = nlohmann::json::array();
    for (const auto& place : places) addresses.push_back(place.address.to_string());
    for (const auto& fact : look.facts) facts.push_back({fact.subject, fact.what, fact.value});
    print({{"address", address.to_string()},
           {"addresses", std::move(addresses)},
           {"facts", std::move(facts)},
           {"unasked", look.unasked}});
    return 0;
}

int find_command(const IpAddress& address, const nlohmann::json& wishes) {
    const auto wanted = wishes.value("want", "both");
    const auto places = find_places(address, declared_places(wishes),
                                    wanted == "page"     ? Want::page
                                    : wanted == "stream" ? Want::stream
                                                         : Want::both);
    auto web = nlohmann::json::array();
    for (const auto& one : places.web) web.push_back({{"port", one.port}, {"tls", one.tls}});
    nlohmann::json json{{"address", address.to_string()}, {"web", std::move(web)}, {"rtsp", places.rtsp}};
    if (places.onvif)
        json["onvif"] = {
            {"port", places.onvif->web.port}, {"tls", places.onvif->web.tls}, {"path", places.onvif->path}};
    print(json);
    return 0;
}

int use_command(const std::string& way, const IpAddress& address, const nlohmann::json& wishes) {
    const auto access = access_of(wishes);
    const auto places =
        find_places(address, declared_places(wishes), way == "rtsp" ? Want::stream : Want::page);
    if (way == "web")
        print(
            way, address,
            use_web(address, access, login_of(wishes), places.web.empty() ? WebPlace{} : places.web.front()));
    if (way == "onvif") print(way, address, use_onvif(address, access, places.onvif.value_or(OnvifPlace{})));
    if (way == "rtsp")
        print(way, address,
              use_rtsp(address, access, Milliseconds(wishes.value("watch_ms", 3000)),
                       places.rtsp.empty() ? rtsp_port : places.rtsp.front()));
    return 0;
}

/// Numbers of ports that the wish names; what is none is passed over.
std::vector<std::uint16_t> known_ports(const nlohmann::json& wishes) {
    std::vector<std::uint16_t> ports;
    for (const auto& port : wishes.value("known_ports", nlohmann::json::array()))
        if (port.is_number_unsigned() && port.get<std::uint64_t>() <= 65535)
            ports.push_back(port.get<std::uint16_t>());
    return ports;
}

int upgrade_command(const std::string& way, const IpAddress& address, const std::vector<Place>& places,
                    const std::string& package, const nlohmann::json& wishes) {
    if (way == "ports")
        print("upgrade", address, upgrade_by_ports(places, package, known_ports(wishes)));
    else
        print("upgrade", address,
              upgrade_by_onvif(
                  address, access_of(wishes), package,
                  find_places(address, declared_places(wishes), Want::page).onvif.value_or(OnvifPlace{})));
    return 0;
}

int usage() {
    std::fputs(
        "usage: cambench-probe look|find ADDRESS\n       cambench-probe use web|onvif|rtsp ADDRESS\n       "
        "cambench-probe upgrade onvif|ports ADDRESS\n",
        stderr);
    return 64;
}

bool is_command(const std::vector<std::string>& words) {
    if (words.size() == 2) return words[0] == "look" || words[0] == "find";
    if (words.size() != 3) return false;
    if (words[0] == "upgrade") return words[1] == "onvif" || words[1] == "ports";
    return words[0] == "use" && (words[1] == "web" || words[1] == "onvif" || words[1] == "rtsp");
}

int failed(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return 3;
}

int carry_out(const std::vector<std::string>& words, const IpAddress& address) {
    const bool upgrades = words[0] == "upgrade";
    std::vector<Place> places;
    if (words[0] == "look" || words[1] == "ports") places = places_of(address);
    const auto package =
        upgrades ? read_descriptor(package_descriptor, "the package") : Result<std::string>(std::string());
    if (!package) return failed(package.error());
    load_tls();
    const auto code =
        sandbox::run_confined({.name = "cambench-ask",
                               .duty = sandbox::Duty::ask,
                               .network = sandbox::Confinement::Network::shared,
                               .descriptors = {},
                               .channel = {}},
                              [&] {
                                  const auto wishes = read_wishes();
                                  if (upgrades)
                                      return upgrade_command(words[1], address, places, *package, wishes);
                                  if (words[0] == "look") return look_command(address, places, wishes);
                                  return words[0] == "find" ? find_command(address, wishes)
                                                            : use_command(words[1], address, wishes);
                              });
    return code ? *code : failed(code.error());
}

}  // namespace
}  // namespace cambench::probe

int main(int argc, char** argv) {
    using namespace cambench;
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto address =
        words.size() >= 2 ? IpAddress::parse(words.back()) : Result<IpAddress>(usage_error(""));
    if (!address) return probe::usage();
    return probe::is_command(words) ? probe::carry_out(words, *address) : probe::usage();
}
