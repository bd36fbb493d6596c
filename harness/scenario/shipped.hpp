#pragma once

#include <filesystem>

namespace cambench {

/// The folder with what is shipped beside the program: scenarios/, bench/benches/, fixtures/camera/personas/.
///
/// $CAMBENCH_SHARE when set; else ../share/cambench beside the running program; else the source tree it was built from.
/// May not exist.
[[nodiscard]] std::filesystem::path shipped_folder();

}  // namespace cambench
