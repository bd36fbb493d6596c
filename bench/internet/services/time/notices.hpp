#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// Syslog (RFC 3164, 5424): recorded as "syslog", never answered.
[[nodiscard]] std::optional<Bytes> take_syslog(World& world, const Flow& flow, ByteView datagram);
struct SyslogMessage {
    unsigned facility = 0, severity = 0;
    std::string text;
};
[[nodiscard]] Result<SyslogMessage> parse_syslog(ByteView datagram);

/// SNMP versions 1 and 2c: requests and traps, recorded as "snmp", not answered but for informs.
[[nodiscard]] std::optional<Bytes> answer_snmp(World& world, const Flow& flow, ByteView datagram);
struct SnmpMessage {
    unsigned version = 0;              ///< 1, 2 or 3
    std::string community, kind;       ///< "trap", "inform", "get", ...
    std::vector<std::string> objects;  ///< dotted names of the variables
    std::size_t kind_at = 0;           ///< where the PDU's tag stands
};
[[nodiscard]] Result<SnmpMessage> parse_snmp(ByteView datagram);

}  // namespace cambench::internet
