#include "bench/internet/dispatch/datagram.hpp"

#include <array>

#include "bench/internet/dispatch/recorded_dialogue.hpp"
#include "bench/internet/services/clouds/port_mapping.hpp"
#include "bench/internet/services/clouds/rendezvous.hpp"
#include "bench/internet/services/media/srt.hpp"
#include "bench/internet/services/names/discovery.hpp"
#include "bench/internet/services/names/dns.hpp"
#include "bench/internet/services/names/local_names.hpp"
#include "bench/internet/services/time/notices.hpp"
#include "bench/internet/services/time/ntp.hpp"
#include "bench/internet/services/web/gateway.hpp"
#include "bench/internet/services/web/http.hpp"
#include "bench/internet/world/characterise.hpp"
#include "harness/wire/dns_message.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint64_t recorded_singly = 16;
constexpr std::size_t most_streams = 4096;
constexpr std::chrono::seconds stream_idle{10};

/// A query for an ordinary record, plain enough not to be anything else.
bool looks_like_dns(ByteView datagram) {
    if (datagram.size() < 17 || datagram.size() > 512) return false;
    ByteReader reader(datagram);
    reader.skip(2);
    const auto flags = reader.u16();
    if ((flags & 0xf8cf) != 0 || reader.u16() != 1 || reader.u16() != 0) return false;
    const auto query = dns::parse_query(datagram);
    return query.ok() && query->klass == 1 && query->name.find('.') != std::string::npos &&
           query->name.find('\\') == std::string::npos;
}

}  // namespace

Bytes DatagramService::received(const Flow& flow, ByteView datagram) {
    const auto port = flow.destination.port;
    if (const auto taker = world_.datagram_takers.find(flow.destination);
        taker != world_.datagram_takers.end()) {
        taker->second(flow, datagram);
        return {};
    }
    if (auto answer = answer_recorded(world_, flow, datagram)) return std::move(*answer);
    if (port == 53) return answer_dns(world_, flow, datagram);
    if (port == 123 || looks_like_ntp(datagram)) return answer_ntp(world_, flow, datagram);
    auto judged = flow;
    judged.refused = world_.refuses(flow);
    return received_reachable(judged, datagram);
}

Bytes DatagramService::received_reachable(const Flow& flow, ByteView datagram) {
    const auto port = flow.destination.port;
    using Service = std::optional<Bytes> (*)(World & world, const Flow& flow, ByteView datagram);
    static constexpr std::array<Service, 4> services{answer_ssdp, answer_port_mapping, take_syslog,
                                                     answer_snmp};
    for (const auto service : services)
        if (auto answer = service(world_, flow, datagram)) return std::move(*answer);
    if (auto answer = flow.inside.empty() ? dtls_.received(world_, flow, datagram) : std::nullopt)
        return std::move(*answer);
    if (auto answer = turn_.received(world_, flow, datagram)) return std::move(*answer);
    if (auto answer = tftp_.received(world_, flow, datagram)) return std::move(*answer);
    if (auto answer = quic_.received(world_, flow, datagram)) return std::move(*answer);
    if (auto answer = srt_.received(world_, flow, datagram)) return std::move(*answer);
    if (auto answer = sip_.received(world_, flow, datagram)) return std::move(*answer);
    if (auto answer = coap_.received(world_, flow, datagram)) return std::move(*answer);
    if (record_local_name(world_, flow, datagram) || record_discovery(world_, flow, datagram)) return {};
    const bool web = http_likeness(datagram) == Likeness::yes;
    if (web && port != 1900 && port != 3702)
        if (auto answer = answer_http_datagram(world_, flow, datagram);
            !answer.empty() || !world_.reachable(flow))
            return answer;
    if (looks_like_dns(datagram) && port != 137) return answer_dns(world_, flow, datagram);
    return received_other(flow, datagram);
}

Bytes DatagramService::received_other(const Flow& flow, ByteView datagram) {
    auto answer = answer_stun(datagram, world_.seen_from_outside(flow.camera), flow.destination);
    if (answer.empty()) answer = answer_pppp(datagram, world_.seen_from_outside(flow.camera));
    if (!world_.reachable(flow)) answer.clear();
    const auto protocol = characterise_datagram(datagram, flow.destination.port);

    const Key key{flow.camera, flow.destination};
    auto found = streams_.find(key);
    if (found == streams_.end()) {
        if (streams_.size() >= most_streams) finish_flows(Which::all);
        found = streams_.try_emplace(key, world_.recorder).first;
    }
    auto& stream = found->second;
    ++stream.datagrams;
    stream.last = world_.now();
    if (stream.datagrams <= recorded_singly) {
        record(flow, datagram, protocol, !answer.empty());
    } else {
        stream.bytes += datagram.size();
        stream.payload.append(datagram);
    }
    return answer;
}

void DatagramService::record(const Flow& flow, ByteView datagram, std::string_view protocol, bool answered) {
    Payload payload(world_.recorder);
    payload.append(datagram);
    auto fields = flow_fields(world_, flow, protocol);
    fields.text("first_bytes", hex(datagram, first_bytes_shown)).flag("answered", answered);
    const auto id = payload.finish();
    world_.recorder.event(world_.now(), "udp", fields, id);
}

void DatagramService::record_stream(const Key& key, Stream& stream) {
    if (stream.datagrams <= recorded_singly) return;
    auto fields = flow_fields(world_, {key.first, key.second, Transport::udp}, "unknown");
    fields.number("datagrams", static_cast<std::int64_t>(stream.datagrams - recorded_singly))
        .number("bytes", static_cast<std::int64_t>(stream.bytes));
    const auto id = stream.payload.finish();
    world_.recorder.event(world_.now(), "udp-stream", fields, id);
}

void DatagramService::finish_flows(Which which) {
    const auto now = world_.now();
    if (which == Which::all) tftp_.finish(world_);
    srt_.finish(world_, which == Which::all ? Srt::Which::all : Srt::Which::idle);
    dtls_.finish(world_, which == Which::all ? Dtls::Which::all : Dtls::Which::idle);
    turn_.finish(world_, which == Which::all ? Turn::Which::all : Turn::Which::idle);
    coap_.finish(world_, which == Which::all ? Coap::Which::all : Coap::Which::idle);
    sip_.finish(world_, which == Which::all ? SipDatagrams::Which::all : SipDatagrams::Which::idle);
    for (auto place = streams_.begin(); place != streams_.end();) {
        if (which == Which::all || now - place->second.last > stream_idle) {
            record_stream(place->first, place->second);
            place = streams_.erase(place);
        } else {
            ++place;
        }
    }
}

}  // namespace cambench::internet
