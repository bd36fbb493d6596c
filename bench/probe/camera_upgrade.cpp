#include "bench/probe/camera_upgrade.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/camera_places.hpp"
#include "bench/probe/service_places.hpp"
#include "bench/probe/socket_client.hpp"
#include "bench/probe/tcp_services.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

constexpr auto upload_time = std::chrono::seconds(90);  ///< the camera may write it before it answers
constexpr auto longest_delay = std::chrono::seconds(60);
constexpr std::string_view boundary = "cambench-mtom-boundary";

std::string device_call(const std::string& operation, const std::string& content) {
    return fmt::format("<{0} xmlns=\"http://www.onvif.org/ver10/device/wsdl\">{1}</{0}>", operation, content);
}

Answered post(const IpAddress& address, const Access& access, const WebPlace& web, const std::string& path,
              const std::string& type, std::string body) {
    const auto headers =
        fmt::format("Host: {}\r\nContent-Type: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
                    host_of(address, web), type, body.size());
    return ask_with_login(address, web.port, access,
                          {.method = "POST",
                           .uri = path,
                           .headers = headers,
                           .body = std::move(body),
                           .patience = upload_time,
                           .tls = web.tls});
}

/// The envelope and, in a part of its own, the package (W3C MTOM and XOP).
std::string with_attachment(std::string_view package, const std::string& header) {
    const auto operation =
        device_call("UpgradeSystemFirmware",
                    "<Firmware><Data xmlns=\"http://www.onvif.org/ver10/schema\"><xop:Include "
                    "xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" "
                    "href=\"cid:firmware\"/></Data></Firmware>");
    auto text = fmt::format(
        "--{0}\r\nContent-Type: application/xop+xml; charset=utf-8; "
        "type=\"application/soap+xml\"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: "
        "<envelope>\r\n\r\n{1}\r\n"
        "--{0}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: "
        "<firmware>\r\n\r\n",
        boundary, envelope_around(operation, header));
    text.append(package);
    return text + fmt::format("\r\n--{}--\r\n", boundary);
}

/// What a port that nobody names makes of the package, sent as it is.
struct PortAnswer {
    std::string text;
    bool delivered = false;
};

PortAnswer bring_to_port(const Place& place, std::uint16_t port, std::string_view package) {
    constexpr auto connect_time = std::chrono::seconds(6), send_time = std::chrono::seconds(60),
                   first_answer = std::chrono::seconds(2), last_answer = std::chrono::seconds(20);
    const auto anything = [](std::string_view text) { return !text.empty(); };
    Connection connection(place.address, port, connect_time, Connection::Cover::none, place.link);
    if (!connection.send(package, Deadline::after(send_time))) return {};
    auto text = connection.receive(Deadline::after(first_answer), anything);
    const bool delivered = connection.delivered();  // it may be gone before it hears that this was all
    if (text.empty()) {
        connection.finish();  // many read until the end
        text = connection.receive(Deadline::after(last_answer), anything);
    }
    return {std::move(text), delivered || connection.delivered()};
}

/// As it is and, to web servers, by a POST to "/".
void bring(const Place& place, std::uint16_t port, std::string_view package, Use& use) {
    const auto answer = bring_to_port(place, port, package);
    use.calls.push_back({fmt::format("{}/tcp", port), status_of(answer.text)});
    use.delivered = use.delivered || answer.delivered;
    use.why += fmt::format("{}{}/tcp {}", use.why.empty() ? "" : "; ", port,
                           !answer.delivered     ? "did not take the bytes"
                           : answer.text.empty() ? "took the bytes and said nothing"
                                                 : "answered \"" + inert(answer.text.substr(0, 60)) + "\"");
    if (status_of(answer.text) == 0 || place.link != 0) return;
    const auto posted =
        post(place.address, {}, WebPlace{port, false}, "/", "application/octet-stream", std::string(package));
    use.calls.push_back({fmt::format("POST / at {}/tcp", port), status_of(posted.text)});
    use.delivered = use.delivered || posted.delivered;
}

}  // namespace

std::optional<Milliseconds> duration_of(std::string_view text) {
    if (!text.starts_with("PT")) return std::nullopt;
    double seconds = 0;
    for (text.remove_prefix(2); !text.empty();) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end == text.data() + text.size() || !(number >= 0)) return std::nullopt;
        const char unit = *end;
        if (unit != 'H' && unit != 'M' && unit != 'S') return std::nullopt;
        seconds += number * (unit == 'H' ? 3600 : unit == 'M' ? 60 : 1);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    }
    return seconds <= 3600 ? std::optional(Milliseconds(static_cast<std::int64_t>(seconds * 1000)))
                           : std::nullopt;
}

