#include "harness/declaration/declaration_network.hpp"

#include <fmt/format.h>

namespace cambench {
namespace {

bool is_a_hosts(const IpAddress& address) {
    return !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast() &&
           !address.is_loopback();
}

DeclaredNetwork network_of(const markup::Node& node) {
    DeclaredNetwork network;
    if (node.given("address")) network.address = node.network("address");
    if (node.given("gateway")) network.gateway = node.address("gateway");
    if (node.given("resolver")) network.resolver = node.address("resolver");
    return network;
}

}  // namespace

const markup::Element& unit_network_element() {
    using markup::Kind;
    static const markup::Element element{
        .name = "network",
        .doc =
            "The network settings a unit comes with, or was given for the test, where it does not ask DHCP "
            "for them.",
        .attributes = {{.name = "address",
                        .kind = Kind::network,
                        .doc = "Its own address with the length of its subnet's prefix: 192.168.1.108/24."},
                       {.name = "gateway", .kind = Kind::address, .doc = "The router it is set to."},
                       {.name = "resolver",
                        .kind = Kind::address,
                        .doc = "The resolver it is set to; asking it is no choice of the firmware's."}},
        .one_of = {{"address", "gateway", "resolver"}}};
    return element;
}

void read_networks(const markup::Node& root, Declaration& declaration, markup::Problems& problems) {
    for (const auto* node : root.all("network")) {
        const auto network = network_of(*node);
        if (network.address && !is_a_hosts(network.address->base()))
            problems.push_back(problem_at_attribute(
                *node, "address", fmt::format("'{}' is nobody's address", node->text("address")),
                "write the unit's own, such as 192.168.1.108/24"));
        const bool beyond =
            network.address && network.gateway &&
            network.address->prefix_length() < (network.address->base().is_v4() ? 32U : 128U) &&
            network.address->base().family() == network.gateway->family() &&
            !network.gateway->is_link_local() && !network.address->contains(*network.gateway);
        if (beyond)
            problems.push_back(
                warning_at(*node,
                           fmt::format("the gateway {} is not in {}", network.gateway->to_string(),
                                       network.address->to_string()),
                           "look at both: the unit cannot reach it"));
        if (network.resolver) declaration.resolvers.push_back(*network.resolver);
    }
}

std::vector<DeclaredNetwork> declared_networks(const std::filesystem::path& declaration) {
    std::vector<DeclaredNetwork> networks;
    markup::Problems problems;
    const auto root = markup::read_file(declaration, declaration_element(), problems);
    if (!root) return networks;
    for (const auto* node : root->all("network")) networks.push_back(network_of(*node));
    return networks;
}

}  // namespace cambench
