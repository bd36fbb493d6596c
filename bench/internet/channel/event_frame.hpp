#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/internet/world/recorder.hpp"
#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench::internet {

/// The body of a frame of type event: `i64 ns, u64 content (0: none), u8 length, kind, members of a JSON
/// object`.
struct EventFrame {
    Nanoseconds time{};
    std::optional<PayloadId> payload;
    std::string_view kind;
    std::string_view members;
};

/// What the engine takes over as text. The process it comes from may be in foreign hands: an error unless the
/// kind is plain and the members are well-formed as JsonText writes them, valid UTF-8, on one line, and none
/// of them is the engine's own to tell.
[[nodiscard]] Result<EventFrame> parse_event_frame(ByteView body);

/// The part before the members.
[[nodiscard]] std::string event_frame_head(Nanoseconds time, std::string_view kind,
                                           std::optional<PayloadId> payload);

}  // namespace cambench::internet
