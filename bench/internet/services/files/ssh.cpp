#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bench/internet/services/files/ssh.hpp"
#include "bench/internet/services/files/ssh_transport.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/checksum.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint32_t ssh_window = 0x7fffffff, ssh_longest_data = 32768;
constexpr std::size_t most_ssh_channels = 64, most_ssh_logins = 32;

/// A host that lets anybody in: what a client offers to prove who it is, and what it then wants, is recorded
/// as "ssh".
class SshDialogue final : public StreamDialogue {
public:
    SshDialogue(World& world, Flow flow, Greeting greeting)
        : world_(world),
          flow_(std::move(flow)),
          greeted_(greeting == Greeting::said),
          transport_([this](ByteView message) { take(message); }) {}

    void received(ByteView bytes, Output& output) override {
        greet(output);
        const auto done = transport_.received(bytes);
        if (transport_.has_offer()) record_offer();
        output.bytes += transport_.take_output();
        if (done && !over_) return;
        if (!done && !transport_.has_offer()) record_failure(done.error().message, bytes);
        output.close = true;
    }

    void silence(Output& output) override {
        greet(output);
        // Whoever had a command carried out has said all by now.
        for (auto& [number, channel] : channels_)
            if (channel.runs && !channel.sent_end) end_channel(channel);
        output.bytes += transport_.take_output();
    }

    void camera_finished(Output& output) override { output.close = true; }

    void closed() override {
        for (auto& [number, channel] : channels_) record_channel(*channel.content, channel);
        channels_.clear();
    }

private:
    struct Channel {
        std::uint32_t theirs = 0;
        std::string kind, target, command;
        std::unique_ptr<Payload> content;  ///< what the client says
        bool runs = false, sent_end = false;
    };

    void greet(Output& output) {
        if (!std::exchange(greeted_, true)) output.bytes += fmt::format("{}\r\n", ssh_version);
    }

    void record_offer() {
        if (std::exchange(told_, true)) return;
        const auto& offer = transport_.offer();
        auto fields = flow_fields(world_, flow_, protocol::ssh);
        fields.text("message", "hello")
            .text("client", offer.client)
            .texts("key_exchanges", offer.exchanges)
            .texts("host_keys", offer.host_keys)
            .texts("ciphers", offer.ciphers);
        world_.recorder.event(world_.now(), "ssh", fields);
    }

    void record_failure(std::string_view why, ByteView bytes) {
        if (std::exchange(told_, true)) return;
        auto fields = flow_fields(world_, flow_, protocol::ssh);
        fields.text("malformed", why);
        world_.record("ssh", fields, bytes);
    }

    void take(ByteView message) {
        SshReader reader(message.subspan(1));
        switch (std::to_integer<std::uint8_t>(message[0])) {
            case SshMessage::service_request:
                return transport_.send(
                    SshWriter().byte(SshMessage::service_accept).text(reader.text()).view());
            case SshMessage::login_request:
                return take_login(reader);
            case SshMessage::login_answers:
                return take_answers(reader);
            case SshMessage::global_request:
                return take_request(reader);
            case SshMessage::channel_open:
                return open_channel(reader);
            case SshMessage::channel_request:
                return take_channel_request(reader);
            case SshMessage::channel_data:
                return take_data(reader);
            case SshMessage::channel_eof:
            case SshMessage::channel_close:
                return close_channel(reader);
            default:
                return;
        }
    }

    /// A password, a key, answers to questions: each is taken.
    void take_login(SshReader& reader) {
        user_ = reader.text();
        const auto service = reader.text(), method = reader.text();
        if (reader.failed() || ++logins_ > most_ssh_logins) return end();
        if (method == "password") {
            (void)reader.flag();
            const auto password = reader.text();
            return let_in(method, [&](JsonText& fields) { fields.text("password", password); });
        }
        if (method == "publickey") {
            const bool proves = reader.flag();
            const auto algorithm = reader.text();
            const auto key = reader.string();
            if (reader.failed()) return end();
            const auto tell = [&](JsonText& fields) {
                fields.text("key_type", algorithm)
                    .text("key", "SHA256:" + base64(checksum_of("sha256", key)));
            };
            if (proves) return let_in(method, tell);
            record_login(method, false, tell);
            return transport_.send(
                SshWriter().byte(SshMessage::login_key_ok).text(algorithm).string(key).view());
        }
        if (method == "keyboard-interactive")
            return transport_.send(SshWriter()
                                       .byte(SshMessage::login_questions)
                                       .text("")
                                       .text("")
                                       .text("")
                                       .number(1)
                                       .text("Password: ")
                                       .flag(false)
                                       .view());
        record_login(method, false, [](JsonText&) {});
        transport_.send(SshWriter()
                            .byte(SshMessage::login_failure)
                            .text("publickey,password,keyboard-interactive")
                            .flag(false)
                            .view());
    }

    void take_answers(SshReader& reader) {
        const auto count = reader.number();
        const auto password = count > 0 ? reader.text() : std::string();
        let_in("keyboard-interactive", [&](JsonText& fields) { fields.text("password", password); });
    }

    template <typename Tell>
    void let_in(std::string_view method, Tell tell) {
        record_login(method, true, tell);
        inside_ = true;
        transport_.send(SshWriter().byte(SshMessage::login_success).view());
    }

