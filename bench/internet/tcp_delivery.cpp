#include "bench/internet/characterise.hpp"
#include "bench/internet/tcp_service.hpp"

namespace cambench::internet {

/// TLS adds a hundredth at most, so the tenths are true; whole is what was sent to its end.
void TcpService::tell_delivery(const Connection& connection, Course course) {
    const auto found = world_.deliveries.find(connection.flow.connection);
    if (found == world_.deliveries.end()) return;
    auto& delivery = found->second;
    const bool all = connection.late.empty() && connection.sent == connection.unsent.size();
    const auto bytes = all ? delivery.size : std::min(connection.out, delivery.size);
    const auto tenths = delivery.size == 0 ? 10 : bytes * 10 / delivery.size;
    if (course == Course::under_way && tenths <= delivery.told) return;
    delivery.told = tenths;
    auto fields = flow_fields(world_, connection.flow, port_protocol(connection.flow.destination.port));
    fields.number("offer", static_cast<std::int64_t>(delivery.offer)).number("bytes", static_cast<std::int64_t>(bytes));
    fields.number("of", static_cast<std::int64_t>(delivery.size)).flag("whole", bytes == delivery.size);
    world_.recorder.event(world_.now(), "update-delivery", fields);
    if (all || course == Course::over) world_.deliveries.erase(found);
}

}  // namespace cambench::internet
