#include "bench/internet/process/run.hpp"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/process/link_service.hpp"
#include "bench/internet/process/tcp_service.hpp"
#include "bench/internet/process/udp_service.hpp"
#include "bench/internet/tls/tls.hpp"
#include "bench/internet/tls/tls_attempt.hpp"
#include "harness/core/json.hpp"

namespace cambench::internet {
namespace {

namespace asio = boost::asio;

/// One fake internet and its event loop.
class Internet {
public:
    Internet(const Network& network, const Personality& personality, const RunClock& clock, int channel,
             const std::string& pulse_key)
        : channel_(io_, channel),
          writer_(channel, [this] { asio::post(io_, [this] { flush(); }); }),
          world_(network, personality, clock, writer_),
          link_(io_, world_, writer_),
          tcp_(io_, world_),
          udp_(io_, world_, writer_, pulse_key) {}
    ~Internet() { (void)channel_.release(); }

    int run(const Sockets& sockets) {
        if (auto status = begin(sockets); !status) {
            writer_.fault(status.error().message);
            writer_.flush_all();
            return 1;
        }
        writer_.ready();
        await_commands();
        io_.run();
        return 0;
    }

private:
    Status begin(const Sockets& sockets) {
        TRY_ASSIGN(auto authority, CertificateAuthority::create());
        TRY_ASSIGN(tls_, TlsService::create(std::move(authority)));
        world_.tls = tls_.get();
        if (!world_.personality.tls && !world_.personality.given_authority.empty())
            TRY(tls_->take_authority(world_.personality.given_authority));
        if (world_.personality.tls) TRY(tls_->begin_trials(*world_.personality.tls));
        if (world_.personality.tls) record_trials(world_);
        tls_->make_keys_aside([this] {
            asio::post(io_, [this] {
                for (const auto connection : tls_->take_waiting()) world_.wake(connection);
            });
        });
        if (sockets.packet >= 0) TRY(link_.serve(sockets.packet));
        for (const int socket : {sockets.tcp4, sockets.tcp6})
            if (socket >= 0) tcp_.listen(socket);
        tcp_.lend(sockets.calling4, sockets.calling6);
        if (sockets.udp4 >= 0) udp_.serve(sockets.udp4, sockets.raw4);
        if (sockets.udp6 >= 0) udp_.serve(sockets.udp6, sockets.raw6);
        return {};
    }

    void flush() {
        const auto flushed = writer_.flush_some();
        if (writer_.broken()) return io_.stop();
        if (flushed == ChannelWriter::Flushed::all) return;
        channel_.async_wait(asio::posix::stream_descriptor::wait_write,
                            [this](const boost::system::error_code& code) {
                                if (!code) flush();
                            });
    }

    void await_commands() {
        channel_.async_wait(asio::posix::stream_descriptor::wait_read,
                            [this](const boost::system::error_code& code) {
                                if (!code && read_commands()) await_commands();
                            });
    }

    /// False when there is nothing more to come.
    bool read_commands() {
        const auto room = parser_.room();
        const auto count = ::recv(channel_.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (count <= 0) {
            io_.stop();
            return false;
        }
        parser_.filled(static_cast<std::size_t>(count));
        for (;;) {
            const auto frame = parser_.next();
            if (!frame || !*frame) return frame.ok();
            if ((*frame)->type == FrameType::command && !take_command(as_text((*frame)->body))) return false;
            if ((*frame)->type == FrameType::kept) take_kept((*frame)->body);
        }
    }

    bool take_command(std::string_view text) {
        const auto command = parse_json(text);
        if (command.is_object() && command.value("command", Json()) == "finish") {
            finish();
            return false;
        }
        auto known = link_.obey(command);
        auto status = known ? std::move(*known) : obey(world_, command);
        if (status.ok()) status = link_.choose_frames();
        if (!status.ok()) writer_.fault(status.error().message);
        return true;
    }

    void take_kept(ByteView body) {
        if (auto status = writer_.take_kept(body); !status) writer_.fault(status.error().message);
        tcp_.contents_settled();
        udp_.contents_settled();
    }

    void finish() {
        link_.finish();
        udp_.finish();
        tcp_.finish();
        writer_.done();
        writer_.flush_all();
        io_.stop();
    }

    asio::io_context io_{1};
    asio::posix::stream_descriptor channel_;
    FrameParser parser_;
    ChannelWriter writer_;
    World world_;
    std::unique_ptr<TlsService> tls_;
    LinkService link_;
    TcpService tcp_;
    UdpService udp_;
};

}  // namespace

int run(const Sockets& sockets, const Network& network, const Personality& personality, const RunClock& clock,
        int channel, const std::string& pulse_key) {
    Internet internet(network, personality, clock, channel, pulse_key);
    return internet.run(sockets);
}

}  // namespace cambench::internet
