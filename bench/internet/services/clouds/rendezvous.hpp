#pragma once

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"

namespace cambench::internet {

/// STUN's binding response (RFC 5389) to a binding request from `camera`; empty when the datagram is none.
[[nodiscard]] Bytes answer_stun(ByteView datagram, const Endpoint& camera, const Endpoint& server);

/// What a PPPP rendezvous server says to a camera's hello, log-in and keep-alive; empty for anything else.
[[nodiscard]] Bytes answer_pppp(ByteView datagram, const Endpoint& camera);

}  // namespace cambench::internet
