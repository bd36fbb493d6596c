#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "drivers/console/console.hpp"

namespace cambench {

/// A unix socket we listen on and an emulated camera connects to at power-on, so that its first byte is not
/// missed. The socket file is removed with the console.
[[nodiscard]] Result<std::unique_ptr<Console>> open_listening_console(const std::filesystem::path& socket);

/// A unix socket or TCP port that serves a UART (ser2net in raw mode, another emulator). Reconnects when it
/// goes away.
[[nodiscard]] Result<std::unique_ptr<Console>> open_unix_console(const std::filesystem::path& socket);
[[nodiscard]] Result<std::unique_ptr<Console>> open_tcp_console(const std::string& host, std::uint16_t port);

}  // namespace cambench
