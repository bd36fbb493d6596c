#include "bench/sandbox/rules.hpp"

#include <fmt/format.h>

#include <charconv>

namespace cambench::sandbox {

std::string address_commands(const Layout& layout) {
    return fmt::format(
        "link set lo up\n"
        "link set {0} up\n"
        "addr add {2}/24 dev {0}\n"  // first: the source of what the bench's own clients send
        "addr add {1}/24 dev {0}\n"
        "addr add {3}/64 dev {0} nodad\n"
        "addr add {5}/64 dev {0} nodad\n"
        "addr add {4}/64 dev {0} nodad preferred_lft 0\n"
        "route add default dev {0}\n"
        "rule add fwmark {6} lookup {7}\n"
        "route add local 0.0.0.0/0 dev lo table {7}\n",
        layout.interface, layout.router, layout.operator_address, layout.link_local6, layout.router6,
        layout.operator_address6, layout.mark, layout.table);
}

std::string route_commands6(const Layout& layout) {
    return fmt::format(
        "route add default dev {0}\n"
        "rule add fwmark {1} lookup {2}\n"
        "route add local ::/0 dev lo table {2}\n",
        layout.interface, layout.mark, layout.table);
}

std::string address_commands_again(const Layout& layout) {
    return fmt::format(
        "link set {0} up\n"
        "addr replace {1}/64 dev {0} nodad\n"
        "addr replace {2}/64 dev {0} nodad\n"
        "addr replace {3}/64 dev {0} nodad preferred_lft 0\n"
        "route replace default dev {0}\n",
        layout.interface, layout.link_local6, layout.operator_address6, layout.router6);
}

std::string route_commands6_again(const Layout& layout) {
    return fmt::format("route replace default dev {}\n", layout.interface);
}

std::string pulse_commands(const Layout& layout) {
    return fmt::format(
        "qdisc add dev {0} clsact\n"
        "filter add dev {0} ingress protocol all u32 match u32 0 0 action mirred ingress redirect dev {1}\n",
        layout.pulse_interface, layout.interface);
}

std::string firewall_rules(const Layout& layout) {
    return fmt::format(R"(table inet cambench {{
  counter escaped_forward {{ }}
  counter escaped_output {{ }}
  set blocked4 {{ type ipv4_addr; }}
  set blocked6 {{ type ipv6_addr; }}
  set operators4 {{ type ipv4_addr; elements = {{ {1} }}; }}
  set operators6 {{ type ipv6_addr; elements = {{ {2} }}; }}
  chain isolation {{ }}
  chain refusal {{ }}
  chain prerouting {{
    type filter hook prerouting priority mangle; policy accept;
    iifname != "{0}" accept
    udp dport {{ 67, 547 }} accept
    ip daddr @operators4 accept
    ip6 daddr @operators6 accept
    jump isolation
    ip daddr @blocked4 drop
    ip6 daddr @blocked6 drop
    jump refusal
    meta nfproto ipv4 meta l4proto tcp tproxy ip to :{3} meta mark set {5} accept
    meta nfproto ipv6 meta l4proto tcp tproxy ip6 to :{3} meta mark set {5} accept
    meta nfproto ipv4 meta l4proto udp tproxy ip to :{4} meta mark set {5} accept
    meta nfproto ipv6 meta l4proto udp tproxy ip6 to :{4} meta mark set {5} accept
  }}
  chain input {{
    type filter hook input priority filter; policy drop;
    icmpv6 type {{ nd-neighbor-solicit, nd-router-solicit, nd-router-advert, echo-request }} drop
    icmp type echo-request drop
    iifname {{ "lo", "{0}" }} accept
  }}
  chain forward {{
    type filter hook forward priority filter; policy drop;
    counter name escaped_forward
  }}
  chain output {{
    type filter hook output priority filter; policy drop;
    oifname {{ "lo", "{0}" }} accept
    counter name escaped_output
  }}
}}
)",
                       layout.interface, layout.operator_address, layout.operator_address6, layout.tcp_port,
                       layout.udp_port, layout.mark);
}

std::string isolation_rules(Answers answers) {
    std::string text = "flush chain inet cambench isolation\n";
    if (answers == Answers::none) text += "add rule inet cambench isolation meta l4proto tcp drop\n";
    return text;
}

std::string refusal_rules(const Layout& layout, const Refusal& refusal) {
    if (!refusal.all && refusal.first == 0) return {};
    std::string text;
    const auto rule = [&](const std::string& words) {
        text += "add rule inet cambench refusal " + words + "\n";
    };
    rule("tcp flags & (syn | ack) != syn return");
    rule("tcp dport 53 return");
    rule(fmt::format("ip daddr {} return", layout.router));
    rule(fmt::format("ip6 daddr {} return", layout.router6));
    if (refusal.all) {
        rule("meta l4proto tcp reject with tcp reset");
        return text;
    }
    // Whoever finds the set full is not put into it, and the rule ends there.
    for (const auto& [protocol, number] : {std::pair{"ip", 4}, std::pair{"ip6", 6}}) {
        text +=
            fmt::format("add set inet cambench refused{} {{ type ipv{}_addr; size {}; flags dynamic; }}\n",
                        number, number, refusal.first);
        rule(fmt::format("meta l4proto tcp add @refused{0} {{ {1} daddr }} reject with tcp reset", number,
                         protocol));
    }
    return text;
}

std::string blocking_rules(const IpAddress& address, Blocking blocking) {
    return fmt::format("{} element inet cambench {} {{ {} }}\n", blocking == Blocking::on ? "add" : "delete",
                       address.is_v4() ? "blocked4" : "blocked6", address.to_string());
}

std::vector<Setting> kernel_settings(const Layout& layout) {
    const auto v4 = "net/ipv4/conf/" + layout.interface + "/";
    const auto v6 = "net/ipv6/conf/" + layout.interface + "/";
    return {
        {"net/ipv4/ip_forward", "0"},
        {"net/ipv6/conf/all/forwarding", "0"},
        {"net/ipv4/conf/all/rp_filter", "0"},
        {v4 + "rp_filter", "0"},
        {v4 + "accept_local", "1"},
        {v4 + "send_redirects", "0"},
        {v4 + "arp_ignore", "8"},  // the fake internet answers ARP, for every address
        {"net/ipv4/icmp_echo_ignore_all", "1"},
        {"net/ipv4/icmp_ratelimit", "0"},
        {v6 + "accept_ra", "0"},
        {v6 + "accept_dad", "0"},
        {v6 + "addr_gen_mode", "1"},
        {v6 + "router_solicitations", "0"},
        {"net/ipv4/tcp_fin_timeout", "5"},
        {"net/ipv4/ip_unprivileged_port_start", "0"},  // an FTP server calls from port 20
        {"net/ipv4/tcp_timestamps", "1"},
    };
}

std::uint64_t escaped_packets(std::string_view counters) {
    std::uint64_t sum = 0;
    constexpr std::string_view marker = "packets ";
    for (std::size_t at = counters.find(marker); at != std::string_view::npos;
         at = counters.find(marker, at + 1)) {
        std::uint64_t count = 0;
        std::from_chars(counters.data() + at + marker.size(), counters.data() + counters.size(), count);
        sum += count;
    }
    return sum;
}

}  // namespace cambench::sandbox
