#include "bench/internet/process/tcp_service.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "bench/internet/world/characterise.hpp"
#include "harness/core/socket_address.hpp"

namespace cambench::internet {
namespace {

namespace asio = boost::asio;

constexpr std::size_t read_size = 65536;
constexpr unsigned accepted_at_once = 128, reads_at_once = 8, most_silences = 20;
constexpr std::size_t connections_at_most = 16384, descriptors_kept_back = 192;
constexpr std::chrono::seconds idle_limit{300}, linger_limit{2};
constexpr Milliseconds look_after_period{100};

std::size_t connection_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
    return std::clamp<std::size_t>(limit.rlim_cur, 2 * descriptors_kept_back, connections_at_most) -
           descriptors_kept_back;
}

}  // namespace

TcpService::TcpService(asio::io_context& io, World& world)
    : io_(io),
      world_(world),
      calls_(io),
      timer_(io),
      due_timer_(io),
      buffer_(read_size),
      most_connections_(connection_limit()) {
    world_.wake = [this](std::uint64_t id) { asio::post(io_, [this, id] { on_wake(id); }); };
    world_.call = [this](const Endpoint& from, const Endpoint& to, World::Expected make,
                         std::function<void()> failed) {
        return call(from, to, std::move(make), std::move(failed));
    };
    look_after();
}

TcpService::~TcpService() {
    world_.wake = [](std::uint64_t) {};
    world_.call = [](const Endpoint&, const Endpoint&, const World::Expected&, const std::function<void()>&) {
        return false;
    };
    for (auto& listener : listeners_) (void)listener->release();
}

void TcpService::listen(int socket) {
    listeners_.push_back(std::make_unique<asio::posix::stream_descriptor>(io_, socket));
    await_connections(listeners_.size() - 1);
}

void TcpService::await_connections(std::size_t listener) {
    listeners_[listener]->async_wait(asio::posix::stream_descriptor::wait_read,
                                     [this, listener](const boost::system::error_code& code) {
                                         if (code) return;
                                         accept_all(listeners_[listener]->native_handle());
                                         await_connections(listener);
                                     });
}

void TcpService::accept_all(int socket) {
    for (unsigned i = 0; i < accepted_at_once; ++i) {
        if (connections_.size() >= most_connections_) end(by_activity_.front(), "limit");
        sockaddr_storage peer{}, own{};
        socklen_t peer_size = sizeof peer, own_size = sizeof own;
        const int accepted =
            ::accept4(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0) {
            if (errno == ECONNABORTED || errno == EINTR) continue;
            if ((errno == EMFILE || errno == ENFILE) && !by_activity_.empty()) {
                end(by_activity_.front(), "limit");
                continue;
            }
            return;
        }
        if (::getsockname(accepted, reinterpret_cast<sockaddr*>(&own), &own_size) != 0) {
            ::close(accepted);
            continue;
        }
        Flow flow{endpoint_of(peer), endpoint_of(own), Transport::tcp, ++last_id_};
        const auto& to = flow.destination;
        const bool served = to.port == 53 ? world_.resolver_reachable(to.address)
                                          : world_.reachable(to.address) && !world_.refuses(flow);
        if (served)
            open(accepted, std::move(flow));
        else
            refuse(accepted, flow);
    }
}

