#pragma once

#include <iosfwd>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

/// What is connected to this host: relay boards and switchable hubs, serial ports, network cards; each with
/// what to write into a bench file. Nothing is switched, and no serial port is opened. Always 0.
[[nodiscard]] int devices_command(OutputFormat format, std::ostream& out);

}  // namespace cambench::cli
