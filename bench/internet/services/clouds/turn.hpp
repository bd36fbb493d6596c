#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "bench/internet/world/dialogue.hpp"
#include "bench/internet/world/world.hpp"
#include "harness/wire/turn_message.hpp"

namespace cambench::internet {

/// TURN servers: who asks for a relay is asked who it is, then gets one; whom it would reach through it, and
/// what it sends them, is recorded as "stun". Nothing is relayed.
///
/// The answers are signed where the login's password is one of those every device has; else they are not, for
/// nobody here knows the key.
class Turn {
public:
    /// One message or piece of channel data. nullopt: it is neither, or an ordinary question for the address.
    [[nodiscard]] std::optional<Bytes> received(World& world, const Flow& flow, ByteView bytes);
    /// Records what was to be relayed on flows that went quiet, or on all.
    enum class Which { idle, all };
    void finish(World& world, Which which);

private:
    using Key = std::pair<Endpoint, Endpoint>;
    struct Client {
        explicit Client(Recorder& recorder) : further(recorder) {}
        Flow flow;
        Bytes key;             ///< of its login, when it is known
        std::string password;  ///< the one it was
        bool allocated = false;
        std::map<std::uint16_t, Endpoint> channels;
        std::uint64_t relayed = 0;  ///< pieces
        Endpoint peer;              ///< of the further ones
        Payload further;
        Nanoseconds last{};
    };
    [[nodiscard]] Client& client_of(World& world, const Flow& flow);
    [[nodiscard]] static Bytes answer(World& world, Client& client, const TurnMessage& message);
    static void learn_password(Client& client, ByteView bytes, const TurnMessage& message);
    static void relay(World& world, Client& client, const Endpoint& peer, std::string_view method,
                      ByteView data);
    static void record(World& world, const Client& client, const TurnMessage& message, bool answered);
    static void record_further(World& world, Client& client);

    std::map<Key, Client> clients_;
};

/// STUN and TURN over a stream (RFC 8489, RFC 8656).
[[nodiscard]] std::unique_ptr<StreamDialogue> make_turn_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
