#include <cstddef>
#include <cstdint>

#include "bench/internet/channel/event_frame.hpp"
#include "harness/core/event.hpp"

using namespace cambench;

/// What is let through must be one line of JSON, and say nothing in the engine's place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto frame = internet::parse_event_frame({reinterpret_cast<const std::byte*>(data), size});
    if (!frame) return 0;
    if (frame->members.find('\n') != std::string_view::npos) __builtin_trap();
    const auto fields = Json::parse("{" + std::string(frame->members) + "}", nullptr, false);
    if (!fields.is_object() || fields.contains("lane") || fields.contains("kind") || fields.contains("t") ||
        fields.contains("payload"))
        __builtin_trap();
    return 0;
}
