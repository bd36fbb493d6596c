#include "harness/checks/resolvers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "harness/checks/matching.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

// Published addresses of the operators themselves; not exhaustive, other resolvers are found by port and
// first bytes.
constexpr std::array<std::string_view, 34> public_addresses{"1.1.1.1",
                                                            "1.0.0.1",
                                                            "1.1.1.2",
                                                            "1.0.0.2",
                                                            "8.8.8.8",
                                                            "8.8.4.4",
                                                            "9.9.9.9",
                                                            "9.9.9.10",
                                                            "149.112.112.112",
                                                            "208.67.222.222",
                                                            "208.67.220.220",
                                                            "94.140.14.14",
                                                            "94.140.15.15",
                                                            "76.76.2.0",
                                                            "76.76.10.0",
                                                            "185.228.168.9",
                                                            "185.228.169.9",
                                                            "77.88.8.8",
                                                            "77.88.8.1",
                                                            "223.5.5.5",
                                                            "223.6.6.6",
                                                            "119.29.29.29",
                                                            "1.12.12.12",
                                                            "120.53.53.53",
                                                            "180.76.76.76",
                                                            "114.114.114.114",
                                                            "114.114.115.115",
                                                            "101.226.4.6",
                                                            "168.126.63.1",
                                                            "2606:4700:4700::1111",
                                                            "2001:4860:4860::8888",
                                                            "2620:fe::fe",
                                                            "2400:3200::1",
                                                            "2001:4860:4860::8844"};
constexpr std::array<std::string_view, 22> public_names{"dns.google",
                                                        "*.dns.google",
                                                        "dns.google.com",
                                                        "cloudflare-dns.com",
                                                        "*.cloudflare-dns.com",
                                                        "one.one.one.one",
                                                        "dns.quad9.net",
                                                        "*.quad9.net",
                                                        "doh.opendns.com",
                                                        "dns.opendns.com",
                                                        "dns.alidns.com",
                                                        "*.alidns.com",
                                                        "doh.pub",
                                                        "dot.pub",
                                                        "dns.pub",
                                                        "doh.360.cn",
                                                        "dot.360.cn",
                                                        "dns.adguard-dns.com",
                                                        "*.adguard.com",
                                                        "dns.nextdns.io",
                                                        "*.dns.nextdns.io",
                                                        "doh.cleanbrowsing.org"};

}  // namespace

bool is_public_resolver(const IpAddress& address) {
    return std::any_of(public_addresses.begin(), public_addresses.end(), [&](std::string_view text) {
        const auto known = IpAddress::parse(text);
        return known && *known == address;
    });
}

bool is_public_resolver(std::string_view name) {
    return std::any_of(public_names.begin(), public_names.end(),
                       [&](std::string_view pattern) { return name_matches(pattern, name); });
}

bool has_own_settings(IpAddress::Family family, const analysis::Observations& observations) {
    const auto of_family = [&](const IpAddress& one) {
        return one.family() == family && !(one.is_link_local() && !one.is_v4());
    };
    const auto& network = observations.network;
    const auto& own = observations.camera.addresses;
    const auto given = [&](const IpAddress& one) {
        return std::any_of(network.subnets.begin(), network.subnets.end(),
                           [&](const Cidr& subnet) { return subnet.contains(one); });
    };
    if (!observations.complete || std::none_of(own.begin(), own.end(), of_family)) return false;
    if (std::any_of(own.begin(), own.end(),
                    [&](const IpAddress& one) { return of_family(one) && given(one); }))
        return false;
    return family == IpAddress::Family::v6 ||
           std::none_of(network.dhcp_servers.begin(), network.dhcp_servers.end(), of_family);
}

ResolverStanding standing_of_resolver(const IpAddress& resolver, bool on_lan, WallTime last_asked,
                                      const analysis::Observations& observations,
                                      const Declaration* declaration) {
    if (declaration != nullptr && (declaration->resolver == Declaration::ResolverSource::any ||
                                   among(declaration->resolvers, resolver)))
        return ResolverStanding::given;
    if (among(observations.network.resolvers, resolver)) return ResolverStanding::given;
    if (is_nobodys(resolver)) return ResolverStanding::nobody;
    const bool own_settings = has_own_settings(resolver.family(), observations);
    if (!own_settings && observations.network.told(resolver.family()) &&
        network_told(resolver, last_asked, observations))
        return ResolverStanding::foreign;
    if (on_lan) return ResolverStanding::assumed;
    // A resolver of the site, behind its router, is set by whoever set the unit's address; one of the
    // internet may be the maker's.
    if (own_settings && resolver.is_private()) return ResolverStanding::unknown;
    return network_told(resolver, last_asked, observations) ? ResolverStanding::foreign
                                                            : ResolverStanding::unknown;
}

std::string given_by_network(IpAddress::Family family, const analysis::Observations& observations) {
    const auto which = family == IpAddress::Family::v4 ? "IPv4" : "IPv6";
    std::vector<std::string> given;
    for (const auto& address : observations.network.resolvers)
        if (address.family() == family) given.push_back(address.to_string());
    if (!given.empty()) return fmt::format("the network gave it {} for {}", join(given, ", "), which);
    if (observations.network.told(family))
        return fmt::format("the network gave it no resolver for {}", which);
    return fmt::format("what the network gave it for {} is not on record", which);
}

std::string encrypted_dns(const analysis::Destination& destination) {
    const auto offers = [&](std::string_view protocol) {
        return std::find(destination.alpn.begin(), destination.alpn.end(), protocol) !=
               destination.alpn.end();
    };
    if (offers("dot")) return "DNS over TLS";
    const bool quic = std::any_of(
        destination.alpn.begin(), destination.alpn.end(),
        [](const std::string& one) { return one == "doq" || one.starts_with("doq-") || one == "dq"; });
    if (quic) return "DNS over QUIC";
    const bool draft_port = destination.port == 784 || destination.port == 8853;  // of the drafts of RFC 9250
    if (draft_port && destination.transport == Transport::udp && destination.protocol == "quic")
        return "DNS over QUIC";
    if (destination.port == 853)
        return destination.transport == Transport::udp ? "DNS over QUIC" : "DNS over TLS";
    if (destination.port != 443) return {};
    const auto known = [](const std::string& name) { return is_public_resolver(std::string_view(name)); };
    const bool named =
        known(destination.name) ||
        std::any_of(destination.claims.begin(), destination.claims.end(),
                    [&](const auto& claim) { return known(claim.name); }) ||
        std::any_of(destination.certificate_names.begin(), destination.certificate_names.end(), known);
    const bool addressed = std::any_of(destination.addresses.begin(), destination.addresses.end(),
                                       [](const IpAddress& address) { return is_public_resolver(address); });
    return named || addressed ? "DNS over HTTPS" : "";
}

}  // namespace cambench
