#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bench/internet/world/world.hpp"

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

/// Takes everything and keeps it; talks only where the port's protocol lets servers speak first, and to a
/// shell that is given away: harmless orders draw it out. `heard`: what the camera was told before.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_sink_dialogue(World& world, Flow flow,
                                                                 std::string heard = {});

}  // namespace cambench::internet
