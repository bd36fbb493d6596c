#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "harness/core/ip.hpp"

namespace cambench::internet {

/// Connections the fake internet begins itself, from any address: what a camera asked to be called back for.
/// The process may open no sockets, so each call uses up one of those it was given.
class Calls {
public:
    /// `socket`: connected, the caller's from now on; -1: nobody took the call. `own`: the end it was made
    /// from.
    using Done = std::function<void(int socket, const Endpoint& own)>;

    explicit Calls(boost::asio::io_context& io) : io_(io) {}
    ~Calls();
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    /// Sockets for calls: IP_TRANSPARENT, non-blocking, unbound; owned from now on.
    void lend(std::vector<int> v4, std::vector<int> v6);
    /// False: no socket is left, or the call cannot be made. `done` is called later, once, unless this ends
    /// first.
    [[nodiscard]] bool begin(const Endpoint& from, const Endpoint& to, Done done);

private:
    struct Call {
        Call(boost::asio::io_context& io, int socket) : descriptor(io, socket), patience(io) {}
        boost::asio::posix::stream_descriptor descriptor;
        boost::asio::steady_timer patience;
        Done done;
    };
    void settle(std::uint64_t id);

    boost::asio::io_context& io_;
    std::vector<int> v4_, v6_;
    std::map<std::uint64_t, std::unique_ptr<Call>> calls_;
    std::uint64_t last_ = 0;
};

}  // namespace cambench::internet
