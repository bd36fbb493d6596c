#include "bench/internet/services/media/sip.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t most_calls = 8;
constexpr std::uint16_t first_call_port = 40000;
constexpr auto china = std::chrono::hours(8);
constexpr std::string_view sip_tag = "bench-7f31", sip_nonce = "6f5d0c31b24e9a7788d1";
constexpr unsigned usual_expiry = 3600;

std::string_view reason_of(unsigned status) {
    switch (status) {
        case 100:
            return "Trying";
        case 200:
            return "OK";
        case 202:
            return "Accepted";
        case 401:
            return "Unauthorized";
        case 407:
            return "Proxy Authentication Required";
        case 481:
            return "Call/Transaction Does Not Exist";
        case 486:
            return "Busy Here";
        case 488:
            return "Not Acceptable Here";
        default:
            return "OK";
    }
}

/// The first Via as the server that heard it sends it back: with where it came from (RFC 3581).
std::string answered_via(std::string_view via, const Endpoint& from) {
    std::string text(via);
    const auto lowered = lower(text);
    if (const auto at = lowered.find(";rport");
        at != std::string::npos && (at + 6 == text.size() || text[at + 6] == ';'))
        text.insert(at + 6, fmt::format("={}", from.port));
    if (lowered.find(";received=") == std::string::npos)
        text += fmt::format(";received={}", from.address.to_string());
    return text;
}

std::string address_text(const Endpoint& endpoint) {
    return endpoint.address.is_v4() ? fmt::format("IN IP4 {}", endpoint.address.to_string())
                                    : fmt::format("IN IP6 {}", endpoint.address.to_string());
}

/// Endpoints that a message names for others to send to.
std::vector<std::string> peers_in(const SipHead& head, ByteView body) {
    std::vector<std::string> peers;
    const auto add = [&peers](std::string_view host, std::uint16_t port) {
        const auto address = IpAddress::parse(host);
        auto text = address ? Endpoint{*address, port}.to_string() : fmt::format("{}:{}", host, port);
        if (!host.empty() && std::find(peers.begin(), peers.end(), text) == peers.end())
            peers.push_back(std::move(text));
    };
    constexpr std::uint16_t usual_port = 5060;
    if (const auto contact = sip_address_in(head.header("Contact")); !contact.host.empty())
        add(contact.host, contact.port != 0 ? contact.port : usual_port);
    for (const auto& target : sdp_targets(body))
        if (target.port != 0) add(target.address, target.port);
    return peers;
}

}  // namespace

std::vector<std::string> SipServer::take(const SipHead& head, ByteView body) {
    const bool answered = head.status == 0 && head.method != "ACK" && world_.reachable(flow_);
    std::vector<std::string> said;
    if (answered) {
        const auto reply = reply_to(head, body);
        if (head.method == "INVITE" && reply.status == 200) said.push_back(response(head, {.status = 100}));
        said.push_back(response(head, reply));
        record(head, body, reply.status);
        const bool registered = head.method == "REGISTER" && reply.status == 200 && !device_.empty();
        if (registered && !std::exchange(queried_, true)) {
            said.push_back(query("Catalog"));
            said.push_back(query("DeviceInfo"));
        }
    } else {
        record(head, body, std::nullopt);
    }
    return said;
}

SipServer::Reply SipServer::reply_to(const SipHead& head, ByteView body) {
    static constexpr std::string_view allowed =
        "Allow: REGISTER, INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, SUBSCRIBE, NOTIFY, PUBLISH, INFO, "
        "UPDATE\r\n";
    if (head.method == "REGISTER") return register_device(head);
    if (head.method == "INVITE") return take_call(head, body);
    if (head.method == "BYE" || head.method == "CANCEL") end_call(head.header("Call-ID"));
    if (head.method == "OPTIONS") return {.fields = std::string(allowed)};
    if (head.method == "SUBSCRIBE" || head.method == "PUBLISH")
        return {.fields = fmt::format("Expires: {}\r\nSIP-ETag: {}\r\n", usual_expiry, sip_tag)};
    if (head.method == "REFER") return {.status = 202};
    return {};
}

