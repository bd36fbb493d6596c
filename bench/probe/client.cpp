#include "bench/probe/client.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <random>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/socket_client.hpp"
#include "harness/core/checksum.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

Answered post_envelope(const IpAddress& address, const Access& access, const OnvifPlace& place,
                       const std::string& body) {
    const auto headers = fmt::format(
        "Host: {}\r\nContent-Type: application/soap+xml; charset=utf-8\r\nConnection: "
        "close\r\nContent-Length: {}\r\n",
        host_of(address, place.web), body.size());
    return ask_with_login(
        address, place.web.port, access,
        {.method = "POST", .uri = place.path, .headers = headers, .body = body, .tls = place.web.tls});
}

std::string time_of_camera(const IpAddress& address, const OnvifPlace& place) {
    const auto answer =
        post_envelope(
            address, {}, place,
            envelope_around("<GetSystemDateAndTime xmlns=\"http://www.onvif.org/ver10/device/wsdl\"/>"))
            .text;
    const auto whole = body_of(answer);
    const auto utc = whole.substr(std::min(whole.find("UTCDateTime"), whole.size()));
    const auto number = [&](const char* name) {
        const auto texts = element_texts(utc, name);
        unsigned value = 0;
        if (texts.empty() ||
            std::from_chars(texts[0].data(), texts[0].data() + texts[0].size(), value).ec != std::errc())
            return 10'000U;
        return value;
    };
    const unsigned year = number("Year"), month = number("Month"), day = number("Day"), hour = number("Hour"),
                   minute = number("Minute"), second = number("Second");
    if (year < 10'000 && month <= 12 && day <= 31 && hour < 24 && minute < 60 && second < 61)
        return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, month, day, hour, minute, second);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

std::string fresh_nonce() {
    std::random_device random;
    std::string nonce;
    for (int i = 0; i < 16; ++i) nonce += static_cast<char>(random() & 0xff);
    return nonce;
}

}  // namespace

std::string host_of(const IpAddress& address) {
    return address.is_v4() ? address.to_string() : "[" + address.to_string() + "]";
}

std::string host_of(const IpAddress& address, const WebPlace& web) {
    return web.port == (web.tls ? https_port : http_port) ? host_of(address)
                                                          : fmt::format("{}:{}", host_of(address), web.port);
}

Answered ask_with_login(const IpAddress& address, std::uint16_t port, const Access& access,
                        const Asked& asked) {
    const auto request = [&](const std::string& more) {
        return fmt::format("{} {} {}\r\n{}{}\r\n{}", asked.method, asked.uri, asked.version, asked.headers,
                           more, asked.body);
    };
    const auto answer_to = [&](const std::string& text) {
        const auto deadline = Deadline::after(asked.patience);
        Connection connection(address, port, asked.patience,
                              asked.tls ? Connection::Cover::tls : Connection::Cover::none);
        Answered answered;
        if (!connection.send(text, deadline)) return answered;
        answered.text = connection.receive(deadline, is_whole);
        answered.delivered = connection.delivered();
        return answered;
    };
    auto answered = answer_to(request(""));
    if (status_of(answered.text) != 401 || access.user.empty()) return answered;
    const auto login = authorization_for(header_of(answered.text, "WWW-Authenticate"), access.user,
                                         access.password, asked.method, asked.uri);
    if (login.empty()) return answered;
    answered = answer_to(request("Authorization: " + login + "\r\n"));
    answered.with_login = true;
    return answered;
}

std::string envelope_around(std::string_view operation, std::string_view header) {
    return fmt::format(
        "<?xml version=\"1.0\"?><s:Envelope "
        "xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">{}<s:Body>{}</s:Body></s:Envelope>",
        header.empty() ? "" : fmt::format("<s:Header>{}</s:Header>", header), operation);
}

std::string username_token(const Access& access, std::string_view nonce, std::string_view created) {
    const auto digest =
        checksum_of("sha1", as_bytes(std::string(nonce) + std::string(created) + access.password));
    constexpr auto wss = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    return fmt::format(
        "<Security s:mustUnderstand=\"1\" "
        "xmlns=\"{0}wssecurity-secext-1.0.xsd\"><UsernameToken><Username>{1}</Username><Password "
        "Type=\"{0}username-token-profile-1.0#PasswordDigest\">{2}</Password><Nonce "
        "EncodingType=\"{0}soap-message-security-1.0#Base64Binary\">{3}</Nonce>"
        "<Created xmlns=\"{0}wssecurity-utility-1.0.xsd\">{4}</Created></UsernameToken></Security>",
        wss, xml_escaped(access.user), base64(digest), base64(nonce), created);
}

std::string fresh_token(const IpAddress& address, const Access& access, const OnvifPlace& place) {
    return username_token(access, fresh_nonce(), time_of_camera(address, place));
}

Answered ask_onvif(const IpAddress& address, const Access& access, const std::string& path,
                   const std::string& operation, const WebPlace& web) {
    auto answered = post_envelope(address, access, {web, path}, envelope_around(operation));
    const auto status = status_of(answered.text);
    if (access.user.empty() || status == 0 || is_success(status)) return answered;
    auto again = post_envelope(address, {}, {web, path},
                               envelope_around(operation, fresh_token(address, access, {web, path})));
    if (!is_success(status_of(again.text))) return answered;
    again.with_login = true;
    return again;
}

}  // namespace cambench::probe
