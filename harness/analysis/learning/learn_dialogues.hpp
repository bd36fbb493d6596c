#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/capture/capture_reader.hpp"
#include "harness/learned/dialogue_file.hpp"

namespace cambench::analysis {

/// One stretch of bytes in one direction, until the other side spoke.
struct Utterance {
    bool by_client = false;
    std::string bytes;
    std::vector<std::size_t> datagrams;  ///< of UDP: where each ends
    WallTime time{};
};

/// What two ends said to each other in clear, in order.
struct RecordedTalk {
    Endpoint client, server;
    std::string name;  ///< DNS gave it for the server's address; "" for none
    Transport transport = Transport::tcp;
    std::vector<Utterance> utterances;
    bool server_closed = false;  ///< the server ended the connection first
};

/// The conversations of a recording, but for the network's own: DNS, DHCP, time, discovery, and what is
/// inside TLS. A conversation whose bytes are not whole ends where the first is missing. Of each, so many
/// bytes are kept.
[[nodiscard]] Result<std::vector<RecordedTalk>> recorded_talks(CaptureReader& capture,
                                                               std::size_t longest = 4U << 20);

/// Makes servers of conversations: equal turns become one, and what is sure to change is left open: dates and
/// times near the recording's, what a server repeats of a request, what differs between two requests that are
/// otherwise alike.
[[nodiscard]] std::vector<DialogueServer> learn_dialogues(const std::vector<RecordedTalk>& talks);

/// One turn by itself: `request` and `answers` with what they have in common left open.
[[nodiscard]] DialogueTurn learn_turn(std::string_view request, const std::vector<std::string>& answers,
                                      WallTime time);

}  // namespace cambench::analysis
