#include "bench/probe/camera_places.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/probe/socket_client.hpp"
#include "harness/core/file.hpp"
#include "harness/core/json.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/socket_address.hpp"
#include "harness/core/text.hpp"
#include "harness/core/time.hpp"

namespace cambench::probe {
namespace {

constexpr std::size_t most_places = 4;
/// A packet is lost, a loaded machine answers late: that there is no address of IPv6 takes more than one try
/// to say.
constexpr int most_tries = 3;
constexpr Nanoseconds answer_within = std::chrono::milliseconds(800),
                      touch_within = std::chrono::milliseconds(300), table_within = std::chrono::seconds(5);
constexpr std::uint16_t discard_port = 9;

std::vector<Neighbour> neighbours() {
    const auto output = run_command({.command = {"ip", "-j", "neigh"}}, "", Deadline::after(table_within));
    return output && output->exit_code == 0 ? parse_neighbours(output->text) : std::vector<Neighbour>();
}

/// Has the kernel ask for the place's MAC; whether somebody listens there is no matter.
void touch(const Place& place) {
    const std::array port{discard_port};
    (void)scan_ports(place.address, port, touch_within, place.link);
}

std::vector<sockaddr_in6> own_addresses(int link) {
    std::vector<sockaddr_in6> own;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return own;
    for (const auto* one = list; one != nullptr; one = one->ifa_next)
        if (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET6 &&
            ::if_nametoindex(one->ifa_name) == static_cast<unsigned>(link))
            own.push_back(*reinterpret_cast<const sockaddr_in6*>(one->ifa_addr));
    ::freeifaddrs(list);
    return own;
}

/// Who answers an echo request to all nodes of the link (RFC 4291, 2.7.1). Asked from a global address, a
/// node answers from its own.
std::vector<IpAddress> answers_of_all_nodes(int link) {
    std::vector<IpAddress> answers;
    for (auto& own : own_addresses(link)) {
        const FileHandle socket(::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6));
        own.sin6_port = 0;
        if (!socket.valid() || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
            continue;
        const auto all = socket_address_of({IpAddress::parse("ff02::1").value(), 0}, link);
        const std::array<unsigned char, 16> request{
            ICMP6_ECHO_REQUEST, 0, 0, 0, 0xca, 0x3b, 0, 1};  // the kernel fills the checksum in
        if (::sendto(socket.get(), request.data(), request.size(), 0, all.get(), all.length) < 0) continue;
        const auto deadline = Deadline::after(answer_within);
        for (pollfd one{socket.get(), POLLIN, 0};
             ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(deadline.remaining().count(), 0))) ==
             1;) {
            std::array<unsigned char, 256> bytes{};
            SocketAddress from;
            const auto count =
                ::recvfrom(socket.get(), bytes.data(), bytes.size(), 0, from.get(), &from.length);
            if (count > 0 && bytes[0] == ICMP6_ECHO_REPLY)
                answers.push_back(endpoint_of(from.storage).address);
        }
    }
    return answers;
}

const Neighbour* find(const std::vector<Neighbour>& table, const IpAddress& address) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Neighbour& one) { return one.address == address; });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace

std::vector<Neighbour> parse_neighbours(std::string_view json) {
    std::vector<Neighbour> found;
    const auto list = parse_json(json);
    if (!list.is_array()) return found;
    const auto text = [](const nlohmann::json& entry, const char* name) {
        return entry.is_object() && entry.contains(name) && entry[name].is_string()
                   ? entry[name].get<std::string>()
                   : std::string();
    };
    for (const auto& entry : list) {
        const auto address = IpAddress::parse(text(entry, "dst"));
        const auto mac = text(entry, "lladdr");
        if (address && !mac.empty()) found.push_back({*address, lower(mac), text(entry, "dev")});
    }
    return found;
}

std::optional<IpAddress> link_local_of(std::string_view mac) {
    const auto parts = split(std::string(mac), ':');
    if (parts.size() != 6 || std::any_of(parts.begin(), parts.end(), [](const auto& part) {
            return part.size() != 2 || part.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos;
        }))
        return std::nullopt;
    const auto first = std::stoi(parts[0], nullptr, 16) ^ 2;
    constexpr std::string_view digits = "0123456789abcdef";
    const std::string turned{digits[static_cast<std::size_t>(first) >> 4],
                             digits[static_cast<std::size_t>(first) & 15]};
    const auto address = IpAddress::parse("fe80::" + turned + parts[1] + ":" + parts[2] + "ff:fe" + parts[3] +
                                          ":" + parts[4] + parts[5]);
    return address ? std::optional(*address) : std::nullopt;
}

namespace {

std::vector<Place> places_found(const IpAddress& address) {
    std::vector<Place> places{{address, 0}};
    touch(places[0]);
    const auto table = neighbours();
    const auto* camera = find(table, address);
    const int link = camera == nullptr ? 0 : static_cast<int>(::if_nametoindex(camera->interface.c_str()));
    if (link == 0) return places;
    if (address.is_link_local() && !address.is_v4()) places[0].link = link;
    std::vector<IpAddress> candidates;
    for (const auto& one : table)
        if (one.mac == camera->mac && one.interface == camera->interface) candidates.push_back(one.address);
    for (const auto& one : answers_of_all_nodes(link)) candidates.push_back(one);
    if (const auto own = link_local_of(camera->mac)) candidates.push_back(*own);
    std::vector<Place> others;
    for (const auto& candidate : candidates) {
        const bool known =
            candidate == address || std::any_of(others.begin(), others.end(),
                                                [&](const Place& one) { return one.address == candidate; });
        if (!known) others.push_back({candidate, !candidate.is_v4() && candidate.is_link_local() ? link : 0});
    }
    for (const auto& other : others) touch(other);
    const auto now = neighbours();  // an answer may have come from a neighbour of the camera
    for (const auto& other : others) {
        const auto* seen = find(now, other.address);
        if (seen != nullptr && seen->mac == camera->mac && places.size() < most_places)
            places.push_back(other);
    }
    return places;
}

}  // namespace

std::vector<Place> places_of(const IpAddress& address) {
    std::vector<Place> places;
    for (int i = 0; i < most_tries; ++i) {
        if (auto found = places_found(address); found.size() > places.size()) places = std::move(found);
        if (std::any_of(places.begin(), places.end(), [](const Place& one) { return !one.address.is_v4(); }))
            break;
    }
    return places;
}

}  // namespace cambench::probe
