#include "bench/internet/services/web/http.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/internet/services/web/doh.hpp"
#include "bench/internet/services/web/gateway.hpp"
#include "bench/internet/services/web/hawkbit.hpp"
#include "bench/internet/services/web/websocket.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "bench/internet/world/whereabouts.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_head = 65536;

bool has_header(const HttpHeaders& headers, std::string_view name) {
    return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
        return header.first.size() == name.size() && lower(header.first) == lower(name);
    });
}

/// One line must stay one line.
std::string_view first_line(std::string_view value) { return value.substr(0, value.find_first_of("\r\n")); }

std::string serialise(const WebAnswer& found, const HttpHead& head, WallTime now, bool keep_alive) {
    const auto& answer = found.answer;
    const bool body_allowed = answer.status >= 200 && answer.status != 204 && answer.status != 304;
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, reason_phrase(answer.status));
    const auto put = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(first_line(value)).append("\r\n");
    };
    if (!has_header(answer.headers, "Server")) put("Server", "nginx");
    if (!has_header(answer.headers, "Date")) put("Date", format_http_date(now));
    if (const auto sequence = head.header("CSeq"); !sequence.empty()) put("CSeq", sequence);
    if (body_allowed && !answer.body.empty() && !has_header(answer.headers, "Content-Type"))
        put("Content-Type", "text/html");
    for (const auto& [name, value] : answer.headers)
        if (lower(name) != "content-length") put(name, value);
    if (body_allowed && !found.upgraded) put("Content-Length", fmt::format_int(answer.body.size()).c_str());
    if (!found.upgraded && !has_header(answer.headers, "Connection"))
        put("Connection", keep_alive ? "keep-alive" : "close");
    text += "\r\n";
    if (body_allowed && head.method != "HEAD") text += answer.body;
    return text;
}

/// HTTP/1.x on a stream.
class HttpDialogue final : public StreamDialogue {
public:
    HttpDialogue(World& world, Flow flow) : world_(world), flow_(std::move(flow)), payload_(world.recorder) {}

    void received(ByteView bytes, Output& output) override {
        while (!bytes.empty() && !finished_) {
            if (upgraded_) return upgraded_->received(bytes, output);
            bytes = head_ ? take_body(bytes, output) : take_head(bytes, output);
        }
    }

    void camera_finished(Output& output) override {
        if (upgraded_) return upgraded_->camera_finished(output);
        output.close = true;
    }

    void silence(Output& output) override {
        if (upgraded_) upgraded_->silence(output);
    }
    void woken(Output& output) override {
        if (upgraded_) upgraded_->woken(output);
    }
    void reset() override {
        if (upgraded_) upgraded_->reset();
    }

    void closed() override {
        if (upgraded_) return upgraded_->closed();
        if (head_)
            record_http(world_, flow_, *head_, nullptr, payload_.finish(), begun_);
        else if (!buffer_.empty())
            record_malformed("http: cut short in the head");
    }

private:
    ByteView take_head(ByteView bytes, Output& output) {
        const auto before = buffer_.size();
        if (before == 0) {
            begun_ = world_.now();
            const auto text = as_text(bytes);
            bytes = bytes.subspan(std::min(text.find_first_not_of("\r\n"), text.size()));  // RFC 9112, 2.2
        }
        buffer_.append(as_text(bytes));
        const auto end = head_end(buffer_, before);
        if (!end) {
            if (buffer_.size() > longest_head) refuse("http: head without end", output);
            return {};
        }
        const auto rest = bytes.subspan(*end - before);
        const auto parsed = parse_http_head(as_bytes(std::string_view(buffer_).substr(0, *end)));
        if (!parsed) {
            refuse(parsed.error().message, output);
            return {};
        }
        auto body = HttpBody::of(*parsed);
        if (!body) {
            refuse(body.error().message, output);
            return {};
        }
        buffer_.clear();
        head_ = *parsed;
        body_ = std::move(*body);
        if (body_.complete())
            respond(output);
        else if (head_->header_has("Expect", "100-continue"))
            output.bytes += "HTTP/1.1 100 Continue\r\n\r\n";
        return rest;
    }

    ByteView take_body(ByteView bytes, Output& output) {
        const auto rest = body_.feed(bytes, [this](ByteView content) {
            payload_.append(content);
            if (small_body_.size() + content.size() <= longest_small_body)
                small_body_.insert(small_body_.end(), content.begin(), content.end());
        });
        if (!rest) {
            record_http(world_, flow_, *head_, nullptr, payload_.finish(), begun_);
            head_.reset();
            buffer_.assign(as_text(bytes));
            refuse(rest.error().message, output);
            return {};
        }
        if (body_.complete()) respond(output);
        return *rest;
    }

    void respond(Output& output) {
        const auto head = std::exchange(head_, std::nullopt);
        const auto exchange = answer_http(world_, flow_, *head, std::exchange(small_body_, {}));
        record_http(world_, flow_, *head, &exchange, payload_.finish(), begun_);
        if (exchange.answer.role == UpdateRole::package && head->method != "HEAD")
            world_.begin_delivery(flow_.connection, exchange.package_size, exchange.part);
        output.bytes += exchange.response;
        output.delay = std::max(output.delay, exchange.answer.answer.delay);
        if (exchange.answer.upgraded)
            upgraded_ = exchange.answer.by == "proxy"
                            ? behind_proxy(*head)
                            : make_websocket_dialogue(world_, within(flow_, "http/websocket"));
        else if (!exchange.keep_alive)
            finished_ = output.close = true;
    }

