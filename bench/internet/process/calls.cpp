#include "bench/internet/process/calls.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "harness/core/socket_address.hpp"

namespace cambench::internet {
namespace {

constexpr std::chrono::seconds patience{10};

/// From the wished port, else from any.
bool bind_to(int socket, Endpoint from) {
    for (const auto port : {from.port, std::uint16_t{0}}) {
        from.port = port;
        const auto address = socket_address_of(from);
        if (::bind(socket, address.get(), address.length) == 0) return true;
    }
    return false;
}

}  // namespace

Calls::~Calls() {
    for (const auto* sockets : {&v4_, &v6_})
        for (const int socket : *sockets) ::close(socket);
}

void Calls::lend(std::vector<int> v4, std::vector<int> v6) {
    v4_ = std::move(v4);
    v6_ = std::move(v6);
}

bool Calls::begin(const Endpoint& from, const Endpoint& to, Done done) {
    auto& sockets = to.address.is_v4() ? v4_ : v6_;
    if (sockets.empty() || from.address.is_v4() != to.address.is_v4()) return false;
    const int socket = sockets.back();
    sockets.pop_back();
    const auto id = ++last_;
    auto& call = *(calls_[id] = std::make_unique<Call>(io_, socket));
    const auto address = socket_address_of(to);
    if (!bind_to(socket, from) ||
        (::connect(socket, address.get(), address.length) != 0 && errno != EINPROGRESS)) {
        calls_.erase(id);
        return false;
    }
    call.done = std::move(done);
    call.patience.expires_after(patience);
    const auto later = [this, id](const boost::system::error_code& code) {
        if (code != boost::asio::error::operation_aborted) settle(id);
    };
    call.patience.async_wait(later);
    call.descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_write, later);
    return true;
}

void Calls::settle(std::uint64_t id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    const auto call = std::move(found->second);
    calls_.erase(found);
    call->patience.cancel();
    const int socket = call->descriptor.native_handle();
    sockaddr_storage own{}, peer{};
    socklen_t own_size = sizeof own, peer_size = sizeof peer;
    const bool stands = ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0 &&
                        ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &own_size) == 0;
    if (!stands) return call->done(-1, {});
    (void)call->descriptor.release();
    call->done(socket, endpoint_of(own));
}

}  // namespace cambench::internet
