#include "bench/probe/camera_use.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/service_places.hpp"
#include "bench/probe/socket_client.hpp"
#include "harness/core/text.hpp"
#include "harness/learned/login_template.hpp"

namespace cambench::probe {
namespace {

constexpr std::size_t most_resources = 8;

std::string browser_headers(const IpAddress& address, const WebPlace& web, const std::string& session) {
    return fmt::format("Host: {}\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\nConnection: close\r\n{}",
                       host_of(address, web), session);
}

/// A browser's visit to the web page.
class Visit {
public:
    Visit(const IpAddress& address, const Access& access, const WebLogin& login, const WebPlace& web)
        : address_(address), access_(access), login_(login), web_(web) {}

    Answered load(const std::string& path) {
        auto answered =
            ask_with_login(address_, web_.port, access_,
                           {.method = "GET", .uri = path, .headers = headers(), .body = {}, .tls = web_.tls});
        use_.calls.push_back({"GET " + inert(path), status_of(answered.text)});
        keep_cookies(session_, answered.text);
        return answered;
    }

    /// Fills the form in; what the page shows afterwards.
    std::string log_in() {
        const auto body = filled_in(login_.body, login_.type, access_.user, access_.password);
        const auto more =
            fmt::format("{}Content-Type: {}\r\nContent-Length: {}\r\n", headers(), login_.type, body.size());
        const auto path = filled_in(login_.path, form_type, access_.user, access_.password);
        const auto answered = ask_with_login(
            address_, web_.port, access_,
            {.method = login_.method, .uri = path, .headers = more, .body = body, .tls = web_.tls});
        use_.calls.push_back({login_.method + " " + login_.path, status_of(answered.text)});
        const WebAnswer answer{answered.text.substr(0, answered.text.size() - body_of(answered.text).size()),
                               content_of(answered.text)};
        const auto result = judge_login(login_, answer);
        use_.succeeded = result.session.has_value();
        use_.why = result.why;
        if (!result.session) return "";
        keep_cookies(session_, answered.text);
        session_.token = result.session->token;
        use_.session = session_;
        const auto next = header_of(answered.text, "Location");
        return load(next.starts_with("/") && is_plain(next) ? next : "/").text;
    }

    /// HTTP's own login, if the page asked for one.
    void judge(const Answered& page) {
        const auto status = status_of(page.text);
        use_.succeeded = page.with_login && is_success(status);
        use_.why = use_.succeeded    ? "the web page took the account"
                   : status == 0     ? "the web page does not answer"
                   : page.with_login ? fmt::format("the web page answered the account with status {}", status)
                   : is_success(status) ? "the web page asks for no login by HTTP's own means; declare how a "
                                          "browser logs in: <operator login=\"POST /path\" login-body=\"\"/>"
                                        : fmt::format("the web page answered with status {}", status);
    }

    void load_resources(std::string_view page) {
        for (const auto& path : resources_of(page)) {
            if (use_.calls.size() >= most_resources) return;
            (void)load(path);
        }
    }

    Use take() {
        if (use_.session) use_.session = session_;
        return std::move(use_);
    }

private:
    [[nodiscard]] std::string headers() const {
        return browser_headers(address_, web_, session_headers(login_, session_));
    }

    const IpAddress& address_;
    const Access& access_;
    const WebLogin& login_;
    const WebPlace web_;
    WebSession session_;
    Use use_;
};

/// An RTSP client's dialogue over one connection.
class Session {
public:
    Session(const IpAddress& address, const Access& access, std::uint16_t port)
        : access_(access),
          connection_(address, port, answer_time),
          uri_(fmt::format("rtsp://{}{}{}", host_of(address),
                           port == rtsp_port ? "" : fmt::format(":{}", port), access.stream)) {}

    [[nodiscard]] const std::string& uri() const { return uri_; }

    std::string call(const std::string& method, const std::string& uri, const std::string& headers = "") {
        auto answer = send(method, uri, headers);
        if (status_of(answer) == 401 && !access_.user.empty()) {
            challenge_ = header_of(answer, "WWW-Authenticate");
            answer = send(method, uri, headers);
        }
        const auto session = header_of(answer, "Session");
        if (const auto id = session.substr(0, session.find(';')); is_plain(id)) session_ = id;
        use.calls.push_back({method, status_of(answer)});
        return answer;
    }

    /// Bytes of the stream that come meanwhile.
    std::size_t watch(Nanoseconds duration) { return connection_.count(Deadline::after(duration)); }
    /// The answer may stand behind pictures that are still under way: nobody waits for it.
    void leave() {
        (void)connection_.send(
            fmt::format("TEARDOWN {} RTSP/1.0\r\nCSeq: {}\r\n{}\r\n", uri_, ++sequence_, session_header()),
            Deadline::after(answer_time));
    }

