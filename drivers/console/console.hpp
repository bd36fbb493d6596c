#pragma once

#include <cstddef>
#include <span>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench {

/// The other end of a camera's UART: a stream of bytes that may come and go.
///
/// One thread reads; write() may be called from another.
class Console {
public:
    /// What a read brought.
    struct Reading {
        enum class Kind {
            data,    ///< `count` bytes
            quiet,   ///< nothing until the deadline
            opened,  ///< the line is there (again)
            closed,  ///< the line is gone; the next reads try to get it back
        } kind = Kind::quiet;
        std::size_t count = 0;
    };
    virtual ~Console() = default;

    [[nodiscard]] virtual Result<Reading> read(std::span<std::byte> into, Deadline deadline) = 0;
    [[nodiscard]] virtual Status write(ByteView bytes) = 0;
};

}  // namespace cambench
