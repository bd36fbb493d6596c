#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "drivers/transport/byte_stream.hpp"
#include "harness/core/file.hpp"

namespace cambench {

/// A connected, non-blocking socket: the first address of `host` that answers before the deadline. Errors
/// begin with `what`.
[[nodiscard]] Result<FileHandle> connect_tcp(const std::string& host, std::uint16_t port,
                                             const std::string& what, Deadline deadline);

/// A TCP connection to a device that answers what it is asked.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_tcp_stream(const std::string& host, std::uint16_t port,
                                                                  Deadline deadline);

}  // namespace cambench
