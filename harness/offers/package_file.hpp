#pragma once

#include <filesystem>
#include <optional>

#include "harness/core/markup/markup.hpp"
#include "harness/offers/haneul_package.hpp"

namespace cambench::offers {

/// Firmware to work with: a vendor's file, or one of the sample product that was made of its description just
/// now.
struct Firmware {
    std::filesystem::path file;
    Bytes bytes;
    std::optional<SigningKey> key;  ///< the vendor's own, where the description gives it
};

/// The table of <firmware>, the description of a package of the sample product.
[[nodiscard]] const markup::Element& firmware_element();

/// The package a description stands for, signed with its key.
[[nodiscard]] Result<Firmware> build_firmware(const std::filesystem::path& description,
                                              markup::Problems& problems);

/// A description (its name ends in .xml) is built, any other file is taken as it is.
[[nodiscard]] Result<Firmware> load_firmware(const std::filesystem::path& file);

}  // namespace cambench::offers
