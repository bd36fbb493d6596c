#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"
#include "bench/internet/world/web.hpp"
#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// What the world's web servers answer, and the answer as bytes.
struct HttpExchange {
    WebAnswer answer;
    std::string response;
    bool keep_alive = false;
    std::uint64_t package_size = 0;  ///< of firmware: all of it, though a part was asked for
    ByteRange part;                  ///< of it, in this answer
};
/// `body`: the request's, as far as it is needed for an answer and no longer than longest_small_body.
[[nodiscard]] HttpExchange answer_http(World& world, const Flow& flow, const HttpHead& head,
                                       ByteView body = {});
constexpr std::size_t longest_small_body = 4096;

/// "http-request" with what was asked and what was answered; `exchange` is nullptr when nothing was.
void record_http(World& world, const Flow& flow, const HttpHead& head, const HttpExchange* exchange,
                 std::optional<PayloadId> payload, Nanoseconds time);

/// HTTP in a datagram (some cameras' clouds): the answer, or empty when it is no request. Records
/// "http-request".
[[nodiscard]] Bytes answer_http_datagram(World& world, const Flow& flow, ByteView datagram);

/// HTTP/1.1 and 1.0, from its first request; what a request upgrades to goes on from there.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_http_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
