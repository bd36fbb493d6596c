#include <algorithm>
#include <array>
#include <map>

#include "harness/analysis/capture/packet.hpp"
#include "harness/analysis/learning/learn_dialogues.hpp"
#include "harness/wire/dns.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_talks = 4096, most_ahead = 256, most_bytes_kept = 1U << 30;
/// DNS, DHCP, TFTP's neighbours, time, names of the local network, SSDP, WS-Discovery.
constexpr std::array<std::uint16_t, 13> network_ports{53,  67,  68,   123,  137,  138, 546,
                                                      547, 853, 1900, 3702, 5353, 5355};

bool is_tls(std::string_view bytes) { return bytes.size() >= 3 && bytes[0] == '\x16' && bytes[1] == '\x03'; }

/// One direction of a TCP connection, put into order.
struct Direction {
    std::uint32_t next = 0;
    bool known = false;
    std::map<std::uint32_t, std::string> ahead;  ///< by distance from the first byte
    std::uint32_t first = 0;
};

struct Growing {
    RecordedTalk talk;
    Direction out, in;
    std::size_t size = 0;
    bool over = false;
};

class Listener {
public:
    explicit Listener(std::size_t longest) : longest_(longest) {}

    void take(const Packet& packet) {
        if (packet.kind != Packet::Kind::ip || packet.fragment || (!packet.is_tcp() && !packet.is_udp()))
            return;
        const Endpoint source{packet.source, packet.source_port}, target{packet.target, packet.target_port};
        if (packet.is_udp() && source.port == 53) learn_names(packet);
        if (is_network(source.port) || is_network(target.port) || packet.target.is_multicast() ||
            packet.target.is_broadcast())
            return;
        if (packet.is_tcp())
            take_segment(packet, source, target);
        else
            take_datagram(packet, source, target);
    }

    [[nodiscard]] std::vector<RecordedTalk> finish() {
        std::vector<RecordedTalk> talks;
        for (auto& growing : growing_) {
            auto& talk = growing.talk;
            const bool ciphered = !talk.utterances.empty() && is_tls(talk.utterances.front().bytes);
            const bool two_sided = std::any_of(talk.utterances.begin(), talk.utterances.end(),
                                               [](const auto& one) { return !one.by_client; });
            if (!ciphered && two_sided) talks.push_back(std::move(talk));
        }
        return talks;
    }

private:
    using Key = std::tuple<Endpoint, Endpoint, Transport>;

    static bool is_network(std::uint16_t port) {
        return std::find(network_ports.begin(), network_ports.end(), port) != network_ports.end();
    }

    void learn_names(const Packet& packet) {
        const auto message = parse_dns_start(packet.payload);
        if (!message || !message->response) return;
        for (const auto& named : named_by(*message))
            for (const auto& address : named.addresses) names_[address] = named.name;
    }

    Growing* begin(const Endpoint& client, const Endpoint& server, Transport transport) {
        if (growing_.size() >= most_talks) return nullptr;
        const auto name = names_.find(server.address);
        growing_.push_back(
            {{client, server, name == names_.end() ? "" : name->second, transport, {}}, {}, {}});
        places_[{client, server, transport}] = growing_.size() - 1;
        return &growing_.back();
    }

    Growing* find(const Endpoint& client, const Endpoint& server, Transport transport) {
        const auto found = places_.find({client, server, transport});
        return found == places_.end() ? nullptr : &growing_[found->second];
    }

    void say(Growing& growing, bool by_client, std::string_view bytes, WallTime time) {
        auto& utterances = growing.talk.utterances;
        if (bytes.empty() || growing.over) return;
        growing.size += bytes.size();
        kept_ += bytes.size();
        growing.over = growing.size > longest_ || kept_ > most_bytes_kept;
        if (utterances.empty() || utterances.back().by_client != by_client)
            utterances.push_back({by_client, {}, {}, time});
        utterances.back().bytes += bytes;
    }

    void take_segment(const Packet& packet, const Endpoint& source, const Endpoint& target) {
        const auto& tcp = packet.tcp;
        if (tcp.syn && !tcp.ack) {
            if (const auto* known = find(source, target, Transport::tcp);
                known != nullptr && known->out.known && known->out.first == tcp.sequence + 1)
                return;
            if (auto* growing = begin(source, target, Transport::tcp))
                growing->out = {tcp.sequence + 1, true, {}, tcp.sequence + 1};
            return;
        }
        auto* growing = find(source, target, Transport::tcp);
        const bool by_client = growing != nullptr;
        if (growing == nullptr) growing = find(target, source, Transport::tcp);
        if (growing == nullptr) return;
        auto& side = by_client ? growing->out : growing->in;
        if (tcp.syn) side = {tcp.sequence + 1, true, {}, tcp.sequence + 1};
        if (!side.known) return;
        if (packet.payload.size() < packet.length) growing->over = true;
        deliver(*growing, side, by_client, tcp.sequence + (tcp.syn ? 1 : 0), as_text(packet.payload),
                packet.frame.time);
        const bool last = tcp.fin && side.next == tcp.sequence + static_cast<std::uint32_t>(packet.length);
        if (!last || growing->over) return;
        growing->talk.server_closed = !by_client;
        growing->over = true;
    }

    void deliver(Growing& growing, Direction& side, bool by_client, std::uint32_t sequence,
                 std::string_view bytes, WallTime time) {
        if (bytes.empty() || side.ahead.size() >= most_ahead) return;
        side.ahead.try_emplace(sequence - side.first, bytes);
        while (!side.ahead.empty()) {
            const auto& [offset, content] = *side.ahead.begin();
            const auto at = side.next - side.first;
            if (offset > at) return;
            const auto known = at - offset;
            if (known < content.size()) {
                say(growing, by_client, std::string_view(content).substr(known), time);
                side.next += static_cast<std::uint32_t>(content.size() - known);
            }
            side.ahead.erase(side.ahead.begin());
        }
    }

    void take_datagram(const Packet& packet, const Endpoint& source, const Endpoint& target) {
        auto* growing = find(source, target, Transport::udp);
        const bool by_client = growing != nullptr || find(target, source, Transport::udp) == nullptr;
        if (growing == nullptr)
            growing =
                by_client ? begin(source, target, Transport::udp) : find(target, source, Transport::udp);
        if (growing == nullptr || growing->over) return;
        auto& utterances = growing->talk.utterances;
        if (by_client && !utterances.empty() && utterances.back().by_client)
            utterances.push_back({true, {}, {}, packet.frame.time});  // each stands alone
        say(*growing, by_client, as_text(packet.payload), packet.frame.time);
        if (!utterances.empty()) utterances.back().datagrams.push_back(utterances.back().bytes.size());
    }

    std::size_t longest_, kept_ = 0;
    std::map<IpAddress, std::string> names_;
    std::vector<Growing> growing_;
    std::map<Key, std::size_t> places_;
};

}  // namespace

Result<std::vector<RecordedTalk>> recorded_talks(CaptureReader& capture, std::size_t longest) {
    Listener listener(longest);
    for (;;) {
        TRY_ASSIGN(const auto frame, capture.next());
        if (!frame) return listener.finish();
        if (const auto packet = decode_frame(*frame)) listener.take(*packet);
    }
}

}  // namespace cambench::analysis
