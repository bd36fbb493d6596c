#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "bench/internet/process/tcp_service.hpp"
#include "bench/internet/world/characterise.hpp"

namespace cambench::internet {
namespace {

constexpr auto look_again_after = std::chrono::milliseconds(50);
constexpr std::uint64_t last_segment = 1460;

/// What was handed to the system and the camera has not acknowledged yet: a camera without power acknowledges
/// nothing.
std::uint64_t unacknowledged(int socket) {
    int bytes = 0;
    return ::ioctl(socket, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
}

}  // namespace

/// TLS adds a hundredth at most, so the tenths are true; whole is what was acknowledged to its end.
void TcpService::tell_delivery(Connection& connection, Course course) {
    const auto found = world_.deliveries.find(connection.flow.connection);
    if (found == world_.deliveries.end()) return;
    auto& delivery = found->second;
    if (!delivery.before)
        delivery.before = connection.out - std::min<std::uint64_t>(connection.out, connection.sent);
    auto waiting = unacknowledged(connection.socket.native_handle());
    // Who has all it wants may leave by a reset, which acknowledges nothing.
    if (course == Course::left_by_camera && waiting <= last_segment) waiting = 0;
    const bool sent = delivery.held == 0 && connection.late.empty() &&
                      connection.sent == connection.unsent.size(),
               all = sent && waiting == 0;
    if (sent && !all && course == Course::under_way) {
        due_.emplace(Monotonic::now() + look_again_after, connection.flow.connection);
        await_due();
    }
    const auto gone = connection.out - std::min(connection.out, *delivery.before + waiting);
    const auto size = delivery.part.end - delivery.part.begin;
    const auto arrived = all ? size : std::min(gone, size);
    const auto tenths = size == 0 ? 10 : arrived * 10 / size;
    if (course == Course::under_way && !all && tenths <= delivery.told) return;
    delivery.told = tenths;
    auto through = world_.delivered[delivery.offer];
    through.add({delivery.part.begin, delivery.part.begin + arrived});
    const auto bytes = through.bytes();
    auto fields = flow_fields(world_, connection.flow,
                              port_protocol(connection.flow.transport, connection.flow.destination.port));
    fields.number("offer", static_cast<std::int64_t>(delivery.offer))
        .number("bytes", static_cast<std::int64_t>(bytes));
    fields.number("of", static_cast<std::int64_t>(delivery.size))
        .flag("whole", all && bytes == delivery.size);
    world_.recorder.event(world_.now(), "update-delivery", fields);
    if (!all && course == Course::under_way) return;
    world_.delivered[delivery.offer] = std::move(through);
    world_.deliveries.erase(found);
}

}  // namespace cambench::internet
