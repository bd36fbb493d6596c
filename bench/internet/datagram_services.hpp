#pragma once

#include <map>
#include <optional>
#include <string>

#include "bench/internet/srt_message.hpp"
#include "bench/internet/web.hpp"
#include "bench/internet/world.hpp"
#include "harness/core/quic_initial.hpp"

/// The services that come in datagrams. Each function records what it understood and gives the answer, empty
/// for none; nullopt when the datagram is none of its own. Each stands in a file of its own.
namespace cambench::internet {

/// NAT-PMP (RFC 6886) and PCP (RFC 6887): what would the camera have its router open? Recorded as
/// "port-mapping" and granted.
[[nodiscard]] std::optional<Bytes> answer_port_mapping(World& world, const Flow& flow, ByteView datagram);

/// SSDP: an M-SEARCH for a gateway, or for everything, is answered with a gateway's description. Recorded as
/// "ssdp".
[[nodiscard]] std::optional<Bytes> answer_ssdp(World& world, const Flow& flow, ByteView datagram);
/// That gateway's description and its SOAP control, on the router alone; nullopt when the request is none of
/// it.
[[nodiscard]] std::optional<WebAnswer> answer_gateway(World& world, const Flow& flow, const HttpHead& head,
                                                      ByteView body);

/// A server whose words were recorded. Recorded as "recorded-turn"; answers after the first go to
/// World::further_answers.
[[nodiscard]] std::optional<Bytes> answer_recorded(World& world, const Flow& flow, ByteView datagram);

/// Syslog (RFC 3164, 5424): recorded as "syslog", never answered.
[[nodiscard]] std::optional<Bytes> take_syslog(World& world, const Flow& flow, ByteView datagram);
struct SyslogMessage {
    unsigned facility = 0, severity = 0;
    std::string text;
};
[[nodiscard]] Result<SyslogMessage> parse_syslog(ByteView datagram);

/// SNMP versions 1 and 2c: requests and traps, recorded as "snmp", not answered but for informs.
[[nodiscard]] std::optional<Bytes> answer_snmp(World& world, const Flow& flow, ByteView datagram);
struct SnmpMessage {
    unsigned version = 0;              ///< 1, 2 or 3
    std::string community, kind;       ///< "trap", "inform", "get", ...
    std::vector<std::string> objects;  ///< dotted names of the variables
    std::size_t kind_at = 0;           ///< where the PDU's tag stands
};
[[nodiscard]] Result<SnmpMessage> parse_snmp(ByteView datagram);

/// The question of mDNS or LLMNR, recorded as "local-name"; nullopt when it is none.
[[nodiscard]] bool record_local_name(World& world, const Flow& flow, ByteView datagram);

/// A search for devices on the local network, or an announcement there: WS-Discovery, SADP, and those of two
/// makers' private protocols. Recorded as "discovery"; nobody is there to answer. False when it is none.
[[nodiscard]] bool record_discovery(World& world, const Flow& flow, ByteView datagram);

/// TFTP (RFC 1350, 2347): files that are written are kept; files that are asked for come from the web
/// server's routes of that path.
class Tftp {
public:
    [[nodiscard]] std::optional<Bytes> received(World& world, const Flow& flow, ByteView datagram);
    /// Records what did not come to its end.
    void finish(World& world);

private:
    struct Transfer {
        explicit Transfer(Recorder& recorder) : content(recorder) {}
        Flow flow;
        std::string file, mode;
        bool writes = false;
        std::size_t block_size = 512;
        std::uint16_t block = 0;
        Payload content;        ///< what the camera writes
        std::string to_camera;  ///< what it reads
        std::uint64_t given =
            0;  ///< the last block that was sent; on the wire its count begins anew after 65535
        std::uint64_t offer = 0;  ///< number of the firmware offer it is; 0: none
        bool list = false;        ///< what says which firmware there is
    };
    Bytes begin(World& world, const Flow& flow, ByteView datagram, bool writes);
    Bytes take_data(World& world, const Flow& flow, Transfer& transfer, ByteView datagram);
    static Bytes give_data(Transfer& transfer, std::uint64_t block);

    std::map<Endpoint, Transfer> transfers_;  ///< by the camera's end
};

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
