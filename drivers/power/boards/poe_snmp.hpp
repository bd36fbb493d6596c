#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "drivers/power/relay_board.hpp"
#include "drivers/transport/snmp_session.hpp"

/// Power over Ethernet of a switch's port by POWER-ETHERNET-MIB (RFC 3621).
namespace cambench::poe_snmp {

/// pethPsePortAdminEnable.GROUP.PORT: a TruthValue, 1 on, 2 off.
[[nodiscard]] SnmpName admin_enable(unsigned group, unsigned port);
/// pethPsePortDetectionStatus.GROUP.PORT
[[nodiscard]] SnmpName detection_status(unsigned group, unsigned port);

/// What the port is, from both values. A port that still delivers power is on, whatever was ordered; one with
/// a fault is an error; one that only looks for a powered device has done what was ordered.
[[nodiscard]] Result<PowerSwitch::State> interpret(std::int64_t admin, std::int64_t detection);

[[nodiscard]] std::unique_ptr<RelayBoard> make_board(
    std::function<Result<std::unique_ptr<SnmpSession>>()> open, unsigned group);

}  // namespace cambench::poe_snmp