    [[nodiscard]] std::unique_ptr<StreamDialogue> behind_proxy(const HttpHead& head) const {
        auto behind = within(flow_, "http/connect");
        behind.toward = head.target;
        return make_unrecorded_conversation(world_, std::move(behind));
    }

    void refuse(std::string_view why, Output& output) {
        record_malformed(why);
        output.bytes +=
            "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        finished_ = output.close = true;
    }

    void record_malformed(std::string_view why) {
        payload_.append(as_bytes(buffer_));
        buffer_.clear();
        auto fields =
            flow_fields(world_, flow_, flow_.inside == protocol::tls ? protocol::https : protocol::http);
        fields.text("malformed", why);
        const auto id = payload_.finish();
        world_.recorder.event(begun_, "http-request", fields, id);
    }

    World& world_;
    Flow flow_;
    Nanoseconds begun_{};
    std::string buffer_;  ///< an unfinished head
    std::optional<HttpHead> head_;
    HttpBody body_;
    Bytes small_body_;
    Payload payload_;
    std::unique_ptr<StreamDialogue> upgraded_;
    bool finished_ = false;
};

}  // namespace

namespace {

/// A hotel's gate: whatever is asked in clear, the answer is the page to log in.
WebAnswer answer_portal(const World& world, std::string_view host) {
    const auto portal = fmt::format("portal.{}", world.network.domain);
    if (host != portal)
        return {{302, {{"Location", fmt::format("http://{}/login", portal)}}, ""}, "captive-portal"};
    return {{200,
             {{"Content-Type", "text/html"}},
             "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form method=\"post\"><input "
             "name=\"room\"/></form></body></html>\n"},
            "captive-portal"};
}

/// A download that was cut short goes on where it ended (RFC 9110, 14).
void cut_to_range(const HttpHead& head, HttpExchange& exchange) {
    auto& answer = exchange.answer.answer;
    exchange.package_size = answer.body.size();
    exchange.part = {0, answer.body.size()};
    if (answer.status != 200) return;
    if (!has_header(answer.headers, "Accept-Ranges")) answer.headers.emplace_back("Accept-Ranges", "bytes");
    const auto range =
        head.method == "GET" ? parse_range(head.header("Range"), answer.body.size()) : std::nullopt;
    if (!range) return;
    exchange.part = *range;
    answer.status = 206;
    answer.headers.emplace_back(
        "Content-Range", fmt::format("bytes {}-{}/{}", range->begin, range->end - 1, exchange.package_size));
    answer.body = answer.body.substr(range->begin, range->end - range->begin);
}

}  // namespace

HttpExchange answer_http(World& world, const Flow& flow, const HttpHead& head, ByteView body) {
    auto host = head.host();
    if (host.empty())
        host = !flow.server_name.empty() ? flow.server_name : flow.destination.address.to_string();
    const auto now = world.clock.now();
    HttpExchange exchange;
    auto own = answer_doh(world, flow, head, body);
    if (!own) own = answer_gateway(world, flow, head, body);
    if (!own && world.personality.captive_portal && flow.inside.empty()) own = answer_portal(world, host);
    exchange.answer = own ? std::move(*own)
                          : world.web.answer({head, std::move(host), flow.camera.address.to_string(),
                                              flow.destination.address.to_string(), now, as_text(body)});
    if (exchange.answer.by == "default")
        if (auto found = answer_whereabouts(world, head)) exchange.answer = std::move(*found);
    if (exchange.answer.by == "default")
        if (auto found = answer_hawkbit(world, flow, head)) exchange.answer = std::move(*found);
    if (exchange.answer.role == UpdateRole::package) cut_to_range(head, exchange);
    exchange.keep_alive = head.keep_alive() && !has_header(exchange.answer.answer.headers, "Connection");
    exchange.response = serialise(exchange.answer, head, now, exchange.keep_alive);
    return exchange;
}

void record_http(World& world, const Flow& flow, const HttpHead& head, const HttpExchange* exchange,
                 std::optional<PayloadId> payload, Nanoseconds time) {
    auto fields = flow_fields(world, flow, flow.inside == protocol::tls ? protocol::https : protocol::http);
    fields.text("method", head.method)
        .text("target", head.target)
        .text("host", head.host())
        .text("user_agent", head.header("User-Agent"));
    fields.number("major", head.major)
        .number("minor", head.minor)
        .pairs("headers", head.headers)
        .flag("answered", exchange != nullptr);
    if (exchange != nullptr)
        fields.number("status", exchange->answer.answer.status).text("answered_by", exchange->answer.by);
    if (exchange != nullptr && exchange->answer.role != UpdateRole::none)
        fields.number("offer", static_cast<std::int64_t>(world.web.offer_number()))
            .text("update", exchange->answer.role == UpdateRole::list ? "list" : "package");
    if (const auto asked = parse_hawkbit(head.path()))
        fields.text("tenant", asked->tenant)
            .text("controller", asked->controller)
            .text("action", asked->action);
    world.recorder.event(time, "http-request", fields, payload);
}

Bytes answer_http_datagram(World& world, const Flow& flow, ByteView datagram) {
    const auto time = world.now();
    const auto end = head_end(as_text(datagram)).value_or(datagram.size());
    const auto head = parse_http_head(datagram.first(end));
    if (!head) return {};
    Payload payload(world.recorder);
    payload.append(datagram.subspan(end));
    const auto exchange = answer_http(world, flow, *head);
    const bool answered = world.reachable(flow);
    const auto id = payload.finish();
    record_http(world, flow, *head, answered ? &exchange : nullptr, id, time);
    return answered ? to_bytes(exchange.response) : Bytes();
}

std::unique_ptr<StreamDialogue> make_http_dialogue(World& world, Flow flow) {
    return std::make_unique<HttpDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
