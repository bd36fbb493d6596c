#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/offers/signing_key.hpp"

namespace cambench::offers {

/// A firmware package of the sample product: a header of 128 bytes, a manifest in JSON with the SHA-256 of
/// each part, the parts, an Ed25519 signature of header (its checksum taken as zero) and manifest. The fields
/// stand in fixtures/camera/firmware/update/package.hpp.
struct HaneulPackage {
    struct Part {
        std::string name, version;
        Bytes content;
        /// The digest the manifest states; "": the content's own. Differs in a package put together of two.
        std::string stated_sha256 = {};
        std::optional<std::size_t> stated_size = {};
    };
    std::string model, hardware, version, minimum, released;
    std::vector<Part> parts;
    Bytes signature;  ///< empty: none

    [[nodiscard]] const Part* part(std::string_view name) const;
};

constexpr std::size_t haneul_header_size = 128;
constexpr std::size_t haneul_signature_size = 64;

[[nodiscard]] bool is_haneul_package(ByteView bytes);
[[nodiscard]] Result<HaneulPackage> parse_haneul_package(ByteView bytes);

/// The package signed with `key`; nullptr: with the signature it has.
[[nodiscard]] Result<Bytes> encode(const HaneulPackage& package, const SigningKey* key);

/// What is signed of an encoded package; empty when it is none.
[[nodiscard]] Bytes signed_region(ByteView encoded);

/// Makes the header's checksum right again after a change behind the header.
void mend_checksum(Bytes& encoded);

}  // namespace cambench::offers
