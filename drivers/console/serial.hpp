#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "drivers/console/console.hpp"
#include "drivers/transport/serial_port.hpp"

namespace cambench {

/// Opens the port anew at a rate. Called until it succeeds when an adapter has gone.
using SerialPortOpener = std::function<Result<std::unique_ptr<SerialPort>>(unsigned baud)>;

/// A serial port of this host. When its adapter goes away the console closes and comes back with the same
/// name. Several `rates`: the right one is found by the text.
[[nodiscard]] Result<std::unique_ptr<Console>> open_serial_console(const std::filesystem::path& port,
                                                                   std::vector<unsigned> rates);

/// The same on ports of another making, for tests.
[[nodiscard]] Result<std::unique_ptr<Console>> open_serial_console(SerialPortOpener open,
                                                                   std::vector<unsigned> rates);

}  // namespace cambench
