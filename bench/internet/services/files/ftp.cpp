#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <map>

#include "bench/internet/services/files/ftp.hpp"
#include "bench/internet/services/files/server_first.hpp"
#include "bench/internet/tls/tls.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/ftp_address.hpp"
#include "harness/wire/line_buffer.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t most_files = 1024;

/// One transfer, shared by the control connection that ordered it and the data connection that carries it.
struct Transfer {
    explicit Transfer(Recorder& recorder) : content(recorder) {}

    std::uint64_t control = 0;
    Flow data;            ///< with connection 0 until it stands
    std::string command;  ///< "STOR", ...; empty until ordered
    std::string path;
    std::string to_camera;  ///< what LIST and its kin, and RETR, send
    UpdateRole role = UpdateRole::none;
    std::uint64_t offer = 0, package_size = 0;  ///< of firmware on offer
    ByteRange part;                             ///< of it
    Payload content;                            ///< what the camera sends
    bool sends = false;                         ///< to_camera is due
    bool done = false;                          ///< the data connection has ended
    bool whole = false;                         ///< it ended in order
    bool recorded = false;                      ///< the control connection ended first, or broke off
};

void record_transfer(World& world, const Flow& flow, Transfer& transfer) {
    transfer.recorded = true;
    auto fields = flow_fields(world, flow, flow.inside == protocol::tls ? protocol::ftps : protocol::ftp);
    fields.text("command", transfer.command)
        .text("path", transfer.path)
        .number("control_connection", static_cast<std::int64_t>(transfer.control));
    fields
        .number("bytes", static_cast<std::int64_t>(transfer.command == "RETR" ? transfer.to_camera.size()
                                                                              : transfer.content.size()))
        .flag("whole", transfer.whole);
    if (transfer.role != UpdateRole::none)
        fields.number("offer", static_cast<std::int64_t>(transfer.offer))
            .text("update", transfer.role == UpdateRole::list ? "list" : "package");
    const auto id = transfer.content.finish();
    world.recorder.event(world.now(), "ftp-transfer", fields, id);
}

class FtpData final : public StreamDialogue {
public:
    FtpData(World& world, Flow flow, std::shared_ptr<Transfer> transfer)
        : world_(world), transfer_(std::move(transfer)) {
        transfer_->data = std::move(flow);
    }

    void opened(Output& output) override { send(output); }
    void woken(Output& output) override { send(output); }
    void received(ByteView bytes, Output&) override { transfer_->content.append(bytes); }
    void camera_finished(Output& output) override {
        end(true);
        output.close = true;
    }
    void closed() override { end(false); }

private:
    void send(Output& output) {
        if (!transfer_->sends || transfer_->done) return;
        if (transfer_->role == UpdateRole::package)
            world_.begin_delivery(transfer_->data.connection, transfer_->package_size, transfer_->part);
        output.bytes += transfer_->to_camera;
        output.close = true;
        end(true);
    }
    void end(bool whole) {
        if (std::exchange(transfer_->done, true)) return;
        transfer_->whole = whole;
        // Nobody waits for it any more: what came since is told here.
        if (transfer_->recorded && transfer_->content.size() > 0)
            record_transfer(world_, transfer_->data, *transfer_);
        world_.wake(transfer_->control);
    }

    World& world_;
    std::shared_ptr<Transfer> transfer_;
};

class FtpDialogue final : public StreamDialogue {
public:
    FtpDialogue(World& world, Flow flow, Greeting greeting)
        : world_(world), flow_(std::move(flow)), greeted_(greeting == Greeting::said) {}
    ~FtpDialogue() override { forget_passive(); }

