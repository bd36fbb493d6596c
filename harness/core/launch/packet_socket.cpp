#include "harness/core/launch/packet_socket.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace cambench {
namespace {

/// All that came is taken, so that nothing stays open that nobody knows of.
void take_descriptors(msghdr& header, std::vector<FileHandle>& descriptors) {
    for (auto* control = CMSG_FIRSTHDR(&header); control != nullptr;
         control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
        std::array<int, most_packet_descriptors> received{};
        const auto number = std::min((control->cmsg_len - CMSG_LEN(0)) / sizeof(int), received.size());
        std::memcpy(received.data(), CMSG_DATA(control), number * sizeof(int));
        for (std::size_t i = 0; i < number; ++i) descriptors.emplace_back(received[i]);
    }
}

}  // namespace

Result<std::pair<FileHandle, FileHandle>> make_packet_pair(std::string_view whom) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return system_error(fmt::format("socketpair for {}", whom), errno);
    return std::pair(FileHandle(ends[0]), FileHandle(ends[1]));
}

Status send_packet(int socket, std::string_view text, std::span<const int> descriptors,
                   std::string_view whom) {
    if (text.size() > longest_packet || descriptors.size() > most_packet_descriptors)
        return bench_error(fmt::format("a message to {} is too long", whom));
    iovec part{const_cast<char*>(text.data()), text.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_packet_descriptors)> ancillary{};
    if (!descriptors.empty()) {
        header.msg_control = ancillary.data();
        header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
        auto* control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
        std::memcpy(CMSG_DATA(control), descriptors.data(), sizeof(int) * descriptors.size());
    }
    while (::sendmsg(socket, &header, MSG_NOSIGNAL) < 0)
        if (errno != EINTR) return system_error(fmt::format("send to {}", whom), errno);
    return {};
}

Result<std::optional<Packet>> receive_packet(int socket, Deadline deadline, std::string_view whom) {
    pollfd entry{socket, POLLIN, 0};
    for (int ready = 0; ready <= 0;) {
        ready = ::poll(&entry, 1,
                       static_cast<int>(std::min<std::int64_t>(deadline.remaining().count(), 3'600'000)));
        if (ready < 0 && errno != EINTR) return system_error(fmt::format("wait for {}", whom), errno);
        if (ready == 0 && deadline.passed())
            return timeout_error(fmt::format("{} did not answer in time", whom));
    }
    Packet packet;
    packet.text.resize(longest_packet);
    iovec part{packet.text.data(), packet.text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_packet_descriptors)> ancillary{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = ancillary.data();
    header.msg_controllen = ancillary.size();
    const auto count = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return std::optional<Packet>{};
    if (count < 0) return system_error(fmt::format("receive from {}", whom), errno);
    take_descriptors(header, packet.descriptors);
    packet.text.resize(static_cast<std::size_t>(count));
    packet.whole = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
    return std::optional<Packet>(std::move(packet));
}

}  // namespace cambench
