#include "drivers/transport/tcp_stream.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace cambench {
namespace {

class TcpStream final : public ByteStream {
public:
    TcpStream(FileHandle handle, std::string what) : handle_(std::move(handle)), what_(std::move(what)) {}

    Result<std::size_t> read(std::span<std::byte> into, Deadline deadline) override {
        while (true) {
            TRY(wait(POLLIN, deadline, "nothing came"));
            const auto count = ::recv(handle_.get(), into.data(), into.size(), 0);
            if (count > 0) return static_cast<std::size_t>(count);
            if (count == 0) return bench_error(what_ + ": the device closed the connection");
            if (errno != EAGAIN && errno != EINTR) return system_error(what_, errno);
        }
    }

    Status write(ByteView bytes, Deadline deadline) override {
        while (!bytes.empty()) {
            TRY(wait(POLLOUT, deadline, "the device takes no more bytes"));
            const auto count = ::send(handle_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0 && errno != EAGAIN && errno != EINTR) return system_error(what_, errno);
            if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return {};
    }

private:
    Status wait(short events, Deadline deadline, std::string_view otherwise) {
        while (true) {
            pollfd entry{handle_.get(), events, 0};
            const int ready = ::poll(&entry, 1, static_cast<int>(deadline.remaining().count()));
            if (ready > 0) return {};
            if (ready < 0 && errno != EINTR) return system_error(what_, errno);
            if (deadline.passed()) return timeout_error(fmt::format("{}: {}", what_, otherwise));
        }
    }

    FileHandle handle_;
    std::string what_;
};

Result<FileHandle> connect_one(const addrinfo& candidate, const std::string& what, Deadline deadline) {
    FileHandle handle(::socket(candidate.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!handle.valid()) return system_error(what, errno);
    if (::connect(handle.get(), candidate.ai_addr, candidate.ai_addrlen) != 0) {
        if (errno != EINPROGRESS) return system_error(what, errno);
        pollfd entry{handle.get(), POLLOUT, 0};
        if (::poll(&entry, 1, static_cast<int>(deadline.remaining().count())) <= 0)
            return timeout_error(what + ": no answer");
        int error = 0;
        socklen_t length = sizeof error;
        ::getsockopt(handle.get(), SOL_SOCKET, SO_ERROR, &error, &length);
        if (error != 0) return system_error(what, error);
    }
    return handle;
}

}  // namespace

Result<FileHandle> connect_tcp(const std::string& host, std::uint16_t port, const std::string& what,
                               Deadline deadline) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list); code != 0)
        return bench_error(fmt::format("{}: {}", what, ::gai_strerror(code)));
    Result<FileHandle> outcome = bench_error(what + ": no address");
    for (const auto* candidate = list; candidate != nullptr && !outcome; candidate = candidate->ai_next)
        outcome = connect_one(*candidate, what, deadline);
    ::freeaddrinfo(list);
    return outcome;
}

Result<std::unique_ptr<ByteStream>> open_tcp_stream(const std::string& host, std::uint16_t port,
                                                    Deadline deadline) {
    const auto what = fmt::format("{}:{}", host, port);
    TRY_ASSIGN(auto handle, connect_tcp(host, port, "connect to " + what, deadline));
    // Boards expect a command in one segment, and at once.
    const int yes = 1;
    ::setsockopt(handle.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return std::unique_ptr<ByteStream>(std::make_unique<TcpStream>(std::move(handle), what));
}

}  // namespace cambench
