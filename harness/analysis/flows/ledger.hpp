#pragma once

#include <map>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "harness/analysis/flows/flow.hpp"
#include "harness/core/channel.hpp"

namespace cambench::analysis {

/// Flows that have ended, described and added up to destinations: by a thread of its own, in the order in
/// which they came.
class Ledger {
public:
    explicit Ledger(Identifiers identifiers) : identifiers_(std::move(identifiers)) {}
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    void enter(Flow flow);
    /// Moves what was found into `observations`; afterwards nothing may be entered.
    void finish(Observations& observations, ReachedBounds& bounds);

    static constexpr std::size_t most_destinations =
        8192;  ///< for each way in which a name is known: many of one kind hide none of another
    static constexpr std::size_t most_visitors = 1024, most_update_requests = 1024, most_addresses = 256,
                                 most_moments = 4'000'000;

private:
    static constexpr std::size_t batch_size = 32, most_batches = 16;

    void hand_over();
    void describe_all();
    void describe(const Flow& flow);
    void merge(Destination part);
    void keep_update_requests(const Flow& flow, const std::string& name);
    void count_moments(Destination& part);
    void note_cuts(ReachedBounds& bounds) const;

    Identifiers identifiers_;
    std::vector<Destination> visitors_, destinations_;
    std::vector<UpdateRequest> update_requests_;
    std::unordered_map<std::string, std::size_t> request_index_;
    std::map<Resolution, std::size_t> counts_;
    std::size_t moments_ = 0;
    ReachedBounds bounds_;
    std::map<std::tuple<std::string, std::uint16_t, Transport, Resolution>, std::size_t> index_;
    std::uint64_t flows_in_ = 0, flows_unanswered_ = 0, flows_half_recorded_ = 0;

    using Batch = std::vector<Flow>;
    Batch batch_;  ///< to be handed over
    Channel<Batch> ended_{most_batches};
    Channel<Batch> described_{2 * most_batches};  ///< back again: memory is freed where it was allocated,
                                                  ///< else the two threads wait for each other
    std::jthread thread_;  ///< from the first flow on; last, because it uses the others
};

}  // namespace cambench::analysis
