#pragma once

#include "harness/core/bytes.hpp"
#include "harness/wire/http_message.hpp"

namespace cambench::internet {

/// The next message of a stream of them (RFC 6587), its length before it or a line feed behind.
struct SyslogFrame {
    ByteView message;
    std::size_t taken = 0;  ///< bytes of the stream; 0: it is not whole yet
};
[[nodiscard]] SyslogFrame next_syslog_frame(ByteView bytes, std::size_t longest);

/// Whether a stream that begins so is of log messages.
[[nodiscard]] Likeness syslog_likeness(ByteView first_bytes);

}  // namespace cambench::internet
