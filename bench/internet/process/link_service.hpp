#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/link/link.hpp"

namespace cambench::internet {

/// The camera's wire: frames from the packet socket to Link, answers back, router advertisements from time to
/// time.
class LinkService {
public:
    LinkService(boost::asio::io_context& io, World& world, ChannelWriter& channel);
    ~LinkService();
    LinkService(const LinkService&) = delete;
    LinkService& operator=(const LinkService&) = delete;

    /// `packet_socket` stays the caller's.
    [[nodiscard]] Status serve(int packet_socket);
    /// How much of the internet answers has changed: where nothing does, connection attempts are observed
    /// here.
    [[nodiscard]] Status choose_frames();
    /// Carries out a command about units with addresses of their own; nullopt: it is none.
    [[nodiscard]] std::optional<Status> obey(const Json& command);
    void finish();

private:
    void await_frames();
    void receive();
    void send(ByteView frame);
    void advertise();

    World& world_;
    ChannelWriter& channel_;
    boost::asio::io_context& io_;
    Link link_;
    std::unique_ptr<boost::asio::posix::stream_descriptor> socket_;
    boost::asio::steady_timer timer_;
    Bytes buffer_;
    unsigned advertisements_ = 0;
    bool send_failed_ = false;
};

}  // namespace cambench::internet
