#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <vector>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/link/pulse.hpp"

namespace cambench::internet {

/// All UDP datagrams of the world: from the transparent sockets to the services, answers back from the
/// address that was asked.
class UdpService {
public:
    UdpService(boost::asio::io_context& io, World& world, ChannelWriter& channel,
               const std::string& pulse_key = {});
    ~UdpService();
    UdpService(const UdpService&) = delete;
    UdpService& operator=(const UdpService&) = delete;

    /// Serves what arrives at `socket` and answers through `raw`; both stay the caller's.
    void serve(int socket, int raw);
    /// The engine told what became of contents: answers that waited for it go out.
    void contents_settled();
    void finish();

private:
    struct Port {
        std::unique_ptr<boost::asio::posix::stream_descriptor> socket;
        int raw;
    };
    struct Batch;

    void await_datagrams(std::size_t port);
    void receive(std::size_t port);
    [[nodiscard]] bool is_local(const Flow& flow) const;
    [[nodiscard]] bool is_lost(const Flow& flow);
    void handle(std::size_t port, const Flow& flow, ByteView datagram);
    /// Puts the answer's packets into `outgoing_`; whoever calls it ends with send_outgoing().
    void send(const Port& port, const Flow& flow, ByteView answer);
    /// What was answered so far goes on record, then all packets go out, many with one call.
    void send_outgoing();
    void send_packets(std::size_t first, std::size_t count);
    void report_unsent(std::size_t packet, int reason);
    void record_unsent(const Flow& flow, int reason);
    void send_late();
    void look_after();

    World& world_;
    ChannelWriter& channel_;
    boost::asio::io_context& io_;
    DatagramService service_;
    PulseEar pulse_;
    std::vector<Port> ports_;
    std::unique_ptr<Batch> batch_;
    boost::asio::steady_timer timer_, late_timer_;
    struct Late {
        std::size_t port;
        Flow flow;
        Bytes answer;
    };
    struct Unreleased {
        std::uint64_t before;  ///< the contents after this number must be stored
        Late late;
    };
    /// Sends an answer once the contents after `before` up to `after` are stored.
    void give(std::size_t port, const Flow& flow, Bytes answer, std::uint64_t before, std::uint64_t after);
    void release(Late late);

    struct Outgoing {
        int raw;
        Flow flow;
        Bytes packet;
    };
    std::vector<Outgoing> outgoing_;
    std::multimap<std::uint64_t, Unreleased> unreleased_;  ///< by the last content that must be stored
    std::multimap<Monotonic::time_point, Late> late_;      ///< answers that are on their way
    bool send_failed_ = false;
    bool full_ = false;         ///< there was no room in the socket's buffer, and waiting did not help
    std::uint64_t unsent_ = 0;  ///< packets of answers that the kernel did not take
    Flow last_unsent_;
    int last_reason_ = 0;
};

}  // namespace cambench::internet
