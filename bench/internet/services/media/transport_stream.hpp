#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"
#include "harness/core/bytes.hpp"
#include "harness/wire/http_message.hpp"

namespace cambench::internet {

/// Whether a stream that begins so is of packets of 188 bytes that each begin with 0x47 (ISO/IEC 13818-1).
[[nodiscard]] Likeness transport_stream_likeness(ByteView first_bytes);

/// MPEG transport streams, as they are.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_transport_stream_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
