#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bench/internet/world.hpp"

namespace cambench::internet {

/// What a dialogue wants done with its connection.
struct Output {
    std::string bytes;    ///< to be sent
    bool close = false;   ///< when all is sent
    Nanoseconds delay{};  ///< to be waited before the bytes are sent
};

/// One side of a conversation over a stream, without a socket: bytes in, bytes and events out.
///
/// Sending goes before receiving: received() is not called while earlier output waits, so output stays
/// bounded.
class StreamDialogue {
public:
    virtual ~StreamDialogue() = default;

    /// The connection stands; who speaks first whatever the client does, does so now.
    virtual void opened(Output& output) { (void)output; }
    virtual void received(ByteView bytes, Output& output) = 0;
    /// The camera will send no more.
    virtual void camera_finished(Output& output) = 0;
    /// Nothing came for silence_before_banner after the connection opened or after the last bytes, if the
    /// camera is still undecided.
    virtual void silence(Output& output) { (void)output; }
    /// Somebody called World::wake for this connection: what waited for another connection may go on.
    virtual void woken(Output& output) { (void)output; }
    /// The camera has reset the connection; closed() follows.
    virtual void reset() {}
    /// The connection is gone, whoever ended it: events that were waiting for the end are due. Called once,
    /// last.
    virtual void closed() = 0;
};

/// Servers of some protocols speak first; they do so when the camera has not within this time.
constexpr Milliseconds silence_before_banner{400};

/// Silences after which nobody comes late any more who has something to say: six seconds.
constexpr unsigned silences_of_who_waits = 15;

/// A conversation from its first byte: finds out what the camera speaks and lets that dialogue go on.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_conversation(World& world, Flow flow);
/// The same without a look at the recorded dialogues.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_unrecorded_conversation(World& world, Flow flow);
using DialogueMaker = std::function<std::unique_ptr<StreamDialogue>(World& world, Flow flow)>;

/// Whether a server that speaks first has done so.
enum class Greeting { due, said };

[[nodiscard]] std::unique_ptr<StreamDialogue> make_http_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_dns_dialogue(World& world, Flow flow);
/// TLS; what comes out of it is a conversation from its first byte, or what `inside` makes of it (STARTTLS
/// and its kin).
[[nodiscard]] std::unique_ptr<StreamDialogue> make_tls_dialogue(World& world, Flow flow,
                                                                DialogueMaker inside = make_conversation);
/// The same over datagrams (DTLS): each call of received() is one, and what it puts out are whole records.
/// World::tls must be there.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_dtls_dialogue(World& world, Flow flow,
                                                                 DialogueMaker inside);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_http2_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_mqtt_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_rtmp_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_rtsp_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_sip_dialogue(World& world, Flow flow);
/// A login at a host of the bench's own: the server's own first words are part of it, as of those above.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_ssh_dialogue(World& world, Flow flow, Greeting greeting);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_turn_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_syslog_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_transport_stream_dialogue(World& world, Flow flow);
/// The server's own first words are part of these: due when the client is silent, or has begun all the same.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_ftp_dialogue(World& world, Flow flow,
                                                                Greeting greeting = Greeting::due);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_smtp_dialogue(World& world, Flow flow,
                                                                 Greeting greeting = Greeting::due);
/// Private protocols of camera clouds over TCP: DVRIP of Xiongmai and Dahua, DHIP, Tuya.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_vendor_dialogue(World& world, Flow flow);
/// A server whose words were recorded (<dialogue file="">); nullptr when there is none at the end of this
/// flow.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_recorded_dialogue(World& world, const Flow& flow);
/// Takes everything and keeps it; talks only where the port's protocol lets servers speak first, and to a
/// shell that is given away: harmless orders draw it out. `heard`: what the camera was told before.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_sink_dialogue(World& world, Flow flow,
                                                                 std::string heard = {});
/// What follows a WebSocket's opening.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_websocket_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
