#include <cctype>

#include "harness/analysis/flows/protocol.hpp"
#include "harness/analysis/flows/survey.hpp"
#include "harness/wire/protocols.hpp"

/// What makes a host look like a camera.
namespace cambench::analysis {

/// Who is asked for a stream has the lens; so has who pushes one to somebody.
void Survey::note_stream(const Packet& packet, std::string_view text, Host& sender, Host* receiver) {
    const auto port = packet.source_port;
    const bool local = !is_public(packet.source);  // what servers of the internet are, their gateway is not
    const bool accepts = packet.tcp.syn && packet.tcp.ack && local;
    if (accepts && sender.accepts.size() < most_members) sender.accepts.insert(port);
    if (accepts && (port == 554 || port == 8554 || port == 37777 || port == 34567))
        sender.traits |= serves_video;
    if (accepts && (port == 8000 || port == 8899 || port == 9000 || port == 2020 || port == 10554))
        sender.traits |= camera_port;
    if (local && (text.starts_with("RTSP/1.0 ") || text.starts_with("RTSP/2.0 ")))
        sender.traits |= serves_video;
    const auto line = text.substr(0, text.find('\n'));
    if (receiver == nullptr || is_public(packet.target) || line.empty() ||
        !std::isupper(static_cast<unsigned char>(line.front())))
        return;
    if (line.find(" RTSP/") != std::string_view::npos) {
        if (line.starts_with("DESCRIBE ") || line.starts_with("PLAY ")) receiver->traits |= serves_video;
        if (line.starts_with("ANNOUNCE ") || line.starts_with("RECORD "))
            sender.traits |= serves_video, receiver->traits |= takes_video;
    }
    if (line.starts_with("POST ") && line.find("/onvif/") != std::string_view::npos)
        receiver->traits |= camera_discovery;
}

/// Protocols of single makers, in which both sides begin alike: who took the connection is the camera.
void Survey::note_private_protocol(const Packet& packet, Host& sender, Host* receiver) {
    static constexpr std::string_view first_bytes = "\xf0\x20\xa0\xa3\xf6\xff";
    if (packet.payload.empty() ||
        first_bytes.find(static_cast<char>(std::to_integer<unsigned char>(packet.payload[0]))) ==
            std::string_view::npos)
        return;
    const auto protocol =
        detect_protocol({packet.payload, {}, Transport::tcp, packet.target_port, packet.source_port, false});
    if (protocol != protocol::baichuan && protocol != protocol::dvrip && protocol != protocol::dhip) return;
    const bool answers = sender.accepts.contains(packet.source_port),
               calls = receiver != nullptr && receiver->accepts.contains(packet.target_port);
    if (is_public(packet.source) || is_public(packet.target)) return;
    const bool from_server = answers != calls ? answers : packet.source_port < packet.target_port;
    if (from_server)
        sender.traits |= private_protocol;
    else if (receiver != nullptr)
        receiver->traits |= private_protocol;
}

/// A camera is asked for video, announces itself as one, speaks a private protocol of cameras, or says what
/// it is.
void Survey::note_traits(const Packet& packet, Host& sender, Host* receiver) {
    if (packet.fragment) return;
    const auto text = as_text(packet.payload);
    if (packet.is_tcp()) {
        note_stream(packet, text, sender, receiver);
        note_private_protocol(packet, sender, receiver);
    }
    if (!packet.is_udp()) return;
    if (packet.target_port == 53 || (is_public(packet.target) && packet.target_port != 123))
        sender.talks_outside = true;
    if (packet.target_port == 3702 || packet.source_port == 3702) {
        const bool announces = text.find("Hello") != std::string_view::npos ||
                               text.find("ProbeMatches") != std::string_view::npos;
        if (announces && (text.find("onvif") != std::string_view::npos ||
                          text.find("NetworkVideoTransmitter") != std::string_view::npos))
            sender.traits |= camera_discovery;
    }
    const bool known_port = packet.target_port == 32100 || packet.target_port == 32108 ||
                            packet.target_port == 37810 || packet.target_port == 34569 ||
                            packet.target_port == 37020;
    if (known_port || text.starts_with("DHGET ") || text.starts_with("DHPOST "))
        sender.traits |= private_protocol;
}

unsigned Survey::likeness(const Host& host) {
    const auto has = [&](Trait trait) { return (host.traits & trait) != 0 ? 1U : 0U; };
    const auto gives_video = has(serves_video) != 0 && (host.traits & takes_video) == 0 ? 1U : 0U;
    return 4 * gives_video + 4 * has(camera_discovery) + 3 * has(private_protocol) + 3 * has(says_so) +
           has(camera_port) + has(embedded) + (host.start_seen ? 1U : 0U);
}

}  // namespace cambench::analysis
