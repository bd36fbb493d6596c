#include "bench/internet/services/clouds/coap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/internet/world/name_directory.hpp"
#include "harness/wire/coap_message.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

using CoapType = CoapMessage::Type;

constexpr std::uint16_t coap_port = 5683;
struct CoapCode {
    static constexpr unsigned created = 65, deleted = 66, changed = 68, content = 69, continues = 95,
                              incomplete = 136, too_large = 141;
};
constexpr std::size_t most_exchanges = 64, largest_upload = 8U << 20;
constexpr std::chrono::seconds exchange_idle{30};

unsigned code_of_status(unsigned status, unsigned otherwise) {
    if (status < 400) return otherwise;
    constexpr std::array<unsigned, 16> same{400, 401, 402, 403, 404, 405, 406, 408,
                                            412, 413, 415, 500, 501, 502, 503, 504};
    return std::find(same.begin(), same.end(), status) != same.end() ? status / 100 * 32 + status % 100
                                                                     : status / 100 * 32;
}

unsigned code_of_success(std::string_view method) {
    if (method == "GET" || method == "FETCH") return CoapCode::content;
    return method == "DELETE" ? CoapCode::deleted : CoapCode::changed;
}

}  // namespace

/// What is said to a request: what the web's routes say of that path, else what lets a device go on.
Coap::Said Coap::answer_to(World& world, const Flow& flow, const CoapMessage& request, ByteView body) {
    HttpHead head;
    head.method = coap_code_name(request.code);
    head.target = request.path();
    if (const auto query = request.query(); !query.empty()) head.target += "?" + query;
    const auto* host = request.option(CoapOption::uri_host);
    if (host != nullptr) head.headers.emplace_back("Host", as_text(host->value));
    const auto* known = world.names.name_of(flow.destination.address);
    const auto named = head.host();
    const WebRequest asked{head,
                           !named.empty()     ? named
                           : known != nullptr ? *known
                                              : flow.destination.address.to_string(),
                           flow.camera.address.to_string(),
                           flow.destination.to_string(),
                           world.clock.now(),
                           as_text(body)};
    auto found = world.web.answer(asked);
    const auto success = code_of_success(head.method);
    if (found.by == "route" || found.by == "update")
        return {code_of_status(found.answer.status, success), std::move(found.answer.body), {}};
    constexpr unsigned link_format = 40;
    if (head.path() == "/.well-known/core") return {CoapCode::content, "</>;ct=0", link_format};
    if (head.method == "POST" && head.path() == "/rd")
        return {CoapCode::created, {}, {}, "0"};  // a device registers (LwM2M): where its entry is
    return {success, {}, {}};
}

void Coap::record(World& world, const Flow& flow, const CoapMessage& message, std::optional<unsigned> status,
                  Payload& body) {
    auto fields = flow_fields(world, flow, protocol::coap);
    fields.text("message", message.code == 0      ? (message.type == CoapType::reset         ? "reset"
                                                     : message.type == CoapType::confirmable ? "ping"
                                                                                             : "acknowledgement")
                           : message.is_request() ? "request"
                                                  : "response");
    if (message.code != 0)
        fields.text(message.is_request() ? "method" : "status", coap_code_name(message.code));
    if (message.is_request()) fields.text("path", message.path()).text("query", message.query());
    if (const auto* host = message.option(CoapOption::uri_host)) fields.text("host", as_text(host->value));
    if (const auto* proxy = message.option(CoapOption::proxy_uri))
        fields.text("proxy", as_text(proxy->value));
    if (const auto format = message.number_of(CoapOption::content_format))
        fields.number("content_format", *format);
    fields.flag("confirmable", message.type == CoapType::confirmable)
        .flag("observes", message.is_request() && message.number_of(CoapOption::observe) == 0U);
    if (status) fields.text("status", coap_code_name(*status));
    fields.flag("answered", status.has_value());
    const auto id = body.finish();
    world.recorder.event(world.now(), "coap", fields, id);
}

std::optional<Bytes> Coap::received(World& world, const Flow& flow, ByteView datagram) {
    const auto message = parse_coap(datagram);
    if (!message) return std::nullopt;
    const Key key{flow.camera, flow.destination};
    const bool known_flow = flow.destination.port == coap_port || spoken_.contains(key);
    const bool request = message->is_request() && message->type <= CoapType::non_confirmable;
    if (!known_flow && !is_surely_coap(datagram)) return std::nullopt;
    if (spoken_.size() < most_spoken) spoken_.insert(key);
    const bool reachable = world.reachable(flow);
    if (request) return answer(world, flow, *message, reachable);
    Payload body(world.recorder);
    body.append(message->payload);
    record(world, flow, *message, std::nullopt, body);
    // A ping is answered with a reset; an answer of its own that wants to be acknowledged is.
    if (message->type != CoapType::confirmable || !reachable) return Bytes();
    return CoapWriter(message->code == 0 ? CoapType::reset : CoapType::acknowledgement, 0, message->id, {})
        .take({});
}