void TcpService::refuse(int socket, const Flow& flow) {
    const linger reset{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(socket);
    // Where nothing answers at all, the wire's own observer records every attempt.
    if (world_.answers == Answers::all)
        world_.recorder.event(
            world_.now(), "tcp-attempt",
            flow_fields(world_, flow, port_protocol(flow.transport, flow.destination.port)));
}

void TcpService::open(int socket, Flow flow) {
    const auto id = flow.connection;
    auto connection = std::make_unique<Connection>(io_);
    boost::system::error_code code;
    connection->socket.assign(flow.camera.address.is_v4() ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), socket,
                              code);
    if (code) {
        ::close(socket);
        return;
    }
    world_.recorder.event(world_.now(), "tcp-open",
                          flow_fields(world_, flow, port_protocol(flow.transport, flow.destination.port)));
    connection->dialogue = make_conversation(world_, flow);
    connection->flow = std::move(flow);
    connection->opened = connection->active = Monotonic::now();
    connection->place = by_activity_.insert(by_activity_.end(), id);
    auto& kept = *(connections_[id] = std::move(connection));
    expect_silence(kept);
    talk(kept, [](StreamDialogue& dialogue, Output& output) { dialogue.opened(output); });
    if (find(id) != nullptr && may_read(kept)) await_bytes(kept);
}

bool TcpService::call(const Endpoint& from, const Endpoint& to, World::Expected make,
                      std::function<void()> failed) {
    if (connections_.size() >= most_connections_) return false;
    return calls_.begin(
        from, to,
        [this, to, make = std::move(make), failed = std::move(failed)](int socket, const Endpoint& own) {
            if (socket < 0) return failed();
            world_.expected[own] = make;
            open(socket, {to, own, Transport::tcp, ++last_id_});
        });
}

void TcpService::on_wake(std::uint64_t id) {
    auto* connection = find(id);
    if (connection == nullptr || connection->closing) return;
    talk(*connection, [](StreamDialogue& dialogue, Output& output) { dialogue.woken(output); });
}

TcpService::Connection* TcpService::find(std::uint64_t id) {
    const auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second.get();
}

void TcpService::await_bytes(Connection& connection) {
    if (std::exchange(connection.awaiting_bytes, true)) return;
    connection.socket.async_wait(
        asio::ip::tcp::socket::wait_read,
        [this, id = connection.flow.connection](const boost::system::error_code& code) {
            if (!code) on_readable(id);
        });
}

void TcpService::await_room(Connection& connection) {
    connection.socket.async_wait(
        asio::ip::tcp::socket::wait_write,
        [this, id = connection.flow.connection](const boost::system::error_code& code) {
            if (!code) on_writable(id);
        });
}

void TcpService::on_readable(std::uint64_t id) {
    auto* connection = find(id);
    if (connection == nullptr) return;
    connection->awaiting_bytes = false;
    if (!may_read(*connection)) return;  // sending goes first; on_writable or on_due comes back to it
    for (unsigned i = 0; i < reads_at_once; ++i) {
        const auto read = read_once(*connection);
        if (read == Read::over) return;
        if (read == Read::enough) break;
    }
    if (may_read(*connection)) await_bytes(*connection);
}

TcpService::Read TcpService::read_once(Connection& connection) {
    const auto id = connection.flow.connection;
    const auto count = ::recv(connection.socket.native_handle(), buffer_.data(), buffer_.size(), 0);
    if (count < 0) {
        if (errno == EAGAIN || errno == EINTR) return Read::enough;
        end(id, errno == ECONNRESET ? "camera-reset" : "error");
        return Read::over;
    }
    connection.active = Monotonic::now();
    by_activity_.splice(by_activity_.end(), by_activity_, connection.place);
    if (count == 0) {
        connection.camera_finished = true;
        if (connection.shut) {
            end(id, "bench");
            return Read::over;
        }
        talk(connection, [](StreamDialogue& dialogue, Output& output) {
            dialogue.camera_finished(output);
            output.close = true;
        });
    } else {
        const bool first = connection.in == 0;
        connection.in += static_cast<std::uint64_t>(count);
        connection.silences = 0;
        if (first && world_.chance(world_.conditions.resets)) {
            reset(connection, "conditions");
            return Read::over;
        }
        if (connection.closing)
            return Read::more;  // after our last word nothing is understood any more; the capture has it
        expect_silence(connection);
        pause_reading(connection,
                      static_cast<std::size_t>(
                          count));  // first: the answer comes when the way has carried the question
        talk(connection, [&](StreamDialogue& dialogue, Output& output) {
            dialogue.received(ByteView(buffer_).first(static_cast<std::size_t>(count)), output);
        });
    }
    if (find(id) == nullptr) return Read::over;
    return may_read(connection) && static_cast<std::size_t>(count) == buffer_.size() ? Read::more
                                                                                     : Read::enough;
}

