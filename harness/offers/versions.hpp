#pragma once

#include <string>
#include <vector>

#include "harness/core/bytes.hpp"

namespace cambench::offers {

/// Words of a package that may be its version, the first few: "1.4.2", "V5.00.R02.20200507". Neither the
/// version of a kernel, a boot loader or a library in it, nor the name of a file, nor an address of a
/// network.
[[nodiscard]] std::vector<std::string> version_words(ByteView bytes);

/// `version = "2.4.1"` of SWUpdate's sw-description; "": there is none.
[[nodiscard]] std::string version_of_description(std::string_view description);

}  // namespace cambench::offers
