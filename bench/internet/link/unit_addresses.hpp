#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bench/internet/world/world.hpp"
#include "harness/wire/packets.hpp"

namespace cambench::internet {

/// The addresses the camera uses, as its frames show them. Each is told to the engine, once, as
/// "unit-address": a camera that asks nobody for an address can be found by no other means. An address of the
/// bench's own is never the camera's: "address-conflict" says so.
class UnitAddressBook {
public:
    explicit UnitAddressBook(World& world) : world_(world) {}

    /// What the engine says of units with addresses of their own, or wants to know of them: "own-network",
    /// "ask-address", "call-units". nullopt: it is another command.
    [[nodiscard]] std::optional<Status> obey(const Json& command);

    /// The camera uses it. `by` says how that is known: "arp", "neighbour-discovery", "datagram".
    void learn(const IpAddress& own, const MacAddress& mac, std::string_view by);
    /// The camera says that it is its own, by "ws-discovery" or "sadp". Told, and no more: it may be wrong.
    void hint(const IpAddress& stated, const MacAddress& mac, std::string_view by);
    /// Nobody answers for these on the wire.
    [[nodiscard]] bool contains(const IpAddress& address) const { return own_.contains(address); }

    /// Whether the address is the bench's own: its router's, or that of a client program.
    [[nodiscard]] bool is_bench(const IpAddress& address) const;

    /// The frames that ask what the engine wants to know, as far as it was not asked yet. An answer is told
    /// as "unit-address" by "answer".
    [[nodiscard]] std::vector<Bytes> take_questions();

private:
    static constexpr std::size_t most_addresses = 256;

    struct Question {
        IpAddress address;
        std::optional<IpAddress> as;  ///< where the answer goes
        bool quiet = false;           ///< only so that the unit is heard: its answer is no news
    };
    [[nodiscard]] Status obey_known(const std::string& what, const Json& command);
    [[nodiscard]] Bytes frame_of(const Question& asked) const;
    [[nodiscard]] bool is_news(const IpAddress& address, const MacAddress& mac);
    void tell(std::string_view kind, const IpAddress& address, const MacAddress& mac, std::string_view by);

    World& world_;
    std::set<IpAddress>
        operators_;  ///< the bench's client programs, in subnets of units with addresses of their own
    std::vector<Question> questions_;
    bool calls_ = false;
    std::unordered_set<IpAddress> own_;
    std::set<std::pair<IpAddress, MacAddress>> told_;
    std::unordered_set<IpAddress> awaited_;  ///< asked for, and not answered yet
};

/// The addresses a device states as its own in an announcement of WS-Discovery (XAddrs) or SADP (IPv4Address,
/// IPv6Address), in order.
[[nodiscard]] std::vector<IpAddress> stated_addresses(std::string_view announcement);

}  // namespace cambench::internet
