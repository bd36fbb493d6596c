#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/analysis/flows/flow.hpp"
#include "harness/analysis/flows/survey.hpp"

namespace cambench::analysis {

/// What the engine and the keeper say of the network they made, which the process that answers the camera
/// cannot change.
struct OwnNetwork {
    bool told = false;              ///< nothing of an older run is held against its capture
    std::vector<Cidr> pools;        ///< the addresses that names get
    std::vector<IpAddress> stated;  ///< that the scenario gives to names
    std::vector<Cidr>
        subnets;         ///< the unit's own, as its declaration or whoever put it into the slot states them
    bool loses = false;  ///< the scenario's conditions may have kept an answer from going out
    std::vector<Nanoseconds>
        cuts;  ///< when power or wire was switched: what was under way then did not arrive
    [[nodiscard]] bool gives(const IpAddress& address) const;
};

/// What events of the fake internet say of traffic. That process parses the camera's bytes and may be in
/// foreign hands: it can accuse, never acquit.
class Claims {
public:
    void take(const Event& event);

private:
    friend class Witness;
    struct Answer {
        Nanoseconds time{};
        std::string name;
        std::vector<IpAddress> addresses;
        bool clear = false;  ///< the address has to be found on the wire as it is
    };
    struct Talk {
        Nanoseconds first{};
        std::string kind;  ///< of its first event
        std::vector<Answer> answers;
    };
    struct Lease {
        Nanoseconds time{};
        MacAddress mac;
        IpAddress address;
    };

    void take_answers(const Event& event, Talk* talk);

    std::unordered_map<FlowKey, Talk, FlowKeyHash> talks_;
    std::vector<Lease> leases_;
    std::vector<std::pair<Nanoseconds, std::string>> nowhere_;  ///< names that were told to nobody
    std::uint64_t delivered_ = 0;                               ///< bytes of an offered package, at the most
    Nanoseconds delivered_at_{};
    std::uint64_t beyond_ = 0;  ///< more talks than are kept
};

/// Holds claims against the frames of the capture, which the process that makes the claims cannot touch.
class Witness {
public:
    Witness(const Claims& claims, OwnNetwork network, WallTime wall_zero);
    void add(const Packet& packet, const CameraIdentity& identity);

    struct Contradiction {
        Nanoseconds time{};
        std::string text;
        bool unanswered = false;  ///< the camera asked, and only the answer is missing: a unit that cannot be
                                  ///< reached gets none
    };
    /// What the frames do not bear out, in order.
    [[nodiscard]] std::vector<Contradiction> contradictions() const;
    /// Claims that are more than are kept, and so were held against nothing.
    [[nodiscard]] std::uint64_t not_held() const { return network_.told ? claims_.beyond_ : 0; }

private:
    struct Seen {
        std::optional<Nanoseconds> first;  ///< frame from the camera
        std::vector<Nanoseconds>
            answered;  ///< when the other side said something, at most 64 times a second apart
        std::vector<IpAddress> crossed;  ///< of the claimed addresses
    };

    void take_lease(const Packet& packet);
    [[nodiscard]] bool may_be_missing(Nanoseconds time, Nanoseconds under_way) const;
    void judge(const FlowKey& key, const Claims::Talk& talk, std::vector<Contradiction>& found) const;
    void judge_answer(const FlowKey& key, const Claims::Answer& answer, const Seen& seen,
                      std::vector<Contradiction>& found) const;

    const Claims& claims_;
    OwnNetwork network_;
    WallTime wall_zero_;
    Nanoseconds last_{};  ///< frame of the camera
    std::uint64_t bytes_in_ = 0;
    std::unordered_map<FlowKey, Seen, FlowKeyHash> seen_;
    std::set<std::pair<MacAddress, IpAddress>> leased_;
};

}  // namespace cambench::analysis
