// What a console server sends: telnet and RFC 2217, in pieces of any size.
#include <cstdlib>

#include "drivers/console/rfc2217_protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cambench;
    Bytes input(reinterpret_cast<const std::byte*>(data), reinterpret_cast<const std::byte*>(data) + size);
    Rfc2217Protocol whole(115200), pieces(115200);
    (void)whole.begin();
    (void)pieces.begin();
    auto copy = input;
    const auto kept = whole.receive(copy);
    if (kept > size || whole.take_answers().size() > 64 + size * 32) std::abort();
    // The same bytes one by one mean the same.
    std::size_t kept_singly = 0;
    for (auto& byte : input) kept_singly += pieces.receive(std::span(&byte, 1));
    if (kept_singly != kept || whole.baud() != pieces.baud() || whole.accepted() != pieces.accepted())
        std::abort();
    return 0;
}
