#pragma once

#include <map>
#include <optional>
#include <utility>

#include "bench/internet/world/world.hpp"
#include "harness/wire/quic_initial.hpp"

namespace cambench::internet {

/// QUIC: the client's hello is opened for its name, then the connection is refused so that the device falls
/// back to TCP. Recorded as "quic".
class Quic {
public:
    [[nodiscard]] std::optional<Bytes> received(World& world, const Flow& flow, ByteView datagram);

private:
    struct Client {
        QuicInitialReader reader;
        bool recorded = false;
    };
    std::map<std::pair<Endpoint, Endpoint>, Client> clients_;
};

}  // namespace cambench::internet
