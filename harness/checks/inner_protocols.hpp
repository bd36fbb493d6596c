#pragma once

#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/checks/verdict.hpp"
#include "harness/declaration/declaration.hpp"

namespace cambench {

/// Something spoken inside of a destination's own protocol that its entry does not allow.
struct InnerContradiction {
    const analysis::InnerTalk* talk = nullptr;
    Verdict verdict = Verdict::fail;
    std::string what;  ///< "inside TLS it speaks ssh"
};

/// Holds what was heard inside, at every depth, against an entry that names the destination. What a proxy was
/// asked for is not the destination's own and is left out, unless it lets somebody in.
[[nodiscard]] std::vector<InnerContradiction> inner_contradictions(const DeclaredDestination& entry,
                                                                   const analysis::Destination& destination);

/// "TLS", "a WebSocket inside TLS", "a tunnel through a proxy": the innermost layer first.
[[nodiscard]] std::string describe_layers(std::string_view layers);

}  // namespace cambench
