#pragma once

#include <string>

#include "harness/core/bytes.hpp"

namespace cambench::offers {

/// What is done to a genuine package.
enum class Change {
    header,  ///< a bit of what describes the content: a signed manifest, a time stamp, else where the content
             ///< begins
    body,    ///< a bit amid the largest content
    other_content,  ///< some thousand bytes of it, and everything made right that needs no key
    signature,      ///< a bit of the signature; where there is none, of the content's end
    truncated,      ///< two fifths of the largest content are gone
    oversized,      ///< 64 KiB more of it
};

/// How far a package that was changed can be told from a genuine one without its signature.
enum class Sums {
    bound,    ///< of the sample product, whose signature binds every part whatever its checksum
    right,    ///< checksums and digests fit: nothing but a signature can tell
    held,     ///< a digest in a signed manifest does not fit: what refuses it may read the signature or not
    unknown,  ///< it has, or may have, checksums that are wrong now
};
[[nodiscard]] std::string_view to_string(Sums sums);

struct Altered {
    Bytes bytes;
    Sums sums = Sums::unknown;
    bool covered = false;  ///< what was changed is of what a signature has to cover
    std::string what;      ///< for people: "one bit amid 'rootfs.squashfs' (swu)"
};

/// The package changed. It always differs from the genuine one; 64 bytes of it at least are there.
[[nodiscard]] Altered altered(ByteView genuine, Change change);

}  // namespace cambench::offers
