// Sends UDP frames on an interface at a steady rate and says how many: live_sender INTERFACE TO-MAC
// FRAMES-PER-SECOND FRAME-BYTES COUNT. Prints {"sent": N, "seconds": S}. It never sends faster than asked;
// where the machine cannot keep up, the seconds tell.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

namespace {

constexpr std::size_t batch = 64;
constexpr std::size_t headers = 14 + 20 + 8;
constexpr auto tick = std::chrono::microseconds(200);

std::uint16_t checksum(const std::uint8_t* bytes, std::size_t size) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < size; i += 2)
        sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

/// A camera's datagram to an address of the internet; its payload has no meaning.
std::vector<std::uint8_t> frame_of(const std::array<unsigned, 6>& to, const std::uint8_t* from,
                                   std::size_t size) {
    std::vector<std::uint8_t> frame(std::max(size, headers), 0xa5);
    for (std::size_t i = 0; i < 6; ++i) frame[i] = static_cast<std::uint8_t>(to[i]), frame[6 + i] = from[i];
    const auto put = [&](std::size_t at, std::uint16_t value) {
        frame[at] = static_cast<std::uint8_t>(value >> 8), frame[at + 1] = static_cast<std::uint8_t>(value);
    };
    put(12, ETH_P_IP);
    constexpr std::array<std::uint8_t, 20> ip{0x45, 0, 0,   0,   0,  0,   0x40, 0, 64,  17,
                                              0,    0, 192, 168, 77, 100, 203,  0, 113, 9};
    std::copy(ip.begin(), ip.end(), frame.begin() + 14);
    put(16, static_cast<std::uint16_t>(frame.size() - 14));
    put(24, checksum(frame.data() + 14, 20));
    put(34, 6000), put(36, 6000), put(38, static_cast<std::uint16_t>(frame.size() - 34)), put(40, 0);
    return frame;
}

int open_sender(const char* interface, std::uint8_t* mac) {
    const int socket = ::socket(AF_PACKET, SOCK_RAW, 0);
    ifreq request{};
    std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    if (socket < 0 || ::ioctl(socket, SIOCGIFHWADDR, &request) != 0) return -1;
    std::memcpy(mac, request.ifr_hwaddr.sa_data, 6);
    const int yes = 1;
    (void)::setsockopt(socket, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
    return ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? socket : -1;
}

}  // namespace

int main(int count, char** arguments) {
    std::array<unsigned, 6> to{};
    if (count != 6 ||
        std::sscanf(arguments[2], "%x:%x:%x:%x:%x:%x", &to[0], &to[1], &to[2], &to[3], &to[4], &to[5]) != 6)
        return std::fprintf(stderr,
                            "usage: live_sender INTERFACE TO-MAC FRAMES-PER-SECOND FRAME-BYTES COUNT\n"),
               64;
    const double rate = std::atof(arguments[3]);
    const auto wanted = static_cast<std::uint64_t>(std::atoll(arguments[5]));
    std::uint8_t mac[6];
    const int socket = open_sender(arguments[1], mac);
    if (socket < 0 || rate <= 0)
        return std::fprintf(stderr, "cannot send on %s: %s\n", arguments[1], std::strerror(errno)), 3;
    auto frame = frame_of(to, mac, static_cast<std::size_t>(std::atoi(arguments[4])));
    iovec part{frame.data(), frame.size()};
    std::array<mmsghdr, batch> messages{};
    for (auto& message : messages) message.msg_hdr.msg_iov = &part, message.msg_hdr.msg_iovlen = 1;
    using Clock = std::chrono::steady_clock;
    const auto begun = Clock::now();
    std::uint64_t sent = 0;
    while (sent < wanted) {
        const auto due = std::min(
            wanted,
            static_cast<std::uint64_t>(std::chrono::duration<double>(Clock::now() - begun).count() * rate) +
                1);
        if (due <= sent) {
            const timespec pause{0, std::chrono::nanoseconds(tick).count()};
            ::clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
            continue;
        }
        const int done = ::sendmmsg(socket, messages.data(),
                                    static_cast<unsigned>(std::min<std::uint64_t>(batch, due - sent)), 0);
        if (done > 0)
            sent += static_cast<std::uint64_t>(done);
        else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
            return std::perror("sendmmsg"), 3;
    }
    std::printf("{\"sent\": %llu, \"seconds\": %.6f}\n", static_cast<unsigned long long>(sent),
                std::chrono::duration<double>(Clock::now() - begun).count());
    return 0;
}
