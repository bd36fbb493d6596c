#pragma once

#include <set>
#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench {

/// Names that carry data instead of naming somebody, all under one domain or all to one resolver.
struct NameStream {
    std::string under;  ///< the domain, or the resolver's address
    bool by_resolver = false;
    bool certain = true;          ///< false: it has some looks of a tunnel and too few names to be sure
    std::string tool;             ///< the program whose handshake it is; "": none that is known
    std::set<std::string> names;  ///< whole ones, distinct
    std::set<std::string> types;  ///< of the questions
    std::uint64_t questions = 0;
    double bytes = 0;    ///< information in the distinct names: sum of length times entropy
    Nanoseconds span{};  ///< from the first question to the last
    std::vector<analysis::FrameRef> frames;  ///< of the first questions, at most 8
};

/// The part of a name that somebody registered: "vendor.example" of "a.b.vendor.example", "vendor.co.kr" of
/// "a.vendor.co.kr".
[[nodiscard]] std::string registrable_domain(std::string_view name);

/// The program that makes such questions when it opens a tunnel: "iodine", "dns2tcp", "dnscat2"; "" for any
/// other name.
[[nodiscard]] std::string_view tunnel_tool(std::string_view name);

/// Streams of names with the looks of a tunnel. Rates, distinct names, their length and entropy, and the
/// types of records are judged together: many distinct names that are hardly repeated and lead nowhere
/// (nobody contacts what they name); many within a minute, however short; record types that no device asks
/// for; the handshakes of known programs.
///
/// A domain's own names are few, asked for again, and contacted; hosts with numbers have one shape; reverse
/// names, block lists, services and names of the local network are known by their form.
///
/// After ibHH (information in distinct names per domain, arXiv 2307.02614); the resolver as a second key
/// finds tunnels that use no common domain.
[[nodiscard]] std::vector<NameStream> find_name_streams(const analysis::Observations& observations);

}  // namespace cambench
