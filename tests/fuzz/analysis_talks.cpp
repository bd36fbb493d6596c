#include <cstddef>
#include <cstdint>

#include "harness/analysis/learning/learn_dialogues.hpp"

using namespace cambench;
using namespace cambench::analysis;

/// A capture, learned from.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto capture = CaptureReader::open(memory_source({reinterpret_cast<const std::byte*>(data), size}));
    if (!capture) return 0;
    const auto talks = recorded_talks(*capture);
    if (talks) (void)to_xml(learn_dialogues(*talks), "fuzz");
    return 0;
}
