#pragma once

#include "bench/internet/services/clouds/coap.hpp"
#include "bench/internet/services/clouds/quic.hpp"
#include "bench/internet/services/clouds/turn.hpp"
#include "bench/internet/services/files/tftp.hpp"
#include "bench/internet/services/media/sip.hpp"
#include "bench/internet/services/media/srt.hpp"
#include "bench/internet/tls/dtls.hpp"
#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// All that comes in single datagrams, to any address and port.
class DatagramService {
public:
    explicit DatagramService(World& world)
        : world_(world),
          dtls_([this](const Flow& flow, ByteView datagram) { return received_reachable(flow, datagram); }) {}
    DatagramService(const DatagramService&) = delete;
    DatagramService& operator=(const DatagramService&) = delete;

    /// Answers one datagram and records it under its protocol. Empty: nothing is answered.
    [[nodiscard]] Bytes received(const Flow& flow, ByteView datagram);
    /// Records what the flows that went quiet, or all of them, have left.
    enum class Which { idle, all };
    void finish_flows(Which which);

private:
    /// A flow of datagrams nobody serves. The first ones are recorded one by one, a stream of many as a
    /// whole.
    struct Stream {
        explicit Stream(Recorder& recorder) : payload(recorder) {}
        std::uint64_t datagrams = 0, bytes = 0;
        Nanoseconds last{};
        Payload payload;
    };
    using Key = std::pair<Endpoint, Endpoint>;
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return std::hash<Endpoint>{}(key.first) * 1099511628211U ^ std::hash<Endpoint>{}(key.second);
        }
    };

    Bytes received_reachable(const Flow& flow, ByteView datagram);
    Bytes received_other(const Flow& flow, ByteView datagram);
    void record(const Flow& flow, ByteView datagram, std::string_view protocol, bool answered);
    void record_stream(const Key& key, Stream& stream);

    World& world_;
    Tftp tftp_;
    Quic quic_;
    Srt srt_;
    Coap coap_;
    SipDatagrams sip_;
    Turn turn_;
    Dtls dtls_;  ///< after the others, which its sessions use
    std::unordered_map<Key, Stream, KeyHash> streams_;
};

}  // namespace cambench::internet
