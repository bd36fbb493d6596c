#include "harness/analysis/flows/deep_inspection.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace {

std::string inspected(const Bytes& out, const Bytes& in = {}, Transport transport = Transport::tcp,
                      std::uint16_t port = 47'111) {
    return analysis::inspect_deeply({out, in, transport, port, 40'001, false});
}

const Bytes remote_screen = to_bytes("RFB 003.008\n");

}  // namespace

TEST_CASE("protocols of other trades are recognised on any port", "[analysis]") {
    CHECK(inspected(remote_screen, remote_screen) == "vnc");
    CHECK(inspected(to_bytes(std::string("\5\1\0", 3)), to_bytes(std::string("\5\0", 2)), Transport::tcp,
                    1080) == "socks");
}

TEST_CASE("bytes without a meaning have no protocol, whatever the port", "[analysis]") {
    Bytes noise(600);
    std::uint32_t state = 12'345;
    for (auto& byte : noise) byte = static_cast<std::byte>((state = state * 1'664'525 + 1'013'904'223) >> 24);
    for (const auto transport : {Transport::tcp, Transport::udp})
        for (const auto port : {443, 80, 53, 8883, 47'111})
            CHECK(inspected(noise, noise, transport, static_cast<std::uint16_t>(port)).empty());
    CHECK(inspected({}, {}).empty());
}

TEST_CASE("what the stricter rules know is not taken from elsewhere", "[analysis]") {
    CHECK(inspected(to_bytes("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"), {}, Transport::tcp, 80).empty());
    CHECK(inspected(client_hello("a.example"), {}, Transport::tcp, 443).empty());
    CHECK(inspected(to_bytes("SSH-2.0-OpenSSH_9.2\r\n"), to_bytes("SSH-2.0-dropbear\r\n"), Transport::tcp, 22)
              .empty());
}

TEST_CASE("an unknown flow of a camera is given its name", "[analysis]") {
    Wire wire;
    wire.lease().resolve("screen.example", ip("203.0.113.9"));
    wire.connect(ip("203.0.113.9"), 5907, remote_screen, remote_screen);
    const auto seen = observe(wire.frames);
    const auto found = std::find_if(seen.destinations.begin(), seen.destinations.end(),
                                    [](const auto& one) { return one.port == 5907; });
    REQUIRE(found != seen.destinations.end());
    CHECK(found->protocol == "vnc");
}
