#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "harness/analysis/learning/learn_updates.hpp"

using namespace cambench;
using namespace cambench::analysis;

/// A conversation, its two sides parted at the first byte 0xff: exchanges of HTTP, and what is learned of
/// them about the first download.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto middle = std::min(bytes.find('\xff'), size);
    RecordedTalk talk{{}, {}, "a.example", Transport::tcp, {}};
    talk.utterances.push_back({true, std::string(bytes.substr(0, middle)), {}, {}});
    talk.utterances.push_back({false, std::string(bytes.substr(std::min(middle + 1, size))), {}, {}});
    const auto exchanges = http_exchanges(talk);
    for (const auto& download : recorded_downloads(exchanges))
        if (const auto lesson = learn_update(exchanges, {download.bytes, {"1.2.3"}}, ""))
            (void)to_xml(lesson->update, "fuzz");
    return 0;
}
