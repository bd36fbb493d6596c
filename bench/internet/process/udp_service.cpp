#include "bench/internet/process/udp_service.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "bench/internet/world/characterise.hpp"
#include "harness/core/socket_address.hpp"
#include "harness/wire/packets.hpp"

namespace cambench::internet {
namespace {

namespace asio = boost::asio;

constexpr std::size_t batch_size = 32, longest_datagram = 65536;
constexpr unsigned batches_at_once = 8;
constexpr std::size_t most_late = 4096;
constexpr std::chrono::seconds flows_period{1};

/// The bench's own socket does not work. Everything else is brought about by the address that was to be
/// answered, which is the camera's choice.
bool is_broken(int reason) {
    return reason == EBADF || reason == ENOTSOCK || reason == EFAULT || reason == ENXIO || reason == ENODEV;
}

std::optional<Endpoint> original_destination(msghdr& message) {
    for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
         control = CMSG_NXTHDR(&message, control)) {
        const bool v4 = control->cmsg_level == SOL_IP && control->cmsg_type == IP_ORIGDSTADDR;
        const bool v6 = control->cmsg_level == SOL_IPV6 && control->cmsg_type == IPV6_ORIGDSTADDR;
        if (!v4 && !v6) continue;
        sockaddr_storage address{};
        std::memcpy(&address, CMSG_DATA(control), v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        return endpoint_of(address);
    }
    return std::nullopt;
}

}  // namespace

struct UdpService::Batch {
    std::vector<std::byte> bytes = std::vector<std::byte>(batch_size * longest_datagram);
    std::array<mmsghdr, batch_size> messages{};
    std::array<iovec, batch_size> pieces{};
    std::array<sockaddr_storage, batch_size> peers{};
    alignas(cmsghdr) std::array<std::array<std::byte, 128>, batch_size> controls{};

    void prepare() {
        for (std::size_t i = 0; i < batch_size; ++i) {
            pieces[i] = {bytes.data() + i * longest_datagram, longest_datagram};
            messages[i].msg_hdr = {.msg_name = &peers[i],
                                   .msg_namelen = sizeof peers[i],
                                   .msg_iov = &pieces[i],
                                   .msg_iovlen = 1,
                                   .msg_control = controls[i].data(),
                                   .msg_controllen = controls[i].size(),
                                   .msg_flags = 0};
        }
    }
};

UdpService::UdpService(asio::io_context& io, World& world, ChannelWriter& channel,
                       const std::string& pulse_key)
    : world_(world),
      channel_(channel),
      io_(io),
      service_(world),
      pulse_(pulse_key),
      batch_(std::make_unique<Batch>()),
      timer_(io),
      late_timer_(io) {
    look_after();
}

UdpService::~UdpService() {
    for (auto& port : ports_) (void)port.socket->release();
}

void UdpService::serve(int socket, int raw) {
    ports_.push_back({std::make_unique<asio::posix::stream_descriptor>(io_, socket), raw});
    await_datagrams(ports_.size() - 1);
}

void UdpService::await_datagrams(std::size_t port) {
    ports_[port].socket->async_wait(asio::posix::stream_descriptor::wait_read,
                                    [this, port](const boost::system::error_code& code) {
                                        if (code) return;
                                        receive(port);
                                        await_datagrams(port);
                                    });
}

void UdpService::receive(std::size_t port) {
    for (unsigned round = 0; round < batches_at_once; ++round) {
        batch_->prepare();
        const int count = ::recvmmsg(ports_[port].socket->native_handle(), batch_->messages.data(),
                                     batch_size, MSG_DONTWAIT, nullptr);
        if (count <= 0) return;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            auto& message = batch_->messages[i];
            const auto destination = original_destination(message.msg_hdr);
            // Group datagrams are heard on the wire itself, whether or not this host is a member.
            if (!destination || destination->address.is_multicast() || destination->address.is_broadcast())
                continue;
            const Flow flow{endpoint_of(batch_->peers[i]), *destination, Transport::udp};
            if (const auto pulse =
                    pulse_.take(flow.camera, flow.destination,
                                ByteView(batch_->bytes).subspan(i * longest_datagram, message.msg_len))) {
                channel_.pulse(*pulse);
                continue;
            }
            handle(port, flow, ByteView(batch_->bytes).subspan(i * longest_datagram, message.msg_len));
        }
        send_outgoing();
        if (static_cast<std::size_t>(count) < batch_size) return;
    }
}

/// Conditions are those of the way beyond the router.
bool UdpService::is_local(const Flow& flow) const {
    const auto& to = flow.destination.address;
    return to == world_.network.router || to == world_.network.router6;
}

bool UdpService::is_lost(const Flow& flow) {
    return world_.chance(is_local(flow) ? 0 : world_.conditions.loss);
}

void UdpService::handle(std::size_t port, const Flow& flow, ByteView datagram) {
    const auto lan_broadcast =
        world_.network.router.to_v4() | (0xffffffffU >> world_.network.lan.prefix_length());
    if (flow.destination.address.is_v4() && flow.destination.address.to_v4() == lan_broadcast) return;
    if (is_lost(flow)) return;
    const auto before = world_.recorder.contents();
    auto answer = service_.received(flow, datagram);
    const auto after = world_.recorder.contents();
    give(port, flow, std::move(answer), before, after);
    for (auto& further : std::exchange(world_.further_answers, {}))
        give(port, flow, std::move(further), before, after);
}

