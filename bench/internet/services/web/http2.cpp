#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <map>

#include "bench/internet/services/web/http.hpp"
#include "bench/internet/services/web/http2.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t most_header_bytes = 65536, most_http2_streams = 256;
constexpr std::int32_t receive_window = 4 << 20;

/// Fields that belong to a connection of HTTP/1 and must not be in HTTP/2.
bool is_of_connection(std::string_view name) {
    return name == "connection" || name == "keep-alive" || name == "transfer-encoding" || name == "upgrade" ||
           name == "content-length" || name == "proxy-connection";
}

/// HTTP/2, inside TLS (ALPN h2) or by prior knowledge; every request is answered by the same web servers as
/// HTTP/1.
class Http2Dialogue final : public StreamDialogue {
public:
    Http2Dialogue(World& world, Flow flow);
    ~Http2Dialogue() override { nghttp2_session_del(session_); }

    void received(ByteView bytes, Output& output) override {
        if (session_ == nullptr) {
            output.close = true;
            return;
        }
        const auto taken = nghttp2_session_mem_recv(
            session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        if (taken < 0) {
            record_malformed(nghttp2_strerror(static_cast<int>(taken)), bytes);
            output.close = true;
        }
        drain(output);
    }
    void opened(Output& output) override { drain(output); }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override {
        for (auto& [id, stream] : streams_)
            if (!stream.answered && !stream.head.method.empty())
                record_http(world_, flow_, stream.head, nullptr, stream.body.finish(), stream.begun);
    }

private:
    struct Stream {
        explicit Stream(Recorder& recorder) : body(recorder) {}
        HttpHead head;
        std::size_t header_bytes = 0;
        Payload body;
        Bytes small_body;
        Nanoseconds begun{};
        std::string response;
        std::size_t sent = 0;
        bool answered = false;
    };

    static Http2Dialogue& self(void* user) { return *static_cast<Http2Dialogue*>(user); }
    Stream* find(std::int32_t id) {
        const auto found = streams_.find(id);
        return found == streams_.end() ? nullptr : &found->second;
    }
    static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user);
    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                         std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                         std::uint8_t, void* user);
    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                       std::size_t size, void* user);
    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user);
    static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user);
    static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* buffer, std::size_t size,
                             std::uint32_t* flags, nghttp2_data_source*, void* user);

    void take_header(Stream& stream, std::string_view name, std::string_view value);
    void respond(std::int32_t id, Stream& stream);
    void record_malformed(std::string_view why, ByteView bytes);

    void drain(Output& output) {
        output.delay = std::max(output.delay, std::exchange(delay_, {}));
        for (;;) {
            const std::uint8_t* data = nullptr;
            const auto size = session_ == nullptr ? 0 : nghttp2_session_mem_send(session_, &data);
            if (size <= 0) break;
            output.bytes.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
        }
        tell_held();
        if (session_ != nullptr && nghttp2_session_want_read(session_) == 0 &&
            nghttp2_session_want_write(session_) == 0)
            output.close = true;
    }

    /// How much of the firmware the camera asked for last waits for its windows.
    void tell_held() {
        const auto* stream = find(package_);
        const auto delivery = world_.deliveries.find(flow_.connection);
        if (stream != nullptr && delivery != world_.deliveries.end())
            delivery->second.held = stream->response.size() - stream->sent;
    }

    World& world_;
    Flow flow_;
    nghttp2_session* session_ = nullptr;
    std::map<std::int32_t, Stream> streams_;
    Nanoseconds delay_{};       ///< of the answers since the last output
    std::int32_t package_ = 0;  ///< the stream that carries firmware, the last one
};

Http2Dialogue::Http2Dialogue(World& world, Flow flow) : world_(world), flow_(std::move(flow)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* option = nullptr;
    if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&option) != 0) {
        nghttp2_session_callbacks_del(callbacks);
        return;
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_option_set_no_http_messaging(option, 1);  // careless cameras shall be heard all the same
    if (nghttp2_session_server_new2(&session_, callbacks, this, option) != 0) session_ = nullptr;
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    if (session_ == nullptr) return;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, most_http2_streams / 2},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(receive_window)}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, receive_window);
}

int Http2Dialogue::on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& dialogue = self(user);
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    if (dialogue.streams_.size() >= most_http2_streams) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    auto& stream = dialogue.streams_.try_emplace(frame->hd.stream_id, dialogue.world_.recorder).first->second;
    stream.begun = dialogue.world_.now();
    stream.head.major = 2;
    stream.head.minor = 0;
    return 0;
}

