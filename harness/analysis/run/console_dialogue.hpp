#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// What the echo probes type in the middle of a word: a variable that no unit has, so that an interpreter
/// prints the word without it, and only an echo shows it.
inline constexpr std::string_view echo_variable = "${cbx}";

/// Something the bench typed on the console.
struct SentBytes {
    Nanoseconds time{};
    std::uint64_t offset = 0;  ///< where console.log ended then
    std::uint64_t length = 0;
    std::string text;  ///< inert, maybe cut
};

/// A stretch of the console in which a step tried something, and how.
struct ConsoleProbe {
    std::string kind;                ///< "autoboot", "shell", "login", "bootrom"
    std::uint64_t from = 0, to = 0;  ///< offsets in console.log
    Nanoseconds end{};
    std::vector<std::string> words;  ///< that only an interpreter of commands could print
    std::string user, password;      ///< of "login"
    bool prompted = false;           ///< of "login": the unit asked for a name
    bool password_typed = false;     ///< of "login": the unit asked for a password and was given it
    bool passwords = false;          ///< of "autoboot": passwords were typed, too
    std::string ended;               ///< of "autoboot": interpreter, boot, deadline, budget
    std::uint64_t sent = 0;          ///< of "autoboot": bytes typed
};

/// A line on which an interpreter of commands answered.
struct Answer {
    const ConsoleLine* line = nullptr;
    std::string word;
    bool boot_loader = false;  ///< no kernel had been seen in that boot since its last boot loader
    bool either = false;  ///< nor one, but somebody asked for a name: a boot loader, or user land behind a
                          ///< silent kernel
};

[[nodiscard]] std::vector<SentBytes> sent_bytes(const Observations& observations);
[[nodiscard]] std::vector<ConsoleProbe> console_probes(const Observations& observations,
                                                       std::string_view kind = {});

/// The lines of a stretch of the console, those that begin or end in it.
[[nodiscard]] std::vector<const ConsoleLine*> lines_between(const Console& console, std::uint64_t from,
                                                            std::uint64_t to);

/// The first line that shows one of the probe's words, as an interpreter prints them: not what was typed, but
/// what it means.
[[nodiscard]] std::vector<Answer> answers_to(const Observations& observations, const ConsoleProbe& probe);

/// The first line from `since` on that shows what the bench typed: proof that the bench's wire reaches the
/// unit. nullptr: there is none.
[[nodiscard]] const ConsoleLine* echo_of_typing(const Observations& observations, std::uint64_t since = 0);

/// Console offsets at which the unit got power, in order.
[[nodiscard]] std::vector<std::uint64_t> boot_offsets(const Observations& observations);

/// Whether what came since power-on begins with the blanks by which HiSilicon's and Goke's boot ROMs offer a
/// download.
[[nodiscard]] bool offers_download(std::string_view since_power_on);

/// RE2 over a line, from boot logs of ten makers: the first words of a boot loader or kernel (the unit has
/// started anew); init, a login prompt or a shell (user land is up).
inline constexpr auto start_words =
    R"(^\s*(U-Boot( SPL)? v?[0-9]{1,4}\.[0-9]|DH-?Boot|System startup|IPL |BootROM|AMBoot|ESP-ROM:|barebox 20[0-9]{2}|Booting Linux on physical CPU|Linux version [0-9]+\.))";
inline constexpr auto userland_words =
    R"((?i)(login:\s*$|^[\w.-]+ login: |init started: busybox|starting pid \d+|busybox v[\d.]+|please press enter to activate|[~/] ?[#$] *$))";

/// What a line is a sign of.
[[nodiscard]] bool is_start_line(std::string_view text);   ///< `start_words`
[[nodiscard]] bool is_kernel_line(std::string_view text);  ///< or of user land: the boot loader is over,
                                                           ///< unless another one follows (console_boot.hpp)
[[nodiscard]] bool is_login_prompt(std::string_view text);
[[nodiscard]] bool is_refusal(std::string_view text);  ///< of a name or password
[[nodiscard]] bool is_prompt(std::string_view text);   ///< of a boot loader or a shell, with nothing typed
[[nodiscard]] bool is_damaged(std::string_view text);  ///< bytes that a healthy log does not have; it rings
                                                       ///< and steps back in countdowns

}  // namespace cambench::analysis
