#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bench/internet/world/world.hpp"
#include "harness/wire/srt_message.hpp"

namespace cambench::internet {

/// SRT (draft-sharabayko-srt-01): whoever calls is taken, and the stream it sends is kept. Recorded as
/// "media". Under a key of the caller's own the stream is kept as it came.
class Srt {
public:
    [[nodiscard]] std::optional<Bytes> received(World& world, const Flow& flow, ByteView datagram);
    enum class Which { idle, all };
    /// Records the streams that went quiet, or all.
    void finish(World& world, Which which);

private:
    using Key = std::pair<Endpoint, Endpoint>;
    struct Caller {
        explicit Caller(Recorder& recorder) : content(recorder) {}
        Flow flow;
        std::uint32_t socket = 0, peer = 0;  ///< ours, and the caller's
        std::string stream;
        bool established = false, encrypted = false, transport_stream = false;
        std::uint32_t next = 0;  ///< the sequence number that should come
        std::uint64_t packets = 0, lost = 0;
        std::uint32_t unacknowledged = 0, acknowledgements = 0;
        Nanoseconds begun{}, last{}, acknowledged{};
        Payload content;
    };
    [[nodiscard]] std::optional<Bytes> shake_hands(World& world, const Flow& flow,
                                                   const srt::Handshake& asked);
    [[nodiscard]] static Bytes take_data(World& world, Caller& caller, const srt::Packet& packet);
    [[nodiscard]] static Bytes acknowledge(const World& world, Caller& caller);
    static void record(World& world, Caller& caller);
    [[nodiscard]] static std::uint32_t time_of(const World& world, const Caller& caller);

    std::map<Key, Caller> callers_;
    std::uint32_t last_socket_ = 0x10000000;
};

}  // namespace cambench::internet
