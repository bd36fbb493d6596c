#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench {

/// An object identifier, e.g. {1, 3, 6, 1, 2, 1, 105, ...}.
using SnmpName = std::vector<std::uint32_t>;

/// An SNMP agent that is asked for, and told, integers. Protocols talk to this, so that transcripts can stand
/// in for hardware.
class SnmpSession {
public:
    virtual ~SnmpSession() = default;
    /// The integers behind these names, in their order.
    [[nodiscard]] virtual Result<std::vector<std::int64_t>> get(const std::vector<SnmpName>& names) = 0;
    [[nodiscard]] virtual Status set(const SnmpName& name, std::int32_t value) = 0;
};

struct SnmpSettings {
    std::string host;
    std::uint16_t port = 161;
    std::string community;                          ///< version 2c
    std::string user;                               ///< version 3, if not ""
    std::string authentication;                     ///< pass phrase for SHA; "": none
    std::string privacy;                            ///< pass phrase for AES; "": none
    Nanoseconds timeout = std::chrono::seconds(1);  ///< of one request, which is sent three times at most
};
[[nodiscard]] Result<std::unique_ptr<SnmpSession>> open_snmp_session(const SnmpSettings& settings);

}  // namespace cambench
