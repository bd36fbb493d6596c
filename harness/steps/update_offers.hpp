#pragma once

#include "harness/offers/family.hpp"
#include "harness/steps/step_context.hpp"

namespace cambench {

/// The routes by which an <update> server serves an offer, for the fake internet's command "offer".
/// Of a learned server: every exchange of the recording, with the offer in the package's place.
[[nodiscard]] Json offer_routes(const internet::UpdateServer& server, const offers::Offer& offer,
                                const offers::SigningKey* key, WallTime now);

/// What a field of an offer is, as in "size", "sha256", "md5.upper", "crc32.decimal"; "${offer.NAME}" for one
/// that is not known.
[[nodiscard]] std::string offer_field(std::string_view name, const offers::Offer& offer, WallTime now);

/// The list's text with its ${offer.*} put in.
[[nodiscard]] std::string fill_in_offer(std::string_view text, const offers::Offer& offer, WallTime now);

}  // namespace cambench
