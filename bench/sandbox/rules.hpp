#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/sandbox/layout.hpp"

/// The texts that set a slot's namespace up, as pure functions of its layout.
namespace cambench::sandbox {

/// Input of `ip -batch -`: addresses, routes, and the table in which every address of the world is ours.
[[nodiscard]] std::string address_commands(const Layout& layout);

/// Input of `ip -6 -batch -`: the same for IPv6, whose routes and rules a batch for IPv4 cannot hold.
[[nodiscard]] std::string route_commands6(const Layout& layout);

/// The same after the interface was down: what the kernel forgot meanwhile.
[[nodiscard]] std::string address_commands_again(const Layout& layout);
[[nodiscard]] std::string route_commands6_again(const Layout& layout);

/// For `tc -batch`: whatever comes in by the pulse interface comes in over the camera's wire instead.
[[nodiscard]] std::string pulse_commands(const Layout& layout);

/// Input of `nft -f -`: default drop, TPROXY of every TCP and UDP port of every address, counters for what
/// tried to leave.
[[nodiscard]] std::string firewall_rules(const Layout& layout);

/// Input of `nft -f -` that keeps every TCP connection from being accepted, or lets it again. Datagrams still
/// reach the fake internet, which records them and, being told, does not answer.
enum class Answers { all, none };
[[nodiscard]] std::string isolation_rules(Answers answers);

/// Which servers are out of reach for good. They refuse connections as machines do on which nobody listens:
/// the first packet is answered by a reset, not a connection that was established.
struct Refusal {
    bool all = false;    ///< but for the router, and whoever is asked for names
    unsigned first = 0;  ///< so many addresses of each family, in the order in which the camera tries them
};
/// Input of `nft -f -`, once, behind the firewall's rules.
[[nodiscard]] std::string refusal_rules(const Layout& layout, const Refusal& refusal);

/// Input of `nft -f -` that drops what goes to one address, or lets it through again.
enum class Blocking { on, off };
[[nodiscard]] std::string blocking_rules(const IpAddress& address, Blocking blocking);

struct Setting {
    std::string path;  ///< below /proc/sys
    std::string value;
};
/// Kernel settings of the namespace, in order.
[[nodiscard]] std::vector<Setting> kernel_settings(const Layout& layout);

/// Sum of the packet counters in `nft list counters` output: what tried to leave by any other way than the
/// camera's wire.
[[nodiscard]] std::uint64_t escaped_packets(std::string_view counters);

}  // namespace cambench::sandbox
