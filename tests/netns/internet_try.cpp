// The fake internet alone, for trying it with real clients: runs inside a namespace that
// tests/netns/internet_try made, prints every event as a line of JSON, and ends with its standard input. A
// line of JSON on standard input is a command.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/process/run.hpp"

namespace {

using namespace cambench;

constexpr std::uint16_t port = 9000;

void must(bool done, const char* what) {
    if (done) return;
    std::perror(what);
    std::exit(1);
}

int transparent(int family, int type) {
    const int socket = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    must(socket >= 0, "socket");
    (void)::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in6 v6{};
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v6.sin6_family = AF_INET6;
    v4.sin_port = v6.sin6_port = htons(port);
    if (family == AF_INET) {
        must(::setsockopt(socket, SOL_IP, IP_TRANSPARENT, &on, sizeof on) == 0, "IP_TRANSPARENT");
        (void)::setsockopt(socket, SOL_IP, IP_RECVORIGDSTADDR, &on, sizeof on);
        must(::bind(socket, reinterpret_cast<sockaddr*>(&v4), sizeof v4) == 0, "bind");
    } else {
        (void)::setsockopt(socket, SOL_IPV6, IPV6_V6ONLY, &on, sizeof on);
        must(::setsockopt(socket, SOL_IPV6, IPV6_TRANSPARENT, &on, sizeof on) == 0, "IPV6_TRANSPARENT");
        (void)::setsockopt(socket, SOL_IPV6, IPV6_RECVORIGDSTADDR, &on, sizeof on);
        must(::bind(socket, reinterpret_cast<sockaddr*>(&v6), sizeof v6) == 0, "bind");
    }
    const int buffer = 8 << 20;
    if (type == SOCK_STREAM)
        must(::listen(socket, 4096) == 0, "listen");
    else
        (void)::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    return socket;
}

int packet_socket(int index) {
    const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(socket >= 0, "packet socket");
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = index;
    must(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind packet socket");
    packet_mreq request{};
    request.mr_ifindex = index;
    request.mr_type = PACKET_MR_PROMISC;
    (void)::setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request);
    return socket;
}

MacAddress mac_of(const char* interface) {
    ifreq request{};
    std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    must(::ioctl(socket, SIOCGIFHWADDR, &request) == 0, "SIOCGIFHWADDR");
    ::close(socket);
    return MacAddress::from(ByteView(reinterpret_cast<const std::byte*>(request.ifr_hwaddr.sa_data), 6));
}

internet::Network network_of(const char* interface) {
    const auto address = [](const char* text) { return IpAddress::parse(text).value(); };
    const auto cidr = [](const char* text) { return Cidr::parse(text).value(); };
    internet::Network network;
    network.interface = interface;
    network.interface_index = static_cast<int>(::if_nametoindex(interface));
    network.mac = mac_of(interface);
    network.router = address("192.168.77.1");
    network.operator_address = address("192.168.77.2");
    network.lan = cidr("192.168.77.0/24");
    network.first_lease = address("192.168.77.100");
    network.last_lease = address("192.168.77.199");
    network.router6 = address("2001:2:0:1::1");
    network.operator_address6 = address("2001:2:0:1::2");
    network.link_local6 = address("fe80::1");
    network.lan6 = cidr("2001:2:0:1::/64");
    network.name_pool = cidr("198.18.0.0/15");
    network.name_pool6 = cidr("2001:2:0:ffff::/64");
    return network;
}

class Printer final : public EventSink {
public:
    explicit Printer(const char* quiet) : quiet_(quiet != nullptr) {}
    void emit(Event event) override {
        if (quiet_) return;
        const std::scoped_lock lock(mutex_);
        std::printf("%.6f %s %s\n", static_cast<double>(event.time.count()) / 1e9, event.kind.c_str(),
                    event.fields.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
        std::fflush(stdout);
    }

private:
    std::mutex mutex_;
    bool quiet_;
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 3)
        return std::fprintf(stderr, "usage: internet_try INTERFACE DIRECTORY [PERSONALITY-JSON]\n"), 64;
    const char* interface = arguments[1];
    const std::filesystem::path directory = arguments[2];
    std::filesystem::create_directories(directory / "payloads");
    const auto personality =
        internet::personality_from_json(Json::parse(count > 3 ? arguments[3] : "{}")).value();
    std::array<int, 2> channel{};
    must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel.data()) == 0, "socketpair");
    const auto clock = RunClock::start();
    const internet::Sockets sockets{transparent(AF_INET, SOCK_STREAM),
                                    transparent(AF_INET6, SOCK_STREAM),
                                    transparent(AF_INET, SOCK_DGRAM),
                                    transparent(AF_INET6, SOCK_DGRAM),
                                    ::socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_RAW),
                                    ::socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_RAW),
                                    packet_socket(static_cast<int>(::if_nametoindex(interface)))};
    const auto child = ::fork();
    if (child == 0) {
        ::close(channel[0]);
        std::_Exit(internet::run(sockets, network_of(interface), personality, clock, channel[1]));
    }
    ::close(channel[1]);
    Printer printer(std::getenv("QUIET"));
    std::ofstream secrets(directory / "secrets.txt");
    {
        internet::EngineChannel engine(
            channel[0],
            {.events = &printer,
             .payload_directory = directory / "payloads",
             .tls_secret = [&](std::string_view line) { secrets << line << std::endl; },
             .fault = [](Error error) { std::fprintf(stderr, "fault: %s\n", error.message.c_str()); }});
        const auto ready = engine.await_ready(Deadline::after(std::chrono::seconds(5)));
        std::fprintf(stderr, "%s after %s\n", ready.ok() ? "ready" : ready.error().message.c_str(),
                     describe_duration(clock.now()).c_str());
        for (std::string line; std::getline(std::cin, line);)
            if (const auto status = engine.send(Json::parse(line, nullptr, false)); !status)
                std::fprintf(stderr, "%s\n", status.error().message.c_str());
        const auto finished = engine.finish(Deadline::after(std::chrono::seconds(5)));
        if (!finished) std::fprintf(stderr, "%s\n", finished.error().message.c_str());
    }
    ::waitpid(child, nullptr, 0);
    return 0;
}
