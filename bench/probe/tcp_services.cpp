#include "bench/probe/tcp_services.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <thread>

#include "bench/probe/socket_client.hpp"
#include "harness/core/time.hpp"

namespace cambench::probe {
namespace {

constexpr std::size_t last_port = 65535;
constexpr std::size_t few = 64, many = 512;  ///< at once: gently; where nothing answers anyway
constexpr auto turn = std::chrono::milliseconds(8);
constexpr auto first_patience = std::chrono::milliseconds(700),
               second_patience = std::chrono::milliseconds(2000);

/// Ports one after the other; those that said nothing are left in `silent`.
std::vector<std::uint16_t> scan_all(const IpAddress& address, int link, std::span<const std::uint16_t> ports,
                                    std::size_t at_once, Nanoseconds time,
                                    std::vector<std::uint16_t>& silent) {
    std::vector<std::uint16_t> open;
    while (!ports.empty()) {
        const auto next_turn = Monotonic::now() + turn;
        const auto batch = ports.first(std::min(at_once, ports.size()));
        ports = ports.subspan(batch.size());
        const auto scan = scan_ports(address, batch, time, link);
        open.insert(open.end(), scan.open.begin(), scan.open.end());
        silent.insert(silent.end(), scan.silent.begin(), scan.silent.end());
        at_once = scan.silent.size() * 2 > batch.size()    ? many
                  : at_once == many && scan.silent.empty() ? few
                                                           : at_once;
        std::this_thread::sleep_until(next_turn);
    }
    return open;
}

}  // namespace

std::vector<std::uint16_t> listening_ports(const IpAddress& address, int link) {
    std::vector<std::uint16_t> ports(last_port), silent, still_silent;
    std::iota(ports.begin(), ports.end(), 1);
    auto open = scan_all(address, link, ports, few, first_patience, silent);
    if (silent.size() * 4 <= ports.size()) {
        const auto late = scan_all(address, link, silent, many, second_patience, still_silent);
        open.insert(open.end(), late.begin(), late.end());
    }
    std::sort(open.begin(), open.end());
    return open;
}

}  // namespace cambench::probe