template <typename Speak>
void TcpService::talk(Connection& connection, Speak speak) {
    const auto before = world_.recorder.contents();
    Output output;
    speak(*connection.dialogue, output);
    const auto after = world_.recorder.contents();
    if (after > before) {
        if (connection.ended_first == connection.ended_last) connection.ended_first = before;
        connection.ended_last = after;
    }
    apply(connection, output);
}

void TcpService::apply(Connection& connection, Output& output) {
    const auto delay =
        output.delay + (output.bytes.empty() ? Nanoseconds::zero()
                                             : world_.latency() + world_.repetitions(output.bytes.size()));
    const bool slow = world_.conditions.bandwidth > 0 && !output.bytes.empty();
    if (delay > Nanoseconds::zero() || slow || !connection.late.empty())
        return put_off(connection, output, delay);
    connection.closing = connection.closing || output.close;
    const bool waits = !connection.unsent.empty();  // on_writable or contents_settled goes on
    if (waits)
        connection.unsent += output.bytes;
    else
        connection.unsent = std::move(output.bytes);
    if (waits) return;
    if (!connection.unsent.empty())
        send_soon(connection);
    else if (connection.closing)
        (void)send_recorded(connection);
}

void TcpService::send_soon(Connection& connection) {
    if (answered_.empty()) asio::post(io_, [this] { send_answers(); });
    answered_.push_back(connection.flow.connection);
}

/// What is said in one turn of the event loop goes on record at once.
void TcpService::send_answers() {
    world_.recorder.hand_over();
    for (const auto id : std::exchange(answered_, {})) {
        auto* connection = find(id);
        if (connection != nullptr && send_recorded(*connection) && may_read(*connection))
            await_bytes(*connection);
    }
}

