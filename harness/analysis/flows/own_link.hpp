#pragma once

#include <unordered_set>
#include <vector>

#include "harness/core/ip.hpp"

namespace cambench::analysis {

/// Which addresses lie on the camera's own network: by the subnets that the network told it, else by whom it
/// looked for as a neighbour and by what a network of one site usually holds.
class OwnLink {
public:
    explicit OwnLink(std::vector<Cidr> subnets) : subnets_(std::move(subnets)) {}

    /// The camera asked by ARP for this address.
    void asked_by_arp(const IpAddress& address);
    /// `peer` is a group, a link-local address or a neighbour of the camera, whose own address is `own`.
    [[nodiscard]] bool holds(const IpAddress& peer, const IpAddress& own) const;
    /// The subnet of `own` was told, so that holds() is certain.
    [[nodiscard]] bool knows(const IpAddress& own) const;
    /// Not by what is on record, yet more of it could show that `peer` is a neighbour.
    [[nodiscard]] bool may_hold(const IpAddress& peer, const IpAddress& own) const;

private:
    static constexpr std::size_t most_asked = 4096;
    std::vector<Cidr> subnets_;
    std::unordered_set<IpAddress> asked_;
};

}  // namespace cambench::analysis
