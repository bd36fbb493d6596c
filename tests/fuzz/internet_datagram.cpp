#include <cstddef>
#include <cstdint>

#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/link/pulse.hpp"
#include "bench/internet/tls/tls.hpp"
#include "tests/fuzz/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;

/// Two bytes of port, then one datagram to it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    static const auto tls = TlsService::create(CertificateAuthority::create().value()).value();
    FuzzWorld fuzz;
    fuzz.world.tls = tls.get();
    DatagramService service(fuzz.world);
    const auto port = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    PulseEar ear(std::string(64, 'a'));
    (void)ear.take(pulse_source(), pulse_destination(),
                   {reinterpret_cast<const std::byte*>(data) + 2, size - 2});
    (void)service.received(fuzz.flow(port, Transport::udp),
                           {reinterpret_cast<const std::byte*>(data) + 2, size - 2});
    service.finish_flows(DatagramService::Which::all);
    return 0;
}