/// Who did not say who it is, is asked; any answer to that is taken. The time is told as the standard it
/// speaks has it.
SipServer::Reply SipServer::register_device(const SipHead& head) {
    const auto uri = sip_address_in(head.uri), from = sip_address_in(head.header("From"));
    const auto authorization = head.header("Authorization");
    domain_ = !uri.host.empty() ? uri.host : from.host;
    if (parameter_in(authorization, "response").empty() && parameter_in(authorization, "sign1").empty())
        return {.status = 401,
                .fields = fmt::format("WWW-Authenticate: Digest realm=\"{}\",nonce=\"{}\",algorithm=MD5\r\n",
                                      domain_, sip_nonce)};
    const auto now = world_.clock.now();
    const bool device = is_gb28181_id(from.user);
    if (device) {
        device_ = from.user;
        server_ = !uri.user.empty() ? uri.user : domain_;
    }
    const auto stated = head.header("Expires");
    auto expires = whole_number<unsigned>(trim(stated));
    if (!expires) expires = whole_number<unsigned>(parameter_in(head.header("Contact"), "expires"));
    const auto date =
        device ? format_timestamp(std::chrono::floor<std::chrono::milliseconds>(now + china)).substr(0, 19) +
                     ".000"
               : format_http_date(now);
    Reply reply{.fields = fmt::format("Date: {}\r\nExpires: {}\r\n", date, expires.value_or(usual_expiry))};
    for (const auto contact : head.all("Contact")) {
        if (contact == "*") continue;
        const bool tells = !parameter_in(contact, "expires").empty();
        reply.fields +=
            tells ? fmt::format("Contact: {}\r\n", contact)
                  : fmt::format("Contact: {};expires={}\r\n", contact, expires.value_or(usual_expiry));
    }
    return reply;
}

/// Each medium that is offered in clear gets a port; what comes there belongs to the call.
SipServer::Reply SipServer::take_call(const SipHead& head, ByteView body) {
    const std::string id(head.header("Call-ID"));
    url_ = head.uri;
    end_call(id);  // said again, or changed
    const auto targets = sdp_targets(body);
    const auto media = parse_sdp(body);
    std::string answer = fmt::format("v=0\r\no=- 1 1 {}\r\ns=-\r\nc={}\r\nt=0 0\r\n",
                                     address_text(flow_.destination), address_text(flow_.destination));
    bool taken = false;
    for (std::size_t i = 0; i < targets.size() && i < media.size(); ++i) {
        const bool clear = targets[i].profile == "RTP/AVP" || targets[i].profile == "RTP/AVPF";
        const auto port = clear && targets[i].port != 0 ? open_medium(id, media[i]) : std::nullopt;
        taken = taken || port;
        answer += fmt::format("m={} {} {} {}\r\n", targets[i].kind, port ? port->port : 0, targets[i].profile,
                              media[i].payload_type);
        if (port && !media[i].encoding.empty())
            answer += fmt::format("a=rtpmap:{} {}/{}\r\n", media[i].payload_type, media[i].encoding,
                                  media[i].clock);
    }
    if (!targets.empty() && !taken) return {.status = 488};
    const auto contact = fmt::format("Contact: <sip:{}>\r\n", flow_.destination.to_string());
    return {.fields = contact, .body = std::move(answer), .type = "application/sdp"};
}

std::optional<Endpoint> SipServer::open_medium(const std::string& id, const SdpMedium& medium) {
    constexpr unsigned most_tries = 2000;
    if (calls_.size() >= most_calls) return std::nullopt;
    for (unsigned i = 0; i < most_tries; ++i) {
        const Endpoint rtp{flow_.destination.address, static_cast<std::uint16_t>(first_call_port + 2 * i)};
        const Endpoint rtcp{rtp.address, static_cast<std::uint16_t>(rtp.port + 1)};
        if (world_.datagram_takers.contains(rtp) || world_.datagram_takers.contains(rtcp)) continue;
        auto call = std::make_unique<Call>(Call{id, medium, RtpMedium(world_.recorder, medium), rtp});
        auto* kept = call.get();
        world_.datagram_takers[rtp] = [kept](const Flow&, ByteView datagram) { kept->medium.take(datagram); };
        world_.datagram_takers[rtcp] = [kept](const Flow&, ByteView) { ++kept->reports; };
        calls_.push_back(std::move(call));
        return rtp;
    }
    return std::nullopt;
}

void SipServer::record_medium(Call& call) {
    world_.datagram_takers.erase(call.server);
    world_.datagram_takers.erase({call.server.address, static_cast<std::uint16_t>(call.server.port + 1)});
    if (call.medium.packets() == 0) return;
    auto fields = flow_fields(world_, flow_, protocol::sip);
    fields.text("by", protocol::sip)
        .text("url", url_)
        .text("medium", call.description.kind)
        .text("codec", call.description.encoding)
        .text("container", call.medium.container());
    fields.text("over", "udp")
        .text("media_destination", call.server.to_string())
        .number("packets", static_cast<std::int64_t>(call.medium.packets()));
    fields.number("lost", static_cast<std::int64_t>(call.medium.lost()))
        .number("reports", static_cast<std::int64_t>(call.reports));
    const auto id = call.medium.finish();
    world_.recorder.event(world_.now(), "media", fields, id);
}

