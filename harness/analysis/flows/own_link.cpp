#include "harness/analysis/flows/own_link.hpp"

#include <algorithm>

namespace cambench::analysis {
namespace {

/// As large as a network of one site is as a rule, where nothing tells.
bool same_usual_subnet(const IpAddress& a, const IpAddress& b) {
    if (a.family() != b.family()) return false;
    if (a.is_v4()) return a.to_v4() >> 8 == b.to_v4() >> 8;
    return std::equal(a.bytes().begin(), a.bytes().begin() + 8, b.bytes().begin());
}

}  // namespace

void OwnLink::asked_by_arp(const IpAddress& address) {
    if (asked_.size() < most_asked) asked_.insert(address);
}

bool OwnLink::knows(const IpAddress& own) const {
    return std::any_of(subnets_.begin(), subnets_.end(),
                       [&](const Cidr& subnet) { return subnet.contains(own); });
}

bool OwnLink::holds(const IpAddress& peer, const IpAddress& own) const {
    if (peer.is_multicast() || peer.is_broadcast() || peer.is_link_local() || knows(peer)) return true;
    if (knows(own)) return false;  // its subnet is known, and the peer is not in it
    if (peer.is_private()) return asked_.contains(peer) || same_usual_subnet(peer, own);
    // A site whose machines have addresses of the internet. Where the network told its own, no address that
    // the camera takes makes another.
    if (std::any_of(subnets_.begin(), subnets_.end(),
                    [&](const Cidr& subnet) { return subnet.base().family() == peer.family(); }))
        return false;
    return !own.is_private() && same_usual_subnet(peer, own) && (!own.is_v4() || asked_.contains(peer));
}

bool OwnLink::may_hold(const IpAddress& peer, const IpAddress& own) const {
    if (knows(own) || holds(peer, own)) return false;
    return peer.is_private() || (!own.is_private() && same_usual_subnet(peer, own));
}

}  // namespace cambench::analysis
