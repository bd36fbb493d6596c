// Asks a web server as fast as it answers, from one thread, and prints what came of it as a JSON object. The
// same for whoever is measured: nothing is kept, no certificate is checked. TLS is GnuTLS's: a client of
// OpenSSL 3.0 takes longer for a handshake than any server does, and would be all that is measured.
//
//   internet_load new|kept|tls|tls-fresh ADDRESS PORT AT-ONCE MOST SECONDS
//
// new: a connection for every request; kept: one connection for as long as the server lets it live; tls: a
// full handshake and one request on each connection, always for one name; tls-fresh: every time for another
// name. Ends after MOST requests or SECONDS, whichever comes first.
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Task {
    bool keeps = false, tls = false, fresh_names = false;
    sockaddr_in server{};
    std::size_t at_once = 1, most = 1;
    std::chrono::duration<double> longest{};
    std::string request;
};

/// What all handshakes share.
class Tls {
public:
    Tls() {
        gnutls_certificate_allocate_credentials(&credentials_);
        gnutls_priority_init(&priorities_, "NORMAL:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1", nullptr);
    }
    ~Tls() {
        gnutls_priority_deinit(priorities_);
        gnutls_certificate_free_credentials(credentials_);
    }
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;

    [[nodiscard]] gnutls_session_t session(int socket, const std::string& name) const {
        gnutls_session_t session = nullptr;
        gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_KEY_SHARE_TOP |
                                  GNUTLS_NO_TICKETS);
        gnutls_priority_set(session, priorities_);
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_);
        gnutls_server_name_set(session, GNUTLS_NAME_DNS, name.data(), name.size());
        gnutls_transport_set_int(session, socket);
        return session;
    }

private:
    gnutls_certificate_credentials_t credentials_ = nullptr;
    gnutls_priority_t priorities_ = nullptr;
};

struct Totals {
    std::size_t begun = 0, done = 0, failed = 0, connections = 0;
    std::vector<float> milliseconds;
};

/// One connection at a time, and what is left to do on it.
class Visitor {
public:
    Visitor(const Task& task, Totals& totals, const Tls& shared, int poller)
        : task_(task), totals_(totals), shared_(shared), poller_(poller) {}
    ~Visitor() { leave(); }
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;

    void connect() {
        leave();
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        // A reset at the end: no port of ours waits in TIME_WAIT when tens of thousands come a second.
        const linger hard{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        ++totals_.connections;
        begin_request();
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&task_.server), sizeof task_.server) != 0 &&
            errno != EINPROGRESS)
            return fail();
        epoll_event event{.events = EPOLLOUT, .data = {.ptr = this}};
        ::epoll_ctl(poller_, EPOLL_CTL_ADD, socket_, &event);
        if (!task_.tls) return;
        tls_ = shared_.session(socket_, task_.fresh_names
                                            ? "n" + std::to_string(totals_.connections) + ".fresh.example"
                                            : std::string("one.example"));
        shook_hands_ = false;
    }

    void go_on() {
        if (tls_ != nullptr && !shook_hands_ && !shake_hands()) return;
        if (!sent_ && !send()) return;
        while (receive()) {
        }
    }
    [[nodiscard]] bool idle() const { return socket_ < 0; }

