#include <fmt/format.h>

#include "harness/scenario/console_dialogue.hpp"
#include "harness/scenario/known_accounts.hpp"

namespace cambench {
namespace {

std::vector<Account> accounts_of(const markup::Node& node) {
    std::vector<Account> accounts;
    for (const auto& word : node.words("accounts")) accounts.push_back(parse_account(word));
    if (!node.given("accounts"))
        for (const auto text : known_accounts()) accounts.push_back(parse_account(text));
    const auto tries = static_cast<std::size_t>(node.integer("tries"));
    if (accounts.size() > tries) accounts.resize(tries);
    return accounts;
}

class Visitor {
public:
    Visitor(const markup::Node& node, StepContext& context) : context_(context), patience_(node.duration("patience")) {}

    /// Types a command at whatever is there: a shell prints its word, a login takes it for a name and shows its echo.
    Result<bool> try_without_login() {
        ProbeRecord record(context_, "shell");
        bool answered = false;
        // Lines of the running unit may tear an echo apart, and keys typed earlier may still wait to be read: again, then.
        for (int attempt = 0; attempt < attempts && !answered; ++attempt) {
            const auto from = mark();
            TRY(type("\r"));
            (void)await_sign(context_, R"([\w)])>:$#] *$)", from, patience_);
            TRY_ASSIGN(answered, give_command(record));
            if (!answered) TRY(leave_password_prompt(from));
            const auto seen = context_.slot().console().text_since(from);
            if (seen.empty() || seen.find(echoed_) != std::string::npos) break;
        }
        record.finish();
        return answered;
    }

    /// One account at a login or password prompt. nullopt: there was no prompt to try it at.
    Result<std::optional<bool>> try_account(const Account& account) {
        ProbeRecord record(context_, "login");
        record.fields()["user"] = account.user;
        record.fields()["password"] = account.password;
        const auto prompted = prompt(record.from());
        if (!prompted) return prompted.error();
        record.fields()["prompt"] = *prompted;
        Result<bool> answered = false;
        if (*prompted) answered = log_in(account, record);
        if (!answered) return answered.error();
        record.finish();
        if (!*prompted) return std::optional<bool>();
        return std::optional(*answered);
    }

private:
    Status type(const std::string& text) { return context_.slot().console().write(as_bytes(text)); }
    [[nodiscard]] std::uint64_t mark() { return context_.slot().console().end(); }

    /// Enter, until the unit asks for a name.
    Result<bool> prompt(std::uint64_t from) {
        if (shows(context_.slot().console().text_since(prompt_from_), login_sign)) return true;
        for (int attempt = 0; attempt < 2; ++attempt) {
            TRY(type("\r"));
            TRY_ASSIGN(const bool there, await_sign(context_, login_sign, from, patience_));
            if (there) return true;
        }
        return false;
    }

    Result<bool> log_in(const Account& account, ProbeRecord& record) {
        auto from = mark();
        TRY(type(account.user + "\r"));
        TRY_ASSIGN(const bool asked, await_sign(context_, std::string(password_sign) + "|" + refusal_sign + R"(|[#$>] *$)", from, patience_));
        const bool wants_password = asked && shows(context_.slot().console().text_since(from), password_sign);
        if (wants_password) {
            from = mark();
            TRY(type(account.password + "\r"));
            (void)await_sign(context_, std::string(refusal_sign) + R"(|[#$>] *$)", from, patience_);
        }
        prompt_from_ = from;
        // What refuses asks again: a command there would only be one more wrong name.
        if (shows(context_.slot().console().text_since(from), refusal_sign)) return false;
        auto answered = give_command(record);
        if (answered && *answered) TRY(type("exit\r"));
        prompt_from_ = mark();
        return answered;
    }

    Result<bool> give_command(ProbeRecord& record) {
        const auto probe = next_echo_probe(context_);
        record.typed(probe);
        echoed_ = probe.command;
        const auto from = mark();
        TRY(type(probe.command + "\r"));
        return await_sign(context_, probe.word + "|" + password_sign, from, patience_).ok()
                   ? Result<bool>(shows(context_.slot().console().text_since(from), probe.word))
                   : Result<bool>(cancelled_error("cancelled"));
    }

    /// A login took the command for a name and wants its password now.
    Status leave_password_prompt(std::uint64_t from) {
        if (!shows(context_.slot().console().text_since(from), password_sign)) return {};
        const auto here = mark();
        TRY(type("\r"));
        (void)await_sign(context_, refusal_sign, here, patience_);
        prompt_from_ = here;
        return {};
    }

    static constexpr int attempts = 3;

    StepContext& context_;
    Nanoseconds patience_;
    std::string echoed_;  ///< the last command typed
    std::uint64_t prompt_from_ = ~std::uint64_t{0};  ///< where an unused login prompt may stand
};

Status run(const markup::Node& node, StepContext& context) {
    if (!context.slot().has_console()) return dut_error("the slot has no console");
    Visitor visitor(node, context);
    TRY_ASSIGN(const bool open, visitor.try_without_login());
    if (open) return {};
    for (const auto& account : accounts_of(node)) {
        if (context.stop().stop_requested()) return cancelled_error("cancelled");
        TRY(context.slot().health());
        TRY_ASSIGN(const auto outcome, visitor.try_account(account));
        if (!outcome || *outcome) break;
    }
    return {};
}

}  // namespace

const StepType& step_try_logins() {
    static const StepType type{
        .element = {.name = "try-logins",
                    .doc = "Looks for a shell on the console, and tries accounts with known passwords at its login.",
                    .attributes = {{.name = "accounts",
                                    .kind = markup::Kind::words,
                                    .doc = "user:password, several; those known from cameras when absent."},
                                   {.name = "tries", .kind = markup::Kind::integer, .doc = "How many accounts to try at most.", .fallback = "24"},
                                   {.name = "patience", .kind = markup::Kind::duration, .doc = "How long an answer may take.", .fallback = "5s"}}},
        .run = run};
    return type;
}

}  // namespace cambench
