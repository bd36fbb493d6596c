#include "bench/probe/socket_client.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "harness/core/file.hpp"
#include "harness/core/socket_address.hpp"

namespace cambench::probe {
namespace {

constexpr std::size_t longest_answer = 65536;

/// A camera that starts anew amid an answer says no farewell: its silence is noticed within 9 s, however long
/// an answer may take.
void keep_alive(int socket) {
    const int on = 1, idle_s = 3, every_s = 2, lost = 3;
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof every_s);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &lost, sizeof lost);
}

/// The camera's wire: the only interface beside lo.
unsigned wire_index() {
    unsigned index = 0;
    auto* list = ::if_nameindex();
    for (auto* one = list; one != nullptr && one->if_index != 0; ++one)
        if (std::string_view(one->if_name) != "lo") index = one->if_index;
    ::if_freenameindex(list);
    return index;
}

/// A socket whose connection is under way or stands; invalid when it was refused at once.
FileHandle begin_connection(const IpAddress& address, std::uint16_t port, int link) {
    const auto name = reachable_address({address, port}, link);
    FileHandle socket(::socket(name.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.valid()) return {};
    keep_alive(socket.get());
    if (::connect(socket.get(), name.get(), name.length) != 0 && errno != EINPROGRESS) return {};
    return socket;
}

/// On a machine that asks itself, the port a connection leaves from may be the one it calls, and answer
/// itself.
bool calls_itself(int socket) {
    sockaddr_storage own{}, peer{};
    socklen_t own_size = sizeof own, peer_size = sizeof peer;
    return ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &own_size) == 0 &&
           ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0 &&
           own_size == peer_size && std::memcmp(&own, &peer, own_size) == 0;
}

bool is_connected(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0 &&
           !calls_itself(socket);
}

int milliseconds_to(const Deadline& deadline) {
    return static_cast<int>(std::clamp<std::int64_t>(deadline.remaining().count(), 0, 60'000));
}

bool await(int socket, short events, const Deadline& deadline) {
    pollfd one{socket, events, 0};
    return ::poll(&one, 1, milliseconds_to(deadline)) == 1;
}

/// Waits as OpenSSL wishes; false when time is over or the connection is.
bool await_tls(SSL* session, int result, int socket, const Deadline& deadline) {
    const auto wish = ::SSL_get_error(session, result);
    if (wish == SSL_ERROR_WANT_READ) return await(socket, POLLIN, deadline);
    if (wish == SSL_ERROR_WANT_WRITE) return await(socket, POLLOUT, deadline);
    return false;
}

}  // namespace

SocketAddress reachable_address(const Endpoint& endpoint, int link) {
    const bool on_link = !endpoint.address.is_v4() && endpoint.address.is_link_local();
    return socket_address_of(endpoint, on_link && link == 0 ? static_cast<int>(wire_index()) : link);
}

void load_tls() { ::OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CONFIG, nullptr); }

/// One session of OpenSSL, as old and as weak as the camera wants it.
struct Connection::Tls {
    Tls() : context(::SSL_CTX_new(::TLS_client_method())) {
        ::SSL_CTX_set_security_level(context, 0);
        ::SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
        ::SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
        ::SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
        session = ::SSL_new(context);
    }
    ~Tls() {
        ::SSL_free(session);
        ::SSL_CTX_free(context);
    }
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;

    bool shake_hands(int socket, const Deadline& deadline) {
        ::SSL_set_fd(session, socket);
        for (;;) {
            const int result = ::SSL_connect(session);
            if (result == 1) return true;
            if (!await_tls(session, result, socket, deadline)) return false;
        }
    }

    SSL_CTX* context;
    SSL* session;
};

