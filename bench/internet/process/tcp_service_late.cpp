// What a TCP connection says late: latency, bandwidth and the delays of single answers.
#include <algorithm>

#include "bench/internet/process/tcp_service.hpp"

namespace cambench::internet {
namespace {

constexpr unsigned pieces_a_second = 20;
constexpr auto between_pieces = Nanoseconds(std::chrono::seconds(1)) / pieces_a_second;

}  // namespace

void TcpService::put_off(Connection& connection, Output& output, Nanoseconds delay) {
    if (output.bytes.empty() && !output.close) return;
    const auto bandwidth = world_.conditions.bandwidth;
    const auto piece = bandwidth == 0
                           ? output.bytes.size()
                           : std::max<std::size_t>(1, static_cast<std::size_t>(bandwidth / pieces_a_second));
    auto when = Monotonic::now() + delay;
    if (!connection.late.empty()) when = std::max(when, connection.late.back().when);
    std::size_t at = 0;
    do {
        const auto size = std::min(piece, output.bytes.size() - at);
        if (bandwidth > 0) when += between_pieces;
        connection.late.push_back(
            {when, output.bytes.substr(at, size), output.close && at + size == output.bytes.size()});
        due_.emplace(when, connection.flow.connection);
        at += size;
    } while (at < output.bytes.size());
    await_due();
}

void TcpService::pause_reading(Connection& connection, std::size_t bytes) {
    const auto bandwidth = world_.conditions.bandwidth;
    if (bandwidth == 0 || bytes == 0) return;
    const auto pause = Nanoseconds(
        static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(bandwidth)));
    auto when = Monotonic::now() + pause;
    if (!connection.late.empty()) when = std::max(when, connection.late.back().when);
    connection.late.push_back({when, {}, false});
    due_.emplace(when, connection.flow.connection);
    await_due();
}

void TcpService::await_due() {
    if (due_.empty()) return;
    due_timer_.expires_at(due_.begin()->first);
    due_timer_.async_wait([this](const boost::system::error_code& code) {
        if (!code) on_due();
    });
}

void TcpService::on_due() {
    const auto now = Monotonic::now();
    while (!due_.empty() && due_.begin()->first <= now) {
        const auto id = due_.begin()->second;
        due_.erase(due_.begin());
        send_late(id);
    }
    await_due();
}

void TcpService::send_late(std::uint64_t id) {
    auto* connection = find(id);
    if (connection == nullptr) return;
    const auto now = Monotonic::now();
    const bool waits = !connection->unsent.empty();
    while (!connection->late.empty() && connection->late.front().when <= now) {
        connection->unsent += connection->late.front().bytes;
        connection->closing = connection->closing || connection->late.front().close;
        connection->late.pop_front();
    }
    if (waits || !send_unsent(*connection)) return;
    tell_delivery(*connection, Course::under_way);
    if (may_read(*connection)) await_bytes(*connection);
}

}  // namespace cambench::internet