void TcpService::reset(Connection& connection, std::string_view by) {
    const linger hard{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(connection.socket.native_handle(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    end(connection.flow.connection, by);
}

TcpService::Release TcpService::release(Connection& connection) {
    if (connection.ended_first == connection.ended_last) return Release::now;
    const auto kept = world_.recorder.kept(connection.ended_first, connection.ended_last);
    if (kept == Recorder::Kept::pending) {
        awaiting_store_.emplace(connection.ended_last, connection.flow.connection);
        return Release::later;
    }
    connection.ended_first = connection.ended_last;
    if (kept == Recorder::Kept::stored) return Release::now;
    reset(connection, "not-stored");
    return Release::never;
}

void TcpService::contents_settled() {
    std::vector<std::uint64_t> due;
    for (auto place = awaiting_store_.begin();
         place != awaiting_store_.end() &&
         world_.recorder.kept(place->first, place->first) != Recorder::Kept::pending;
         place = awaiting_store_.erase(place))
        due.push_back(place->second);
    for (const auto id : due) {
        auto* connection = find(id);
        if (connection != nullptr && send_unsent(*connection) && may_read(*connection))
            await_bytes(*connection);
    }
}

bool TcpService::send_unsent(Connection& connection) {
    if (connection.sent < connection.unsent.size()) world_.recorder.hand_over();
    return send_recorded(connection);
}

bool TcpService::send_recorded(Connection& connection) {
    if (connection.sent < connection.unsent.size()) {
        const auto released = release(connection);
        if (released != Release::now) return released == Release::later;
    }
    while (connection.sent < connection.unsent.size()) {
        const auto count = ::send(
            connection.socket.native_handle(), connection.unsent.data() + connection.sent,
            connection.unsent.size() - connection.sent,
            MSG_NOSIGNAL | (connection.closing ? MSG_MORE : 0));  // our last word and our FIN are one segment
        if (count >= 0) {
            connection.sent += static_cast<std::size_t>(count);
            connection.out += static_cast<std::uint64_t>(count);
            tell_delivery(connection, Course::under_way);
        } else if (errno == EAGAIN) {
            await_room(connection);
            return true;
        } else if (errno != EINTR) {
            end(connection.flow.connection, errno == ECONNRESET || errno == EPIPE ? "camera-reset" : "error");
            return false;
        }
    }
    connection.unsent.clear();
    connection.sent = 0;
    if (!connection.closing || connection.shut) return true;
    if (connection.camera_finished) {
        end(connection.flow.connection, "camera");
        return false;
    }
    connection.shut = true;
    (void)::shutdown(connection.socket.native_handle(), SHUT_WR);
    lingering_.push_back({Monotonic::now() + linger_limit, connection.flow.connection});
    return true;
}

void TcpService::on_writable(std::uint64_t id) {
    auto* connection = find(id);
    if (connection == nullptr || !send_unsent(*connection)) return;
    if (may_read(*connection)) await_bytes(*connection);
}

void TcpService::end(std::uint64_t id, std::string_view by) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    const auto connection = std::move(found->second);
    connections_.erase(found);
    by_activity_.erase(connection->place);
    tell_delivery(*connection, by.starts_with("camera") ? Course::left_by_camera : Course::over);
    if (by == "camera-reset") connection->dialogue->reset();
    connection->dialogue->closed();
    auto fields = flow_fields(world_, connection->flow,
                              port_protocol(connection->flow.transport, connection->flow.destination.port));
    fields.number("bytes_out", static_cast<std::int64_t>(connection->in))
        .number("bytes_in", static_cast<std::int64_t>(connection->out));
    fields.number("duration_ns", Nanoseconds(Monotonic::now() - connection->opened).count())
        .text("ended_by", by);
    world_.recorder.event(world_.now(), "tcp-close", fields);
}

void TcpService::expect_silence(Connection& connection) {
    if (connection.awaiting_silence || connection.silences >= most_silences) return;
    connection.awaiting_silence = true;
    silences_.push_back({Monotonic::now() + silence_before_banner, connection.flow.connection});
}

void TcpService::look_after_silences(Monotonic::time_point now) {
    while (!silences_.empty() && silences_.front().when <= now) {
        const auto id = silences_.front().id;
        silences_.pop_front();
        auto* connection = find(id);
        if (connection == nullptr) continue;
        connection->awaiting_silence = false;
        if (now - connection->active < silence_before_banner) {
            expect_silence(*connection);  // it said something meanwhile; the queue stays in order
            continue;
        }
        ++connection->silences;
        if (connection->closing) continue;
        talk(*connection, [](StreamDialogue& dialogue, Output& output) { dialogue.silence(output); });
        if (auto* still_there = find(id); still_there != nullptr) expect_silence(*still_there);
    }
}

void TcpService::look_after() {
    const auto now = Monotonic::now();
    look_after_silences(now);
    while (!lingering_.empty() && lingering_.front().when <= now) {
        end(lingering_.front().id, "bench");
        lingering_.pop_front();
    }
    while (!by_activity_.empty()) {
        const auto* oldest = find(by_activity_.front());
        if (oldest == nullptr || now - oldest->active < idle_limit) break;
        end(by_activity_.front(), "idle");
    }
    timer_.expires_after(look_after_period);
    timer_.async_wait([this](const boost::system::error_code& code) {
        if (!code) look_after();
    });
}

void TcpService::finish() {
    for (auto& listener : listeners_) listener->cancel();
    timer_.cancel();
    due_timer_.cancel();
    send_answers();
    while (!by_activity_.empty()) end(by_activity_.front(), "run-end");
}

}  // namespace cambench::internet
