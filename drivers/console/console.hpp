#pragma once

#include <cstddef>
#include <optional>
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
            data,     ///< `count` bytes
            quiet,    ///< nothing until the deadline
            opened,   ///< the line is there (again)
            closed,   ///< the line is gone; the next reads try to get it back
            retuned,  ///< the rate has changed: `count` bytes before this came at a wrong one
        } kind = Kind::quiet;
        std::size_t count = 0;
    };
    /// What is known of the line itself.
    struct Line {
        std::optional<unsigned> baud;  ///< nullopt: the driver does not know, a socket has none
        enum class Chosen { by_settings, by_text, not_yet } chosen = Chosen::by_settings;
    };
    virtual ~Console() = default;

    [[nodiscard]] virtual Result<Reading> read(std::span<std::byte> into, Deadline deadline) = 0;
    [[nodiscard]] virtual Status write(ByteView bytes) = 0;
    [[nodiscard]] virtual Line line() const { return {}; }
};

}  // namespace cambench
