#pragma once

#include <cstddef>
#include <vector>

#include "harness/core/bytes.hpp"

namespace cambench::internet {

/// The size of the record of DTLS (RFC 6347 4.1) that begins there; 0 when none does.
[[nodiscard]] std::size_t dtls_record_size(ByteView bytes);

/// The client's random of a hello in clear: empty when the datagram does not begin with one.
[[nodiscard]] ByteView dtls_hello_random(ByteView datagram);
/// Whether every record of a datagram is of DTLS, and whole.
[[nodiscard]] bool is_dtls(ByteView datagram);
/// Records after one another, put into datagrams no longer than `longest` where that can be.
[[nodiscard]] std::vector<Bytes> dtls_datagrams(ByteView records, std::size_t longest);

}  // namespace cambench::internet
