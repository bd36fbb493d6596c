#include "harness/analysis/flows/survey.hpp"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

constexpr std::uint8_t router_advertisement = 134;
constexpr unsigned shortest_believable_prefix = 8;

/// "ipcam", "IPC-HDW1234", "network camera": the words cameras of any maker use for themselves.
bool names_a_camera(std::string_view text) {
    const auto name = lower(text);
    if (name.find("camera") != std::string::npos || name.find("ipcam") != std::string::npos) return true;
    for (const std::string_view word : {"cam", "ipc", "nvc", "dvr"}) {
        const auto at = name.find(word);
        if (at == std::string::npos) continue;
        const bool begins = at == 0 || !std::isalpha(static_cast<unsigned char>(name[at - 1]));
        const bool ends = at + word.size() == name.size() ||
                          !std::isalpha(static_cast<unsigned char>(name[at + word.size()]));
        if (begins && ends) return true;
    }
    return false;
}

template <typename T>
void insert_bounded(std::set<T>& into, const T& value, std::size_t limit) {
    if (into.size() < limit) into.insert(value);
}

template <typename T>
void append_new(std::vector<T>& into, const T& value, std::size_t limit = 256) {
    if (into.size() < limit && std::find(into.begin(), into.end(), value) == into.end())
        into.push_back(value);
}

}  // namespace

bool Survey::is_public(const IpAddress& address) {
    return !address.is_private() && !address.is_link_local() && !address.is_multicast() &&
           !address.is_broadcast() && !address.is_loopback() && !address.is_unspecified();
}

bool CameraIdentity::sent(const Packet& packet) const {
    if (packet.side != Packet::Side::unknown) return packet.side == Packet::Side::camera;
    if (!macs.empty() && packet.source_mac) return macs.contains(*packet.source_mac);
    return packet.kind == Packet::Kind::ip && addresses.contains(packet.source);
}

bool CameraIdentity::receives(const Packet& packet) const {
    if (packet.side != Packet::Side::unknown) return packet.side == Packet::Side::bench;
    if (!macs.empty() && packet.target_mac) return macs.contains(*packet.target_mac);
    return packet.kind == Packet::Kind::ip && addresses.contains(packet.target);
}

/// On a slot the bench is one host and the camera another, by whatever names it goes; only to list those they
/// are kept apart.
Survey::Host* Survey::sender_of(const Packet& packet) {
    if (packet.side == Packet::Side::bench) return &bench_;
    const bool by_wire = packet.side == Packet::Side::camera;
    Host* sender = nullptr;
    if (packet.source_mac) {
        const bool full = hosts_.size() >= most_hosts && !hosts_.contains(*packet.source_mac);
        if (by_wire && full) return &further_;
        if (full || (packet.source_mac->is_group() && !by_wire)) return nullptr;
        sender = &hosts_[*packet.source_mac];
    } else if (packet.kind == Packet::Kind::ip) {
        if (bare_hosts_.size() >= most_hosts && !bare_hosts_.contains(packet.source)) return nullptr;
        sender = &bare_hosts_[packet.source];
    }
    return sender;
}

void Survey::add(const Packet& packet) {
    if (packet.side == Packet::Side::camera) {
        ++on_wire_.frames;
        if (!on_wire_.first) on_wire_.first = packet.frame;
        on_wire_.last = packet.frame;
    }
    auto* sender = sender_of(packet);
    if (sender == nullptr) return;
    if (sender->frames++ == 0) sender->order = hosts_.size() + bare_hosts_.size();
    sender->carries_mirrors = sender->carries_mirrors || packet.carries_mirror;
    if (packet.carries_mirror) return;
    note_start(packet, *sender);
    if (!sender->first) sender->first = packet.frame;
    sender->last = packet.frame;
    if (packet.kind == Packet::Kind::arp) add_arp(packet, *sender);
    if (packet.kind == Packet::Kind::ip) add_ip(packet, *sender);
}

/// A host joins when it asks for an address or proves that one is free before it speaks to anybody.
void Survey::note_start(const Packet& packet, Host& sender) {
    if (sender.spoke_unicast || sender.start_seen) return;
    const bool probe = packet.kind == Packet::Kind::arp && packet.arp.sender.is_unspecified();
    const bool unsourced = packet.kind == Packet::Kind::ip && packet.source.is_unspecified();
    if (probe || unsourced) sender.start_seen = true;
    const bool group =
        packet.kind == Packet::Kind::ip && (packet.target.is_multicast() || packet.target.is_broadcast());
    if (packet.kind == Packet::Kind::ip && !group && !packet.target.is_link_local())
        sender.spoke_unicast = true;
}

