#include "harness/analysis/flows/deep_inspection.hpp"

#include <ndpi/ndpi_api.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <mutex>
#include <string_view>

namespace cambench::analysis {
namespace {

constexpr std::size_t longest_piece = 1400;  // of a segment
constexpr std::uint8_t syn = 0x02, ack = 0x10, push_ack = 0x18;

/// What detect_protocol() and the packet reader judge by their own, stricter, rules.
constexpr std::array own_names{
    "tls",     "dtls",    "quic",       "http",         "http2",    "rtsp", "rtp",    "rtcp",   "rtmp",
    "sip",     "dns",     "mdns",       "llmnr",        "netbios",  "dhcp", "dhcpv6", "ntp",    "ssdp",
    "mqtt",    "stun",    "tftp",       "ftp_control",  "ftp_data", "smtp", "smtps",  "pop3",   "imap",
    "telnet",  "ssh",     "syslog",     "amqp",         "irc",      "icmp", "icmpv6", "mpegts", "wsd",
    "tuya_lp", "nat-pmp", "http_proxy", "http_connect", "coap"};

/// Dissectors of nDPI 4.2 that see their protocol in noise: found in one or more of 300,000 flows of random
/// bytes.
constexpr std::array credulous{"h323",        "iec60870",        "noe",      "openvpn", "redis",
                               "skype_teams", "targusdataspeed", "telegram", "teredo",  "websocket"};

bool among(const auto& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

struct EndModule {
    void operator()(ndpi_detection_module_struct* module) const { ndpi_exit_detection_module(module); }
};
struct EndFlow {
    void operator()(ndpi_flow_struct* flow) const { ndpi_free_flow(flow); }
};

/// Puts a flow's first bytes back into packets between two addresses that stand for nobody (RFC 2544), others
/// for each flow: nDPI remembers what it has seen at an address.
class Retold {
public:
    Retold(ndpi_detection_module_struct& module, ndpi_flow_struct& flow, const Heads& heads,
           std::uint32_t number)
        : module_(module),
          flow_(flow),
          heads_(heads),
          camera_(0xc6120000 + number % 0x10000),
          peer_(camera_ + 0x10000) {}

    ndpi_protocol tell() {
        if (heads_.transport == Transport::udp) {
            if (!heads_.out.empty()) packet(true, heads_.out, 0);
            if (!heads_.in.empty()) packet(false, heads_.in, 0);
            return seen_;
        }
        packet(true, {}, syn);
        packet(false, {}, syn | ack);
        packet(true, {}, ack);
        side(true, heads_.out);
        side(false, heads_.in);
        return seen_;
    }

private:
    void side(bool out, ByteView bytes) {
        while (!bytes.empty()) {
            const auto piece = bytes.first(std::min(bytes.size(), longest_piece));
            packet(out, piece, push_ack);
            bytes = bytes.subspan(piece.size());
        }
    }

    void packet(bool out, ByteView payload, std::uint8_t flags) {
        const bool udp = heads_.transport == Transport::udp;
        payload = payload.first(std::min<std::size_t>(payload.size(), 60'000));
        ByteWriter writer;
        writer.u16(0x4500)
            .u16(static_cast<std::uint16_t>(20 + (udp ? 8 : 20) + payload.size()))
            .u32(0)
            .u16(static_cast<std::uint16_t>(udp ? 0x4011 : 0x4006))
            .u16(0);
        writer.u32(out ? camera_ : peer_).u32(out ? peer_ : camera_);
        writer.u16(out ? heads_.own_port : heads_.port).u16(out ? heads_.port : heads_.own_port);
        auto& sequence = out ? sequence_out_ : sequence_in_;
        if (udp)
            writer.u16(static_cast<std::uint16_t>(8 + payload.size())).u16(0);
        else
            writer.u32(sequence)
                .u32(out ? sequence_in_ : sequence_out_)
                .u8(0x50)
                .u8(flags)
                .u16(65535)
                .u16(0)
                .u16(0);
        sequence += static_cast<std::uint32_t>(payload.size()) + ((flags & syn) != 0 ? 1 : 0);
        writer.bytes(payload);
        const auto whole = writer.view();
        const auto found = ndpi_detection_process_packet(&module_, &flow_,
                                                         reinterpret_cast<const unsigned char*>(whole.data()),
                                                         static_cast<unsigned short>(whole.size()), ++time_);
        if (found.app_protocol != NDPI_PROTOCOL_UNKNOWN || found.master_protocol != NDPI_PROTOCOL_UNKNOWN)
            seen_ = found;
    }

    ndpi_detection_module_struct& module_;
    ndpi_flow_struct& flow_;
    const Heads& heads_;
    std::uint32_t camera_, peer_;
    ndpi_protocol seen_{};
    std::uint32_t sequence_out_ = 1000, sequence_in_ = 5000;
    std::uint64_t time_ = 1'000'000;
};

class Inspector {
public:
    Inspector()
        : module_(ndpi_init_detection_module(
              static_cast<ndpi_init_prefs>(ndpi_dont_load_tor_hosts | ndpi_dont_init_libgcrypt))) {
        if (!module_) return;
        NDPI_PROTOCOL_BITMASK all;
        NDPI_BITMASK_SET_ALL(all);
        ndpi_set_protocol_detection_bitmask2(module_.get(), &all);
        ndpi_finalize_initialization(module_.get());
    }

    std::string inspect(const Heads& heads) {
        const std::unique_ptr<ndpi_flow_struct, EndFlow> flow(
            static_cast<ndpi_flow_struct*>(ndpi_flow_malloc(SIZEOF_FLOW_STRUCT)));
        if (!module_ || !flow) return {};
        std::fill_n(reinterpret_cast<std::byte*>(flow.get()), SIZEOF_FLOW_STRUCT, std::byte{});
        const auto found = Retold(*module_, *flow, heads, ++flows_).tell();
        if (flow->confidence != NDPI_CONFIDENCE_DPI)
            return {};  // what it remembers of other flows mistakes some for others
        const auto id =
            found.master_protocol != NDPI_PROTOCOL_UNKNOWN ? found.master_protocol : found.app_protocol;
        if (id == NDPI_PROTOCOL_UNKNOWN) return {};
        std::string name = ndpi_get_proto_name(module_.get(), id);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return c == ' ' ? '-' : static_cast<char>(std::tolower(c)); });
        return among(own_names, name) || among(credulous, name) ? std::string() : name;
    }

private:
    std::unique_ptr<ndpi_detection_module_struct, EndModule> module_;
    std::uint32_t flows_ = 0;
};

}  // namespace

std::string inspect_deeply(const Heads& heads) {
    if (heads.out.empty() && heads.in.empty()) return {};
    if (heads.transport != Transport::tcp && heads.transport != Transport::udp) return {};
    static std::mutex turn;
    const std::lock_guard lock(turn);
    static Inspector
        inspector;  // made when the first unknown protocol comes along: it takes tens of milliseconds
    return inspector.inspect(heads);
}

}  // namespace cambench::analysis
