#include <fmt/format.h>

#include "harness/core/text.hpp"
#include "harness/steps/console_dialogue.hpp"
#include "harness/steps/known_accounts.hpp"

namespace cambench::steps::try_logins {
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

constexpr auto shell_sign = R"((^|[~/\w)\]] ?)[#$>] *$)";

/// Where a dialogue stands: what its newest line, without an end yet, asks for.
enum class Place { elsewhere, login, password, shell };

Place place_of(std::string_view text) {
    const auto line = text.substr(text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1);
    if (shows(line, password_sign)) return Place::password;
    if (shows(line, login_sign)) return Place::login;
    if (!trim(line).empty() && shows(line, shell_sign)) return Place::shell;
    return Place::elsewhere;
}

class Visitor {
public:
    Visitor(const markup::Node& node, StepContext& context)
        : context_(context), patience_(node.duration("patience")) {}

    enum class Finding { shell, login, nothing };

    /// Types a command at whatever is there: a shell prints its word, a login takes it for a name and shows
    /// its echo.
    Result<Finding> try_without_login() {
        ProbeRecord record(context_, "shell");
        auto found = Finding::nothing;
        // Lines of the running unit may tear an echo apart, and keys typed earlier may still wait to be read:
        // again, then.
        for (int attempt = 0; attempt < attempts && found != Finding::shell; ++attempt) {
            const auto from = mark();
            TRY_ASSIGN(const auto place, settle());
            TRY_ASSIGN(const bool printed, give_command(record));
            if (printed)
                found = Finding::shell;
            else if (place == Place::login)
                found = Finding::login;
            const auto seen = text_since(from);
            if (seen.empty() || (found != Finding::nothing && seen.find(echoed_) != std::string::npos)) break;
        }
        record.finish();
        return found;
    }

    /// One account at the login. Whether it led to a shell.
    Result<bool> try_account(const Account& account) {
        ProbeRecord record(context_, "login");
        record.fields()["user"] = account.user;
        record.fields()["password"] = account.password;
        TRY_ASSIGN(const auto place, settle());
        record.fields()["prompt"] = place == Place::login;
        bool shell = false;
        if (place == Place::login) {
            TRY_ASSIGN(shell, log_in(account, record));
        }
        record.finish();
        return shell;
    }

private:
    static constexpr int attempts = 3;

    Status type(const std::string& text) { return context_.slot().console().write(as_bytes(text)); }
    [[nodiscard]] std::uint64_t mark() { return context_.slot().console().end(); }
    [[nodiscard]] std::string text_since(std::uint64_t offset) {
        return context_.slot().console().text_since(offset);
    }

    /// Waits until the newest line asks for something; the place at the deadline otherwise.
    Result<Place> await_place(std::uint64_t from) {
        const auto deadline = Deadline::after(patience_);
        while (true) {
            const auto place = place_of(text_since(from));
            if (place != Place::elsewhere || deadline.passed()) return place;
            TRY(context_.pause(std::chrono::milliseconds(20)));
        }
    }

    /// Enter, until a login or a shell waits for something: what was typed before is refused, lines of the
    /// log pass by.
    Result<Place> settle() {
        auto place = Place::elsewhere;
        for (int attempt = 0; attempt < attempts && place != Place::login && place != Place::shell;
             ++attempt) {
            const auto from = mark();
            TRY(type("\r"));
            TRY_ASSIGN(place, await_place(from));
            if (text_since(from).empty()) break;
        }
        return place;
    }

    /// The name, the password where one is asked for, and a command where neither is refused.
    Result<bool> log_in(const Account& account, ProbeRecord& record) {
        const auto begin = mark();
        TRY(type(account.user + "\r"));
        TRY_ASSIGN(auto place, await_place(begin));
        if (place == Place::password) {
            const auto from = mark();
            TRY(type(account.password + "\r"));
            TRY_ASSIGN(place, await_place(from));
            record.fields()["password_typed"] = true;
            if (place == Place::login || shows(text_since(from), refusal_sign)) return false;
        }
        if (place == Place::login) return false;
        TRY_ASSIGN(const bool printed, give_command(record));
        if (printed) TRY(type("exit\r"));
        return printed;
    }

    /// Whether an interpreter took it.
    Result<bool> give_command(ProbeRecord& record) {
        const auto probe = next_echo_probe(context_);
        record.typed(probe);
        echoed_ = probe.command;
        const auto from = mark();
        TRY(type(probe.command + "\r"));
        const auto deadline = Deadline::after(patience_);
        while (!deadline.passed()) {
            const auto seen = text_since(from);
            if (seen.find(probe.word) != std::string::npos) return true;
            if (place_of(seen) == Place::password) return false;
            TRY(context_.pause(std::chrono::milliseconds(20)));
        }
        return false;
    }

    StepContext& context_;
    Nanoseconds patience_;
    std::string echoed_;  ///< the last command typed
};

Status run(const markup::Node& node, StepContext& context) {
    if (!context.slot().has_console()) return dut_error("the slot has no console");
    Visitor visitor(node, context);
    TRY_ASSIGN(const auto found, visitor.try_without_login());
    if (found != Visitor::Finding::login) return {};
    for (const auto& account : accounts_of(node)) {
        TRY_ASSIGN(const bool shell, visitor.try_account(account));
        if (shell) break;
    }
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element =
            {.name = "try-logins",
             .doc = "Looks for a shell on the console, and tries accounts with known passwords at its login.",
             .attributes = {{.name = "accounts",
                             .kind = markup::Kind::words,
                             .doc = "user:password, several; those known from cameras when absent."},
                            {.name = "tries",
                             .kind = markup::Kind::integer,
                             .doc = "How many accounts to try at most.",
                             .fallback = "24"},
                            {.name = "patience",
                             .kind = markup::Kind::duration,
                             .doc = "How long an answer may take.",
                             .fallback = "10s"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::needed,
        .takes = [](const markup::Node& node) -> Nanoseconds {
            return std::chrono::seconds(node.integer("tries"));
        },
        .run = run};
    return type;
}

}  // namespace cambench::steps::try_logins
