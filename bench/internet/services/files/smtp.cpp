#include <array>

#include "bench/internet/services/files/server_first.hpp"
#include "bench/internet/services/files/smtp.hpp"
#include "bench/internet/tls/tls.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/line_buffer.hpp"
#include "harness/wire/mail_parts.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t most_recipients = 256, longest_data_piece = 16384;

/// A mail server that takes every login and every message.
class SmtpDialogue final : public StreamDialogue {
public:
    SmtpDialogue(World& world, Flow flow, Greeting greeting)
        : world_(world),
          flow_(std::move(flow)),
          message_(world.recorder),
          greeted_(greeting == Greeting::said) {}

    void received(ByteView bytes, Output& output) override {
        greet(output);
        while (!bytes.empty() && !over_) {
            if (upgraded_) return upgraded_->received(bytes, output);
            if (in_message_)
                bytes = take_message(bytes, output);
            else if (const auto line = lines_.next(bytes))
                take_line(*line, output);
        }
    }
    void silence(Output& output) override {
        if (upgraded_)
            upgraded_->silence(output);
        else
            greet(output);
    }
    void camera_finished(Output& output) override {
        if (upgraded_) upgraded_->camera_finished(output);
        output.close = true;
    }
    void woken(Output& output) override {
        if (upgraded_) upgraded_->woken(output);
    }
    void closed() override {
        if (upgraded_) return upgraded_->closed();
        if (!in_message_) return;
        message_.append(as_bytes(line_));
        record_message("cut short");
    }

private:
    enum class Login { none, plain, user, password };

    void greet(Output& output) {
        if (!std::exchange(greeted_, true)) output.bytes += banner(25, world_.clock.now());
    }

    void take_line(const std::string& line, Output& output) {
        std::string reply;
        const auto space = line.find(' ');
        const auto verb = login_ == Login::none ? lower(line.substr(0, space)) : std::string("auth");
        const auto argument = std::string(
            trim(space == std::string::npos ? std::string_view() : std::string_view(line).substr(space + 1)));
        const bool upgrade = verb == "starttls" && world_.offers_starttls(flow_);
        if (upgrade)
            reply = "220 2.0.0 Ready to start TLS\r\n";
        else if (login_ != Login::none)
            reply = go_on_with_login(line);
        else
            reply = obey(verb, argument);
        output.bytes += reply;
        auto fields = flow_fields(world_, flow_, protocol());
        fields.text("command", verb)
            .text("argument", verb == "auth" && login_ == Login::none ? mechanism_ : argument);
        fields.text("reply", reply.substr(0, 3));
        if (verb == "auth" && login_ == Login::none && !user_.empty())
            fields.text("user", user_).text("password", password_);
        world_.recorder.event(world_.now(), "smtp", fields);
        if (upgrade)
            upgraded_ = make_tls_dialogue(world_, flow_, [](World& world, Flow flow) {
                return make_smtp_dialogue(world, std::move(flow), Greeting::said);
            });
        if (verb == "quit") over_ = output.close = true;
    }

    std::string obey(std::string_view verb, const std::string& argument) {
        if (verb == "ehlo" || verb == "helo") {
            hello_ = argument;
            if (verb == "helo") return "250 mail\r\n";
            const bool offer = world_.offers_starttls(flow_);
            return std::string("250-mail\r\n250-SIZE 1073741824\r\n250-8BITMIME\r\n250-PIPELINING\r\n") +
                   (offer ? "250-STARTTLS\r\n" : "") + "250 AUTH PLAIN LOGIN\r\n";
        }
        if (verb == "auth") return begin_login(argument);
        if (verb == "mail") {
            from_ = address_of(argument);
            recipients_.clear();
            return "250 2.1.0 Ok\r\n";
        }
        if (verb == "rcpt") {
            if (recipients_.size() < most_recipients) recipients_.push_back(address_of(argument));
            return "250 2.1.5 Ok\r\n";
        }
        if (verb == "data") {
            in_message_ = true;
            parts_ = {};
            return "354 End data with <CR><LF>.<CR><LF>\r\n";
        }
        if (verb == "quit") return "221 2.0.0 Bye\r\n";
        if (verb == "rset" || verb == "noop" || verb == "vrfy" || verb == "help") return "250 2.0.0 Ok\r\n";
        return "502 5.5.2 Command not recognized\r\n";
    }

