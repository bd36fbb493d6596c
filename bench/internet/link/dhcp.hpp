#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "bench/internet/world/world.hpp"
#include "harness/wire/dhcp_message.hpp"

namespace cambench::internet {

/// The DHCP server of the slot's LAN (RFC 2131).
class Dhcp {
public:
    explicit Dhcp(World& world) : world_(world) {}

    struct Reply {
        Bytes message;
        IpAddress to;    ///< 255.255.255.255 or the camera's address
        MacAddress mac;  ///< broadcast or the camera's
    };
    /// Answers one message and records "dhcp". nullopt: nothing is due.
    [[nodiscard]] std::optional<Reply> received(ByteView message, const IpAddress& source);

private:
    struct Lease {
        IpAddress address;
        bool declined = false;
    };
    /// What one message leads to; the texts go into the event.
    struct Outcome {
        std::optional<dhcp::Kind> kind;
        IpAddress address;
        std::string note;
    };

    [[nodiscard]] Outcome decide(const dhcp::Request& request, const IpAddress& source);
    [[nodiscard]] Outcome decide_request(const dhcp::Request& request, const IpAddress& source);
    /// Takes all addresses back, as often as the scenario has asked for it.
    void withdraw();
    /// The client's address, a fresh one when it has none yet; nullopt when all are taken.
    [[nodiscard]] std::optional<IpAddress> lease_for(const dhcp::Request& request);
    [[nodiscard]] Reply make_reply(const dhcp::Request& request, const Outcome& outcome,
                                   const IpAddress& source) const;
    void record(const dhcp::Request& request, const Outcome& outcome, const IpAddress& source,
                Nanoseconds time);

    World& world_;
    std::map<std::string, Lease> leases_;  ///< by client
    std::set<IpAddress> withdrawn_;        ///< given once, and never again
    std::uint64_t moves_ = 0;              ///< World::lease_moves that were carried out
};

}  // namespace cambench::internet
