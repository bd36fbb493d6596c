#include <fmt/format.h>

#include "harness/analysis/run/console_boot.hpp"
#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/core/text.hpp"
#include "harness/steps/console_dialogue.hpp"
#include "harness/steps/known_accounts.hpp"

namespace cambench::steps::interrupt_autoboot {
namespace {

/// Between two keys: a boot loader looks for one every 10 ms or so, and its UART keeps 16.
constexpr auto key_pause = std::chrono::milliseconds(8);
constexpr std::size_t most_at_once = 8;
/// So long after what looks like a kernel another boot loader may still begin; first stages take a second or
/// less.
constexpr auto next_loader_within = std::chrono::seconds(3);
constexpr auto look_every = std::chrono::milliseconds(20);

struct Key {
    std::string_view name, bytes;
};
constexpr Key keys[]{{"space", " "},     {"enter", "\r"}, {"ctrl-c", "\x03"},
                     {"ctrl-u", "\x15"}, {"esc", "\x1b"}, {"tab", "\t"}};

/// The keys of the attribute; a word that names none is typed as it is.
std::vector<std::string> pieces_of(const markup::Node& node) {
    std::vector<std::string> pieces;
    for (const auto& word : node.words("keys")) {
        const auto* known =
            std::find_if(std::begin(keys), std::end(keys), [&](const Key& key) { return key.name == word; });
        pieces.emplace_back(known == std::end(keys) ? std::string_view(word) : known->bytes);
    }
    return pieces;
}

constexpr auto asks_password = R"((?i)(password|passwd|^\s*autoboot:\s*\d))";

/// One round over all keys, ending with a command that proves an interpreter.
class Flood {
public:
    Flood(const markup::Node& node, StepContext& context)
        : context_(context),
          keys_(pieces_of(node)),
          passwords_(node.text("passwords")),
          budget_(node.volume("budget")),
          record_(context, "autoboot") {
        record_.fields()["keys"] = node.words("keys");
    }

    /// Until the boot loader answers, the boot goes on, or the time is over.
    Result<bool> run(Nanoseconds within) {
        const auto deadline = Deadline::after(within);
        auto ended_by = "deadline";
        bool answered = false;
        while (!deadline.passed() && sent_ < budget_) {
            if (loader_may_listen())
                TRY(round());
            else
                TRY(context_.pause(look_every));
            answered = printed();
            if (answered || boot_went_on()) {
                ended_by = answered ? "interpreter" : "boot";
                break;
            }
            if (context_.stop().stop_requested()) return cancelled_error("cancelled");
            TRY(context_.slot().health());
        }
        // The last round's answer may still be on its way.
        if (!answered && std::string_view(ended_by) != "boot") answered = await_last_answer(ended_by);
        record_.fields()["ended"] = sent_ >= budget_ && !answered ? "budget" : ended_by;
        record_.fields()["sent"] = sent_;
        record_.finish();
        return answered;
    }

private:
    Status round() {
        auto pieces = keys_;
        const bool asked = shows(text(), asks_password);
        if (passwords_ == "always" || (passwords_ == "asked" && asked)) {
            record_.fields()["passwords"] = true;
            for (const auto& password : known_boot_passwords())
                pieces.push_back(std::string(password) + "\r");
        }
        pieces.push_back("\x03");  // whatever the keys left on the line goes
        std::size_t length = 0;
        for (const auto& piece : pieces) length += piece.size();
        auto& console = context_.slot().console();
        const auto before = console.bytes_sent();
        TRY(console.write(pieces, key_pause));
        const bool reads = console.bytes_sent() - before == length;
        auto status = reads || at_prompt() ? command() : Status();
        sent_ += console.bytes_sent() - before;
        return status;
    }

    /// A command for a unit that reads what is typed. A piece that is lost spoils it: more patience than for
    /// a key.
    Status command() {
        const auto probe = next_echo_probe(context_);
        words_.push_back(probe.word);
        record_.typed(probe);
        const auto line = probe.command + "\r";
        for (std::size_t at = 0; at < line.size(); at += most_at_once) {
            const auto status = context_.slot().console().write(as_bytes(line.substr(at, most_at_once)));
            if (!status && status.error().fault == Fault::timeout) return {};
            if (!status) return status;
        }
        return {};
    }

