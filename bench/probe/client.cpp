#include "bench/probe/client.hpp"

#include <fmt/format.h>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/socket_client.hpp"

namespace cambench::probe {

std::string host_of(const IpAddress& address) { return address.is_v4() ? address.to_string() : "[" + address.to_string() + "]"; }

Answered ask_with_login(const IpAddress& address, std::uint16_t port, const Access& access, const Asked& asked) {
    const auto request = [&](const std::string& more) { return fmt::format("{} {} {}\r\n{}{}\r\n{}", asked.method, asked.uri, asked.version, asked.headers, more, asked.body); };
    auto answer = ask(address, port, request(""), answer_time, is_whole);
    if (status_of(answer) != 401 || access.user.empty()) return {std::move(answer)};
    const auto login = authorization_for(header_of(answer, "WWW-Authenticate"), access.user, access.password, asked.method, asked.uri);
    if (login.empty()) return {std::move(answer)};
    return {ask(address, port, request("Authorization: " + login + "\r\n"), answer_time, is_whole), true};
}

Answered ask_onvif(const IpAddress& address, const Access& access, const std::string& path, const std::string& operation) {
    const auto body = fmt::format("<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>{}</s:Body></s:Envelope>", operation);
    const auto headers = fmt::format("Host: {}\r\nContent-Type: application/soap+xml; charset=utf-8\r\nConnection: close\r\nContent-Length: {}\r\n", host_of(address), body.size());
    return ask_with_login(address, http_port, access, {.method = "POST", .uri = path, .headers = headers, .body = body});
}

}  // namespace cambench::probe