Bytes Coap::answer(World& world, const Flow& flow, const CoapMessage& request, bool reachable) {
    const auto type =
        request.type == CoapType::confirmable ? CoapType::acknowledgement : CoapType::non_confirmable;
    const auto sent = request.block(CoapOption::block1);
    auto& exchange = exchange_of(world, flow, request);
    exchange.last = world.now();
    if (sent && sent->number != exchange.next_block) {
        // Said again, or a part is missing.
        if (sent->number + 1 == exchange.next_block && sent->more)
            return CoapWriter(type, CoapCode::continues, request.id, request.token)
                .option(CoapOption::block1, sent->packed())
                .take({});
        record_part(world, exchange);
        exchange.next_block = 0;
        if (sent->number != 0)
            return reachable ? CoapWriter(type, CoapCode::incomplete, request.id, request.token).take({})
                             : Bytes();
    }
    const auto wanted = request.block(CoapOption::block2);
    if (wanted && wanted->number > 0 && exchange.said)
        return reachable ? give(request, type, *exchange.said, wanted, sent) : Bytes();
    exchange.body.append(request.payload);
    if (sent && sent->more && reachable) {
        if (exchange.body.size() > largest_upload)
            return CoapWriter(type, CoapCode::too_large, request.id, request.token).take({});
        exchange.next_block = sent->number + 1;
        return CoapWriter(type, CoapCode::continues, request.id, request.token)
            .option(CoapOption::block1, sent->packed())
            .take({});
    }
    exchange.next_block = 0;
    if (!reachable) {
        record(world, flow, request, std::nullopt, exchange.body);
        return {};
    }
    exchange.said = answer_to(world, flow, request, request.payload);
    record(world, flow, request, exchange.said->code, exchange.body);
    return give(request, type, *exchange.said, wanted, sent);
}

Bytes Coap::give(const CoapMessage& request, CoapMessage::Type type, const Said& said,
                 std::optional<CoapBlock> wanted, std::optional<CoapBlock> sent) {
    CoapWriter writer(type, said.code, request.id, request.token);
    if (request.number_of(CoapOption::observe) == 0U) writer.option(CoapOption::observe, 1U);
    if (!said.location.empty())
        writer.option(CoapOption::location_path, as_bytes("rd"))
            .option(CoapOption::location_path, as_bytes(said.location));
    if (said.format) writer.option(CoapOption::content_format, *said.format);
    auto block = wanted.value_or(CoapBlock{});
    const auto begins = std::min<std::size_t>(std::size_t{block.number} * block.size(), said.body.size());
    const auto part = std::string_view(said.body).substr(begins, block.size());
    block.more = begins + part.size() < said.body.size();
    if (wanted || block.more) writer.option(CoapOption::block2, block.packed());
    if (sent) writer.option(CoapOption::block1, sent->packed());
    if (block.more && block.number == 0)
        writer.option(CoapOption::size2, static_cast<std::uint32_t>(said.body.size()));
    return writer.take(as_bytes(part));
}

Coap::Exchange& Coap::exchange_of(World& world, const Flow& flow, const CoapMessage& request) {
    const ExchangeKey key{flow.camera, flow.destination,
                          fmt::format("{} {}?{}", request.code, request.path(), request.query())};
    const auto found = exchanges_.find(key);
    if (found != exchanges_.end()) return found->second;
    if (exchanges_.size() >= most_exchanges) {
        const auto oldest =
            std::min_element(exchanges_.begin(), exchanges_.end(),
                             [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
        record_part(world, oldest->second);
        exchanges_.erase(oldest);
    }
    auto& exchange = exchanges_.try_emplace(key, world.recorder).first->second;
    exchange.flow = flow;
    exchange.method = coap_code_name(request.code);
    exchange.path = request.path();
    return exchange;
}

/// A body whose last block never came.
void Coap::record_part(World& world, Exchange& exchange) {
    if (exchange.body.size() == 0) return;
    auto fields = flow_fields(world, exchange.flow, protocol::coap);
    fields.text("message", "request")
        .text("method", exchange.method)
        .text("path", exchange.path)
        .flag("whole", false);
    const auto id = exchange.body.finish();
    world.recorder.event(world.now(), "coap", fields, id);
}

void Coap::finish(World& world, Which which) {
    for (auto place = exchanges_.begin(); place != exchanges_.end();) {
        const bool over = which == Which::all || world.now() - place->second.last > exchange_idle;
        if (over) record_part(world, place->second);
        place = over ? exchanges_.erase(place) : std::next(place);
    }
}

}  // namespace cambench::internet