private:
    void begin_request() {
        ++totals_.begun;
        begun_ = Clock::now();
        answer_.clear();
        sent_ = false;
    }

    void leave() {
        if (tls_ != nullptr) gnutls_deinit(std::exchange(tls_, nullptr));
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }

    void fail() {
        ++totals_.failed;
        leave();
    }

    void wait_for(std::uint32_t what) {
        epoll_event event{.events = what, .data = {.ptr = this}};
        ::epoll_ctl(poller_, EPOLL_CTL_MOD, socket_, &event);
    }

    /// False: not yet, or never.
    bool shake_hands() {
        const int done = gnutls_handshake(tls_);
        shook_hands_ = done == GNUTLS_E_SUCCESS;
        if (done == GNUTLS_E_AGAIN || done == GNUTLS_E_INTERRUPTED)
            wait_for(gnutls_record_get_direction(tls_) == 0 ? EPOLLIN : EPOLLOUT);
        else if (!shook_hands_)
            fail();
        return shook_hands_;
    }

    /// False: not yet, or never.
    bool send() {
        const auto& request = task_.request;
        const auto count = tls_ != nullptr ? gnutls_record_send(tls_, request.data(), request.size())
                                           : ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
        if (count != static_cast<ssize_t>(request.size())) {
            if (not_yet(count))
                wait_for(EPOLLOUT);
            else
                fail();
            return false;
        }
        sent_ = true;
        wait_for(EPOLLIN);
        return true;
    }

    [[nodiscard]] bool not_yet(ssize_t count) const {
        return tls_ != nullptr ? count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED
                               : count < 0 && (errno == EAGAIN || errno == EINPROGRESS);
    }

    /// True when there may be more at once.
    bool receive() {
        std::array<char, 16384> piece;
        const auto count = tls_ != nullptr ? gnutls_record_recv(tls_, piece.data(), piece.size())
                                           : ::recv(socket_, piece.data(), piece.size(), 0);
        if (count < 0 && not_yet(count)) return false;
        if (count <= 0) return end_of_stream();
        answer_.append(piece.data(), static_cast<std::size_t>(count));
        if (!complete()) return true;
        succeed();
        return false;
    }

    bool end_of_stream() {
        if (answer_.starts_with("HTTP/1.") && !sized())
            succeed();
        else
            fail();
        return false;
    }

    [[nodiscard]] bool sized() const {
        return answer_.find("ontent-Length") != std::string::npos ||
               answer_.find("ontent-length") != std::string::npos;
    }

    [[nodiscard]] bool complete() const {
        const auto head = answer_.find("\r\n\r\n");
        if (head == std::string::npos) return false;
        auto field = answer_.find("\r\nContent-Length: ");
        if (field == std::string::npos) field = answer_.find("\r\ncontent-length: ");
        if (field == std::string::npos || field > head) return false;
        return answer_.size() >= head + 4 + std::strtoull(answer_.c_str() + field + 18, nullptr, 10);
    }

    void succeed() {
        ++totals_.done;
        totals_.milliseconds.push_back(
            std::chrono::duration<float, std::milli>(Clock::now() - begun_).count());
        if (!task_.keeps || answer_.find("onnection: close") != std::string::npos) return leave();
        begin_request();
        (void)send();
    }

    const Task& task_;
    Totals& totals_;
    const Tls& shared_;
    int poller_;
    int socket_ = -1;
    gnutls_session_t tls_ = nullptr;
    bool shook_hands_ = false, sent_ = false;
    std::string answer_;
    Clock::time_point begun_;
};

double run(const Task& task, Totals& totals) {
    const Tls shared;
    const int poller = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::unique_ptr<Visitor>> visitors;
    for (std::size_t i = 0; i < task.at_once; ++i)
        visitors.push_back(std::make_unique<Visitor>(task, totals, shared, poller));
    const auto began = Clock::now();
    const auto over = [&] {
        return totals.begun >= task.most + (task.keeps ? task.at_once : 0) ||
               Clock::now() - began > task.longest;
    };
    for (auto& visitor : visitors) visitor->connect();
    std::array<epoll_event, 256> events;
    // Who gets no answer is waited for until the time is over, and counted as failed.
    while (!over() || (!task.keeps && totals.done + totals.failed < totals.begun &&
                       Clock::now() - began < task.longest)) {
        const int count = ::epoll_wait(poller, events.data(), events.size(), 100);
        for (int i = 0; i < count; ++i) {
            auto* visitor = static_cast<Visitor*>(events[static_cast<std::size_t>(i)].data.ptr);
            visitor->go_on();
            if (visitor->idle() && !over()) visitor->connect();
        }
    }
    return std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 7)
        return std::fprintf(
                   stderr, "usage: internet_load new|kept|tls|tls-fresh ADDRESS PORT AT-ONCE MOST SECONDS\n"),
               64;
    std::signal(SIGPIPE, SIG_IGN);
    const std::string_view how = arguments[1];
    Task task;
    task.keeps = how == "kept";
    task.fresh_names = how == "tls-fresh";
    task.tls = task.fresh_names || how == "tls";
    task.server.sin_family = AF_INET;
    task.server.sin_port = htons(static_cast<std::uint16_t>(std::atoi(arguments[3])));
    ::inet_pton(AF_INET, arguments[2], &task.server.sin_addr);
    task.at_once = std::strtoull(arguments[4], nullptr, 10);
    task.most = std::strtoull(arguments[5], nullptr, 10);
    task.longest = std::chrono::duration<double>(std::strtod(arguments[6], nullptr));
    task.request =
        std::string("GET /sample.txt HTTP/1.1\r\nHost: load.example\r\nUser-Agent: load\r\nAccept: */*\r\n") +
        (task.keeps ? "" : "Connection: close\r\n") + "\r\n";
    Totals totals;
    totals.milliseconds.reserve(task.most + task.at_once);
    const double seconds = run(task, totals);
    auto& times = totals.milliseconds;
    std::sort(times.begin(), times.end());
    const auto at = [&](double share) {
        return times.empty() ? 0
                             : times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    std::printf(
        "{\"per_second\": %.1f, \"done\": %zu, \"failed\": %zu, \"connections\": %zu, \"seconds\": %.3f, "
        "\"p50_ms\": %.2f, \"p99_ms\": %.2f}\n",
        static_cast<double>(totals.done) / seconds, totals.done, totals.failed, totals.connections, seconds,
        static_cast<double>(at(0.5)), static_cast<double>(at(0.99)));
}
