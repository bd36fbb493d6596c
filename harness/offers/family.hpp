#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/offers/alteration.hpp"
#include "harness/offers/container.hpp"
#include "harness/offers/package_file.hpp"

namespace cambench::offers {

/// A kind of package that can be offered in the place of a genuine one.
struct OfferKind {
    std::string name;          ///< "unsigned"
    std::string doc;           ///< one sentence
    bool genuine = false;      ///< a camera has to take it
    bool own_format = false;   ///< needs a format cambench can write, and for some the vendor's key
    bool needs_older = false;  ///< needs an older genuine package
    std::string requirement;   ///< whose violation it is to take it
};
[[nodiscard]] const std::vector<OfferKind>& offer_kinds();
[[nodiscard]] const OfferKind* find_offer_kind(std::string_view name);

/// A package to be offered, and what the list of updates says of it.
struct Offer {
    const OfferKind* kind = nullptr;
    Bytes bytes;
    std::string model, version;  ///< as the list promises them
    bool stale = false;          ///< the list is out of date
    bool redirected = false;     ///< the package is to be fetched from another server
    Sums sums = Sums::bound;     ///< whether its checksums fit
    bool covered = true;         ///< it differs from the genuine one in what a signature has to cover
    std::string change = {};     ///< how it differs, for people; "": as its kind says
};

/// What a family is made of.
struct Ancestors {
    const Firmware* newer = nullptr;  ///< the genuine update; needed
    const Firmware* older = nullptr;  ///< older than what the camera runs; some kinds need it
    std::string running;              ///< the version the camera runs, for `same`; "" : not known
    /// What the vendor's lists call the packages, where their bytes do not tell; "" : as the bytes say.
    std::string newer_version = {}, older_version = {};
};

/// One member. A usage error when it cannot be made of these.
[[nodiscard]] Result<Offer> make_offer(std::string_view kind, const Ancestors& ancestors);

}  // namespace cambench::offers
