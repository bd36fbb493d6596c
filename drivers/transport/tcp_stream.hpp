#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "drivers/transport/byte_stream.hpp"

namespace cambench {

/// A TCP connection to a device that answers what it is asked.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_tcp_stream(const std::string& host, std::uint16_t port, Deadline deadline);

}  // namespace cambench
