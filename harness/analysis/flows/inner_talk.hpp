#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/core/bytes.hpp"

namespace cambench::analysis {

/// What HTTP that begins so carries, at every depth that shows in clear: what follows CONNECT and the change
/// to another protocol, what stands in WebSocket frames and in bodies that tunnels make (httptunnel). Of
/// bodies and WebSockets only what is a session of its own counts: what else they hold is the application's
/// business. `layers`: from the wire to this HTTP.
[[nodiscard]] std::vector<InnerTalk> find_inner_talks(ByteView out, ByteView in, const std::string& layers);

/// What a stream is that came out of another one: its protocol, and what that carries in turn. `layers`:
/// those around it.
[[nodiscard]] std::vector<InnerTalk> find_talk(ByteView out, ByteView in, const std::string& layers,
                                               const std::string& toward = {});

/// The same of a body or a message alone: a session that is a tunnel's; empty for what an application sends.
[[nodiscard]] std::vector<InnerTalk> find_carried(ByteView content, const std::string& layers);

/// Notes each way, protocol and aim once.
bool note(std::vector<InnerTalk>& talks, InnerTalk talk);

}  // namespace cambench::analysis
