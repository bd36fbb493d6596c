#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "drivers/console/console.hpp"

namespace cambench {

/// A serial port of a console server, over telnet with RFC 2217. Fails when the server does not speak it or
/// cannot do the rate. Reconnects, and asks for the rate again, when the connection goes away.
[[nodiscard]] Result<std::unique_ptr<Console>> open_rfc2217_console(const std::string& host,
                                                                    std::uint16_t port, unsigned baud);

/// The same over a connection of another making, for tests.
[[nodiscard]] Result<std::unique_ptr<Console>> open_rfc2217_console(std::unique_ptr<Console> connection,
                                                                    unsigned baud, const std::string& what);

}  // namespace cambench
