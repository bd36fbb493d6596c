#pragma once

namespace cambench::sandbox {

/// The body of the program cambench-sandbox, one process for each slot in use.
///
/// It makes the slot's namespace, proves it tight, starts the fake internet as a child without privileges, and then
/// serves the engine's few requests. It parses nothing that a camera sent. When the engine is gone, however it ended, it
/// brings a lent interface home and ends, and with it everything that was made.
///
/// `control` is a ControlSocket's end, `channel` the fake internet's. Returns the exit code.
[[nodiscard]] int keep_sandbox(int control, int channel);

}  // namespace cambench::sandbox
