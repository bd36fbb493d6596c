#include "bench/unit_addresses.hpp"

#include <algorithm>
#include <tuple>

namespace cambench {
namespace {

std::string text_of(const Event& event, const char* field) {
    const auto found = event.fields.find(field);
    return found != event.fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The lower, the rather is a unit called there.
unsigned rank_of(const UnitAddresses::Shown& one) {
    if (one.stated) return 0;
    if (one.address.is_v4()) return one.address.is_link_local() ? 3 : 1;
    return one.address.is_link_local() ? 4 : 2;
}

}  // namespace

bool is_lease(const Event& event) {
    return event.lane == "network" && event.kind == "dhcp" && text_of(event, "answer") == "ack" &&
           !text_of(event, "address").empty();
}

void UnitAddresses::emit(Event event) {
    hear(event);
    next_.emit(std::move(event));
}

void UnitAddresses::emit_texts(std::string_view lane, std::span<const EventText> events) {
    for (const auto& event : events)
        if (tells(event.kind)) hear(event_of(event, lane));
    next_.emit_texts(lane, events);
}

bool UnitAddresses::tells(std::string_view kind) const {
    if (kind == "dhcp" || kind == "dhcp6" || kind == "unit-address" || kind == "address-conflict")
        return true;
    if (kind != "arp" && kind != "ndp") return false;
    const std::scoped_lock lock(mutex_);
    return asked_for_.size() < most_neighbours;
}

void UnitAddresses::hear(const Event& event) {
    if (event.lane != "network") return;
    const std::scoped_lock lock(mutex_);
    if (event.kind == "dhcp" || event.kind == "dhcp6") hear_dhcp(event);
    if (event.kind == "unit-address") hear_address(event);
    const bool question = event.kind == "arp" || event.kind == "ndp";
    if (!question && event.kind != "address-conflict") return;
    const auto address = IpAddress::parse(text_of(event, "address"));
    if (!address) return;
    if (event.kind == "address-conflict")
        conflicts_.insert(*address);
    else if (text_of(event, "sort") == "request" && asked_for_.size() < most_neighbours)
        asked_for_.insert(*address);
}

void UnitAddresses::hear_dhcp(const Event& event) {
    const auto message = text_of(event, "message");
    const bool v4 = event.kind == "dhcp";
    if (v4 && (message == "discover" || message == "request")) {
        asked_dhcp_ = asked_dhcp_ || event.time >= started_;
        ever_asked_dhcp_ = true;
    }
    if (text_of(event, "answer") != (v4 ? "ack" : "reply")) return;
    const auto mac = MacAddress::parse(text_of(event, "mac"));
    if (mac && macs_.size() < most_macs) macs_.insert(*mac);
    const auto address = IpAddress::parse(text_of(event, "address"));
    if (!address) return;
    if (auto* one = known(*address, event.kind)) one->proven = true;
    if (v4 && leased_.size() < most_addresses) leased_.insert(*address);
    const auto in_use = current_ ? known_.find(*current_) : known_.end();
    if (v4 && (in_use == known_.end() || !in_use->second.stated)) current_ = *address;
}

void UnitAddresses::hear_address(const Event& event) {
    const auto address = IpAddress::parse(text_of(event, "address"));
    const auto by = text_of(event, "by");
    auto* one = address ? known(*address, by) : nullptr;
    if (one == nullptr) return;
    one->proven = one->proven || (by != "ws-discovery" && by != "sadp");
    if (event.time < started_) {  // told late: as if begin_start had known of it
        if (one->proven && !one->first && !leased_.contains(*address)) one->first = started_;
        return;
    }
    if (!one->first) one->first = event.time;
    if (by != "answer") return;
    one->answered = event.time;
    const auto mac = MacAddress::parse(text_of(event, "mac"));
    if (mac && macs_.size() < most_macs) macs_.insert(*mac);
}

UnitAddresses::Known* UnitAddresses::known(const IpAddress& address, std::string_view by) {
    if (known_.size() >= most_addresses && !known_.contains(address)) return nullptr;
    const auto [entry, added] = known_.try_emplace(address);
    if (added) entry->second.order = known_.size(), entry->second.by = by;
    return &entry->second;
}

std::set<MacAddress> UnitAddresses::macs() const {
    const std::scoped_lock lock(mutex_);
    return macs_;
}

std::vector<UnitAddresses::Shown> UnitAddresses::shown() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::pair<std::uint64_t, Shown>> found;
    for (const auto& [address, one] : known_)
        if (one.first) found.push_back({one.order, {address, one.by, *one.first, one.answered, one.stated}});
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return std::tuple(rank_of(a.second), a.first) < std::tuple(rank_of(b.second), b.first);
    });
    std::vector<Shown> list;
    for (auto& [order, one] : found) list.push_back(std::move(one));
    return list;
}

std::vector<IpAddress> UnitAddresses::expected() const {
    const std::scoped_lock lock(mutex_);
    std::vector<IpAddress> list;
    for (const auto& [address, one] : known_)
        if (one.stated) list.push_back(address);
    if (current_ && !leased_.contains(*current_) &&
        std::find(list.begin(), list.end(), *current_) == list.end())
        list.push_back(*current_);
    return list;
}

std::vector<IpAddress> UnitAddresses::all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::pair<std::uint64_t, IpAddress>> found;
    for (const auto& [address, one] : known_)
        if (one.proven) found.emplace_back(one.order, address);
    std::sort(found.begin(), found.end());
    std::vector<IpAddress> list;
    for (const auto& [order, address] : found) list.push_back(address);
    return list;
}

std::vector<IpAddress> UnitAddresses::neighbours() const {
    const std::scoped_lock lock(mutex_);
    return {asked_for_.begin(), asked_for_.end()};
}

bool UnitAddresses::leased(const IpAddress& address) const {
    const std::scoped_lock lock(mutex_);
    return leased_.contains(address);
}

bool UnitAddresses::asked_dhcp() const {
    const std::scoped_lock lock(mutex_);
    return asked_dhcp_;
}

bool UnitAddresses::ever_asked_dhcp() const {
    const std::scoped_lock lock(mutex_);
    return ever_asked_dhcp_;
}

std::vector<IpAddress> UnitAddresses::conflicts() const {
    const std::scoped_lock lock(mutex_);
    return {conflicts_.begin(), conflicts_.end()};
}

void UnitAddresses::begin_start(Nanoseconds now) {
    const std::scoped_lock lock(mutex_);
    started_ = now;
    asked_dhcp_ = false;
    for (auto& [address, one] : known_) {
        one.answered.reset();
        one.first = one.proven && !leased_.contains(address)
                        ? std::optional(now)
                        : std::nullopt;  // it is told of once a run: it may have it still
    }
}

void UnitAddresses::state(const StatedNetwork& network) {
    const std::scoped_lock lock(mutex_);
    for (const auto& own : network.addresses)
        if (auto* one = known(own.address, "stated")) one->stated = true;
}

std::optional<IpAddress> UnitAddresses::current() const {
    const std::scoped_lock lock(mutex_);
    return current_;
}

void UnitAddresses::use(const IpAddress& address) {
    const std::scoped_lock lock(mutex_);
    current_ = address;
}

}  // namespace cambench
