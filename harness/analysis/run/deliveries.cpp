#include "harness/analysis/run/deliveries.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_servers = 8192, most_deliveries = 16, most_certificates = 16, longest_what = 120;

/// Kinds of events that hold what a camera sent, beyond the protocol's own words, and the fields that name
/// it.
struct Sort {
    std::string_view kind, word;
    std::array<std::string_view, 2> named_by;
};
constexpr std::array sorts{
    Sort{"http-request", "", {"method", "target"}},  Sort{"mqtt", "MQTT", {"message", "topic"}},
    Sort{"websocket", "WebSocket", {"message", ""}}, Sort{"ftp-transfer", "FTP", {"command", "path"}},
    Sort{"smtp-message", "mail", {"subject", ""}},   Sort{"media", "stream", {"codec", "url"}},
    Sort{"tftp", "TFTP", {"operation", "file"}},     Sort{"syslog", "syslog", {"", ""}},
    Sort{"snmp", "SNMP", {"message", ""}},           Sort{"camera-cloud", "", {"protocol", "command"}},
    Sort{"rtsp-request", "RTSP", {"method", "url"}}, Sort{"recorded-turn", "", {"protocol", ""}},
    Sort{"sip", "SIP", {"method", "command"}},       Sort{"coap", "CoAP", {"method", "path"}},
    Sort{"stun", "TURN", {"method", "peer"}},        Sort{"ssh", "SSH", {"request", "target"}},
};

std::string described(const Event& event) {
    const auto sort =
        std::find_if(sorts.begin(), sorts.end(), [&](const Sort& one) { return one.kind == event.kind; });
    std::string what(sort == sorts.end() ? "" : sort->word);
    const auto add = [&what](const std::string& word) {
        if (!word.empty()) what += (what.empty() ? "" : " ") + word;
    };
    if (sort == sorts.end())
        add(text_of(event.fields, "protocol"));
    else
        for (const auto& name : sort->named_by) add(name.empty() ? "" : text_of(event.fields, name));
    if (event.kind == "media") add(text_of(event.fields, "video_codec"));
    if (what.empty()) what = "bytes nobody knows";
    if (what.size() > longest_what) what.resize(longest_what);
    return what;
}

}  // namespace

DeliveryReader::Server* DeliveryReader::server_at(const Key& key) {
    if (servers_.size() >= most_servers && !servers_.contains(key)) {
        ++further_;
        return nullptr;
    }
    return &servers_[key];
}

void DeliveryReader::take_delivery(const Event& event, Server& server) {
    Delivery delivery{described(event), text_of(event.fields, "payload"),
                      count_of(event.fields, "payload_bytes"), 1, event.time};
    const auto same = std::find_if(server.deliveries.begin(), server.deliveries.end(),
                                   [&](const Delivery& one) { return one.what == delivery.what; });
    if (same != server.deliveries.end()) {
        ++same->times;
        same->bytes += delivery.bytes;
        if (same->payload.empty()) same->payload = delivery.payload;
    } else if (server.deliveries.size() < most_deliveries) {
        server.deliveries.push_back(std::move(delivery));
    } else {
        ++server.unlisted;
    }
}

void DeliveryReader::take(const Event& event) {
    const bool tells = event.kind == "http-request" || event.kind == "sip" || event.kind == "coap" ||
                       event.kind == "stun" || event.kind == "ssh";
    if (!tells && !event.fields.contains("payload")) return;
    const auto destination = endpoint_of(text_of(event.fields, "destination"));
    if (auto* server = destination ? server_at({*destination, transport_of(event.fields)}) : nullptr)
        take_delivery(event, *server);
}

void DeliveryReader::take_answer(const TlsOutcome& tls, Server& server) {
    const auto same = std::find_if(
        server.certificates.begin(), server.certificates.end(), [&](const CertificateAnswer& one) {
            return one.outcome == tls.outcome && one.alert == tls.alert && one.version == tls.version;
        });
    if (same != server.certificates.end())
        ++same->times;
    else if (server.certificates.size() < most_certificates)
        server.certificates.push_back({tls.outcome, tls.alert, tls.version, 1});
}

void DeliveryReader::finish(std::vector<Destination>& destinations, const std::vector<TlsOutcome>& handshakes,
                            ReachedBounds& bounds) {
    for (const auto& tls : handshakes)
        if (auto* server = tls.destination ? server_at({*tls.destination, tls.transport}) : nullptr)
            take_answer(tls, *server);
    for (auto& destination : destinations) {
        for (const auto& address : destination.addresses) {
            const auto found = servers_.find({Endpoint{address, destination.port}, destination.transport});
            if (found == servers_.end()) continue;
            auto& server = found->second;
            destination.deliveries.insert(destination.deliveries.end(), server.deliveries.begin(),
                                          server.deliveries.end());
            destination.certificates.insert(destination.certificates.end(), server.certificates.begin(),
                                            server.certificates.end());
            destination.unlisted_deliveries += server.unlisted;
        }
    }
    if (further_ > 0)
        bounds.note(Subject::contents, "servers whose deliveries are told apart", most_servers, std::nullopt,
                    0);
}

}  // namespace cambench::analysis
