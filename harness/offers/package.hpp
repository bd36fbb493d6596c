#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/bytes.hpp"

namespace cambench::offers {

/// A piece of a package that can be changed.
struct Part {
    enum class Role {
        content,   ///< what is installed
        manifest,  ///< text that says what is installed, and often its digests
        signature,
    };
    std::string name;
    Bytes content;
    Role role = Role::content;
    bool changed = false;
};

/// A package of a known format taken apart, and how it is put together again: with its own sizes and
/// checksums right for what the parts are then, as a forger would. Digests that a manifest states are not its
/// own: alteration.hpp sees to them.
struct Package {
    std::string format;  ///< as format_of() calls it
    std::vector<Part> parts;
    bool fixed_sizes = false;   ///< no part may change its size
    bool opaque = false;        ///< its contents are not taken apart further
    bool sums_unknown = false;  ///< it has, or may have, checksums that cambench cannot make
    std::function<Bytes(const std::vector<Part>&)> close;
};

/// nullopt: of no format that cambench can put together again, damaged, or with checksums that are wrong
/// already.
[[nodiscard]] std::optional<Package> open_package(ByteView bytes);

/// Of an entry of an archive, by its name and its bytes.
[[nodiscard]] Part::Role role_of(std::string_view name, ByteView content);
/// "sw-description" of "sw-description.sig": what the signature signs; "" : its name does not tell.
[[nodiscard]] std::string_view signed_name(std::string_view signature);

/// Each of the formats; nullopt where it is none.
[[nodiscard]] std::optional<Package> open_cpio(ByteView bytes);
[[nodiscard]] std::optional<Package> open_tar(ByteView bytes);
[[nodiscard]] std::optional<Package> open_zip(ByteView bytes);
[[nodiscard]] std::optional<Package> open_gzip(ByteView bytes);
[[nodiscard]] std::optional<Package> open_uimage(ByteView bytes);
[[nodiscard]] std::optional<Package> open_trx(ByteView bytes);
[[nodiscard]] std::optional<Package> open_reolink_pak(ByteView bytes);
[[nodiscard]] std::optional<Package> open_fit(ByteView bytes);
[[nodiscard]] std::optional<Package> open_squashfs(
    ByteView bytes);  ///< also with CMS behind it, as RAUC has it, or another trailer
[[nodiscard]] std::optional<Package> open_framed(
    ByteView bytes);  ///< anything with a digest of the rest before or behind it

/// Packed as zlib does it, without a header; unpacked at most `most` bytes, nullopt when damaged or longer.
[[nodiscard]] Bytes deflated(ByteView bytes);
[[nodiscard]] std::optional<Bytes> inflated(ByteView bytes, std::size_t most, std::size_t* used = nullptr);

constexpr std::size_t most_unpacked = 256U << 20;

}  // namespace cambench::offers
