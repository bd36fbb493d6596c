#include "harness/steps/stated_network.hpp"

#include <fmt/format.h>

#include "harness/declaration/declaration_network.hpp"

namespace cambench {
namespace {

StatedNetwork::Own own_address(const Cidr& written) {
    const bool length_given = written.prefix_length() < (written.base().is_v4() ? 32U : 128U);
    return {written.base(), length_given ? std::optional(written) : std::nullopt};
}

}  // namespace

Result<StatedNetwork> stated_network(const std::vector<std::string>& addresses,
                                     const std::optional<std::filesystem::path>& declaration) {
    StatedNetwork network;
    for (const auto& text : addresses) {
        const auto written = Cidr::parse(text);
        if (!written || written->base().is_unspecified() || written->base().is_multicast() ||
            written->base().is_loopback())
            return usage_error(
                fmt::format("--address {}: that is no unit's address; write it as 192.168.1.108/24", text));
        network.addresses.push_back(own_address(*written));
    }
    if (!declaration) return network;
    for (const auto& declared : declared_networks(*declaration)) {
        if (declared.address && addresses.empty())
            network.addresses.push_back(own_address(*declared.address));
        for (const auto& neighbour : {declared.gateway, declared.resolver})
            if (neighbour) network.neighbours.push_back(*neighbour);
    }
    return network;
}

}  // namespace cambench