void SipServer::end_call(std::string_view id) {
    std::erase_if(calls_, [&](const auto& call) {
        if (call->id != id) return false;
        record_medium(*call);
        return true;
    });
}

void SipServer::finish() {
    for (auto& call : calls_) record_medium(*call);
    calls_.clear();
}

std::string SipServer::response(const SipHead& head, const Reply& reply) const {
    std::string text = fmt::format("SIP/2.0 {} {}\r\n", reply.status, reason_of(reply.status));
    bool first = true;
    for (const auto via : head.all("Via"))
        text += fmt::format("Via: {}\r\n",
                            std::exchange(first, false) ? answered_via(via, flow_.camera) : std::string(via));
    for (const auto route : head.all("Record-Route")) text += fmt::format("Record-Route: {}\r\n", route);
    const auto to = head.header("To");
    const bool tagged = reply.status == 100 || !parameter_in(to, "tag").empty();
    text += fmt::format("From: {}\r\nTo: {}{}\r\nCall-ID: {}\r\nCSeq: {}\r\n", head.header("From"), to,
                        tagged ? std::string() : fmt::format(";tag={}", sip_tag), head.header("Call-ID"),
                        head.header("CSeq"));
    text += reply.fields;
    if (!reply.body.empty()) text += fmt::format("Content-Type: {}\r\n", reply.type);
    return text + fmt::format("Content-Length: {}\r\n\r\n{}", reply.body.size(), reply.body);
}

/// A question that a platform of GB/T 28181 has for a device.
std::string SipServer::query(std::string_view command) {
    ++asked_;
    const auto body = fmt::format(
        "<?xml version=\"1.0\" "
        "encoding=\"GB2312\"?>\r\n<Query>\r\n<CmdType>{}</CmdType>\r\n<SN>{}</SN>\r\n<DeviceID>{}</"
        "DeviceID>\r\n</Query>\r\n",
        command, asked_, device_);
    const auto* carrier = flow_.inside == protocol::tls       ? "TLS"
                          : flow_.transport == Transport::udp ? "UDP"
                                                              : "TCP";
    const auto here = flow_.destination.to_string();
    return fmt::format(
        "MESSAGE sip:{0}@{1} SIP/2.0\r\nVia: SIP/2.0/{2} {3};rport;branch=z9hG4bKbench{4}\r\nFrom: "
        "<sip:{5}@{6}>;tag={7}\r\nTo: <sip:{0}@{6}>\r\n"
        "Call-ID: query-{4}-{0}@bench\r\nCSeq: {4} MESSAGE\r\nMax-Forwards: 70\r\nContent-Type: "
        "Application/MANSCDP+xml\r\nContent-Length: {8}\r\n\r\n{9}",
        device_, flow_.camera.to_string(), carrier, here, asked_, server_, domain_, sip_tag, body.size(),
        body);
}

void SipServer::record(const SipHead& head, ByteView body, std::optional<unsigned> status) {
    auto fields = flow_fields(world_, flow_, protocol::sip);
    const auto from = sip_address_in(head.header("From"));
    fields.text("message", head.status == 0 ? "request" : "response");
    if (head.status == 0)
        fields.text("method", head.method).text("uri", head.uri);
    else
        fields.number("status", head.status)
            .text("method", head.header("CSeq").substr(
                                std::min(head.header("CSeq").find(' ') + 1, head.header("CSeq").size())));
    fields.text("user", from.user);
    if (is_gb28181_id(from.user)) fields.text("device_id", from.user);
    if (const auto agent = head.header("User-Agent"); !agent.empty()) fields.text("user_agent", agent);
    if (const auto login = head.header("Authorization"); !login.empty())
        fields.text("login", parameter_in(login, "username"))
            .text("realm", parameter_in(login, "realm"))
            .text("authorization", login);
    if (const auto expires = head.header("Expires"); !expires.empty()) fields.text("expires", expires);
    if (const auto command = element_in(as_text(body), "CmdType"); !command.empty())
        fields.text("command", command);
    fields.texts("peers", peers_in(head, body)).pairs("headers", head.headers);
    if (status) fields.number("status", *status);
    fields.flag("answered", status.has_value());
    world_.record("sip", fields, body);
}

void SipServer::malformed(std::string_view why, ByteView bytes) {
    auto fields = flow_fields(world_, flow_, protocol::sip);
    fields.text("malformed", why);
    world_.record("sip", fields, bytes);
}

}  // namespace cambench::internet
