#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/file.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"
#include "harness/core/socket_address.hpp"
#include "harness/core/time.hpp"

namespace cambench::probe {

/// Reads what OpenSSL wants to read of this host, for a process that will have no files.
void load_tls();

/// Where somebody listens, and where nothing was answered at all; the others refused.
struct PortScan {
    std::vector<std::uint16_t> open, silent;
};

/// The endpoint as a socket needs it: an address of one link names the link, the camera's wire.
[[nodiscard]] SocketAddress reachable_address(const Endpoint& endpoint, int link = 0);

/// Tries all candidates at once, for so long; a few hundred at most. `link`: the interface of a link-local
/// address.
[[nodiscard]] PortScan scan_ports(const IpAddress& address, std::span<const std::uint16_t> candidates,
                                  Nanoseconds patience, int link = 0);

/// A connection for a dialogue of several requests.
class Connection {
public:
    /// Whether all of it goes through TLS. Any certificate is taken: what a camera shows its operator is his
    /// own business.
    enum class Cover { none, tls };
    /// Without success every call gives nothing.
    Connection(const IpAddress& address, std::uint16_t port, Nanoseconds patience, Cover cover = Cover::none,
               int link = 0);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] bool stands() const { return socket_.valid(); }

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
    struct Tls;
    /// Bytes that were read, once some come; nullopt: the end, or time is over.
    [[nodiscard]] std::optional<std::size_t> read_some(std::span<char> into, const Deadline& deadline);
    [[nodiscard]] std::optional<std::size_t> write_some(std::string_view text, const Deadline& deadline);

    FileHandle socket_;
    std::unique_ptr<Tls> tls_;
};

}  // namespace cambench::probe