void Survey::add_arp(const Packet& packet, Host& sender) {
    if (packet.arp.sender.is_unspecified()) return;
    insert_bounded(sender.claimed, packet.arp.sender, most_members);
    if (packet.arp.operation == 2) insert_bounded(sender.claimed_by_reply, packet.arp.sender, most_members);
}

/// Which addresses a host speaks for: its own it uses one after the other, those of others it carries all the
/// time.
void Survey::note_sources(const Packet& packet, Host& sender) {
    if (!packet.source.is_unspecified() && !packet.source.is_multicast()) {
        auto& sources = packet.source.is_v4() ? sender.v4_sources : sender.v6_sources;
        const bool added = sources.size() < most_members && sources.insert(packet.source).second;
        if (added) sender.source_order.push_back(packet.source);
        if (packet.source.is_v4() && sender.latest_source != packet.source) {
            if (!added) insert_bounded(sender.came_back_to, packet.source, most_members);
            sender.latest_source = packet.source;
        }
    }
    if (packet.target.is_multicast() || packet.target.is_broadcast()) return;
    ++sender.datagrams;
    if (!packet.source_mac || sender.both_ways || packet.source == packet.target) return;
    const std::pair pair{packet.source, packet.target}, back{packet.target, packet.source};
    if (std::find(sender.latest_pairs.begin(), sender.latest_pairs.end(), back) != sender.latest_pairs.end())
        sender.both_ways = pair;
    else if (std::find(sender.latest_pairs.begin(), sender.latest_pairs.end(), pair) ==
             sender.latest_pairs.end())
        sender.latest_pairs[sender.next_pair++ % sender.latest_pairs.size()] = pair;
}

/// Known hosts only: without a frame of its own nobody is the camera, but one may come later.
Survey::Host* Survey::receiver_of(const Packet& packet) {
    if (packet.side != Packet::Side::unknown) return nullptr;
    if (packet.target_mac) {
        if (packet.target_mac->is_group() ||
            (hosts_.size() >= most_hosts && !hosts_.contains(*packet.target_mac)))
            return nullptr;
        return &hosts_[*packet.target_mac];
    }
    if (packet.source_mac || packet.target.is_multicast() || packet.target.is_broadcast() ||
        (bare_hosts_.size() >= most_hosts && !bare_hosts_.contains(packet.target)))
        return nullptr;
    return &bare_hosts_[packet.target];
}

void Survey::add_ip(const Packet& packet, Host& sender) {
    note_sources(packet, sender);
    auto* receiver = receiver_of(packet);
    note_traits(packet, sender, receiver);
    const bool opens = packet.is_tcp() && packet.tcp.syn && !packet.tcp.ack;
    const bool asks = packet.is_udp() && (packet.target_port == 53 || packet.target_port == 123);
    if (opens || asks || (is_public(packet.target) && packet.is_udp() && packet.target_port < 32768))
        sender.begins_remote = true;
    if (opens && is_public(packet.target)) sender.talks_outside = true;
    if (receiver != nullptr && packet.target_mac) {
        if (packet.target.is_v4()) insert_bounded(receiver->addressed_as, packet.target, most_members);
        if (is_public(packet.target)) insert_bounded(receiver->public_targets, packet.target, most_members);
    }
    if (packet.fragment) return;
    if (packet.is_udp()) add_dhcp(packet, sender);
    if (packet.protocol == 58) add_router(packet, sender);
}

