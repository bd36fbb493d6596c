#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "bench/internet/tls/tls.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "tests/fuzz/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;

/// Two bytes of port, one of piece size (its highest bit: silence first), then what a camera says on a
/// stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    static const auto tls = TlsService::create(CertificateAuthority::create().value()).value();
    FuzzWorld fuzz;
    fuzz.world.tls = tls.get();
    const auto port = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    const auto conversation = make_conversation(fuzz.world, fuzz.flow(port, Transport::tcp));
    Output output;
    if ((data[2] & 0x80) != 0) conversation->silence(output);
    const std::size_t piece = std::max(1, data[2] & 0x7f);
    ByteView rest(reinterpret_cast<const std::byte*>(data) + 3, size - 3);
    while (!rest.empty() && !output.close) {
        const auto now = rest.first(std::min(piece, rest.size()));
        conversation->received(now, output);
        rest = rest.subspan(now.size());
    }
    if (!output.close) conversation->camera_finished(output);
    conversation->closed();
    return 0;
}
