#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/internet/services/files/ssh_keys.hpp"
#include "bench/internet/services/files/ssh_wire.hpp"

namespace cambench::internet {

/// What is said first, whoever asks: an older server that every client knows.
inline constexpr std::string_view ssh_version = "SSH-2.0-OpenSSH_8.4";

struct SshMessage {
    static constexpr std::uint8_t disconnect = 1, ignore = 2, unimplemented = 3, debug = 4,
                                  service_request = 5, service_accept = 6, extensions = 7,
                                  exchange_begins = 20, new_keys = 21, exchange_init = 30,
                                  exchange_reply = 31, login_request = 50, login_failure = 51,
                                  login_success = 52, login_key_ok = 60, login_questions = 60,
                                  login_answers = 61, global_request = 80, request_success = 81,
                                  request_failure = 82, channel_open = 90, channel_confirmation = 91,
                                  channel_failure = 92, window_adjust = 93, channel_data = 94,
                                  channel_extended_data = 95, channel_eof = 96, channel_close = 97,
                                  channel_request = 98, channel_success = 99, channel_request_failure = 100;
};

/// What a client offers in its first message.
struct SshOffer {
    std::string client;  ///< its version line
    std::vector<std::string> exchanges, host_keys, ciphers, macs;
};

/// A server's side of SSH's transport (RFC 4253): versions, key exchanges, packets. Messages of other layers
/// go to `take`.
class SshTransport {
public:
    using Take = std::function<void(ByteView message)>;
    explicit SshTransport(Take take) : take_(std::move(take)) {}

    /// Reads what came; what is to be sent then lies in `output`. An error is the end of the connection.
    [[nodiscard]] Status received(ByteView bytes);
    void send(ByteView message);
    [[nodiscard]] std::string take_output();
    [[nodiscard]] const SshOffer& offer() const { return offer_; }
    [[nodiscard]] bool has_offer() const { return !their_init_.empty(); }
    [[nodiscard]] bool is_encrypted() const { return !session_.empty(); }

private:
    [[nodiscard]] Status take_version();
    [[nodiscard]] Status take_packet(ByteView content);
    [[nodiscard]] Status take_offer(ByteView content);
    [[nodiscard]] Status exchange_keys(ByteView content);
    [[nodiscard]] Status take_up_keys(SshWay& way, char key, char start, char mac, const std::string& cipher,
                                      const std::string& mac_name);
    [[nodiscard]] Bytes derived(char letter, std::size_t size) const;
    void send_offer();

    Take take_;
    std::string output_;
    Bytes pending_;
    SshOffer offer_;
    Bytes our_init_, their_init_;
    std::string exchange_, host_key_, cipher_in_, cipher_out_, mac_in_, mac_out_;
    Bytes secret_, hash_, session_;
    SshWay in_{SshWay::Side::receives}, out_{SshWay::Side::sends};
    bool skips_guess_ = false, wants_extensions_ = false;
};

}  // namespace cambench::internet
