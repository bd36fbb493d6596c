#pragma once

#include <string>

#include "bench/internet/world/world.hpp"
#include "harness/wire/dns_message.hpp"

namespace cambench::internet {

/// What is said to a question by which a tunnel's client opens its tunnel, or sends through it.
struct TunnelAnswer {
    std::string what;  ///< for the event: "iodine: version"
    std::string data;  ///< in the record, written as its type has it
};

/// Answers as iodine's server (protocol 0x502) does, so that its client goes on and shows what it is: it is
/// let in with whatever password, finds its way (only records that carry its data), and what it then sends is
/// acknowledged and not understood. A zone is a tunnel's from its first question for a version on. nullopt:
/// an ordinary question.
[[nodiscard]] std::optional<TunnelAnswer> answer_tunnel(World& world, const dns::Query& query,
                                                        const std::string& name);

/// The data as a record of the type asked for carries it.
void give_tunnel_data(const dns::Query& query, const TunnelAnswer& tunnel, dns::Answer& answer);

}  // namespace cambench::internet
