#include "drivers/console/stream.hpp"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <mutex>
#include <thread>

#include "drivers/transport/tcp_stream.hpp"
#include "harness/core/file.hpp"

namespace cambench {
namespace {

constexpr auto reconnect_pause = std::chrono::milliseconds(200);
constexpr auto connect_time = std::chrono::seconds(3);
/// How long a line may take no more bytes: then the unit does not read, and a UART would lose them.
constexpr auto line_write_time = std::chrono::milliseconds(60);
constexpr auto look_again_time = std::chrono::milliseconds(2);

Result<sockaddr_un> unix_address(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.native().size() >= sizeof address.sun_path)
        return bench_error(fmt::format("console {}: a unix socket's path may have {} bytes", socket.string(),
                                       sizeof address.sun_path - 1));
    std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
    return address;
}

Result<FileHandle> connect_unix(const std::filesystem::path& socket) {
    TRY_ASSIGN(const auto address, unix_address(socket));
    FileHandle handle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(handle.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return system_error("open console " + socket.string(), errno);
    return handle;
}

Result<FileHandle> connect_server(const std::string& host, std::uint16_t port) {
    TRY_ASSIGN(auto line, connect_tcp(host, port, fmt::format("open console {}:{}", host, port),
                                      Deadline::after(connect_time)));
    const int yes = 1;
    ::setsockopt(line.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    return line;
}

/// A console over a stream socket. `renew` gives a new connection, without waiting when there is none.
class StreamConsole final : public Console {
public:
    using Renew = std::function<Result<FileHandle>(Deadline)>;

    StreamConsole(FileHandle line, Renew renew, std::function<void()> clean_up)
        : line_(std::move(line)), renew_(std::move(renew)), clean_up_(std::move(clean_up)) {}
    ~StreamConsole() override {
        if (clean_up_) clean_up_();
    }

    Result<Reading> read(std::span<std::byte> into, Deadline deadline) override {
        if (!line_.valid()) return reopen(deadline);
        if (!announced_) {
            announced_ = true;
            return Reading{Reading::Kind::opened, 0};
        }
        pollfd entry{line_.get(), POLLIN, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(deadline.remaining().count()));
        if (ready == 0 || (ready < 0 && errno == EINTR)) return Reading{};
        const auto count = ::recv(line_.get(), into.data(), into.size(), MSG_DONTWAIT);
        if (count > 0) return Reading{Reading::Kind::data, static_cast<std::size_t>(count)};
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return Reading{};
        const std::scoped_lock lock(mutex_);
        line_.close();
        announced_ = false;
        return Reading{Reading::Kind::closed, 0};
    }

    Status write(ByteView bytes) override {
        const std::scoped_lock lock(mutex_);
        if (!line_.valid()) return bench_error("write to the console: the line is not open");
        auto patience = Deadline::after(line_write_time);
        // An emulated UART never loses a byte; a real one does. What waits unread here would reach the unit
        // much later, and may keep its receiver from ever raising an interrupt.
        while (unread_bytes() > 0) {
            if (patience.passed()) return timeout_error("write to the console: the unit does not read");
            std::this_thread::sleep_for(look_again_time);
        }
        while (!bytes.empty()) {
            const auto count = ::send(line_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0 && errno != EAGAIN) return system_error("write to the console", errno);
            if (count > 0) {
                bytes = bytes.subspan(static_cast<std::size_t>(count));
                patience = Deadline::after(line_write_time);
                continue;
            }
            pollfd entry{line_.get(), POLLOUT, 0};
            if (::poll(&entry, 1, static_cast<int>(patience.remaining().count())) <= 0 && patience.passed())
                return timeout_error("write to the console: the unit takes no more bytes");
        }
        return {};
    }

private:
    /// Sent over a Unix socket and not yet taken by the other end.
    [[nodiscard]] int unread_bytes() const {
        int domain = 0, count = 0;
        socklen_t length = sizeof domain;
        if (::getsockopt(line_.get(), SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0 || domain != AF_UNIX)
            return 0;
        return ::ioctl(line_.get(), SIOCOUTQ, &count) == 0 ? count : 0;
    }

    Result<Reading> reopen(Deadline deadline) {
        auto line = renew_(deadline);
        if (!line) return Reading{};
        const std::scoped_lock lock(mutex_);
        line_ = std::move(*line);
        announced_ = true;
        return Reading{Reading::Kind::opened, 0};
    }

    std::mutex mutex_;
    FileHandle line_;
    bool announced_ = false;
    Renew renew_;
    std::function<void()> clean_up_;
};

/// Tries at most every reconnect_pause, so that a dead server is not hammered.
StreamConsole::Renew patiently(std::function<Result<FileHandle>()> connect) {
    return [connect = std::move(connect)](Deadline deadline) {
        auto line = connect();
        if (!line) std::this_thread::sleep_until(deadline.sooner(Deadline::after(reconnect_pause)).when());
        return line;
    };
}

Result<FileHandle> accept_line(int listener, Deadline deadline) {
    pollfd entry{listener, POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(deadline.remaining().count())) <= 0)
        return timeout_error("nobody connected to the console");
    FileHandle line(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!line.valid()) return system_error("accept a console connection", errno);
    return line;
}

}  // namespace

Result<std::unique_ptr<Console>> open_listening_console(const std::filesystem::path& socket) {
    TRY_ASSIGN(const auto address, unix_address(socket));
    auto listener = std::make_shared<FileHandle>(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::unlink(socket.c_str());
    if (::bind(listener->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener->get(), 1) != 0)
        return system_error("listen on console " + socket.string(), errno);
    return std::unique_ptr<Console>(std::make_unique<StreamConsole>(
        FileHandle(), [listener](Deadline deadline) { return accept_line(listener->get(), deadline); },
        [socket] { ::unlink(socket.c_str()); }));
}

Result<std::unique_ptr<Console>> open_unix_console(const std::filesystem::path& socket) {
    TRY_ASSIGN(auto line, connect_unix(socket));
    return std::unique_ptr<Console>(std::make_unique<StreamConsole>(
        std::move(line), patiently([socket] { return connect_unix(socket); }), nullptr));
}

Result<std::unique_ptr<Console>> open_tcp_console(const std::string& host, std::uint16_t port) {
    TRY_ASSIGN(auto line, connect_server(host, port));
    return std::unique_ptr<Console>(std::make_unique<StreamConsole>(
        std::move(line), patiently([host, port] { return connect_server(host, port); }), nullptr));
}

}  // namespace cambench