    [[nodiscard]] bool at_prompt() const {
        const auto seen = text();
        const auto end = seen.rfind('\n');
        return analysis::is_prompt(std::string_view(seen).substr(end == std::string::npos ? 0 : end + 1));
    }

    [[nodiscard]] std::string text() const { return context_.slot().console().text_since(record_.from()); }

    [[nodiscard]] bool printed() const {
        const auto seen = text();
        return std::any_of(words_.begin(), words_.end(),
                           [&](const std::string& word) { return seen.find(word) != std::string::npos; });
    }

    [[nodiscard]] analysis::BootProgress progress() const {
        analysis::BootProgress progress;
        (void)any_line(text(), [&](std::string_view line) {
            progress.take(line);
            return progress.started_anew();
        });
        return progress;
    }

    /// Keys harm no kernel that is only announced, and a first stage announces what is the boot loader.
    [[nodiscard]] bool loader_may_listen() const {
        return progress().furthest() < analysis::BootSign::kernel;
    }

    /// User land, an address, or a kernel that no boot loader follows for a while.
    [[nodiscard]] bool boot_went_on() {
        const auto lease = context_.await_event(is_lease, context_.power_on().mark, Nanoseconds::zero());
        if (lease) {
            context_.note_camera_address(lease->fields.value("address", std::string()));
            return true;
        }
        const auto now = progress();
        if (now.started_anew() || now.furthest() >= analysis::BootSign::userland) return true;
        if (!now.loader_over())
            over_for_good_.reset();
        else if (!over_for_good_)
            over_for_good_ = Deadline::after(next_loader_within);
        return over_for_good_ && over_for_good_->passed();
    }

    [[nodiscard]] bool await_last_answer(const char*& ended_by) {
        const auto patience = Deadline::after(std::chrono::seconds(1));
        while (!patience.passed() && !printed()) {
            const auto line =
                context_.await_console(".", context_.slot().console().end(), std::chrono::milliseconds(100));
            if (!line && line.error().fault != Fault::timeout) break;
        }
        if (printed()) ended_by = "interpreter";
        return printed();
    }

    StepContext& context_;
    std::vector<std::string> keys_;
    std::string passwords_;
    std::uint64_t budget_;
    std::uint64_t sent_ = 0;
    std::vector<std::string> words_;
    ProbeRecord record_;
    std::optional<Deadline> over_for_good_;  ///< counts from the last kernel line on
};

Status run(const markup::Node& node, StepContext& context) {
    if (!context.slot().has_console()) return dut_error("the slot has no console");
    Flood flood(node, context);
    TRY_ASSIGN(const bool interrupted, flood.run(node.duration("within")));
    if (!interrupted || node.text("afterwards") == "stay") return {};
    TRY(context.slot().power_off());
    TRY(context.pause(node.duration("off-for")));
    context.note_power_on();
    return context.slot().power_on();
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "interrupt-autoboot",
                    .doc = "Types keys from power-on until the boot loader answers a harmless command or the "
                           "boot goes on.",
                    .attributes =
                        {{.name = "keys",
                          .kind = markup::Kind::words,
                          .doc =
                              "The keys, over and over: space enter ctrl-c ctrl-u esc tab, or what to type.",
                          .fallback = "space enter ctrl-c ctrl-u esc * E"},
                         {.name = "passwords",
                          .kind = markup::Kind::choice,
                          .doc = "Whether known passwords of boot loaders are typed: when one is asked for, "
                                 "always, never.",
                          .fallback = "asked",
                          .choices = {"asked", "always", "never"}},
                         {.name = "within",
                          .kind = markup::Kind::duration,
                          .doc = "How long to type at most.",
                          .fallback = "20s"},
                         {.name = "budget",
                          .kind = markup::Kind::volume,
                          .doc = "How much to type at most.",
                          .fallback = "64kB"},
                         {.name = "afterwards",
                          .kind = markup::Kind::choice,
                          .doc = "What to do with a unit that was stopped: cut its power so that it boots, "
                                 "or leave it there.",
                          .fallback = "restart",
                          .choices = {"restart", "stay"}},
                         {.name = "off-for",
                          .kind = markup::Kind::duration,
                          .doc = "How long it is without power then.",
                          .fallback = "2s"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::needed,
        .takes = [](const markup::Node&) { return usual_boot; },
        .run = run};
    return type;
}

}  // namespace cambench::steps::interrupt_autoboot
