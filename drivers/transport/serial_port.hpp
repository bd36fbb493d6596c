#pragma once

#include <memory>
#include <string>

#include "drivers/transport/byte_stream.hpp"

namespace cambench {

/// A serial port: always raw, 8 data bits, no parity, 1 stop bit, no flow control.
struct SerialSettings {
    /// What the lines DTR and RTS do while the port is open. Inactive resets no camera; some CDC devices
    /// answer only a host that asserts DTR.
    enum class ModemLines { inactive, asserted };

    std::string port;        ///< "/dev/ttyUSB0", or a name under /dev/serial/by-id or /dev/serial/by-path
    unsigned baud = 115200;  ///< any rate the adapter can do
    ModemLines modem_lines = ModemLines::inactive;
};

/// A serial port whose rate can be changed while it is open. One thread reads; write() may be called from
/// another.
class SerialPort : public ByteStream {
public:
    /// Fails when the adapter cannot do `baud` within 3 %.
    [[nodiscard]] virtual Status set_baud(unsigned baud) = 0;
};

/// Opens for one owner only: fails when another process has the port, or its USB adapter does not answer
/// within a second. Bytes that arrived before are kept.
///
/// Linux asserts DTR and RTS while it opens a port; they are set as wanted directly afterwards.
[[nodiscard]] Result<std::unique_ptr<SerialPort>> open_tunable_serial_port(const SerialSettings& settings);

/// The same, for a device of one rate. Its write() returns when the adapter has taken the bytes.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_serial_port(const SerialSettings& settings);

}  // namespace cambench