void UdpService::give(std::size_t port, const Flow& flow, Bytes answer, std::uint64_t before,
                      std::uint64_t after) {
    if (answer.empty() || is_lost(flow)) return;
    if (after == before) return release({port, flow, std::move(answer)});
    world_.recorder.hand_over();
    if (world_.recorder.kept(before, after) == Recorder::Kept::stored)
        return release({port, flow, std::move(answer)});
    if (unreleased_.size() < most_late)
        unreleased_.emplace(after, Unreleased{before, {port, flow, std::move(answer)}});
}

void UdpService::contents_settled() {
    while (!unreleased_.empty()) {
        const auto first = unreleased_.begin();
        const auto kept = world_.recorder.kept(first->second.before, first->first);
        if (kept == Recorder::Kept::pending) break;
        auto late = std::move(first->second.late);
        unreleased_.erase(first);
        if (kept == Recorder::Kept::stored) release(std::move(late));
    }
    send_outgoing();
}

void UdpService::release(Late late) {
    const auto delay = is_local(late.flow) ? Nanoseconds::zero() : world_.latency();
    if (delay <= Nanoseconds::zero() || late_.size() >= most_late)
        return send(ports_[late.port], late.flow, late.answer);
    late_.emplace(Monotonic::now() + delay, std::move(late));
    send_late();
}

void UdpService::send_late() {
    for (const auto now = Monotonic::now(); !late_.empty() && late_.begin()->first <= now;
         late_.erase(late_.begin())) {
        const auto& late = late_.begin()->second;
        send(ports_[late.port], late.flow, late.answer);
    }
    send_outgoing();
    if (late_.empty()) return;
    late_timer_.expires_at(late_.begin()->first);
    late_timer_.async_wait([this](const boost::system::error_code& code) {
        if (!code) send_late();
    });
}

void UdpService::send(const Port& port, const Flow& flow, ByteView answer) {
    if (port.raw < 0) return;
    for (auto& packet : udp_packets(flow.destination, flow.camera, answer, world_.network.mtu))
        outgoing_.push_back({port.raw, flow, std::move(packet)});
}

void UdpService::send_outgoing() {
    if (outgoing_.empty()) return;
    world_.recorder.hand_over();
    for (std::size_t first = 0, next = 0; first < outgoing_.size(); first = next) {
        while (next < outgoing_.size() && outgoing_[next].raw == outgoing_[first].raw &&
               next - first < batch_size)
            ++next;
        send_packets(first, next - first);
    }
    outgoing_.clear();
}

/// At most batch_size packets of one socket.
void UdpService::send_packets(std::size_t first, std::size_t count) {
    std::array<mmsghdr, batch_size> messages{};
    std::array<iovec, batch_size> pieces{};
    std::array<SocketAddress, batch_size> peers;
    for (std::size_t i = 0; i < count; ++i) {
        auto& one = outgoing_[first + i];
        peers[i] = socket_address_of({one.flow.camera.address, 0}, world_.network.interface_index);
        pieces[i] = {one.packet.data(), one.packet.size()};
        messages[i].msg_hdr = {.msg_name = peers[i].get(),
                               .msg_namelen = peers[i].length,
                               .msg_iov = &pieces[i],
                               .msg_iovlen = 1,
                               .msg_control = nullptr,
                               .msg_controllen = 0,
                               .msg_flags = 0};
    }
    for (std::size_t sent = 0; sent < count;) {
        const int done = ::sendmmsg(outgoing_[first].raw, messages.data() + sent,
                                    static_cast<unsigned>(count - sent), MSG_DONTWAIT);
        if (done > 0) {
            sent += static_cast<std::size_t>(done);
            full_ = false;
        } else if (errno == EAGAIN && !full_) {
            // Whoever sends from addresses where nobody is fills the buffer with packets that wait for a
            // neighbour: waited for once, not each time.
            pollfd room{.fd = outgoing_[first].raw, .events = POLLOUT, .revents = 0};
            full_ = ::poll(&room, 1, 100) <= 0;
        } else if (errno != EINTR) {
            report_unsent(first + sent++, errno);
        }
    }
}

void UdpService::report_unsent(std::size_t packet, int reason) {
    if (reason == ENETDOWN || reason == ENETUNREACH)
        return;  // the camera's cable is out: nobody there to be answered
    const auto& flow = outgoing_[packet].flow;
    if (!is_broken(reason)) {
        if (unsent_++ == 0) record_unsent(flow, reason);
        return;
    }
    if (std::exchange(send_failed_, true)) return;
    channel_.fault(fmt::format("send an answer from {} to {}: {}", flow.destination.to_string(),
                               flow.camera.to_string(), std::strerror(reason)));
}

/// The first one at once, and how many there were at the end.
void UdpService::record_unsent(const Flow& flow, int reason) {
    auto fields = flow_fields(world_, flow, port_protocol(flow.transport, flow.destination.port));
    fields.number("datagrams", static_cast<std::int64_t>(unsent_)).text("reason", std::strerror(reason));
    last_unsent_ = flow;
    last_reason_ = reason;
    world_.recorder.event(world_.now(), "unsent", fields);
}

void UdpService::look_after() {
    service_.finish_flows(DatagramService::Which::idle);
    timer_.expires_after(flows_period);
    timer_.async_wait([this](const boost::system::error_code& code) {
        if (!code) look_after();
    });
}

void UdpService::finish() {
    for (auto& port : ports_) port.socket->cancel();
    timer_.cancel();
    late_timer_.cancel();
    if (unsent_ > 1) record_unsent(last_unsent_, last_reason_);
    service_.finish_flows(DatagramService::Which::all);
}

}  // namespace cambench::internet