    /// "<a@b> SIZE=1" behind FROM: or TO:
    static std::string address_of(std::string_view argument) {
        const auto open = argument.find('<'),
                   close = argument.find('>', open == std::string_view::npos ? 0 : open);
        if (open != std::string_view::npos && close != std::string_view::npos)
            return std::string(argument.substr(open + 1, close - open - 1));
        return std::string(trim(argument.substr(argument.find(':') + 1)));
    }

    std::string begin_login(std::string_view argument) {
        const auto words = split(argument, ' ');
        mechanism_ = words.empty() ? "" : lower(words.front());
        const std::string first = words.size() > 1 ? words[1] : "";
        if (mechanism_ == "plain") {
            login_ = Login::plain;
            return first.empty() ? "334 \r\n" : go_on_with_login(first);
        }
        if (mechanism_ == "login") {
            login_ = Login::user;
            return first.empty() ? "334 VXNlcm5hbWU6\r\n" : go_on_with_login(first);
        }
        return "504 5.5.4 Unrecognized authentication type\r\n";
    }

    std::string go_on_with_login(std::string_view line) {
        const auto said =
            from_base64(trim(line))
                .value_or(std::string(trim(line)));  // foreign text that is no base64 is kept as it is
        switch (std::exchange(login_, Login::none)) {
            case Login::plain: {
                const auto second = said.find('\0'),
                           third = second == std::string::npos ? second : said.find('\0', second + 1);
                user_ =
                    second == std::string::npos
                        ? said
                        : said.substr(second + 1, third == std::string::npos ? third : third - second - 1);
                if (third != std::string::npos) password_ = said.substr(third + 1);
                return "235 2.7.0 Authentication successful\r\n";
            }
            case Login::user:
                user_ = said;
                login_ = Login::password;
                return "334 UGFzc3dvcmQ6\r\n";
            default:
                password_ = said;
                return "235 2.7.0 Authentication successful\r\n";
        }
    }

    ByteView take_message(ByteView bytes, Output& output) {
        const auto text = as_text(bytes);
        const auto end = text.find('\n');
        line_.append(text.substr(0, end == std::string_view::npos ? end : end + 1));
        const auto rest = end == std::string_view::npos ? ByteView() : bytes.subspan(end + 1);
        const bool ended = end != std::string_view::npos;
        if (!ended && line_.size() < longest_data_piece) return rest;
        auto line = std::exchange(line_, {});
        const bool begins = std::exchange(at_line_begin_, ended);
        if (begins && (line == ".\r\n" || line == ".\n")) {
            output.bytes += "250 2.0.0 Ok: queued\r\n";
            record_message("");
            return rest;
        }
        if (begins && line.starts_with('.')) line.erase(0, 1);
        message_.append(as_bytes(line));
        if (begins && ended) parts_.take_line(line);
        return rest;
    }

    void record_message(std::string_view trouble) {
        in_message_ = false;
        at_line_begin_ = true;
        line_.clear();
        parts_.finish();
        auto fields = flow_fields(world_, flow_, protocol());
        fields.text("hello", hello_)
            .text("from", from_)
            .texts("to", recipients_)
            .text("subject", parts_.subject())
            .texts("attachments", parts_.attachments());
        if (!user_.empty()) fields.text("user", user_);
        if (!trouble.empty()) fields.text("malformed", trouble);
        const auto id = message_.finish();
        world_.recorder.event(world_.now(), "smtp-message", fields, id);
    }

    [[nodiscard]] std::string_view protocol() const {
        return flow_.inside == protocol::tls ? protocol::smtps : protocol::smtp;
    }

    World& world_;
    Flow flow_;
    LineBuffer lines_;
    std::string line_;  ///< of a message, unfinished
    Payload message_;
    MailParts parts_;
    std::string hello_, from_, mechanism_, user_, password_;
    std::vector<std::string> recipients_;
    Login login_ = Login::none;
    std::unique_ptr<StreamDialogue> upgraded_;
    bool greeted_;
    bool in_message_ = false;
    bool at_line_begin_ = true;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_smtp_dialogue(World& world, Flow flow, Greeting greeting) {
    return std::make_unique<SmtpDialogue>(world, std::move(flow), greeting);
}

}  // namespace cambench::internet
