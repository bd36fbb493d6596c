#pragma once

#include <string_view>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench {

/// The name behind labels that ask for a service of it: "vendor.example" of "_sip._udp.vendor.example" and of
/// "lb._dns-sd._udp.vendor.example".
[[nodiscard]] std::string_view without_service(std::string_view name);

/// Names of the site itself: bare ones, those of local zones and of the network's search domain, and
/// addresses asked for backwards. No server of the internet stands behind them and none is declared, so they
/// are nobody's; but whoever runs the resolver reads what is in them.
///
/// The questions for such names that nothing on record explains. Explained are the camera's own host name,
/// words that any device asks for, addresses that the recording shows or that are of no public network, and
/// one or two short words, which somebody may have configured.
[[nodiscard]] std::vector<const analysis::DnsLookup*> unexplained_site_names(
    const analysis::Observations& observations);

}  // namespace cambench
