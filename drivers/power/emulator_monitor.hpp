#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/core/file.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench {

/// Whether the network cable is in the camera's socket.
enum class Cable { out, in };

/// The line to QEMU's monitor (QMP): what can be done to an emulated camera while it has power, beside
/// cutting it.
///
/// A camera without power has none: the commands fail.
class EmulatorMonitor {
public:
    /// The end for the next QEMU; the one before is gone.
    [[nodiscard]] Result<FileHandle> open();
    /// The camera's power is gone.
    void close() { ours_ = {}; }

    /// Takes the cable out, or puts it in: no frame passes and the camera's card has no carrier.
    [[nodiscard]] Status set_cable(Cable cable);

private:
    [[nodiscard]] Status command(std::string_view json);
    [[nodiscard]] Result<std::string> next_line(Deadline deadline);

    FileHandle ours_;
    bool negotiated_ = false;
    std::string buffer_;
};

/// What a line of QMP says to the command before it. Foreign text.
enum class MonitorAnswer { done, refused, other };
[[nodiscard]] MonitorAnswer parse_monitor_line(std::string_view line, std::string& why);

}  // namespace cambench
