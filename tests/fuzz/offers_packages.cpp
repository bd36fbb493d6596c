// Firmware files of any maker: recognised, taken apart and changed without reading past their end.

#include <cstdlib>

#include "harness/offers/container.hpp"
#include "harness/offers/family.hpp"
#include "harness/offers/package.hpp"

using namespace cambench;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
    (void)offers::recognise(bytes);
    if (const auto package = offers::parse_haneul_package(bytes))
        if (!offers::encode(*package, nullptr)) std::abort();
    if (const auto opened = offers::open_package(bytes))
        if (opened->close(opened->parts).empty()) std::abort();
    offers::Firmware firmware{"fuzz", Bytes(bytes.begin(), bytes.end()), {}};
    for (const auto& kind : offers::offer_kinds())
        (void)offers::make_offer(kind.name, {&firmware, &firmware, "1.2.3"});
    return 0;
}