    Use use;

private:
    [[nodiscard]] std::string session_header() const {
        return session_.empty() ? "" : "Session: " + session_ + "\r\n";
    }

    std::string send(const std::string& method, const std::string& uri, const std::string& headers) {
        const auto login = challenge_.empty()
                               ? ""
                               : authorization_for(challenge_, access_.user, access_.password, method, uri);
        const auto request = fmt::format(
            "{} {} RTSP/1.0\r\nCSeq: {}\r\nUser-Agent: LIVE555 Streaming Media\r\n{}{}{}\r\n", method, uri,
            ++sequence_, session_header(), headers, login.empty() ? "" : "Authorization: " + login + "\r\n");
        const auto deadline = Deadline::after(answer_time);
        return connection_.send(request, deadline) ? connection_.receive(deadline, is_whole) : "";
    }

    const Access& access_;
    Connection connection_;
    std::string uri_, challenge_, session_;
    unsigned sequence_ = 0;
};

}  // namespace

Use use_web(const IpAddress& address, const Access& access, const WebLogin& login, const WebPlace& web) {
    Visit visit(address, access, login, web);
    const auto page = visit.load("/");
    if (login.path.empty()) {
        visit.judge(page);
        visit.load_resources(body_of(page.text));
    } else {
        visit.load_resources(body_of(visit.log_in()));
    }
    return visit.take();
}

Use use_onvif(const IpAddress& address, const Access& access, const OnvifPlace& place) {
    Use use;
    std::string media = "/onvif/media_service";
    const auto call = [&](const char* service, const std::string& operation,
                          const std::string& content = "") {
        const auto element = fmt::format("<{0} xmlns=\"http://www.onvif.org/ver10/{1}/wsdl\">{2}</{0}>",
                                         operation, service, content);
        const auto answered = ask_onvif(
            address, access, service == std::string_view("media") ? media : place.path, element, place.web);
        use.calls.push_back({operation, status_of(answered.text)});
        use.succeeded = use.succeeded || (answered.with_login && is_success(status_of(answered.text)));
        return std::string(body_of(answered.text));
    };
    (void)call("device", "GetSystemDateAndTime");
    (void)call("device", "GetCapabilities", "<Category>All</Category>");
    if (const auto path = service_path(
            call("device", "GetServices", "<IncludeCapability>true</IncludeCapability>"), "/media/wsdl");
        !path.empty())
        media = path;
    (void)call("device", "GetDeviceInformation");
    (void)call("device", "GetNetworkInterfaces");
    const auto tokens = profile_tokens_of(call("media", "GetProfiles"));
    if (!tokens.empty()) {
        const auto token = fmt::format("<ProfileToken>{}</ProfileToken>", xml_escaped(tokens.front()));
        (void)call("media", "GetSnapshotUri", token);
        (void)call(
            "media", "GetStreamUri",
            "<StreamSetup><Stream xmlns=\"http://www.onvif.org/ver10/schema\">RTP-Unicast</Stream><Transport "
            "xmlns=\"http://www.onvif.org/ver10/schema\"><Protocol>RTSP</Protocol></Transport></"
            "StreamSetup>" +
                token);
    }
    const bool answers =
        std::any_of(use.calls.begin(), use.calls.end(), [](const Call& one) { return one.status != 0; });
    use.why = use.succeeded ? "the camera took the account"
              : answers     ? "no operation that needs the account was carried out"
                            : "ONVIF does not answer";
    return use;
}

Use use_rtsp(const IpAddress& address, const Access& access, Nanoseconds watch, std::uint16_t port) {
    Session session(address, access, port);
    auto& use = session.use;
    (void)session.call("OPTIONS", session.uri());
    const auto description = session.call("DESCRIBE", session.uri(), "Accept: application/sdp\r\n");
    const auto base = header_of(description, "Content-Base");
    const auto track = track_of(body_of(description), is_plain(base) ? base : session.uri());
    if (status_of(description) == 200) {
        (void)session.call("SETUP", track, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
        const auto playing = session.call("PLAY", session.uri(), "Range: npt=0.000-\r\n");
        const auto bytes = status_of(playing) == 200 ? session.watch(watch) : 0;
        session.leave();
        use.succeeded = bytes > 0;
        use.why =
            use.succeeded ? fmt::format("{} bytes of the stream came", bytes) : "the stream did not begin";
    } else {
        use.why = status_of(description) == 0
                      ? "RTSP does not answer"
                      : fmt::format("the camera answered DESCRIBE with status {}", status_of(description));
    }
    return std::move(use);
}

}  // namespace cambench::probe
