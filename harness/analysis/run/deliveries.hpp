#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// Gathers from a timeline's network events what each server was sent, and from its handshakes how the camera
/// took its certificate.
class DeliveryReader {
public:
    void take(const Event& event);
    /// Gives every destination what was meant for it. Once, last.
    void finish(std::vector<Destination>& destinations, const std::vector<TlsOutcome>& handshakes,
                ReachedBounds& bounds);

private:
    using Key = std::pair<Endpoint, Transport>;
    struct Server {
        std::vector<Delivery> deliveries;
        std::vector<CertificateAnswer> certificates;
        std::uint64_t unlisted = 0;
    };
    void take_delivery(const Event& event, Server& server);
    static void take_answer(const TlsOutcome& tls, Server& server);
    [[nodiscard]] Server* server_at(const Key& key);

    std::map<Key, Server> servers_;
    std::uint64_t further_ = 0;  ///< that found no room
};

}  // namespace cambench::analysis
