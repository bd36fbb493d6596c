#include <cstddef>
#include <cstdint>

#include "bench/internet/link/link.hpp"
#include "tests/fuzz/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;

/// The input is one frame from the camera's wire; it is looked at in an open and in a silent world.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const auto answers : {Answers::all, Answers::none}) {
        FuzzWorld fuzz;
        fuzz.world.answers = answers;
        Link link(fuzz.world);
        const ByteView frame(reinterpret_cast<const std::byte*>(data), size);
        (void)link.received(frame);
        for (const auto& answer : link.received(frame))
            if (!parse_ethernet(answer).ok()) std::abort();
    }
    return 0;
}
