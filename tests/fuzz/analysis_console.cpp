// The console and the timeline of a run.
#include <cstdint>
#include <cstdlib>

#include "harness/analysis/run/console_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cambench;
    using namespace cambench::analysis;
    const auto bytes = std::as_bytes(std::span(data, size));
    const std::vector<ConsoleStretch> stretches{{Nanoseconds(1), 0, size / 2},
                                                {Nanoseconds(2), size / 2, size}};
    ConsoleReader reader(stretches);
    reader.add(bytes.first(size / 3));
    reader.add(bytes.subspan(size / 3));
    const auto console = reader.finish();
    if (console.bytes != size) std::abort();
    (void)parse_event(as_text(bytes));
    return 0;
}
