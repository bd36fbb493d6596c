#include "harness/analysis/flows/flow.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/analysis/flows/deep_inspection.hpp"
#include "harness/analysis/flows/inner_talk.hpp"
#include "harness/analysis/flows/protocol.hpp"
#include "harness/analysis/flows/tls_sessions.hpp"
#include "harness/wire/http.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/tls.hpp"

namespace cambench::analysis {
namespace {

struct Claim {
    std::string name;
    Resolution by;
    FrameRef frame;
    std::optional<std::uint16_t> port;  ///< of a server named in the request itself
    bool outer = false;
};

/// What the camera says about whom it talks to, and what else the heads show in clear.
struct Content {
    std::string protocol;
    std::vector<Claim> claims;
    std::vector<std::string> alerts, certificate_names;
    std::vector<std::string> alpn, ja3, ja4;
    std::optional<TlsSession> session;
    std::size_t clear_length = 0;  ///< TLS that began later: of what was sent before
    bool opaque = false, port_mapping = false;
    bool by_proxy = false;  ///< the peer is asked to fetch from others
};

ByteView head_out(const Flow& flow) {
    return flow.key.protocol == 6 ? flow.out.head() : ByteView(flow.first_out);
}
ByteView head_in(const Flow& flow) {
    return flow.key.protocol == 6 ? flow.in.head() : ByteView(flow.first_in);
}

FrameRef frame_of(const Flow& flow, std::size_t length) {
    return flow.key.protocol == 6 ? flow.out.frame_of(length) : flow.first_frame;
}

void read_fingerprints(const ClientHello& hello, char transport, Content& content) {
    content.alpn = hello.protocols;
    content.ja3 = {ja3(hello)};
    content.ja4 = {ja4(hello, transport)};
}

/// Encrypted Client Hello: the name outside is the one of who takes it in.
bool hides_another(const ClientHello& hello) {
    constexpr std::uint16_t encrypted_client_hello = 0xfe0d;
    return std::find(hello.extensions.begin(), hello.extensions.end(), encrypted_client_hello) !=
           hello.extensions.end();
}

/// TLS from the places on at which it begins in either direction.
void read_tls(const Flow& flow, std::size_t sent_at, std::size_t received_at, Content& content) {
    const auto sent = parse_tls(head_out(flow).subspan(sent_at));
    const auto received = parse_tls(head_in(flow).subspan(received_at));
    if (received) content.certificate_names = received->certificate_names;
    if (!sent) return;
    content.alerts = sent->alerts;
    content.opaque = true;
    content.session = read_tls_session(*sent, received ? &*received : nullptr,
                                       flow.closed() || flow.fin_out || flow.fin_in);
    const auto& hello = sent->hello;
    if (!hello) return;
    read_fingerprints(*hello, 't', content);
    const auto frame = frame_of(flow, sent_at + hello->stream_length);
    if (content.session) content.session->frame = frame;
    const auto known = [&](const Claim& one) { return one.name == hello->server_name; };
    if (!is_dns_name(hello->server_name) || std::any_of(content.claims.begin(), content.claims.end(), known))
        return;
    const auto beyond =
        content.by_proxy && !content.claims.empty() ? content.claims.front().port : std::nullopt;
    content.claims.push_back({hello->server_name, Resolution::sni, frame, beyond, hides_another(*hello)});
}

/// TLS that a connection in clear goes over to: STARTTLS of mail, AUTH TLS of FTP, CONNECT of proxies.
void read_later_tls(const Flow& flow, Content& content) {
    const auto sent_at = find_later_tls(head_out(flow));
    if (!sent_at) return;
    content.clear_length = *sent_at;
    read_tls(flow, *sent_at, find_later_tls(head_in(flow)).value_or(head_in(flow).size()), content);
}

void read_requests(const Flow& flow, Content& content) {
    std::size_t end = 0;
    for (const auto& request : parse_http_requests(head_out(flow))) {
        end += request.head_length;
        const bool known = std::any_of(content.claims.begin(), content.claims.end(),
                                       [&](const Claim& one) { return one.name == request.host; });
        if (is_dns_name(request.host) && !known)
            content.claims.push_back(
                {request.host, Resolution::host, frame_of(flow, end), request.authority_port});
        end += static_cast<std::size_t>(request.content_length.value_or(0));
    }
    // Clients name the server in the request itself only towards a proxy; some do always.
    content.by_proxy = as_text(head_out(flow)).starts_with("CONNECT ") ||
                       (flow.lan && std::any_of(content.claims.begin(), content.claims.end(),
                                                [](const Claim& one) { return one.port.has_value(); }));
    content.port_mapping = as_text(head_out(flow)).find("AddPortMapping") != std::string_view::npos ||
                           as_text(head_out(flow)).find("AddAnyPortMapping") != std::string_view::npos;
}

Content read_content(const Flow& flow) {
    Content content;
    if (flow.key.transport() == Transport::icmp) {
        content.protocol = protocol::icmp;
        return content;
    }
    if (flow.key.transport() == Transport::other) {
        content.protocol = fmt::format("ip-{}", flow.key.protocol);
        return content;
    }
    const Heads heads{head_out(flow),     head_in(flow),        flow.key.transport(),
                      flow.key.peer.port, flow.key.camera.port, false};
    content.protocol = flow.is_dns ? "dns" : detect_protocol(heads);
    if (content.protocol.empty() && flow.pppp_types.size() >= 2) content.protocol = protocol::pppp;
    if (content.protocol.empty() && flow.rtp.is_rtp()) content.protocol = protocol::rtp;
    if (content.protocol.empty() && flow.control_port)
        content.protocol = flow.control_protocol == protocol::ftp ? "ftp-data" : flow.control_protocol;
    if (content.protocol.empty() && !flow.quic_hello &&
        (flow.start_seen || flow.key.transport() == Transport::udp))
        content.protocol = inspect_deeply(heads);
    if (content.protocol == protocol::tls) read_tls(flow, 0, 0, content);
    if (flow.quic_hello) {
        content.protocol = protocol::quic;
        content.alpn = flow.quic_hello->alpn;
        if (is_dns_name(flow.quic_hello->server_name))
            content.claims.push_back(
                {plain_name(flow.quic_hello->server_name), Resolution::sni, flow.quic_frame, {}});
    }
    if (content.protocol == protocol::http || content.protocol == protocol::ssdp ||
        content.protocol == protocol::rtsp || content.protocol == protocol::dahua_p2p)
        read_requests(flow, content);
    if (flow.key.protocol == 6 && content.protocol != protocol::tls) read_later_tls(flow, content);
    if (content.protocol == protocol::quic || content.protocol == protocol::dtls ||
        content.protocol == protocol::ssh)
        content.opaque = true;
    if ((content.protocol == protocol::nat_pmp || content.protocol == protocol::pcp) &&
        flow.first_out.size() >= 2)
        content.port_mapping = (std::to_integer<int>(flow.first_out[1]) & 0x7f) != 0;
    return content;
}

/// Chooses the destination's name by the rules of resolution and keeps every claim that says otherwise.
void resolve(const Flow& flow, const Content& content, Destination& destination) {
    const auto knows = [](const NameOf& known, const std::string& name) {
        return known.name == name ||
               std::find(known.aliases.begin(), known.aliases.end(), name) != known.aliases.end();
    };
    const NameOf* chosen = flow.names.empty() ? nullptr : &flow.names.front();
    for (const auto& claim : content.claims) {
        const auto match = std::find_if(flow.names.begin(), flow.names.end(),
                                        [&](const NameOf& known) { return knows(known, claim.name); });
        if (match == flow.names.end()) continue;
        chosen = &*match;
        break;
    }
    if (chosen != nullptr) {
        destination.name = chosen->name;
        destination.aliases = chosen->aliases;
        destination.resolution = Resolution::dns;
        for (const auto& known : flow.names) {
            if (known.name != chosen->name) destination.other_names.push_back(known.name);
        }
    } else if (!content.claims.empty() && !content.by_proxy) {
        destination.name = content.claims.front().name;
        destination.resolution = content.claims.front().by;
    }
    for (const auto& claim : content.claims) {
        const bool by_dns = std::any_of(flow.names.begin(), flow.names.end(),
                                        [&](const NameOf& known) { return knows(known, claim.name); });
        const auto beyond = content.by_proxy ? claim.port : std::nullopt;
        if (!by_dns && (claim.name != destination.name || destination.resolution == Resolution::dns))
            destination.claims.push_back({claim.name, claim.by, claim.frame, beyond, claim.outer});
    }
    if (flow.lan) {
        if (destination.resolution != Resolution::dns) destination.name.clear();
        destination.resolution = Resolution::lan;
    }
}

}  // namespace

std::string_view to_string(ContentKind kind) {
    switch (kind) {
        case ContentKind::media:
            return "media";
        case ContentKind::code:
            return "code";
        case ContentKind::command:
            return "command";
        case ContentKind::credential:
            return "credential";
        case ContentKind::identifier:
            return "identifier";
        case ContentKind::covert:
            return "covert";
    }
    return "media";
}

std::string_view to_string(Resolution resolution) {
    switch (resolution) {
        case Resolution::dns:
            return protocol::dns;
        case Resolution::sni:
            return "sni";
        case Resolution::host:
            return "host";
        case Resolution::literal:
            return "literal";
        case Resolution::lan:
            return "lan";
    }
    return "literal";
}

Transport FlowKey::transport() const {
    if (protocol == 6) return Transport::tcp;
    if (protocol == 17) return Transport::udp;
    return protocol == 1 || protocol == 58 ? Transport::icmp : Transport::other;
}

namespace {

/// What heads and samples say of the camera itself, and what they ask the peer to do with it.
void read_statements(const Flow& flow, const Content& content, const Identifiers& identifiers,
                     Destination& destination) {
    const auto& protocol = content.protocol;
    const auto add = [&](ContentKind kind, std::string what, const FrameRef& frame) {
        note(destination.contents, {kind, std::move(what), true, frame, {}, 1, 0});
    };
    const auto head = content.clear_length > 0 ? head_out(flow).first(content.clear_length) : head_out(flow);
    const auto text = as_text(head);
    if (protocol == protocol::rtsp && (text.find("RECORD rtsp") != std::string_view::npos ||
                                       text.find("ANNOUNCE rtsp") != std::string_view::npos))
        add(ContentKind::media, "RTSP recording", flow.first_frame);
    if (protocol == protocol::rtmp && text.find("publish") != std::string_view::npos)
        add(ContentKind::media, "RTMP publishing", flow.first_frame);
    if (flow.lan || (destination.opaque && content.clear_length == 0) || protocol == protocol::dns) return;
    if (flow.key.protocol == 6 && (protocol.empty() || protocol == protocol::telnet)) {
        if (const auto shell = find_given_shell(head, head_in(flow)); !shell.what.empty())
            note(destination.contents, {ContentKind::command,
                                        std::string(shell.what),
                                        true,
                                        flow.first_frame,
                                        {},
                                        1,
                                        0,
                                        shell.certain});
    }
    if (const auto credential = find_credential(head, protocol); !credential.empty())
        add(ContentKind::credential, std::string(credential), flow.first_frame);
    for (const auto& found : identifiers.find(head))
        add(ContentKind::identifier, found.what, frame_of(flow, found.at + 1));
    for (const auto& found : identifiers.find(flow.sample))
        add(ContentKind::identifier, found.what, flow.first_frame);
}

}  // namespace

namespace {

/// A connection that stood, on which the camera kept silent of its own accord. One that the peer ended at
/// once it had no time to use.
void note_silence(const Flow& flow, Destination& destination) {
    constexpr std::chrono::seconds time_to_speak{3};
    if (flow.key.protocol != 6 || !flow.start_seen || !flow.accepted || flow.sent() > 0 || flow.control_port)
        return;
    if (flow.left_by_peer && flow.last - flow.first_frame.time < time_to_speak) return;
    destination.mute = 1;
    if (flow.reset || flow.fin_out || flow.left_by_peer)
        destination.longest_mute = flow.last - flow.first_frame.time;
    else
        destination.mute_since = flow.first_frame.time;
}

void read_inner_talks(const Flow& flow, Destination& destination) {
    if (flow.key.protocol != 6 || destination.protocol != protocol::http) return;
    destination.inner = find_inner_talks(head_out(flow), head_in(flow), "http");
    for (auto& one : destination.inner) one.frame = flow.first_frame;
}

}  // namespace

std::size_t Flow::memory() const {
    const auto moments = (attempt_times.capacity() + sending_times.capacity()) * sizeof(WallTime) +
                         attempt_frames.capacity() * sizeof(FrameRef);
    return sizeof(Flow) + out.memory() + in.memory() + first_out.capacity() + first_in.capacity() +
           sample.capacity() + moments + contents.capacity() * sizeof(ContentFact);
}

void keep_time(Flow& flow, std::vector<WallTime>& times, WallTime when) {
    if (times.size() < Flow::most_times)
        times.push_back(when);
    else
        flow.cut.insert(Subject::moments);
}

Destination describe_flow(const Flow& flow, const Identifiers& identifiers) {
    Destination destination;
    destination.addresses = {flow.key.peer.address};
    destination.port = flow.key.peer.port;
    destination.transport = flow.key.transport();
    if (destination.transport != Transport::tcp || flow.caller_unknown || !flow.by_camera)
        destination.own_ends = {flow.key.camera};
    const auto content = read_content(flow);
    destination.protocol = content.protocol;
    destination.alerts = content.alerts;
    destination.certificate_names = content.certificate_names;
    destination.opaque = content.opaque;
    destination.port_mapping = content.port_mapping;
    destination.alpn = content.alpn;
    destination.ja3 = content.ja3;
    destination.ja4 = content.ja4;
    destination.contents = flow.contents;
    destination.cut = flow.cut;
    destination.attempt_times = flow.attempt_times;
    destination.sending_times = flow.sending_times;
    destination.control_port = flow.control_port;
    destination.control_protocol = flow.control_protocol;
    if (content.session) destination.tls_sessions = {*content.session};
    destination.goes_on_from_before = content.session && content.session->resumed;
    destination.service_of = flow.service_of;
    if (flow.sent() > 0) destination.connections_used = flow.attempts;
    read_statements(flow, content, identifiers, destination);
    read_inner_talks(flow, destination);
    note_silence(flow, destination);
    resolve(flow, content, destination);
    destination.bytes_out = flow.sent();
    destination.bytes_in = flow.received();
    destination.attempts = flow.attempts;
    const bool tcp = flow.key.protocol == 6;
    const bool group = flow.key.peer.address.is_multicast() || flow.key.peer.address.is_broadcast();
    const bool failed =
        tcp ? flow.start_seen && !flow.accepted : !group && (flow.unreachable || !flow.answered);
    if (failed) destination.failed = flow.attempts;
    destination.first_seen = flow.first_frame.time;
    destination.last_seen = flow.last;
    destination.first_frame = flow.first_frame;
    destination.attempt_frames = flow.attempt_frames;
    destination.answered = flow.answered;
    destination.under_way = destination.known_before = !flow.start_seen || flow.before_joining;
    destination.caller_unknown = flow.caller_unknown;
    destination.head_whole =
        tcp ? flow.start_seen && flow.out.head_whole() : !flow.first_out.empty() && !flow.first_out_cut;
    if (destination.resolution != Resolution::dns && destination.resolution != Resolution::lan)
        destination.perhaps = flow.perhaps;
    destination.asked_for = flow.asked_for;
    destination.perhaps_lan = flow.perhaps_lan;
    destination.advertised = flow.advertised;
    return destination;
}

}  // namespace cambench::analysis
