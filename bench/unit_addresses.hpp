#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/event.hpp"
#include "harness/core/ip.hpp"

namespace cambench {

/// What is said of a unit's network before it has shown itself: by its declaration or by whoever put it into
/// the slot.
struct StatedNetwork {
    struct Own {
        IpAddress address;
        std::optional<Cidr> subnet;  ///< nullopt: it was not said
    };
    std::vector<Own> addresses;         ///< of its own; it asks nobody for them
    std::vector<IpAddress> neighbours;  ///< gateway and resolver that it believes in
};

/// Where the unit of a slot can be reached, and how that is known. Hands events on. Thread-safe.
///
/// A unit takes a lease by DHCP, or has an address of its own, which its frames show. What its frames show
/// counts as its address once it was asked for it and answered: a boot loader may use one for two seconds
/// that the unit never uses again.
class UnitAddresses final : public EventSink {
public:
    explicit UnitAddresses(EventSink& next) : next_(next) {}

    void emit(Event event) override;
    void emit_texts(std::string_view lane, std::span<const EventText> events) override;

    /// Who took a lease, or answered where the unit was asked for, ever.
    [[nodiscard]] std::set<MacAddress> macs() const;

    struct Shown {
        IpAddress address;
        std::string by;                       ///< "arp", "ws-discovery", ...
        Nanoseconds first{};                  ///< since the last start; that moment for one it had before
        std::optional<Nanoseconds> answered;  ///< when it was asked for last, and answered
        bool stated = false;
    };
    /// What the unit has shown since its last start, or had before and was not leased, the one first that it
    /// should be called at: stated ones, IPv4 before IPv6, and those of a link alone last.
    [[nodiscard]] std::vector<Shown> shown() const;
    /// Where it should be after a start, shown or not: what is stated, and what it was called at before.
    [[nodiscard]] std::vector<IpAddress> expected() const;
    /// Every address that the unit has leased, or that frames came from, in order.
    [[nodiscard]] std::vector<IpAddress> all() const;
    /// Addresses it looked for on its network.
    [[nodiscard]] std::vector<IpAddress> neighbours() const;
    /// Whether it has taken this address by DHCP.
    [[nodiscard]] bool leased(const IpAddress& address) const;
    /// Whether it has asked DHCP for an address since its last start, and whether it ever did.
    [[nodiscard]] bool asked_dhcp() const;
    [[nodiscard]] bool ever_asked_dhcp() const;
    /// The bench's own addresses that the unit uses as well: nobody can call it there.
    [[nodiscard]] std::vector<IpAddress> conflicts() const;

    /// The unit starts: it has asked nobody for an address yet, and what it has answered does not count any
    /// more.
    void begin_start(Nanoseconds now);
    void state(const StatedNetwork& network);

    /// What the unit is called at: its newest lease, or what use() was told. A stated address is not given up
    /// for a lease.
    [[nodiscard]] std::optional<IpAddress> current() const;
    void use(const IpAddress& address);

private:
    static constexpr std::size_t most_macs = 64, most_addresses = 512, most_neighbours = 256;
    struct Known {
        std::string by;
        std::uint64_t order = 0;
        std::optional<Nanoseconds> first, answered;  ///< since the last start
        bool stated = false;
        bool proven = false;  ///< a frame from there, or a lease: more than a word
    };

    [[nodiscard]] bool tells(std::string_view kind) const;
    void hear(const Event& event);
    void hear_dhcp(const Event& event);
    void hear_address(const Event& event);
    Known* known(const IpAddress& address, std::string_view by);

    EventSink& next_;
    mutable std::mutex mutex_;
    std::set<MacAddress> macs_;
    std::map<IpAddress, Known> known_;
    std::set<IpAddress> leased_, conflicts_, asked_for_;
    std::optional<IpAddress> current_;
    Nanoseconds started_{};
    bool asked_dhcp_ = false, ever_asked_dhcp_ = false;
};

/// Whether the event is the DHCP server's acknowledgement of a lease; its "address" is the unit's.
[[nodiscard]] bool is_lease(const Event& event);

}  // namespace cambench
