#include "bench/probe/udp_services.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "bench/probe/socket_client.hpp"
#include "harness/core/file.hpp"
#include "harness/core/socket_address.hpp"

namespace cambench::probe {
namespace {

using namespace std::string_literals;

/// A question for the names of all services (RFC 6763, 9), and for a name (RFC 1035, 4.1).
std::string dns_question(const char flags, const std::string& labels, const char type) {
    return "\x1a\x2b"s + flags + "\0\0\1\0\0\0\0\0\0"s + labels + "\0\0"s + type + "\0\1"s;
}

std::string soap_probe() {
    return "<?xml version=\"1.0\" encoding=\"utf-8\"?><e:Envelope "
           "xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\" "
           "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
           "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/"
           "discovery\"><e:Header><a:MessageID>uuid:7d1c8f44-6f0e-4c3b-9a52-0c9a51b2d001</a:MessageID>"
           "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To><a:Action>http://schemas.xmlsoap.org/ws/"
           "2005/04/discovery/Probe</a:Action></e:Header>"
           "<e:Body><d:Probe/></e:Body></e:Envelope>";
}

std::string dhip_search() {
    const auto json = R"({"method":"DHDiscover.search","params":{"mac":"","uni":1}})"s;
    const auto length = static_cast<char>(json.size()) + "\0\0\0"s;
    return "\x20\0\0\0DHIP\0\0\0\0\0\0\0\0"s + length + "\0\0\0\0"s + length + "\0\0\0\0"s + json;
}

}  // namespace

const std::vector<UdpGreeting>& udp_greetings() {
    static const std::vector<UdpGreeting> greetings{
        {53, dns_question(1, "\7version\4bind"s, 16)},
        {69, "\0\1cambench\0octet\0"s},
        {123, "\x23"s + std::string(47, '\0')},
        {161,
         "\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x05\x00"s},
        {623, "\x06\x00\xff\x06\x00\x00\x11\xbe\x80\x00\x00\x00"s},
        {1900,
         "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: "
         "ssdp:all\r\n\r\n"},
        {3702, soap_probe()},
        {5060,
         "OPTIONS sip:camera SIP/2.0\r\nVia: SIP/2.0/UDP bench;branch=z9hG4bK7d1c\r\nMax-Forwards: "
         "1\r\nFrom: <sip:bench@bench>;tag=1\r\nTo: <sip:camera>\r\nCall-ID: 7d1c8f44\r\n"
         "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"},
        {5353, dns_question(0, "\x09_services\x07_dns-sd\x04_udp\x05local"s, 12)},
        {5683,
         "\x40\x01\x7d\x1c\xbb.well-known\x04"
         "core"s},
        {32108, "\xf1\x30\0\0"s},
        {34569, "\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\xfa\x05\0\0\0\0"s},
        {37020,
         "<?xml version=\"1.0\" "
         "encoding=\"utf-8\"?><Probe><Uuid>7D1C8F44-6F0E-4C3B-9A52-0C9A51B2D001</Uuid><Types>inquiry</"
         "Types></Probe>"},
        {37810, dhip_search()}};
    return greetings;
}

const std::string& udp_greeting(std::uint16_t port) {
    static const std::string none;
    const auto& all = udp_greetings();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const UdpGreeting& one) { return one.port == port; });
    return found == all.end() ? none : found->bytes;
}

std::string udp_answer(const IpAddress& address, std::uint16_t port, const std::string& words,
                       Nanoseconds patience) {
    const auto target = reachable_address({address, port});
    const FileHandle socket(::socket(target.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.valid()) return "";
    for (int round = 0; round < 2; ++round) {
        (void)::sendto(socket.get(), words.data(), words.size(), MSG_NOSIGNAL, target.get(), target.length);
        const auto deadline = Deadline::after(patience / 2);
        pollfd one{socket.get(), POLLIN, 0};
        while (::poll(&one, 1,
                      static_cast<int>(std::clamp<std::int64_t>(deadline.remaining().count(), 0, 60'000))) >
               0) {
            std::array<char, 16384> bytes{};
            SocketAddress from;
            from.length = sizeof from.storage;
            const auto count =
                ::recvfrom(socket.get(), bytes.data(), bytes.size(), 0, from.get(), &from.length);
            if (count > 0 && endpoint_of(from.storage).address == address)
                return {bytes.data(), static_cast<std::size_t>(count)};
            if (count < 0) break;  // nobody listens there
        }
    }
    return "";
}

std::vector<std::uint16_t> answering_ports(const IpAddress& address,
                                           const std::vector<UdpGreeting>& greetings, Nanoseconds patience,
                                           int link) {
    std::vector<FileHandle> sockets;
    std::vector<pollfd> polled;
    for (std::size_t i = 0; i < greetings.size(); ++i) {
        const auto target = reachable_address({address, greetings[i].port}, link);
        sockets.emplace_back(
            ::socket(target.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        polled.push_back({sockets.back().get(), POLLIN, 0});
    }
    std::vector<std::uint16_t> answering;
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < greetings.size(); ++i) {
            const auto target = reachable_address({address, greetings[i].port}, link);
            if (polled[i].fd >= 0)
                (void)::sendto(polled[i].fd, greetings[i].bytes.data(), greetings[i].bytes.size(),
                               MSG_NOSIGNAL, target.get(), target.length);
        }
        const auto deadline = Deadline::after(patience / 2);
        while (::poll(polled.data(), polled.size(),
                      static_cast<int>(std::clamp<std::int64_t>(deadline.remaining().count(), 0, 60'000))) >
               0) {
            for (std::size_t i = 0; i < polled.size(); ++i) {
                if (polled[i].revents == 0) continue;
                std::array<char, 2048> bytes{};
                SocketAddress from;
                from.length = sizeof from.storage;
                const auto count =
                    ::recvfrom(polled[i].fd, bytes.data(), bytes.size(), 0, from.get(), &from.length);
                const auto sender = endpoint_of(from.storage);
                if (count < 0 || sender.address != address) continue;
                answering.push_back(greetings[i].port);
                polled[i].fd = -1;  // poll() passes it over
            }
        }
    }
    std::sort(answering.begin(), answering.end());
    return answering;
}

}  // namespace cambench::probe
