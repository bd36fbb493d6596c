#include "bench/internet/process/link_service.hpp"

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace cambench::internet {
namespace {

namespace asio = boost::asio;

constexpr unsigned frames_at_once = 64, quick_advertisements = 3;
constexpr std::chrono::seconds advertise_quickly{3}, advertise_period{15};

constexpr sock_filter load_half(std::uint32_t at) { return {BPF_LD | BPF_H | BPF_ABS, 0, 0, at}; }
constexpr sock_filter load_byte(std::uint32_t at) { return {BPF_LD | BPF_B | BPF_ABS, 0, 0, at}; }
constexpr sock_filter if_equal(std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
    return {BPF_JMP | BPF_JEQ | BPF_K, yes, no, value};
}
constexpr sock_filter if_set(std::uint32_t mask, std::uint8_t yes, std::uint8_t no) {
    return {BPF_JMP | BPF_JSET | BPF_K, yes, no, mask};
}
constexpr sock_filter finish_with(std::uint32_t bytes) { return {BPF_RET | BPF_K, 0, 0, bytes}; }

/// Everything this part answers or observes; the bulk of the traffic stays out. `syns`: TCP's connection
/// attempts as well. Jumps count the instructions skipped; the last two are "take" (29) and "leave" (30).
std::array<sock_filter, 31> wanted_frames(bool syns) {
    const std::uint32_t tcp = syns ? 6 : 256;         // 256 is no protocol
    return {load_half(12),                            // 0  type
            if_equal(ETH_P_IP, 2, 0),                 // 1  -> 4
            if_equal(ETH_P_IPV6, 19, 0),              // 2  -> 22
            finish_with(65535),                       // 3  ARP and everything unusual
            load_byte(23),                            // 4  IPv4: protocol
            if_equal(1, 23, 0),                       // 5  ICMP -> take
            if_equal(17, 2, 0),                       // 6  -> 9
            if_equal(tcp, 8, 0),                      // 7  -> 16
            finish_with(0),                           // 8
            load_byte(0),                             // 9  UDP: to a group -> take
            if_set(1, 18, 0),                         // 10
            load_half(20),                            // 11 a later fragment -> leave
            if_set(0x1fff, 17, 0),                    // 12
            {BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14},    // 13
            {BPF_LD | BPF_H | BPF_IND, 0, 0, 16},     // 14 to port 67 -> take
            if_equal(67, 13, 14),                     // 15
            load_half(20),                            // 16 TCP: a later fragment -> leave
            if_set(0x1fff, 12, 0),                    // 17
            {BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14},    // 18
            {BPF_LD | BPF_B | BPF_IND, 0, 0, 27},     // 19 SYN without ACK -> take
            {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x12},  // 20
            if_equal(0x02, 7, 8),                     // 21
            load_byte(20),                            // 22 IPv6: next header
            if_equal(58, 5, 0),                       // 23 ICMPv6 -> take
            if_equal(0, 4, 0),                        // 24 hop-by-hop (listener reports) -> take
            if_equal(tcp, 0, 1),                      // 25
            finish_with(65535),                       // 26 IPv6 connection attempts are sorted out later
            load_byte(0),                             // 27 to a group -> take
            if_set(1, 0, 1),                          // 28
            finish_with(65535),                       // 29 take
            finish_with(0)};                          // 30 leave
}

}  // namespace

LinkService::LinkService(asio::io_context& io, World& world, ChannelWriter& channel)
    : world_(world), channel_(channel), io_(io), link_(world), timer_(io), buffer_(65536) {}

LinkService::~LinkService() {
    if (socket_) (void)socket_->release();
}

Status LinkService::choose_frames() {
    if (!socket_) return {};
    const bool refuses = world_.personality.servers_dead || world_.personality.refuse_first > 0;
    auto instructions = wanted_frames(world_.answers != Answers::all || refuses);
    const sock_fprog program{static_cast<unsigned short>(instructions.size()), instructions.data()};
    if (::setsockopt(socket_->native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        return system_error("choose frames of the camera's wire", errno);
    return {};
}

Status LinkService::serve(int packet_socket) {
    socket_ = std::make_unique<asio::posix::stream_descriptor>(io_, packet_socket);
    const int on = 1;
    (void)::setsockopt(packet_socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    TRY(choose_frames());
    await_frames();
    advertise();
    return {};
}

void LinkService::await_frames() {
    socket_->async_wait(asio::posix::stream_descriptor::wait_read,
                        [this](const boost::system::error_code& code) {
                            if (code) return;
                            receive();
                            await_frames();
                        });
}

void LinkService::receive() {
    for (unsigned i = 0; i < frames_at_once; ++i) {
        sockaddr_ll from{};
        socklen_t size = sizeof from;
        const auto count = ::recvfrom(socket_->native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT,
                                      reinterpret_cast<sockaddr*>(&from), &size);
        if (count < 0) return;
        if (from.sll_pkttype == PACKET_OUTGOING) continue;
        for (const auto& frame : link_.received(ByteView(buffer_).first(static_cast<std::size_t>(count))))
            send(frame);
    }
}

void LinkService::send(ByteView frame) {
    world_.recorder.hand_over();
    const auto sent =
        ::send(socket_->native_handle(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    // While the camera has no power its wire is down; that is no fault.
    if (sent >= 0 || send_failed_ || errno == ENETDOWN || errno == EAGAIN || errno == ENOBUFS || errno == EIO)
        return;
    send_failed_ = true;
    channel_.fault(
        fmt::format("send on the camera's wire {}: {}", world_.network.interface, std::strerror(errno)));
}

std::optional<Status> LinkService::obey(const Json& command) {
    auto status = link_.obey(command);
    if (socket_)
        for (const auto& frame : link_.take_questions()) send(frame);
    return status;
}

void LinkService::advertise() {
    send(link_.router_advertisement());
    timer_.expires_after(++advertisements_ < quick_advertisements ? advertise_quickly : advertise_period);
    timer_.async_wait([this](const boost::system::error_code& code) {
        if (!code) advertise();
    });
}

void LinkService::finish() {
    if (socket_) socket_->cancel();
    timer_.cancel();
}

}  // namespace cambench::internet
