#pragma once

#include <cstddef>
#include <span>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench {

/// The byte stream of a device that answers what it is asked: a serial port or a TCP connection. Protocols
/// talk to this, so that transcripts can stand in for hardware.
class ByteStream {
public:
    virtual ~ByteStream() = default;

    /// What is there, at least one byte. Fails with timeout when nothing came until the deadline, otherwise
    /// when the device has gone.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<std::byte> into, Deadline deadline) = 0;

    /// Returns when all bytes were handed to the device.
    [[nodiscard]] virtual Status write(ByteView bytes, Deadline deadline) = 0;
};

}  // namespace cambench
