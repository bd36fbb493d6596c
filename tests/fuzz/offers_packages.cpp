// Firmware files of any maker: recognised and taken apart without reading past their end, and put together again as they were.

#include <cstdlib>

#include "harness/offers/container.hpp"
#include "harness/offers/family.hpp"

using namespace cambench;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
    (void)offers::recognise(bytes);
    if (const auto package = offers::parse_haneul_package(bytes)) {
        const auto again = offers::encode(*package, nullptr);
        if (!again || !offers::parse_haneul_package(*again)) std::abort();
    }
    offers::Firmware firmware{"fuzz", Bytes(bytes.begin(), bytes.end()), {}};
    for (const auto& kind : offers::offer_kinds()) (void)offers::make_offer(kind.name, {&firmware, &firmware, "1.2.3"});
    return 0;
}
