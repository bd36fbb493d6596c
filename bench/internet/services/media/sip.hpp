#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/internet/services/media/rtp_media.hpp"
#include "bench/internet/world/world.hpp"
#include "harness/wire/sip_message.hpp"

namespace cambench::internet {

/// A SIP server as one client meets it: a registration is challenged, then granted with the time; a device of
/// GB/T 28181 is then asked for its catalogue and for what it is; calls are taken and their media kept.
/// Recorded as "sip", and "media".
class SipServer {
public:
    SipServer(World& world, Flow flow) : world_(world), flow_(std::move(flow)) {}
    ~SipServer() { finish(); }
    SipServer(const SipServer&) = delete;
    SipServer& operator=(const SipServer&) = delete;

    /// What is said to one message, in order.
    [[nodiscard]] std::vector<std::string> take(const SipHead& head, ByteView body);
    /// Records what was no message.
    void malformed(std::string_view why, ByteView bytes);
    /// Ends the calls: their media are recorded.
    void finish();

private:
    struct Call {
        std::string id;
        SdpMedium description;
        RtpMedium medium;
        Endpoint server;
        std::uint64_t reports = 0;
    };

    struct Reply {
        unsigned status = 200;
        std::string fields = {}, body = {}, type = {};
    };
    [[nodiscard]] Reply reply_to(const SipHead& head, ByteView body);
    [[nodiscard]] Reply register_device(const SipHead& head);
    [[nodiscard]] Reply take_call(const SipHead& head, ByteView body);
    [[nodiscard]] std::optional<Endpoint> open_medium(const std::string& id, const SdpMedium& medium);
    void end_call(std::string_view id);
    void record_medium(Call& call);
    [[nodiscard]] std::string response(const SipHead& head, const Reply& reply) const;
    [[nodiscard]] std::string query(std::string_view command);
    void record(const SipHead& head, ByteView body, std::optional<unsigned> status);

    World& world_;
    Flow flow_;
    std::string device_, server_, domain_;  ///< of GB/T 28181
    std::string url_;                       ///< of the latest call
    unsigned asked_ = 0;                    ///< queries
    bool queried_ = false;
    std::vector<std::unique_ptr<Call>> calls_;  ///< one for each medium
};

/// The same over datagrams, for all clients.
class SipDatagrams {
public:
    [[nodiscard]] std::optional<Bytes> received(World& world, const Flow& flow, ByteView datagram);
    enum class Which { idle, all };
    void finish(const World& world, Which which);

private:
    using Key = std::pair<Endpoint, Endpoint>;
    struct Client {
        std::unique_ptr<SipServer> server;
        Nanoseconds last{};
    };
    std::map<Key, Client> clients_;
};

}  // namespace cambench::internet
