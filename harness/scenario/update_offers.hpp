#pragma once

#include "harness/offers/family.hpp"
#include "harness/scenario/step_context.hpp"

namespace cambench {

/// The routes by which an <update> server serves an offer, for the fake internet's command "offer".
[[nodiscard]] Json offer_routes(const internet::UpdateServer& server, const offers::Offer& offer, const offers::SigningKey* key, WallTime now);

/// The list's text with its ${offer.*} put in.
[[nodiscard]] std::string fill_in_offer(std::string_view text, const offers::Offer& offer, WallTime now);

}  // namespace cambench
