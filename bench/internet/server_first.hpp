#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/time.hpp"

namespace cambench::internet {

/// What the servers of protocols in which the server speaks first say at such a port; "" where the client begins.
[[nodiscard]] std::string banner(std::uint16_t port, WallTime now);

/// What such a server replies to one line, so that a mailer or an uploader goes on to what it came for. "" for no reply.
/// Protocol state is one flag: whether the lines are a message's text (after SMTP's DATA).
struct LineReply {
    std::string text;
    bool close = false;
};
[[nodiscard]] LineReply reply_to_line(std::uint16_t port, std::string_view line, bool& in_message);

}  // namespace cambench::internet