PortScan scan_ports(const IpAddress& address, std::span<const std::uint16_t> candidates, Nanoseconds patience,
                    int link) {
    PortScan scan;
    std::vector<std::pair<std::uint16_t, FileHandle>> waiting;
    for (const auto port : candidates)
        if (auto socket = begin_connection(address, port, link); socket.valid())
            waiting.emplace_back(port, std::move(socket));
    const auto deadline = Deadline::after(patience);
    while (!waiting.empty()) {
        std::vector<pollfd> polled;
        for (const auto& [port, socket] : waiting) polled.push_back({socket.get(), POLLOUT, 0});
        if (::poll(polled.data(), polled.size(), milliseconds_to(deadline)) <= 0) break;
        for (std::size_t i = polled.size(); i-- > 0;) {
            if (polled[i].revents == 0) continue;
            if (is_connected(waiting[i].second.get())) scan.open.push_back(waiting[i].first);
            waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    for (const auto& [port, socket] : waiting) scan.silent.push_back(port);
    return scan;
}

Connection::Connection(const IpAddress& address, std::uint16_t port, Nanoseconds patience, Cover cover,
                       int link) {
    const auto deadline = Deadline::after(patience);
    auto socket = begin_connection(address, port, link);
    if (!socket.valid() || !await(socket.get(), POLLOUT, deadline) || !is_connected(socket.get())) return;
    if (cover == Cover::tls) {
        tls_ = std::make_unique<Tls>();
        if (!tls_->shake_hands(socket.get(), deadline)) return;
    }
    socket_ = std::move(socket);
}

Connection::~Connection() = default;

std::optional<std::size_t> Connection::write_some(std::string_view text, const Deadline& deadline) {
    for (;;) {
        if (tls_) {
            const int count = ::SSL_write(tls_->session, text.data(),
                                          static_cast<int>(std::min<std::size_t>(text.size(), 1 << 20)));
            if (count > 0) return static_cast<std::size_t>(count);
            if (!await_tls(tls_->session, count, socket_.get(), deadline)) return std::nullopt;
            continue;
        }
        const auto count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (count > 0) return static_cast<std::size_t>(count);
        if (errno != EAGAIN || !await(socket_.get(), POLLOUT, deadline)) return std::nullopt;
    }
}

std::optional<std::size_t> Connection::read_some(std::span<char> into, const Deadline& deadline) {
    for (;;) {
        if (tls_) {
            const int count = ::SSL_read(tls_->session, into.data(), static_cast<int>(into.size()));
            if (count > 0) return static_cast<std::size_t>(count);
            if (!await_tls(tls_->session, count, socket_.get(), deadline)) return std::nullopt;
            continue;
        }
        if (!await(socket_.get(), POLLIN, deadline)) return std::nullopt;
        const auto count = ::recv(socket_.get(), into.data(), into.size(), 0);
        if (count <= 0) return std::nullopt;
        return static_cast<std::size_t>(count);
    }
}

bool Connection::send(std::string_view text, const Deadline& deadline) {
    if (!socket_.valid()) return false;
    while (!text.empty()) {
        const auto count = write_some(text, deadline);
        if (!count) return false;
        text.remove_prefix(*count);
    }
    return true;
}

std::string Connection::receive(const Deadline& deadline, bool (*enough)(std::string_view)) {
    std::string answer;
    while (socket_.valid() && answer.size() < longest_answer && (enough == nullptr || !enough(answer))) {
        std::array<char, 4096> piece;
        const auto count = read_some(piece, deadline);
        if (!count) break;
        answer.append(piece.data(), *count);
    }
    return answer;
}

void Connection::finish() {
    if (socket_.valid() && tls_) (void)::SSL_shutdown(tls_->session);
    if (socket_.valid()) ::shutdown(socket_.get(), SHUT_WR);
}

bool Connection::delivered() const {
    int unacknowledged = 0;
    return socket_.valid() && ::ioctl(socket_.get(), SIOCOUTQ, &unacknowledged) == 0 && unacknowledged == 0;
}

std::size_t Connection::count(const Deadline& deadline) {
    std::size_t bytes = 0;
    while (socket_.valid() && !deadline.passed()) {
        std::array<char, 16384> piece;
        const auto count = read_some(piece, deadline);
        if (!count) break;
        bytes += *count;
    }
    return bytes;
}

}  // namespace cambench::probe