void Survey::add_dhcp(const Packet& packet, Host& sender) {
    if (packet.target_port == 67 || packet.target_port == 68) {
        const auto message = parse_dhcp(packet.payload);
        if (!message) return;
        if (!may_say(packet, message->reply)) return;
        if (!message->reply) {
            sender.dhcp_client = true;
            if (sender.hostname.empty() && !message->hostname.empty())
                sender.hostname = message->hostname, sender.named_in = packet.frame;
            if (sender.vendor_class.empty()) sender.vendor_class = message->vendor_class;
            if (names_a_camera(message->hostname) || names_a_camera(message->vendor_class))
                sender.traits |= says_so;
            if (message->vendor_class.starts_with("udhcp")) sender.traits |= embedded;
            joins_.asks(packet, *message);
            return;
        }
        sender.dhcp_server = true;
        Grant grant;
        grant.sender = packet.source_mac;
        grant.client = message->client;
        grant.offer = message->type == 2;
        grant.resolvers = message->resolvers;
        grant.time_servers = message->time_servers;
        if (grant.offer) return add_grant(std::move(grant), packet);
        if (message->type != 5) return;
        joins_.acknowledges(packet, *message);
        grant.tells = IpAddress::Family::v4;
        grant.routers = message->routers;
        if (message->server) grant.servers.push_back(*message->server);
        const auto lease =
            message->your_address.is_unspecified() ? message->client_address : message->your_address;
        if (!lease.is_unspecified()) grant.lease = lease;
        const auto prefix = message->prefix_length();
        if (grant.lease && prefix && *prefix >= shortest_believable_prefix)
            grant.subnets.emplace_back(lease, *prefix);
        if (!message->domain.empty()) grant.domains.push_back(message->domain);
        add_grant(std::move(grant), packet);
    } else if (packet.target_port == 546) {
        const auto message = parse_dhcpv6(packet.payload);
        if (!message || (message->type != 7 && message->type != 2) || !may_say(packet, true)) return;
        sender.dhcp_server = true;
        Grant grant;
        grant.sender = packet.source_mac;
        grant.client = packet.target_mac;
        grant.tells = IpAddress::Family::v6;
        grant.resolvers = message->resolvers;
        grant.time_servers = message->time_servers;
        grant.servers = {packet.source};
        grant.domains = message->domains;
        if (!message->addresses.empty()) grant.lease = message->addresses.front();
        if (message->type == 7) add_grant(std::move(grant), packet);
    }
}

/// On a slot nobody but the bench serves the network, and nobody but the camera asks.
bool Survey::may_say(const Packet& packet, bool as_server) {
    return packet.side == Packet::Side::unknown || (packet.side == Packet::Side::bench) == as_server;
}

void Survey::add_grant(Grant grant, const Packet& packet) {
    if (grants_.size() >= most_hosts) return;
    grant.time = packet.frame.time;
    grant.on_slot = packet.side == Packet::Side::bench;
    if (packet.payload.size() < packet.length) grant.tells.reset();
    grants_.push_back(std::move(grant));
}

void Survey::add_router(const Packet& packet, Host& sender) {
    const bool advertises = packet.icmp.type == router_advertisement;
    if (!may_say(packet, advertises)) return;
    if (!advertises) return joins_.speaks(packet);
    const auto advertisement = parse_router_advertisement(1, packet.payload);
    if (!advertisement) return;
    sender.router = true;
    joins_.advertises(packet, *advertisement);
    Grant grant;
    grant.sender = packet.source_mac;
    if (!advertisement->resolvers.empty()) grant.tells = IpAddress::Family::v6;
    grant.resolvers = advertisement->resolvers;
    grant.routers = {packet.source};
    grant.subnets = advertisement->prefixes;
    add_grant(std::move(grant), packet);
}

/// Links without MAC addresses: the camera's address in the other family is that of the only host there that
/// begins flows.
void Survey::add_other_family(const IpAddress& known, Camera& camera) const {
    std::vector<IpAddress> begin;
    for (const auto& [address, host] : bare_hosts_) {
        if (address.family() != known.family() && host.begins_remote && !address.is_link_local() &&
            !address.is_unspecified())
            begin.push_back(address);
    }
    if (begin.size() == 1) append_new(camera.addresses, begin.front());
}

void Survey::describe(const Host& host, Camera& camera) const {
    camera.frames_sent = host.frames;
    camera.first_frame = host.first;
    camera.last_frame = host.last;
    camera.hostname = host.hostname;
    camera.vendor_class = host.vendor_class;
    camera.named_in = host.named_in;
}

