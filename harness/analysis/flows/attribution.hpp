#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/wire/dns.hpp"

namespace cambench::analysis {

/// A name that DNS gave for an address.
struct NameOf {
    std::string name;
    std::vector<std::string> aliases;
};

/// What the camera asked resolvers, what they told it, and so which name an address has at a moment of the
/// recording.
///
/// Only an answer to a question that the camera asked the same resolver from the same port counts; an answer
/// nobody asked for (or that the camera sends itself) names nothing. An alias that an answer told belongs to
/// the name asked for, so its addresses do as well, when the camera asks for the alias by itself.
class NameBook {
public:
    struct Route {  ///< of a query; an answer must come back along it
        Endpoint camera, resolver;
        Transport transport = Transport::udp;
        auto operator<=>(const Route&) const = default;
    };

    /// `told`: the resolvers the network told the camera.
    explicit NameBook(std::vector<IpAddress> told = {}) : told_(std::move(told)) {}

    void asked(const DnsMessage& query, const Route& route, const FrameRef& frame, bool multicast);
    /// Whether the question may lie before the recording, so that an answer to nothing may be an honest one.
    enum class Earlier { nothing, perhaps_asked };
    void answered(const DnsMessage& answer, const Route& route, const FrameRef& frame,
                  Earlier earlier = Earlier::nothing);
    /// A name the bench itself gave on a way the capture does not show in clear (DNS over TLS).
    void given(const NamedAddresses& named);

    /// All names given for `address` so far, the latest first.
    [[nodiscard]] std::vector<NameOf> names_of(const IpAddress& address) const;
    /// The name an unnamed address perhaps has, because the recording lacks half of a look-up: a resolver the
    /// camera asks answered a question that is not on record, or none answered to what it asked for, once,
    /// just before `now`. "" : none.
    [[nodiscard]] std::string perhaps(const IpAddress& address, WallTime now) const;
    /// The name whose SRV answer told the camera this host and port; "": none.
    [[nodiscard]] std::string service_at(const std::string& host, std::uint16_t port) const;
    [[nodiscard]] std::vector<DnsLookup> take_lookups() { return std::move(lookups_); }
    /// A name was given for it, which is one too many to be kept.
    [[nodiscard]] bool is_named_beyond(const IpAddress& address) const {
        return named_beyond_.contains(address);
    }
    [[nodiscard]] const std::optional<WallTime>& cut_since() const { return cut_since_; }
    /// Whether the camera was seen to ask for it.
    [[nodiscard]] bool knows(const std::string& name, const std::string& type) const {
        return asked_for_.contains(name + ' ' + type);
    }
    [[nodiscard]] const ReachedBounds& bounds() const { return bounds_; }

    static constexpr std::size_t most_lookups = 40'000, most_addresses = 65'536, most_named = 1'000'000,
                                 most_pending = 4096, most_names = 64, most_answers = 256;

private:
    static constexpr std::size_t unlisted = SIZE_MAX;
    struct Pending {
        Route route;
        std::uint16_t id;
        std::string name;
        std::uint16_t type;
        std::size_t lookup;  ///< `unlisted`: one too many
        WallTime time;
        bool answered = false;
    };

    std::vector<IpAddress> told_;
    std::vector<DnsLookup> lookups_;
    std::map<std::tuple<std::string, std::uint16_t, Endpoint, Transport>, std::size_t> index_;
    std::deque<Pending> pending_;  ///< the latest at the back
    std::unordered_map<IpAddress, std::vector<NameOf>> names_;
    std::unordered_map<std::string, std::vector<std::string>>
        owners_;                                          ///< by alias: the names whose answers told of it
    std::unordered_map<IpAddress, std::string> unasked_;  ///< by answers to questions that are not on record
    std::map<std::pair<std::string, std::uint16_t>, std::string>
        services_;                               ///< by host and port of SRV answers
    std::unordered_set<IpAddress> answering_;    ///< resolvers that have answered
    std::unordered_set<std::string> asked_for_;  ///< names and types
    std::unordered_set<IpAddress> named_beyond_;
    std::optional<WallTime> cut_since_;
    std::unordered_set<Endpoint> asked_;  ///< resolvers that were asked
    WallTime now_{};
    ReachedBounds bounds_;
    template <typename T>
    void append_new(std::vector<T>& into, const std::vector<T>& values);
    [[nodiscard]] std::size_t lookup_of(const DnsMessage::Question& question, const Route& route,
                                        const FrameRef& frame, bool multicast);
    [[nodiscard]] std::string asked_in_vain(WallTime now) const;
    [[nodiscard]] bool may_answer(const IpAddress& resolver) const;
    void answered_unasked(const DnsMessage& answer, const Endpoint& resolver, Earlier earlier);
    void remember(const IpAddress& address, NameOf name);
    [[nodiscard]] std::vector<std::string> owners_of(const std::string& alias) const;
};

}  // namespace cambench::analysis
