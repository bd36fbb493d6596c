#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/channel/event_frame.hpp"
#include "bench/internet/channel/payload_store.hpp"

namespace cambench::internet {

struct EngineChannel::State {
    int socket;
    ChannelHandlers handlers;
    PayloadStore store;
    std::unordered_map<PayloadId, PayloadStore::Kept> kept;  ///< ended, not yet named in an event

    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false, done = false, closed = false;
    std::mutex sending;
    std::thread thread;

    // Of the reading thread alone, but for `unsent`.
    std::uint64_t settled = 0;                ///< contents that ended
    std::vector<std::uint64_t> lost;          ///< those of them that could not be stored, not yet told
    bool unsettled = false;                   ///< something is to be told
    std::vector<EventText> events;            ///< of the frames at hand, not yet handed on
    std::deque<std::string> payload_members;  ///< of these events
    Bytes unsent;                             ///< of the last frame that tells it; guarded by `sending`

    State(int the_socket, ChannelHandlers the_handlers)
        : socket(the_socket), handlers(std::move(the_handlers)), store(handlers.payload_directory) {}

    void report(Error error) {
        if (handlers.fault) handlers.fault(std::move(error));
    }
    void mark(bool State::*what) {
        const std::lock_guard lock(mutex);
        this->*what = true;
        changed.notify_all();
    }
    Status await(bool State::*what, Deadline deadline, std::string_view text) {
        std::unique_lock lock(mutex);
        const bool came = changed.wait_until(lock, deadline.when(), [&] { return this->*what || closed; });
        if (this->*what) return {};
        if (came) return bench_error(fmt::format("the fake internet ended before it was {}", text));
        return bench_error(fmt::format("the fake internet was not {} in time", text));
    }

