#include "drivers/power/boards/poe_snmp.hpp"

#include <fmt/format.h>

namespace cambench::poe_snmp {
namespace {

using State = PowerSwitch::State;

constexpr std::int32_t truth = 1, falsehood = 2;
/// Values of pethPsePortDetectionStatus.
constexpr std::int64_t disabled = 1, searching = 2, delivering = 3, fault = 4, test = 5, other_fault = 6;

SnmpName port_entry(std::uint32_t column, unsigned group, unsigned port) {
    return {1, 3, 6, 1, 2, 1, 105, 1, 1, 1, column, group, port};
}

class Board final : public RelayBoard {
public:
    Board(std::function<Result<std::unique_ptr<SnmpSession>>()> open, unsigned group)
        : open_(std::move(open)), group_(group) {}

    Status set(unsigned channel, State wanted, BoardLock&) override {
        TRY_ASSIGN(const auto session, open_());
        return session->set(admin_enable(group_, channel), wanted == State::on ? truth : falsehood);
    }

    Result<std::optional<State>> read(unsigned channel, BoardLock&) override {
        TRY_ASSIGN(const auto session, open_());
        TRY_ASSIGN(const auto values,
                   session->get({admin_enable(group_, channel), detection_status(group_, channel)}));
        TRY_ASSIGN(const auto state, interpret(values[0], values[1]));
        return std::optional(state);
    }

private:
    std::function<Result<std::unique_ptr<SnmpSession>>()> open_;
    unsigned group_;
};

}  // namespace

SnmpName admin_enable(unsigned group, unsigned port) { return port_entry(3, group, port); }
SnmpName detection_status(unsigned group, unsigned port) { return port_entry(6, group, port); }

Result<State> interpret(std::int64_t admin, std::int64_t detection) {
    if (admin != truth && admin != falsehood)
        return bench_error(
            fmt::format("the switch says {} for the port's admin state; 1 or 2 was expected", admin));
    if (detection == delivering) return State::on;
    if (admin == falsehood) return State::off;
    if (detection == fault || detection == other_fault)
        return bench_error(
            fmt::format("the switch reports a fault of the port's power (detection status {})", detection));
    if (detection == disabled) return State::off;
    if (detection == searching || detection == test) return State::on;
    return bench_error(
        fmt::format("the switch says {} for the port's detection status; 1 to 6 was expected", detection));
}

std::unique_ptr<RelayBoard> make_board(std::function<Result<std::unique_ptr<SnmpSession>>()> open,
                                       unsigned group) {
    return std::make_unique<Board>(std::move(open), group);
}

}  // namespace cambench::poe_snmp
