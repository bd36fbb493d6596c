#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/file.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench::probe {

/// Where somebody listens, and where nothing was answered at all; the others refused.
struct PortScan {
    std::vector<std::uint16_t> open, silent;
};

/// Tries all candidates at once, for so long; a few hundred at most. `link`: the interface of a link-local address.
[[nodiscard]] PortScan scan_ports(const IpAddress& address, std::span<const std::uint16_t> candidates, Nanoseconds patience, int link = 0);

/// A connection for a dialogue of several requests.
class Connection {
public:
    /// Without success every call gives nothing.
    Connection(const IpAddress& address, std::uint16_t port, Nanoseconds patience, int link = 0);

    [[nodiscard]] bool send(std::string_view text, const Deadline& deadline);
    /// What comes until it is `enough`, 64 KiB at most.
    [[nodiscard]] std::string receive(const Deadline& deadline, bool (*enough)(std::string_view));
    /// Says that no more is coming; what the other end answers can still be received.
    void finish();
    /// Whether the other end has acknowledged all that was sent, be it gone since.
    [[nodiscard]] bool delivered() const;
    /// How many bytes come until then; they are not kept.
    [[nodiscard]] std::size_t count(const Deadline& deadline);

private:
    FileHandle socket_;
};

}  // namespace cambench::probe
