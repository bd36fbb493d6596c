#include "bench/internet/tcp_service.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "bench/internet/characterise.hpp"
#include "bench/internet/socket_address.hpp"

namespace cambench::internet {
namespace {

namespace asio = boost::asio;

constexpr std::size_t read_size = 65536;
constexpr unsigned accepted_at_once = 128, reads_at_once = 8, most_silences = 3;
constexpr std::size_t connections_at_most = 16384, descriptors_kept_back = 64;
constexpr std::chrono::seconds idle_limit{300}, linger_limit{2};
constexpr Milliseconds look_after_period{100};

std::size_t connection_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
    return std::clamp<std::size_t>(limit.rlim_cur, 2 * descriptors_kept_back, connections_at_most) - descriptors_kept_back;
}

}  // namespace

TcpService::TcpService(asio::io_context& io, World& world)
    : io_(io), world_(world), timer_(io), buffer_(read_size), most_connections_(connection_limit()) {
    look_after();
}

TcpService::~TcpService() {
    for (auto& listener : listeners_) (void)listener->release();
}

void TcpService::listen(int socket) {
    listeners_.push_back(std::make_unique<asio::posix::stream_descriptor>(io_, socket));
    await_connections(listeners_.size() - 1);
}

void TcpService::await_connections(std::size_t listener) {
    listeners_[listener]->async_wait(asio::posix::stream_descriptor::wait_read, [this, listener](const boost::system::error_code& code) {
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
        const int accepted = ::accept4(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size, SOCK_NONBLOCK | SOCK_CLOEXEC);
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
        const bool served = to.port == 53 ? world_.resolver_reachable(to.address) : world_.reachable(to.address);
        if (served) open(accepted, std::move(flow));
        else refuse(accepted, flow);
    }
}

void TcpService::refuse(int socket, const Flow& flow) {
    const linger reset{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(socket);
    // Where nothing answers at all, the wire's own observer records every attempt.
    if (world_.answers == Answers::all) world_.recorder.event(world_.now(), "tcp-attempt", flow_fields(world_, flow, port_protocol(flow.destination.port)));
}

void TcpService::open(int socket, Flow flow) {
    const auto id = flow.connection;
    auto connection = std::make_unique<Connection>(io_);
    boost::system::error_code code;
    connection->socket.assign(flow.camera.address.is_v4() ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), socket, code);
    if (code) {
        ::close(socket);
        return;
    }
    world_.recorder.event(world_.now(), "tcp-open", flow_fields(world_, flow, port_protocol(flow.destination.port)));
    connection->dialogue = make_conversation(world_, flow);
    connection->flow = std::move(flow);
    connection->opened = connection->active = Monotonic::now();
    connection->place = by_activity_.insert(by_activity_.end(), id);
    auto& kept = *(connections_[id] = std::move(connection));
    expect_silence(kept);
    await_bytes(kept);
}

TcpService::Connection* TcpService::find(std::uint64_t id) {
    const auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second.get();
}

void TcpService::await_bytes(Connection& connection) {
    connection.socket.async_wait(asio::ip::tcp::socket::wait_read, [this, id = connection.flow.connection](const boost::system::error_code& code) {
        if (!code) on_readable(id);
    });
}

void TcpService::await_room(Connection& connection) {
    connection.socket.async_wait(asio::ip::tcp::socket::wait_write, [this, id = connection.flow.connection](const boost::system::error_code& code) {
        if (!code) on_writable(id);
    });
}

void TcpService::on_readable(std::uint64_t id) {
    auto* connection = find(id);
    if (connection == nullptr) return;
    for (unsigned i = 0; i < reads_at_once; ++i) {
        const auto read = read_once(*connection);
        if (read == Read::over) return;
        if (read == Read::enough) break;
    }
    if (connection->unsent.empty()) await_bytes(*connection);
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
    Output output;
    if (count == 0) {
        connection.camera_finished = true;
        if (connection.shut) {
            end(id, "bench");
            return Read::over;
        }
        connection.dialogue->camera_finished(output);
        output.close = true;
    } else {
        connection.in += static_cast<std::uint64_t>(count);
        if (connection.closing) return Read::more;  // after our last word nothing is understood any more; the capture has it
        connection.dialogue->received(ByteView(buffer_).first(static_cast<std::size_t>(count)), output);
        expect_silence(connection);
    }
    apply(connection, output);
    if (find(id) == nullptr) return Read::over;
    return connection.unsent.empty() && static_cast<std::size_t>(count) == buffer_.size() ? Read::more : Read::enough;
}

void TcpService::apply(Connection& connection, Output& output) {
    connection.closing = connection.closing || output.close;
    if (connection.unsent.empty()) connection.unsent = std::move(output.bytes);
    else connection.unsent += output.bytes;
    (void)send_unsent(connection);
}

bool TcpService::send_unsent(Connection& connection) {
    if (connection.sent < connection.unsent.size()) world_.recorder.hand_over();
    while (connection.sent < connection.unsent.size()) {
        const auto count = ::send(connection.socket.native_handle(), connection.unsent.data() + connection.sent, connection.unsent.size() - connection.sent,
                                  MSG_NOSIGNAL);
        if (count >= 0) {
            connection.sent += static_cast<std::size_t>(count);
            connection.out += static_cast<std::uint64_t>(count);
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
    if (connection->unsent.empty()) await_bytes(*connection);
}

void TcpService::end(std::uint64_t id, std::string_view by) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    const auto connection = std::move(found->second);
    connections_.erase(found);
    by_activity_.erase(connection->place);
    connection->dialogue->closed();
    auto fields = flow_fields(world_, connection->flow, port_protocol(connection->flow.destination.port));
    fields.number("bytes_out", static_cast<std::int64_t>(connection->in)).number("bytes_in", static_cast<std::int64_t>(connection->out));
    fields.number("duration_ns", Nanoseconds(Monotonic::now() - connection->opened).count()).text("ended_by", by);
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
        Output output;
        connection->dialogue->silence(output);
        apply(*connection, output);
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
    while (!by_activity_.empty()) end(by_activity_.front(), "run-end");
}

}  // namespace cambench::internet
