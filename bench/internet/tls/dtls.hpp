#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// DTLS 1.0 and 1.2 at any port: a session for each client that says hello, with the certificates, trials and
/// events of TLS. What comes out of it is given to `inside`, one datagram at a time.
class Dtls {
public:
    using Inside = std::function<Bytes(const Flow& flow, ByteView datagram)>;
    explicit Dtls(Inside inside) : inside_(std::move(inside)) {}

    [[nodiscard]] std::optional<Bytes> received(World& world, const Flow& flow, ByteView datagram);
    enum class Which { idle, all };
    void finish(const World& world, Which which);

private:
    using Key = std::pair<Endpoint, Endpoint>;
    struct Session {
        std::unique_ptr<StreamDialogue> dialogue;
        Bytes random;  ///< of the client's first hello
        Nanoseconds last{};
    };
    std::map<Key, Session> sessions_;
    Inside inside_;
};

}  // namespace cambench::internet
