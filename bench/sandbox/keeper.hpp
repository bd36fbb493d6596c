#pragma once

#include <functional>

#include "bench/internet/world/network.hpp"
#include "bench/internet/world/personality.hpp"
#include "harness/core/time.hpp"

namespace cambench::sandbox {

/// What answers the camera, in a process that is confined (confinement.hpp): internet::run, which see.
using Internet =
    std::function<int(const internet::Sockets&, const internet::Network&, const internet::Personality&,
                      const RunClock&, int channel, const std::string& pulse_key)>;

/// The body of the program cambench-sandbox, one process for each slot in use.
///
/// It makes the slot's namespace, proves it tight, starts the fake internet as a child without any rights,
/// gives up its own but for the two or three it needs to the end, and then serves the engine's few requests.
/// It parses nothing that a camera sent. When the engine is gone, however it ended, it brings a lent
/// interface home and ends, and with it everything that was made.
///
/// `control` is a ControlSocket's end, `channel` the fake internet's; `interface` is one of the host's, "": a
/// tap is made. Whoever starts the process says which: the engine is not asked. Returns the exit code.
[[nodiscard]] int keep_sandbox(int control, int channel, const std::string& interface,
                               const Internet& internet);

}  // namespace cambench::sandbox