CameraIdentity Survey::conclude(const Hints& hints, Camera& camera, NetworkFacts& network) const {
    CameraIdentity identity;
    const auto& wanted = hints.wanted;
    camera.guessed = !wanted;
    std::optional<MacAddress> mac = wanted ? std::nullopt : most_likely_camera(hints);
    std::optional<IpAddress> address;
    if (wanted && std::holds_alternative<MacAddress>(*wanted)) mac = std::get<MacAddress>(*wanted);
    if (mac && wanted && !hosts_.contains(*mac) && hosts_.empty())
        mac.reset();  // none is on record: the likeliest address it is
    if (wanted && std::holds_alternative<IpAddress>(*wanted)) {
        address = std::get<IpAddress>(*wanted);
        mac = owner_of(*address);
    }
    if (!mac && !address) address = most_likely_address();
    if (mac) {
        identity.macs.insert(*mac);
        camera.mac = *mac;
        if (const auto host = hosts_.find(*mac); host != hosts_.end()) describe(host->second, camera);
        const bool known = !hints.bench.empty() || by_wire();
        if (camera.guessed && !known) camera.rivals = rivals_of(*mac, hints);
        camera.undeclared_mac =
            camera.guessed && !known && !hints.prefixes.empty() && !is_declared(*mac, hints);
    } else if (address) {
        identity.addresses.insert(*address);
        append_new(camera.addresses, *address);
        if (camera.guessed) add_other_family(*address, camera);
        if (const auto host = bare_hosts_.find(*address); host != bare_hosts_.end()) {
            describe(host->second, camera);
            if (camera.guessed) camera.rivals = rivals_of(*address);
        }
    }
    for (const auto& [other, host] : hosts_) {
        if (host.frames > 0 && (by_wire() || (!hints.bench.empty() && !hints.bench.contains(other))))
            identity.macs.insert(other);
    }
    if (by_wire()) {
        camera.frames_sent = on_wire_.frames;
        camera.first_frame = on_wire_.first;
        camera.last_frame = on_wire_.last;
    }
    list_macs(identity, camera);
    gather_network(identity, camera, network);
    for (const auto& own : camera.addresses) identity.addresses.insert(own);
    network.joined = by_wire() ? joins_.first() : joins_.first_of(identity.macs, identity.addresses);
    return identity;
}

/// What counts for the camera: it does not configure itself, and what it was only offered counts where no
/// acknowledgement is on record.
std::vector<const Survey::Grant*> Survey::grants_to(const CameraIdentity& identity) const {
    std::vector<const Grant*> grants, offers;
    for (const auto& grant : grants_) {
        if (grant.on_slot) {
            (grant.offer ? offers : grants).push_back(&grant);
            continue;
        }
        if (grant.sender && identity.macs.contains(*grant.sender)) continue;
        if (grant.client && !identity.macs.empty() && !identity.macs.contains(*grant.client)) continue;
        (grant.offer ? offers : grants).push_back(&grant);
    }
    const bool acknowledged = std::any_of(grants.begin(), grants.end(),
                                          [](const Grant* one) { return one->lease && one->lease->is_v4(); });
    if (!acknowledged) grants.insert(grants.end(), offers.begin(), offers.end());
    return grants;
}

void Survey::gather_network(const CameraIdentity& identity, Camera& camera, NetworkFacts& network) const {
    std::set<IpAddress> claimed;
    for (const auto* granted : grants_to(identity)) {
        const auto& grant = *granted;
        auto& told = grant.tells == IpAddress::Family::v6 ? network.told_v6 : network.told_v4;
        if (grant.tells) told = std::min(told.value_or(grant.time), grant.time);
        for (const auto& each : grant.resolvers) append_new(network.resolvers, each);
        for (const auto& each : grant.time_servers) append_new(network.time_servers, each);
        for (const auto& each : grant.routers) append_new(network.routers, each);
        for (const auto& each : grant.servers) append_new(network.dhcp_servers, each);
        for (const auto& each : grant.domains) append_new(network.domains, each);
        for (const auto& each : grant.subnets) {
            const bool known =
                std::any_of(network.subnets.begin(), network.subnets.end(),
                            [&](const Cidr& one) { return one.to_string() == each.to_string(); });
            if (!known) network.subnets.push_back(each);
        }
        if (grant.lease) claimed.insert(*grant.lease);
    }
    for (const auto& mac : identity.macs) {
        const auto found = hosts_.find(mac);
        if (found == hosts_.end()) continue;
        const auto& host = found->second;
        claimed.insert(host.claimed.begin(), host.claimed.end());
        const bool proven = std::any_of(host.source_order.begin(), host.source_order.end(),
                                        [&](const IpAddress& source) { return claimed.contains(source); });
        for (const auto& source : host.source_order) {
            const bool own = source.is_v4() ? claimed.contains(source) || !proven : true;
            if (own && camera.addresses.size() < 16) append_new(camera.addresses, source);
        }
        for (const auto& each : host.claimed) {
            if (camera.addresses.size() < 16) append_new(camera.addresses, each);
        }
    }
}

}  // namespace cambench::analysis
