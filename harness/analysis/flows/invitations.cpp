#include <charconv>

#include "harness/analysis/flows/protocol.hpp"
#include "harness/analysis/flows/tracker.hpp"

namespace cambench::analysis {
namespace {

/// Port numbers behind each `parameter`, one or two with a dash between.
template <typename Take>
void each_port(std::string_view text, std::string_view parameter, Take take) {
    for (auto at = text.find(parameter); at != std::string_view::npos; at = text.find(parameter, at + 1)) {
        auto rest = text.substr(at + parameter.size());
        for (int i = 0; i < 2; ++i) {
            std::uint16_t port = 0;
            const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
            if (code != std::errc{}) break;
            take(port);
            rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
            if (!rest.starts_with('-')) break;
            rest.remove_prefix(1);
        }
    }
}

constexpr std::uint16_t http_port = 80, tftp_port = 69;

/// The endpoint of an URL whose host is an address; the text begins behind "http://".
std::optional<Endpoint> url_endpoint(std::string_view text) {
    const auto authority = text.substr(0, std::min<std::size_t>(text.find_first_of("/?#<>\"' \r\n"), 64));
    const bool bracketed = authority.starts_with('[');
    const auto close = bracketed ? authority.find(']') : authority.find(':');
    const auto address =
        IpAddress::parse(bracketed ? authority.substr(1, close == std::string_view::npos ? close : close - 1)
                                   : authority.substr(0, close));
    if (!address) return std::nullopt;
    Endpoint endpoint{*address, http_port};
    const auto colon = bracketed && close != std::string_view::npos ? close + 1 : close;
    if (colon < authority.size() && authority[colon] == ':') {
        const auto digits = authority.substr(colon + 1);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port).ec != std::errc{})
            return std::nullopt;
    }
    return endpoint;
}

}  // namespace

/// RTP goes where SETUP or its answer says: to ports of the one who asked, or to a group.
void Tracker::note_streams(const Flow& flow, std::string_view text) {
    each_port(text, "client_port=", [&](std::uint16_t port) {
        invited_.insert({flow.key.peer.address, port});
    });
    constexpr std::string_view parameter = "destination=";
    const auto at = text.find(parameter);
    if (at == std::string_view::npos) return;
    const auto rest = text.substr(at + parameter.size());
    const auto group = IpAddress::parse(rest.substr(0, rest.find_first_of(";, \r\n")));
    if (!group || !group->is_multicast()) return;
    each_port(text, ";port=", [&](std::uint16_t port) { invited_.insert({*group, port}); });
}

/// Where the RTP of a session that the camera began goes: to the ports that the server's answer to SETUP
/// names (RFC 2326, 12.39), at the address it names there or its own.
void Tracker::note_stream_ports(const Flow& flow, const Packet& packet) {
    const auto text = as_text(packet.payload);
    if (!text.starts_with("RTSP/") || stream_ports_.size() >= most_invited) return;
    constexpr std::string_view source = ";source=";
    auto server = flow.key.peer.address;
    if (const auto at = text.find(source); at != std::string_view::npos) {
        const auto rest = text.substr(at + source.size());
        if (const auto named = IpAddress::parse(rest.substr(0, rest.find_first_of(";, \r\n"))))
            server = *named;
    }
    each_port(text, "server_port=", [&](std::uint16_t port) {
        for (const auto& address : {server, flow.key.peer.address})
            stream_ports_[{address, port}] = {flow.key.peer.port, flow.names, "rtsp"};
    });
}

/// A neighbour asks for events at an address of its own: ConsumerReference of ONVIF, CALLBACK of UPnP.
void Tracker::note_subscribers(const Flow& flow, std::string_view text) {
    constexpr std::string_view scheme = "http://";
    for (auto at = text.find(scheme); at != std::string_view::npos && subscribers_.size() < most_invited;
         at = text.find(scheme, at + 1)) {
        const auto endpoint = url_endpoint(text.substr(at + scheme.size()));
        if (endpoint && endpoint->address == flow.key.peer.address) subscribers_.insert(*endpoint);
    }
}

/// A neighbour calls the camera by SIP: the media go to the ports that its description names, at its own
/// address.
void Tracker::note_call(const Flow& flow, std::string_view text) {
    for (auto at = text.find("\nm="); at != std::string_view::npos && invited_.size() < most_invited;
         at = text.find("\nm=", at + 1)) {
        auto rest = text.substr(at + 3);
        const auto space = rest.find(' ');
        if (space == std::string_view::npos) continue;
        rest.remove_prefix(space + 1);
        std::uint16_t port = 0;
        if (std::from_chars(rest.data(), rest.data() + rest.size(), port).ec != std::errc{} || port == 0)
            continue;
        invited_.insert({flow.key.peer.address, port});
        invited_.insert({flow.key.peer.address, static_cast<std::uint16_t>(port + 1)});  // RTCP
    }
}

/// What neighbours say to the camera (and its answers) that makes it send elsewhere.
void Tracker::note_invitations(const Flow& flow, const Packet& packet) {
    if (!flow.lan || invited_.size() >= most_invited) return;
    const bool from_peer = packet.source == flow.key.peer.address;
    if (packet.is_udp() && from_peer) invited_.insert(flow.key.peer);
    if (from_peer && as_text(packet.payload).starts_with("INVITE sip"))
        note_call(flow, as_text(packet.payload));
    if (!packet.is_tcp() || packet.payload.empty()) return;
    const auto text = as_text(packet.payload);
    const bool speaks_rtsp =
        from_peer ? text.find("RTSP/") != std::string_view::npos : text.starts_with("RTSP/");
    if (speaks_rtsp) note_streams(flow, text);
    if (from_peer) note_subscribers(flow, text);
}

/// A TFTP server answers from a port of its own choice (RFC 1350, section 4).
void Tracker::note_transfer(const Flow& flow, const Packet& packet) {
    if (flow.key.peer.port != tftp_port || called_back_.size() >= most_invited ||
        !is_tftp_request(packet.payload))
        return;
    called_back_[{flow.key.camera, flow.key.peer.address}] = {tftp_port, flow.names, "tftp"};
}

bool Tracker::is_invited(const Packet& packet, const Endpoint& peer) const {
    return (packet.is_udp() && invited_.contains(peer)) || (packet.is_tcp() && subscribers_.contains(peer));
}

}  // namespace cambench::analysis
