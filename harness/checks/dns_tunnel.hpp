#pragma once

#include <string>
#include <vector>

#include "harness/analysis/observations.hpp"

namespace cambench {

/// Names that carry data instead of naming somebody, all under one domain or all to one resolver.
struct NameStream {
    std::string under;              ///< the domain, or the resolver's address
    bool by_resolver = false;
    std::size_t names = 0;          ///< distinct ones
    std::uint64_t questions = 0;
    double bytes = 0;               ///< information in the distinct names: sum of length times entropy
    Nanoseconds span{};             ///< from the first question to the last
    std::vector<analysis::FrameRef> frames;  ///< of the first questions, at most 8
};

/// The part of a name that somebody registered: "vendor.example" of "a.b.vendor.example", "vendor.co.kr" of "a.vendor.co.kr".
[[nodiscard]] std::string registrable_domain(std::string_view name);

/// Streams of names with the looks of a tunnel: many distinct ones, hardly repeated, with hundreds of bytes of information.
/// A domain's own names are few, short and asked for again. Local and reverse names do not count.
///
/// After ibHH (information in distinct names per domain, arXiv 2307.02614); the resolver as a second key finds tunnels that
/// use no common domain.
[[nodiscard]] std::vector<NameStream> find_name_streams(const std::vector<analysis::DnsLookup>& lookups);

}  // namespace cambench