    void received(ByteView bytes, Output& output) override {
        greet(output);
        while (!bytes.empty() && !over_) {
            if (upgraded_) return upgraded_->received(bytes, output);
            if (const auto line = lines_.next(bytes)) take_line(*line, output);
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
        if (upgraded_) return upgraded_->woken(output);
        if (transfer_ && !transfer_->command.empty() && transfer_->done) finish_transfer(output);
    }
    void closed() override {
        if (upgraded_) return upgraded_->closed();
        Output ignored;
        if (transfer_ && (transfer_->content.size() > 0 || !transfer_->command.empty()))
            finish_transfer(ignored);
    }

private:
    struct Simple {
        std::string_view verb;
        unsigned code;
        std::string_view text;
    };

    void greet(Output& output) {
        if (!std::exchange(greeted_, true)) output.bytes += banner(21, world_.clock.now());
    }

    void reply(unsigned code, std::string_view text, Output& output) {
        code_ = code;
        output.bytes += fmt::format("{} {}\r\n", code, text);
    }

    void take_line(const std::string& line, Output& output) {
        const auto space = line.find(' ');
        auto verb = lower(line.substr(0, space));
        const auto argument = std::string(
            trim(space == std::string::npos ? std::string_view() : std::string_view(line).substr(space + 1)));
        code_ = 0;
        const bool upgrade = verb == "auth" && world_.offers_starttls(flow_);
        if (upgrade)
            reply(234, "Proceed with negotiation", output);
        else
            obey(verb, argument, output);
        auto fields =
            flow_fields(world_, flow_, flow_.inside == protocol::tls ? protocol::ftps : protocol::ftp);
        for (auto& letter : verb)
            letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        fields.text("command", verb).text("argument", argument).number("reply", code_);
        world_.recorder.event(world_.now(), "ftp", fields);
        if (upgrade)
            upgraded_ = make_tls_dialogue(world_, flow_, [](World& world, Flow flow) {
                return make_ftp_dialogue(world, std::move(flow), Greeting::said);
            });
    }

    void obey(std::string_view verb, const std::string& argument, Output& output) {
        if (verb == "quit") {
            reply(221, "Goodbye", output);
            over_ = output.close = true;
        } else if (verb == "pasv" || verb == "epsv") {
            passive(verb, output);
        } else if (verb == "port" || verb == "eprt") {
            active(fmt::format("{} {}", verb, argument), output);
        } else if (verb == "stor" || verb == "appe" || verb == "stou") {
            order(verb, argument, "", output);
        } else if (verb == "list" || verb == "nlst" || verb == "mlsd") {
            order(verb, argument, listing(verb), output);
        } else if (verb == "retr") {
            retrieve(argument, output);
        } else if (verb == "rest") {
            restart_ = 0;
            (void)std::from_chars(argument.data(), argument.data() + argument.size(), restart_);
            reply(350, "Restarting", output);
        } else if (verb == "feat") {
            code_ = 211;
            output.bytes += fmt::format(
                "211-Features:\r\n{} EPSV\r\n PASV\r\n PBSZ\r\n PROT\r\n REST STREAM\r\n SIZE\r\n "
                "UTF8\r\n211 End\r\n",
                world_.offers_starttls(flow_) || !flow_.inside.empty() ? " AUTH TLS\r\n" : "");
        } else if (verb == "prot") {
            protect_ = lower(argument) == "p";
            reply(200, "Protection level set", output);
        } else if (verb == "cwd") {
            directory_ = absolute(argument);
            reply(250, "Directory changed", output);
        } else if (verb == "pwd" || verb == "xpwd") {
            reply(257, fmt::format("\"{}\" is the current directory", directory_), output);
        } else if (verb == "mkd" || verb == "xmkd") {
            reply(257, fmt::format("\"{}\" created", absolute(argument)), output);
        } else if (verb == "size") {
            const auto found = files_.find(absolute(argument));
            const auto* there = found == files_.end() ? file_at(absolute(argument)) : nullptr;
            if (found != files_.end())
                reply(213, fmt::format("{}", found->second), output);
            else if (there != nullptr)
                reply(213, fmt::format("{}", there->answer.body.size()), output);
            else
                reply(550, "No such file", output);
        } else {
            simple(verb, output);
        }
    }

    void simple(std::string_view verb, Output& output) {
        static constexpr std::array known{Simple{"user", 331, "Password required"},
                                          Simple{"pass", 230, "Logged in"},
                                          Simple{"acct", 230, "Logged in"},
                                          Simple{"syst", 215, "UNIX Type: L8"},
                                          Simple{"type", 200, "Type set"},
                                          Simple{"mode", 200, "Mode set"},
                                          Simple{"stru", 200, "Structure set"},
                                          Simple{"opts", 200, "Ok"},
                                          Simple{"pbsz", 200, "PBSZ=0"},
                                          Simple{"noop", 200, "Ok"},
                                          Simple{"allo", 202, "Not needed"},
                                          Simple{"cdup", 250, "Directory changed"},
                                          Simple{"rmd", 250, "Removed"},
                                          Simple{"dele", 250, "Removed"},
                                          Simple{"rnfr", 350, "Ready for the new name"},
                                          Simple{"rnto", 250, "Renamed"},
                                          Simple{"site", 200, "Ok"},
                                          Simple{"mdtm", 550, "No such file"},
                                          Simple{"abor", 226, "Aborted"},
                                          Simple{"ccc", 533, "Not allowed"},
                                          Simple{"help", 214, "Ok"},
                                          Simple{"stat", 211, "Ok"},
                                          Simple{"auth", 534, "TLS is not available here"}};
        for (const auto& [name, code, text] : known)
            if (name == verb) return reply(code, text, output);
        reply(502, "Command not known", output);
    }

    [[nodiscard]] World::Expected data_connection() const {
        DialogueMaker data = [transfer = transfer_](World& world, Flow flow) {
            return std::make_unique<FtpData>(world, std::move(flow), transfer);
        };
        if (!protect_) return data;
        return [data](World& world, Flow flow) { return make_tls_dialogue(world, std::move(flow), data); };
    }

    void begin_transfer() {
        forget_passive();
        active_.reset();
        transfer_ = std::make_shared<Transfer>(world_.recorder);
        transfer_->control = flow_.connection;
    }

    /// The camera wants to be called; at its own address, for this is no way to have others called.
    void active(std::string_view command, Output& output) {
        const auto wished = parse_ftp_port_command(command);
        if (!wished) return reply(501, "No address and port", output);
        if (wished->address != flow_.camera.address) return reply(500, "Not your address", output);
        begin_transfer();
        active_ = wished;
        reply(200, "Ready to call", output);
    }

    /// False when nobody can be called.
    [[nodiscard]] bool call() {
        constexpr std::uint16_t data_port = 20;
        const std::weak_ptr<Transfer> transfer = transfer_;
        return world_.call({flow_.destination.address, data_port}, *std::exchange(active_, std::nullopt),
                           data_connection(), [transfer, wake = world_.wake, control = flow_.connection] {
                               if (const auto left = transfer.lock()) left->done = true;
                               wake(control);
                           });
    }

    /// The data connection is expected at an endpoint of its own, so it belongs to this control connection
    /// and no other.
    void passive(std::string_view verb, Output& output) {
        if (verb == "pasv" && !flow_.destination.address.is_v4()) return reply(425, "Use EPSV", output);
        begin_transfer();
        passive_ = world_.expect(flow_.destination.address, data_connection());
        if (!passive_) return reply(425, "No data connection possible", output);
        if (verb == "epsv")
            return reply(229, fmt::format("Entering extended passive mode (|||{}|)", passive_->port), output);
        const auto address = flow_.destination.address.to_v4();
        reply(227,
              fmt::format("Entering passive mode ({},{},{},{},{},{})", address >> 24, address >> 16 & 255,
                          address >> 8 & 255, address & 255, passive_->port >> 8, passive_->port & 255),
              output);
    }

    void forget_passive() {
        if (passive_) world_.expected.erase(*passive_);
        passive_.reset();
    }

    /// What a web server has there (a route, firmware on offer), asked for once for SIZE and RETR; nullptr:
    /// nothing.
    const WebAnswer* file_at(const std::string& path) {
        if (looked_at_ && looked_at_->first == path) return &looked_at_->second;
        const auto* name = world_.names.name_of(flow_.destination.address);
        const HttpHead head{.method = "GET", .target = path};
        auto found = world_.web.answer({head, name != nullptr ? *name : flow_.destination.address.to_string(),
                                        flow_.camera.address.to_string(),
                                        flow_.destination.address.to_string(), world_.clock.now()});
        if ((found.by != "route" && found.by != "update") || found.answer.status != 200) return nullptr;
        return &looked_at_.emplace(path, std::move(found)).second;
    }

    void retrieve(const std::string& argument, Output& output) {
        const auto* found = file_at(absolute(argument));
        if (found == nullptr) return reply(550, "No such file", output);
        if (!transfer_ || !transfer_->command.empty())
            return reply(425, "Say PASV, EPSV, PORT or EPRT first", output);
        const auto size = found->answer.body.size(),
                   begin = std::min<std::uint64_t>(std::exchange(restart_, 0), size);
        transfer_->role = found->role;
        transfer_->offer = world_.web.offer_number();
        transfer_->package_size = size;
        transfer_->part = {begin, size};
        auto content = found->answer.body.substr(begin);
        looked_at_.reset();
        order("retr", argument, std::move(content), output);
    }

    void order(std::string_view verb, const std::string& argument, std::string to_camera, Output& output) {
        if (!transfer_ || !transfer_->command.empty())
            return reply(425, "Say PASV, EPSV, PORT or EPRT first", output);
        for (const char letter : verb)
            transfer_->command += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        transfer_->path = absolute(argument);
        transfer_->to_camera = std::move(to_camera);
        transfer_->sends = verb == "list" || verb == "nlst" || verb == "mlsd" || verb == "retr";
        reply(150, "Ready for data", output);
        if (active_ && !call()) transfer_->done = true;
        if (transfer_->done) return finish_transfer(output);
        if (transfer_->sends && transfer_->data.connection != 0) world_.wake(transfer_->data.connection);
    }

    void finish_transfer(Output& output) {
        forget_passive();
        const auto transfer = std::exchange(transfer_, nullptr);
        const auto size = transfer->content.size();
        record_transfer(world_, transfer->data.connection != 0 ? transfer->data : flow_, *transfer);
        if (!transfer->sends && files_.size() < most_files) files_[transfer->path] = size;
        if (transfer->whole)
            reply(226, "Transfer complete", output);
        else if (transfer->data.connection == 0)
            reply(425, "No data connection possible", output);
        else
            reply(426, "Connection closed; transfer aborted", output);
    }

    [[nodiscard]] std::string absolute(const std::string& path) const {
        if (path.starts_with('/')) return path;
        return directory_.ends_with('/') ? directory_ + path : directory_ + "/" + path;
    }

    [[nodiscard]] std::string listing(std::string_view verb) const {
        std::string text;
        for (const auto& [path, size] : files_) {
            const auto slash = path.rfind('/');
            const bool here = path.substr(0, slash) == (directory_ == "/" ? "" : directory_);
            if (!here) continue;
            const auto name = path.substr(slash + 1);
            if (verb == "nlst")
                text += name + "\r\n";
            else if (verb == "mlsd")
                text += fmt::format("type=file;size={}; {}\r\n", size, name);
            else
                text +=
                    fmt::format("-rw-r--r--    1 ftp      ftp      {:>12} Jan 01 00:00 {}\r\n", size, name);
        }
        return text;
    }

    World& world_;
    Flow flow_;
    LineBuffer lines_;
    std::shared_ptr<Transfer> transfer_;
    std::optional<Endpoint> passive_, active_;
    std::string directory_ = "/";
    std::map<std::string, std::uint64_t> files_;
    std::optional<std::pair<std::string, WebAnswer>> looked_at_;  ///< the file that was asked for last
    std::uint64_t restart_ = 0;                                   ///< REST: where the next RETR begins
    std::unique_ptr<StreamDialogue> upgraded_;
    unsigned code_ = 0;
    bool greeted_;
    bool protect_ = false;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_ftp_dialogue(World& world, Flow flow, Greeting greeting) {
    return std::make_unique<FtpDialogue>(world, std::move(flow), greeting);
}

}  // namespace cambench::internet
