#include "bench/probe/tcp_services.hpp"

#include "bench/probe/socket_client.hpp"

namespace cambench::probe {
namespace {

constexpr auto port_patience = std::chrono::milliseconds(700);
constexpr unsigned ports_at_once = 64;

}  // namespace

std::vector<std::uint16_t> usual_ports() {
    std::vector<std::uint16_t> ports;
    for (std::uint16_t port = 1; port <= 1024; ++port) ports.push_back(port);
    for (const std::uint16_t port : {1883, 1935, 2000, 2323, 3000, 3001, 3002, 3702, 3800, 4321, 4567, 5000, 5050, 5060, 5353, 5543, 5544, 6000, 6001, 6036, 7070, 8000, 8001, 8080,
                                     8081, 8086, 8088, 8090, 8200, 8443, 8554, 8555, 8800, 8883, 8888, 8899, 9000, 9010, 9020, 9090, 9527, 9530, 9978, 9979, 10000, 10554, 12366,
                                     15002, 20000, 23000, 34567, 34568, 34569, 34571, 34599, 37020, 37777, 37778, 37810, 40000, 49152, 49153, 50119, 55554, 60001})
        ports.push_back(port);
    return ports;
}

std::vector<std::uint16_t> listening_ports(const IpAddress& address) { return open_ports(address, usual_ports(), ports_at_once, port_patience); }

}  // namespace cambench::probe
