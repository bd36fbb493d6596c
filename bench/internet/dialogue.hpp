#pragma once

#include <memory>
#include <string>

#include "bench/internet/world.hpp"

namespace cambench::internet {

/// What a dialogue wants done with its connection.
struct Output {
    std::string bytes;   ///< to be sent
    bool close = false;  ///< when all is sent
};

/// One side of a conversation over a stream, without a socket: bytes in, bytes and events out.
///
/// Sending goes before receiving: received() is not called while earlier output waits, so output stays bounded.
class StreamDialogue {
public:
    virtual ~StreamDialogue() = default;

    virtual void received(ByteView bytes, Output& output) = 0;
    /// The camera will send no more.
    virtual void camera_finished(Output& output) = 0;
    /// Nothing came for silence_before_banner after the connection opened or after the last bytes, if the camera is still undecided.
    virtual void silence(Output& output) { (void)output; }
    /// The connection is gone, whoever ended it: events that were waiting for the end are due. Called once, last.
    virtual void closed() = 0;
};

/// Servers of some protocols speak first; they do so when the camera has not within this time.
constexpr Milliseconds silence_before_banner{400};

/// A conversation from its first byte: finds out what the camera speaks and lets that dialogue go on.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_conversation(World& world, Flow flow);

[[nodiscard]] std::unique_ptr<StreamDialogue> make_http_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_dns_dialogue(World& world, Flow flow);
[[nodiscard]] std::unique_ptr<StreamDialogue> make_tls_dialogue(World& world, Flow flow);
/// Takes everything and keeps it; talks only where the port's protocol lets servers speak first.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_sink_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
