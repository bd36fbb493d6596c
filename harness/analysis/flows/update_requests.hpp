#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/flows/flow.hpp"
#include "harness/core/event.hpp"

namespace cambench::analysis {

/// What tells this product and its firmware from others: as declared, as its boot log states.
struct UnitWords {
    std::vector<std::string> models, versions;
};

/// Somebody the camera asks for firmware, and why that is thought.
struct UpdateContact {
    std::string server;  ///< a name, else an address
    Endpoint destination;
    bool encrypted = false;
    std::string request;               ///< the one that tells most: "GET /check?model=UC-7&ver=1.9.3"
    std::vector<std::string> grounds;  ///< "its path says 'firmware'", "it names the version 1.9.3"
    std::string image;  ///< what was delivered: "U-Boot legacy image"; "": nothing that is firmware
    std::uint64_t image_bytes = 0;
    /// An image of firmware came, or what an answer named was fetched; otherwise the request's words are all
    /// there is.
    bool certain = false;
    bool offered = false;  ///< by the bench: nothing new
    FrameRef frame;
    std::uint64_t times = 1;  ///< requests of that shape
};

/// Requests in clear of a flow the camera began that could be about firmware; parsed from what is kept of its
/// beginning.
[[nodiscard]] std::vector<UpdateRequest> update_requests_of(const Flow& flow, const std::string& name);
/// The same of an "http-request" the fake internet saw inside TLS; nullopt when it could not be.
[[nodiscard]] std::optional<UpdateRequest> update_request_of(const Event& event);

/// Servers asked for firmware, in order of the first request that shows it. Observes; accuses nobody.
[[nodiscard]] std::vector<UpdateContact> update_contacts(const Observations& observations,
                                                         const UnitWords& words);

}  // namespace cambench::analysis
