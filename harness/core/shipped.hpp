#pragma once

#include <filesystem>

namespace cambench {

/// The folder with what is shipped beside the program: scenarios/, bench/benches/, fixtures/camera/personas/.
///
/// $CAMBENCH_SHARE when set; else ../share/cambench beside the running program; else the source tree it was
/// built from. May not exist.
[[nodiscard]] std::filesystem::path shipped_folder();

/// The shipped file that a path in a copy of a shipped document means: "../../bench/x.xml" and
/// "../library/y.xml" lead out of a folder that the copy does not lie in. Empty when there is none.
[[nodiscard]] std::filesystem::path shipped_file(const std::filesystem::path& relative);

}  // namespace cambench
