#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "bench/internet/world/world.hpp"
#include "harness/wire/coap_message.hpp"

namespace cambench::internet {

/// CoAP (RFC 7252) at any port, bodies in blocks (RFC 7959) included: each request is answered, by the web's
/// routes of its path where there are some. Recorded as "coap".
class Coap {
public:
    [[nodiscard]] std::optional<Bytes> received(World& world, const Flow& flow, ByteView datagram);
    /// Lets go of exchanges nobody goes on with, or of all; what they brought of a body is recorded.
    enum class Which { idle, all };
    void finish(World& world, Which which);

private:
    struct Said {
        unsigned code = 0;
        std::string body;
        std::optional<std::uint32_t> format;
        std::string location = {};  ///< the entry that was made, in "/rd"
    };
    struct Exchange {
        explicit Exchange(Recorder& recorder) : body(recorder) {}
        Flow flow;
        std::string method, path;
        Payload body;  ///< what the camera sends, in blocks
        std::uint32_t next_block = 0;
        std::optional<Said> said;  ///< what it fetches, in blocks
        Nanoseconds last{};
    };
    using Key = std::pair<Endpoint, Endpoint>;
    using ExchangeKey = std::tuple<Endpoint, Endpoint, std::string>;
    static constexpr std::size_t most_spoken = 1024;

    [[nodiscard]] static Said answer_to(World& world, const Flow& flow, const CoapMessage& request,
                                        ByteView body);
    static void record(World& world, const Flow& flow, const CoapMessage& message,
                       std::optional<unsigned> status, Payload& body);
    [[nodiscard]] Bytes answer(World& world, const Flow& flow, const CoapMessage& request, bool reachable);
    [[nodiscard]] static Bytes give(const CoapMessage& request, CoapMessage::Type type, const Said& said,
                                    std::optional<CoapBlock> wanted, std::optional<CoapBlock> sent);
    static void record_part(World& world, Exchange& exchange);
    [[nodiscard]] Exchange& exchange_of(World& world, const Flow& flow, const CoapMessage& request);

    std::map<ExchangeKey, Exchange> exchanges_;
    std::set<Key> spoken_;  ///< flows on which it was CoAP beyond doubt
};

}  // namespace cambench::internet