std::optional<UploadPlace> upload_place_of(std::string_view answer, const IpAddress& camera) {
    const auto uris = element_texts(answer, "UploadUri");
    if (uris.empty()) return std::nullopt;
    std::string_view uri = trim(uris.front());
    const auto written = onvif_place_of(uri);
    if (!written) return std::nullopt;
    uri.remove_prefix(uri.find("://") + 3);
    const auto slash = std::min(uri.find('/'), uri.size());
    auto host = uri.substr(0, slash);
    UploadPlace place{
        written->web.port, slash < uri.size() ? std::string(uri.substr(slash)) : "/", {}, written->web.tls};
    if (const auto colon = host.rfind(':');
        colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos)
        host = host.substr(0, colon);
    if (host != host_of(camera)) return std::nullopt;
    const auto delays = element_texts(answer, "UploadDelay");
    place.delay =
        delays.empty() ? Milliseconds(0) : duration_of(trim(delays.front())).value_or(Milliseconds(0));
    return place;
}

Use upgrade_by_ports(const std::vector<Place>& places, std::string_view package,
                     const std::vector<std::uint16_t>& known) {
    Use use;
    std::vector<std::uint16_t> tried;
    bool listens = false;
    for (const auto& place : places) {
        for (const auto port : listening_ports(place.address, place.link)) {
            listens = true;
            if (std::find(known.begin(), known.end(), port) != known.end() ||
                std::find(tried.begin(), tried.end(), port) != tried.end())
                continue;
            tried.push_back(port);
            bring(place, port, package, use);
        }
    }
    use.succeeded = listens;
    if (!listens)
        use.why = "no TCP port of the camera listens";
    else if (use.calls.empty())
        use.why = "no TCP port listens beside those that are known";
    return use;
}

Use upgrade_by_onvif(const IpAddress& address, const Access& access, std::string_view package,
                     const OnvifPlace& onvif) {
    Use use;
    const auto called = [&](const std::string& what, const Answered& answered) {
        use.calls.push_back({what, status_of(answered.text)});
    };
    const auto carried = [&](const std::string& what, const Answered& answered) {
        called(what, answered);
        use.delivered = answered.delivered;
    };
    const auto begun =
        ask_onvif(address, access, onvif.path, device_call("StartFirmwareUpgrade", ""), onvif.web);
    called("StartFirmwareUpgrade", begun);
    if (status_of(begun.text) == 0) {
        use.why = "ONVIF does not answer";
        return use;
    }
    if (is_success(status_of(begun.text))) {
        const auto place = upload_place_of(body_of(begun.text), address);
        if (!place) {
            use.why = "StartFirmwareUpgrade names no place on the camera to bring the package to";
            return use;
        }
        std::this_thread::sleep_for(std::min<Milliseconds>(place->delay, longest_delay));
        carried("POST " + place->path, post(address, access, WebPlace{place->port, place->tls}, place->path,
                                            "application/octet-stream", std::string(package)));
    } else {
        const auto type = fmt::format(
            "multipart/related; type=\"application/xop+xml\"; start=\"<envelope>\"; "
            "start-info=\"application/soap+xml\"; boundary=\"{}\"",
            boundary);
        auto answered = post(address, access, onvif.web, onvif.path, type, with_attachment(package, ""));
        if (!is_success(status_of(answered.text)) && !access.user.empty()) {
            auto again = post(address, {}, onvif.web, onvif.path, type,
                              with_attachment(package, fresh_token(address, access, onvif)));
            if (is_success(status_of(again.text))) answered = std::move(again);
        }
        carried("UpgradeSystemFirmware", answered);
    }
    const auto status = use.calls.back().status;
    use.succeeded = is_success(status);
    use.why =
        use.succeeded ? fmt::format("the camera took the package by {}", use.calls.back().what)
        : status == 0
            ? fmt::format("{} to {}", use.delivered ? "the package arrived, and no answer came" : "no answer",
                          use.calls.back().what)
            : fmt::format("the camera answered {} with status {}", use.calls.back().what, status);
    return use;
}

}  // namespace cambench::probe
