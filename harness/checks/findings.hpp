#pragma once

#include <string>
#include <vector>

#include "harness/checks/check.hpp"

namespace cambench {

[[nodiscard]] Pointer pointer_to(const analysis::Observations& observations, const analysis::FrameRef& frame);
[[nodiscard]] Pointer pointer_to(const analysis::ConsoleLine& line);
[[nodiscard]] Pointer pointer_to(const Event& event);

/// The first frames of a destination's attempts, few enough to read.
[[nodiscard]] std::vector<Pointer> pointers_to(const analysis::Observations& observations,
                                               const analysis::Destination& destination);

/// "time.vendor.example (198.18.0.1):123/udp", "198.51.100.77:9443/tcp", "198.51.100.77 by icmp"; foreign
/// text inert.
[[nodiscard]] std::string describe(const analysis::Destination& destination);
/// "3 attempts, 2 of them failed; 512 bytes out, 0 in; tls; known by sni; first at 12.3 s (1.2 s after
/// <use-camera by=\"web\"/>), last at 40.1 s"
[[nodiscard]] std::string describe_traffic(const analysis::Observations& observations,
                                           const analysis::Destination& destination);

/// "1 attempt", "3 attempts"
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view thing);

/// What a PASS over the traffic rests on: "4 destinations in 12 attempts and 3 names asked for, over 24.0 s
/// of recording".
[[nodiscard]] std::string basis(const analysis::Observations& observations);

/// Sums findings up: the verdict is the gravest of theirs (PASS when there is none), the evidence all of
/// theirs in order. A PASS needs the camera's traffic: with too little of it, it becomes INCONCLUSIVE.
struct Texts {
    std::string pass_title;           ///< when nothing was found
    std::string remedy;               ///< when it failed
    std::string inconclusive_remedy;  ///< when it could not be told; "" : as `remedy`
    bool rests_on_traffic =
        true;  ///< false: what it judges is elsewhere, such as in a <snapshot>, and was found there
};
[[nodiscard]] CheckResult conclude(const CheckInput& input, std::vector<Finding> findings,
                                   const Texts& texts);

/// Why so little of the camera was recorded that nothing can be said for it: silence, or a lease asked for
/// and no more. nullopt: there is something to judge.
[[nodiscard]] std::optional<Finding> too_little_seen(const analysis::Observations& observations);

/// Whether a literal destination may be a name whose answer a foreign recording lacks. A run knows all
/// answers that were given.
[[nodiscard]] bool may_be_a_name(const analysis::Observations& observations,
                                 const analysis::Destination& destination);

/// Why an address that nothing names may have been told to the camera by name all the same; "" where it was
/// not. Lost frames are no reason where the fake internet itself says which names it gave.
[[nodiscard]] std::string may_lack_its_name(const analysis::Observations& observations,
                                            const analysis::Destination& destination);
/// Why an address that nothing places on the camera's own network may be there all the same: frames were
/// lost. "" when nothing says so.
[[nodiscard]] std::string may_be_neighbour(const analysis::Observations& observations,
                                           const analysis::Destination& destination);

/// What the camera said is not on record where others acknowledged it: INCONCLUSIVE. nullopt: there is
/// nothing of the kind.
[[nodiscard]] std::optional<Finding> half_recorded(const analysis::Observations& observations);

/// The events of a run of this lane and kind, in order.
[[nodiscard]] std::vector<const Event*> events_of(const analysis::Observations& observations,
                                                  std::string_view lane, std::string_view kind);

/// Adds a finding for names of the site that nothing on record explains (see site_names.hpp), if there are
/// any: INCONCLUSIVE.
void add_unexplained_site_names(const analysis::Observations& observations, std::vector<Finding>& findings);

}  // namespace cambench
