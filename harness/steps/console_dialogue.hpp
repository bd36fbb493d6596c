#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/steps/step_context.hpp"

namespace cambench {

/// Proof that somebody interprets commands on the console: typed is `echo cb${cbx}7001`, printed is `cb7001`.
/// Only an interpreter makes the one of the other; an echo, a banner or a login prompt does not. Boot loaders
/// and shells alike take an unknown variable for nothing. The command changes nothing on the unit.
struct EchoProbe {
    std::string command;  ///< without a line end
    std::string word;     ///< what an interpreter prints
};
[[nodiscard]] EchoProbe next_echo_probe(StepContext& context);

/// An account to try. Without a user only a password is asked for.
struct Account {
    std::string user, password;
};
/// "root:xmhdipc"; the password may hold colons.
[[nodiscard]] Account parse_account(std::string_view text);

/// What a step did on the console, for the checks: the event "console-probe" of the lane "scenario".
class ProbeRecord {
public:
    ProbeRecord(StepContext& context, std::string kind);
    /// Words of the echo probes that were typed.
    void typed(const EchoProbe& probe) { fields_["words"].push_back(probe.word); }
    Json& fields() { return fields_; }
    [[nodiscard]] std::uint64_t from() const { return from_; }
    /// Emits it: with the stretch of console.log that came since it was made.
    void finish();

private:
    StepContext& context_;
    std::uint64_t from_;
    Json fields_;
};

/// Whether a line of `text` is what `is_wanted` looks for.
[[nodiscard]] bool any_line(std::string_view text, const std::function<bool(std::string_view)>& is_wanted);

/// Whether `text` holds a line that matches the RE2 `pattern`; raw bytes.
[[nodiscard]] bool shows(std::string_view text, const std::string& pattern);

/// Waits until what came since `from` shows `pattern`; false when it did not in time.
[[nodiscard]] Result<bool> await_sign(StepContext& context, const std::string& pattern, std::uint64_t from,
                                      Nanoseconds within);

/// "\r", "\n", "\t", "\e", "\\" and "\x1b" of an attribute become the bytes they stand for.
[[nodiscard]] Result<std::string> unescape(std::string_view text);

extern const char* const login_sign;
extern const char* const password_sign;
extern const char* const refusal_sign;

}  // namespace cambench