    template <typename Tell>
    void record_login(std::string_view method, bool taken, Tell tell) {
        auto fields = flow_fields(world_, flow_, protocol::ssh);
        fields.text("message", "login")
            .text("client", transport_.offer().client)
            .text("user", user_)
            .text("method", method)
            .flag("taken", taken);
        tell(fields);
        world_.recorder.event(world_.now(), "ssh", fields);
    }

    void record_request(std::string_view request, std::string_view command, std::string_view target) {
        auto fields = flow_fields(world_, flow_, protocol::ssh);
        fields.text("message", "request").text("user", user_).text("request", request);
        if (!command.empty()) fields.text("command", command);
        if (!target.empty()) fields.text("target", target);
        world_.recorder.event(world_.now(), "ssh", fields);
    }

    /// Ports that the client would have opened at the server, for the way back to it, among others.
    void take_request(SshReader& reader) {
        const auto request = reader.text();
        const bool answer = reader.flag();
        const bool forward = request == "tcpip-forward";
        std::string target;
        std::uint32_t port = 0;
        if (forward || request == "cancel-tcpip-forward") {
            const auto address = reader.text();
            port = reader.number();
            target = fmt::format("{}:{}", address, port);
        }
        if (reader.failed()) return end();
        if (inside_) record_request(request, {}, target);
        if (!answer) return;
        if (!forward || !inside_)
            return transport_.send(SshWriter().byte(SshMessage::request_failure).view());
        constexpr std::uint32_t any_port = 33001;
        SshWriter success;
        success.byte(SshMessage::request_success);
        if (port == 0) success.number(any_port);
        transport_.send(success.view());
    }

    void open_channel(SshReader& reader) {
        Channel channel{.kind = reader.text(),
                        .target = {},
                        .command = {},
                        .content = std::make_unique<Payload>(world_.recorder)};
        channel.theirs = reader.number();
        reader.skip(8);
        if (channel.kind == "direct-tcpip") {
            const auto host = reader.text();
            channel.target = fmt::format("{}:{}", host, reader.number());
        }
        if (reader.failed()) return end();
        if (!inside_ || channels_.size() >= most_ssh_channels) {
            constexpr std::uint32_t prohibited = 1;
            return transport_.send(SshWriter()
                                       .byte(SshMessage::channel_failure)
                                       .number(channel.theirs)
                                       .number(prohibited)
                                       .text("no")
                                       .text("")
                                       .view());
        }
        record_request(channel.kind, {}, channel.target);
        const auto ours = next_channel_++;
        transport_.send(SshWriter()
                            .byte(SshMessage::channel_confirmation)
                            .number(channel.theirs)
                            .number(ours)
                            .number(ssh_window)
                            .number(ssh_longest_data)
                            .view());
        channels_.emplace(ours, std::move(channel));
    }

    void take_channel_request(SshReader& reader) {
        const auto found = channels_.find(reader.number());
        const auto request = reader.text();
        const bool answer = reader.flag();
        if (reader.failed() || found == channels_.end()) return;
        auto& channel = found->second;
        const auto command = request == "exec" || request == "subsystem" ? reader.text() : std::string();
        if (request == "exec" || request == "subsystem" || request == "shell") {
            channel.command = command;
            channel.runs = request == "exec";
            record_request(request, command, {});
        }
        if (answer)
            transport_.send(SshWriter().byte(SshMessage::channel_success).number(channel.theirs).view());
    }

    void take_data(SshReader& reader) {
        const auto found = channels_.find(reader.number());
        const auto data = reader.string();
        if (reader.failed() || found == channels_.end()) return;
        found->second.content->append(data);
        transport_.send(SshWriter()
                            .byte(SshMessage::window_adjust)
                            .number(found->second.theirs)
                            .number(static_cast<std::uint32_t>(data.size()))
                            .view());
    }

    void end_channel(Channel& channel) {
        channel.sent_end = true;
        if (channel.runs)
            transport_.send(SshWriter()
                                .byte(SshMessage::channel_request)
                                .number(channel.theirs)
                                .text("exit-status")
                                .flag(false)
                                .number(0)
                                .view());
        transport_.send(SshWriter().byte(SshMessage::channel_eof).number(channel.theirs).view());
        transport_.send(SshWriter().byte(SshMessage::channel_close).number(channel.theirs).view());
    }

    void close_channel(SshReader& reader) {
        const auto found = channels_.find(reader.number());
        if (reader.failed() || found == channels_.end()) return;
        record_channel(*found->second.content, found->second);
        if (!found->second.sent_end) end_channel(found->second);
        channels_.erase(found);
    }

    void record_channel(Payload& content, const Channel& channel) {
        if (content.size() == 0) return;
        auto fields = flow_fields(world_, flow_, protocol::ssh);
        fields.text("message", "data").text("user", user_).text("request", channel.kind);
        if (!channel.command.empty()) fields.text("command", channel.command);
        if (!channel.target.empty()) fields.text("target", channel.target);
        const auto id = content.finish();
        world_.recorder.event(world_.now(), "ssh", fields, id);
    }

    void end() { over_ = true; }

    World& world_;
    Flow flow_;
    bool greeted_;
    SshTransport transport_;
    std::string user_;
    std::map<std::uint32_t, Channel> channels_;
    std::uint32_t next_channel_ = 0;
    std::size_t logins_ = 0;
    bool told_ = false, inside_ = false, over_ = false;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_ssh_dialogue(World& world, Flow flow, Greeting greeting) {
    return std::make_unique<SshDialogue>(world, std::move(flow), greeting);
}

}  // namespace cambench::internet