    void read_all();
    void await_traffic();
    void tell_kept();
    [[nodiscard]] bool send_rest(int flags);
    void take(const Frame& frame);
    void take_event(ByteView body);
    void emit_collected();
    void take_payload(const Frame& frame);
};

void EngineChannel::State::read_all() {
    FrameParser parser;
    for (bool going = true; going;) {
        const auto room = parser.room();
        const auto count = ::recv(socket, room.data(), room.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            await_traffic();
            tell_kept();
            continue;
        }
        if (count <= 0) break;
        parser.filled(static_cast<std::size_t>(count));
        for (;;) {
            const auto frame = parser.next();
            if (!frame) {
                report(frame.error());
                going = false;
            }
            if (!frame || !*frame) break;
            take(**frame);
        }
        emit_collected();
        tell_kept();
    }
    mark(&State::closed);
}

/// Until there is something to read, or room for what is to be told: both ends may be full at once, and
/// neither waits for good.
void EngineChannel::State::await_traffic() {
    pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
    {
        const std::lock_guard lock(sending);
        if (unsettled || !unsent.empty()) waiting.events |= POLLOUT;
    }
    (void)::poll(&waiting, 1, -1);
}

/// One frame tells of all contents since the last one; while that does not fit into the socket, more
/// collects.
void EngineChannel::State::tell_kept() {
    const std::lock_guard lock(sending);
    if (!send_rest(MSG_DONTWAIT) || !std::exchange(unsettled, false)) return;
    ByteWriter frame;
    frame.u32(static_cast<std::uint32_t>(8 + 8 * lost.size()))
        .u8(static_cast<std::uint8_t>(FrameType::kept))
        .u64(settled);
    for (const auto number : lost) frame.u64(number);
    lost.clear();
    unsent = frame.take();
    (void)send_rest(MSG_DONTWAIT);
}

/// Sends what is left of a frame; false while the socket has no room. When the other end is gone, nothing is
/// left.
bool EngineChannel::State::send_rest(int flags) {
    std::size_t sent = 0;
    while (sent < unsent.size()) {
        const auto count = ::send(socket, unsent.data() + sent, unsent.size() - sent, MSG_NOSIGNAL | flags);
        if (count >= 0)
            sent += static_cast<std::size_t>(count);
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            sent = unsent.size();
    }
    unsent.erase(unsent.begin(), unsent.begin() + static_cast<std::ptrdiff_t>(sent));
    return unsent.empty();
}

void EngineChannel::State::take(const Frame& frame) {
    switch (frame.type) {
        case FrameType::event:
            take_event(frame.body);
            break;
        case FrameType::payload_begin:
        case FrameType::payload_bytes:
        case FrameType::payload_end:
            take_payload(frame);
            break;
        case FrameType::tls_secret:
            if (handlers.tls_secret) handlers.tls_secret(as_text(frame.body));
            break;
        case FrameType::ready:
            mark(&State::ready);
            break;
        case FrameType::fault:
            report(bench_error(fmt::format("fake internet: {}", as_text(frame.body))));
            break;
        case FrameType::done:
            emit_collected();
            mark(&State::done);
            break;
        case FrameType::pulse:
            if (handlers.pulse) handlers.pulse(ByteReader(frame.body).u64());
            break;
        case FrameType::command:
        case FrameType::kept:
            break;
    }
}

void EngineChannel::State::take_event(ByteView body) {
    auto frame = parse_event_frame(body);
    if (!frame) return report(std::move(frame).error().in("channel"));
    auto& event = events.emplace_back(EventText{frame->time, frame->kind, frame->members, {}});
    const auto found = frame->payload ? kept.find(*frame->payload) : kept.end();
    if (found == kept.end()) return;
    event.more_members = payload_members.emplace_back(
        fmt::format(R"("payload":"{}","payload_bytes":{})", found->second.sha256, found->second.bytes));
    kept.erase(found);
}

void EngineChannel::State::emit_collected() {
    if (handlers.events != nullptr) handlers.events->emit_texts("network", events);
    events.clear();
    payload_members.clear();
}

void EngineChannel::State::take_payload(const Frame& frame) {
    ByteReader reader(frame.body);
    const auto id = reader.u64();
    if (frame.type == FrameType::payload_begin) return store.begin(id);
    if (frame.type == FrameType::payload_bytes) {
        if (auto status = store.append(id, reader.rest()); !status) report(std::move(status).error());
        return;
    }
    auto ended = store.end(id);
    ++settled;
    unsettled = true;
    if (ended) {
        kept[id] = std::move(*ended);
        return;
    }
    lost.push_back(settled);
    report(std::move(ended).error());
}

EngineChannel::EngineChannel(int socket, ChannelHandlers handlers)
    : state_(std::make_unique<State>(socket, std::move(handlers))) {
    state_->thread = std::thread([state = state_.get()] { state->read_all(); });
}

EngineChannel::~EngineChannel() {
    ::shutdown(state_->socket, SHUT_RDWR);
    state_->thread.join();
    ::close(state_->socket);
}

Status EngineChannel::await_ready(Deadline deadline) {
    return state_->await(&State::ready, deadline, "ready");
}

Status EngineChannel::send(const Json& command) {
    const auto text = command.dump(-1, ' ', false, Json::error_handler_t::replace);
    ByteWriter frame;
    frame.u32(static_cast<std::uint32_t>(text.size()))
        .u8(static_cast<std::uint8_t>(FrameType::command))
        .text(text);
    const std::lock_guard lock(state_->sending);
    (void)state_->send_rest(0);
    auto rest = frame.view();
    while (!rest.empty()) {
        const auto count = ::send(state_->socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("command the fake internet", errno);
        rest = rest.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Status EngineChannel::finish(Deadline deadline) {
    TRY(send({{"command", "finish"}}));
    return state_->await(&State::done, deadline, "done");
}

bool EngineChannel::closed() const {
    const std::lock_guard lock(state_->mutex);
    return state_->closed;
}

}  // namespace cambench::internet