int Http2Dialogue::on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                             std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                             std::uint8_t, void* user) {
    auto* stream = self(user).find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->header_bytes += name_size + value_size;
    if (stream->header_bytes > most_header_bytes) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    self(user).take_header(*stream, {reinterpret_cast<const char*>(name), name_size},
                           {reinterpret_cast<const char*>(value), value_size});
    return 0;
}

void Http2Dialogue::take_header(Stream& stream, std::string_view name, std::string_view value) {
    if (name == ":method")
        stream.head.method = value;
    else if (name == ":path")
        stream.head.target = value;
    else if (name == ":authority")
        stream.head.headers.insert(stream.head.headers.begin(), {"Host", std::string(value)});
    else if (!name.starts_with(':'))
        stream.head.headers.emplace_back(name, value);
}

int Http2Dialogue::on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                           std::size_t size, void* user) {
    auto* stream = self(user).find(id);
    if (stream == nullptr) return 0;
    const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
    stream->body.append(bytes);
    if (stream->small_body.size() + size <= longest_small_body)
        stream->small_body.insert(stream->small_body.end(), bytes.begin(), bytes.end());
    return 0;
}

int Http2Dialogue::on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const bool request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!request || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    auto* stream = self(user).find(frame->hd.stream_id);
    if (stream != nullptr && !stream->answered) self(user).respond(frame->hd.stream_id, *stream);
    return 0;
}

int Http2Dialogue::on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
    auto& dialogue = self(user);
    auto* stream = dialogue.find(id);
    if (stream == nullptr) return 0;
    if (!stream->answered)
        record_http(dialogue.world_, dialogue.flow_, stream->head, nullptr, stream->body.finish(),
                    stream->begun);
    if (id == dialogue.package_) dialogue.tell_held();
    dialogue.streams_.erase(id);
    return 0;
}

ssize_t Http2Dialogue::read_body(nghttp2_session*, std::int32_t id, std::uint8_t* buffer, std::size_t size,
                                 std::uint32_t* flags, nghttp2_data_source*, void* user) {
    auto* stream = self(user).find(id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const auto count = stream->response.copy(reinterpret_cast<char*>(buffer), size, stream->sent);
    stream->sent += count;
    if (stream->sent == stream->response.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
}

void Http2Dialogue::respond(std::int32_t id, Stream& stream) {
    stream.answered = true;
    auto exchange = answer_http(world_, flow_, stream.head, stream.small_body);
    record_http(world_, flow_, stream.head, &exchange, stream.body.finish(), stream.begun);
    auto& answer = exchange.answer.answer;
    std::vector<std::pair<std::string, std::string>> headers{
        {":status", fmt::format("{}", answer.status == 101 ? 200 : answer.status)}};
    const auto has = [&](std::string_view name) {
        return std::any_of(answer.headers.begin(), answer.headers.end(),
                           [&](const auto& one) { return lower(one.first) == name; });
    };
    if (!has("server")) headers.emplace_back("server", "nginx");
    if (!has("date")) headers.emplace_back("date", format_http_date(world_.clock.now()));
    if (!has("content-type") && !answer.body.empty()) headers.emplace_back("content-type", "text/html");
    for (const auto& [name, value] : answer.headers)
        if (!is_of_connection(lower(name)))
            headers.emplace_back(lower(name), value.substr(0, value.find_first_of("\r\n")));
    const bool body =
        stream.head.method != "HEAD" && !answer.body.empty() && answer.status != 204 && answer.status != 304;
    headers.emplace_back("content-length", fmt::format("{}", answer.body.size()));
    if (answer.status == 204 || answer.status == 304) headers.pop_back();
    std::vector<nghttp2_nv> fields;
    for (auto& [name, value] : headers)
        fields.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                          reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(),
                          NGHTTP2_NV_FLAG_NONE});
    delay_ = std::max(delay_, answer.delay);
    stream.response = std::move(answer.body);
    if (exchange.answer.role == UpdateRole::package && body) {
        world_.begin_delivery(flow_.connection, exchange.package_size, exchange.part);
        package_ = id;
        tell_held();
    }
    const nghttp2_data_provider provider{{0}, read_body};
    nghttp2_submit_response(session_, id, fields.data(), fields.size(), body ? &provider : nullptr);
}

void Http2Dialogue::record_malformed(std::string_view why, ByteView bytes) {
    Payload payload(world_.recorder);
    payload.append(bytes);
    auto fields =
        flow_fields(world_, flow_, flow_.inside == protocol::tls ? protocol::https : protocol::http);
    fields.number("major", 2).text("malformed", why);
    const auto id = payload.finish();
    world_.recorder.event(world_.now(), "http-request", fields, id);
}

}  // namespace

std::unique_ptr<StreamDialogue> make_http2_dialogue(World& world, Flow flow) {
    return std::make_unique<Http2Dialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
