#include "bench/sandbox/link_news.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace cambench::sandbox {
namespace {

constexpr std::size_t longest_news = 1 << 16;

std::optional<LinkNews> news_of(nlmsghdr* message, const std::string& interface) {
    if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg)))
        return std::nullopt;
    auto* info = static_cast<ifinfomsg*>(NLMSG_DATA(message));
    auto length = static_cast<int>(IFLA_PAYLOAD(message));
    LinkNews news;
    bool named = false, told = false;
    for (auto* attribute = IFLA_RTA(info); RTA_OK(attribute, length);
         attribute = RTA_NEXT(attribute, length)) {
        const auto* data = RTA_DATA(attribute);
        if (attribute->rta_type == IFLA_IFNAME) named = interface == static_cast<const char*>(data);
        if (attribute->rta_type == IFLA_CARRIER)
            news.carrier = *static_cast<const std::uint8_t*>(data) != 0, told = true;
        if (attribute->rta_type == IFLA_CARRIER_CHANGES)
            std::memcpy(&news.changes, data, sizeof news.changes);
    }
    if ((info->ifi_flags & IFF_UP) == 0) news.carrier = false;
    return named && told ? std::optional(news) : std::nullopt;
}

}  // namespace

Result<FileHandle> open_link_news() {
    FileHandle handle(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    if (!handle.valid()) return system_error("open a socket for news of links", errno);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (::bind(handle.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return system_error("listen for news of links", errno);
    return handle;
}

Status ask_for_links(int socket) {
    struct {
        nlmsghdr header;
        ifinfomsg info;
    } request{};
    request.header.nlmsg_len = NLMSG_LENGTH(sizeof(ifinfomsg));
    request.header.nlmsg_type = RTM_GETLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.info.ifi_family = AF_UNSPEC;
    if (::send(socket, &request, request.header.nlmsg_len, MSG_NOSIGNAL) < 0)
        return system_error("ask for the state of links", errno);
    return {};
}

LinkReading read_link_news(int socket, const std::string& interface) {
    LinkReading reading;
    alignas(nlmsghdr) std::array<char, longest_news> buffer{};
    for (;;) {
        const auto count = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == ENOBUFS) {
            reading.lost = true;
            continue;
        }
        if (count <= 0) return reading;
        auto length = static_cast<std::size_t>(count);
        for (auto* message = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(message, length);
             message = NLMSG_NEXT(message, length))
            if (const auto news = news_of(message, interface)) reading.news.push_back(*news);
    }
}

}  // namespace cambench::sandbox
