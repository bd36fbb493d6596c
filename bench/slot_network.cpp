// Where a slot's unit can be reached, when it asks nobody for an address: the sandbox joins the subnet it
// believes in.
#include <fmt/format.h>

#include <algorithm>

#include "bench/slot.hpp"

namespace cambench {
namespace {

constexpr std::size_t most_networks = 8;  ///< a unit that shows more is not at home in any

}  // namespace

/// Once the unit shows an address that none of the bench's own is a neighbour of.
Status Slot::join_networks() {
    for (const auto& shown : addresses_.shown()) TRY(join_network_of(shown.address));
    return {};
}

Status Slot::join_network_of(const IpAddress& unit) {
    const bool on_link6 =
        !unit.is_v4() && unit.is_link_local();  // the bench has an address there from the beginning
    const sandbox::Layout layout;
    for (const auto& pool : {layout.name_pool, layout.name_pool6})
        if (const auto names = Cidr::parse(pool); names && names->contains(unit))
            return {};  // of names, whatever a unit says
    if (sandbox_->lan().contains(unit) || sandbox_->lan6().contains(unit) || on_link6 ||
        own_networks_.size() >= most_networks)
        return {};
    const bool joined = std::any_of(own_networks_.begin(), own_networks_.end(),
                                    [&](const auto& one) { return one.subnet.contains(unit); });
    if (joined) return {};
    const auto said = std::find_if(stated_.begin(), stated_.end(),
                                   [&](const auto& own) { return own.address == unit && own.subnet; });
    sandbox::OwnNetwork network{
        unit, said != stated_.end() ? *said->subnet : sandbox::usual_subnet(unit), {}};
    auto taken = addresses_.all();
    taken.insert(taken.end(), neighbours_.begin(), neighbours_.end());
    const auto looked_for = addresses_.neighbours();
    taken.insert(taken.end(), looked_for.begin(), looked_for.end());
    for (const auto& own : stated_) taken.push_back(own.address);
    const auto beside = sandbox::operator_address_beside(unit, network.subnet, taken);
    if (beside) {
        network.operator_address = *beside;
        TRY(sandbox_->join(network));
    }
    own_networks_.push_back(network);
    emit_now(events_, clock_, "bench", "own-network",
             {{"unit", unit.to_string()},
              {"subnet", network.subnet.to_string()},
              {"stated", said != stated_.end()},
              {"operator", beside ? Json(beside->to_string()) : Json()}});
    return {};
}

Status Slot::ask_for(const IpAddress& address) {
    TRY(join_network_of(address));
    Json command{{"command", "ask-address"}, {"address", address.to_string()}};
    const auto near = std::find_if(own_networks_.begin(), own_networks_.end(), [&](const auto& one) {
        return one.subnet.contains(address) && !one.operator_address.is_unspecified();
    });
    if (near != own_networks_.end()) command["as"] = near->operator_address.to_string();
    return sandbox_->command(command);
}

Status Slot::call_units() {
    emit_now(events_, clock_, "bench", "call-units");
    return sandbox_->command({{"command", "call-units"}});
}

/// For whoever reads the run: which addresses the unit had, and how it came by them.
void Slot::tell_addresses() {
    const auto current = addresses_.current();
    Json all = Json::array();
    for (const auto& address : addresses_.all()) all.push_back(address.to_string());
    Json conflicts = Json::array();
    for (const auto& address : addresses_.conflicts()) conflicts.push_back(address.to_string());
    emit_now(events_, clock_, "bench", "unit-addresses",
             {{"called_at", current ? Json(current->to_string()) : Json()},
              {"addresses", std::move(all)},
              {"asked_dhcp", addresses_.ever_asked_dhcp()},
              {"conflicts", std::move(conflicts)}});
}

}  // namespace cambench
