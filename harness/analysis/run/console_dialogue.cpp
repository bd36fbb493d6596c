#include "harness/analysis/run/console_dialogue.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "harness/analysis/run/console_boot.hpp"
#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

RE2::Options options() {
    RE2::Options chosen(RE2::Latin1);
    chosen.set_log_errors(false);
    return chosen;
}

bool matches(std::string_view text, const RE2& expression) {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression);
}

std::uint64_t end_of(const ConsoleLine& line) { return line.offset + line.text.size(); }

}  // namespace

std::vector<SentBytes> sent_bytes(const Observations& observations) {
    std::vector<SentBytes> sent;
    for (const auto& event : observations.run.events)
        if (event.lane == "console" && event.kind == "sent")
            sent.push_back({event.time, count_of(event.fields, "offset"), count_of(event.fields, "length"),
                            text_of(event.fields, "text")});
    return sent;
}

std::vector<ConsoleProbe> console_probes(const Observations& observations, std::string_view kind) {
    std::vector<ConsoleProbe> probes;
    for (const auto& event : observations.run.events) {
        if (event.lane != "scenario" || event.kind != "console-probe") continue;
        const auto& fields = event.fields;
        ConsoleProbe probe{text_of(fields, "probe"),
                           count_of(fields, "from"),
                           count_of(fields, "to"),
                           event.time,
                           {},
                           text_of(fields, "user"),
                           text_of(fields, "password"),
                           flag_of(fields, "prompt"),
                           flag_of(fields, "password_typed"),
                           flag_of(fields, "passwords"),
                           text_of(fields, "ended"),
                           count_of(fields, "sent")};
        if (const auto words = fields.find("words"); words != fields.end() && words->is_array())
            for (const auto& word : *words)
                if (word.is_string() && word.get<std::string>().size() >= 4)
                    probe.words.push_back(word.get<std::string>());
        if (kind.empty() || probe.kind == kind) probes.push_back(std::move(probe));
    }
    return probes;
}

std::vector<const ConsoleLine*> lines_between(const Console& console, std::uint64_t from, std::uint64_t to) {
    std::vector<const ConsoleLine*> lines;
    for (const auto& line : console.lines)
        if (end_of(line) >= from && line.offset < to) lines.push_back(&line);
    return lines;
}

std::vector<Answer> answers_to(const Observations& observations, const ConsoleProbe& probe) {
    std::vector<Answer> answers;
    const auto boots = boot_offsets(observations);
    for (const auto* line : lines_between(observations.console, probe.from, probe.to)) {
        const auto word = std::find_if(probe.words.begin(), probe.words.end(), [&](const auto& one) {
            return line->text.find(one) != std::string::npos;
        });
        if (word == probe.words.end()) continue;
        BootProgress progress;
        const auto next = std::upper_bound(boots.begin(), boots.end(), line->offset);
        const auto begin = next == boots.begin() ? 0 : *(next - 1);
        for (const auto* earlier : lines_between(observations.console, begin, line->offset))
            if (earlier != line && earlier->offset >= begin) progress.take(earlier->text);
        answers.push_back(
            {line, *word, !progress.loader_over(), progress.loader_over() && !progress.kernel_ran()});
    }
    return answers;
}

const ConsoleLine* echo_of_typing(const Observations& observations, std::uint64_t since) {
    std::uint64_t first = ~std::uint64_t{0};
    std::vector<std::string> numbers;
    for (const auto& probe : console_probes(observations)) {
        if (!probe.words.empty()) first = std::min(first, probe.from);
        for (const auto& word : probe.words) numbers.push_back(word.substr(2));
    }
    for (const auto& line : observations.console.lines) {
        if (end_of(line) < std::max(first, since)) continue;
        const auto at = line.text.find(echo_variable);
        const auto echoed =
            at != std::string::npos && std::any_of(numbers.begin(), numbers.end(), [&](const auto& number) {
                return line.text.compare(at + echo_variable.size(), number.size(), number) == 0;
            });
        if (echoed) return &line;
    }
    for (const auto& probe : console_probes(observations))
        if (probe.from >= since)
            if (const auto answers = answers_to(observations, probe); !answers.empty())
                return answers.front().line;
    return nullptr;
}

std::vector<std::uint64_t> boot_offsets(const Observations& observations) {
    std::vector<std::uint64_t> offsets;
    for (const auto& event : observations.run.events) {
        if (event.lane != "power" || event.kind != "on") continue;
        // The first line that came after the contact closed; without stamps, nothing can be told apart.
        const auto& lines = observations.console.lines;
        const auto found = std::find_if(lines.begin(), lines.end(), [&](const ConsoleLine& line) {
            return line.time && *line.time >= event.time;
        });
        if (found != lines.end() && (offsets.empty() || found->offset > offsets.back()))
            offsets.push_back(found->offset);
    }
    return offsets;
}

bool offers_download(std::string_view since_power_on) {
    // A few bytes of noise from the rising supply may come first; indentation inside a log does not count.
    constexpr std::size_t most_noise = 16, least_blanks = 5;
    std::size_t begin = 0;
    while (begin < std::min(most_noise, since_power_on.size()) &&
           (since_power_on[begin] < ' ' || since_power_on[begin] == '\x7f'))
        ++begin;
    return since_power_on.substr(begin).starts_with(std::string(least_blanks, ' '));
}

bool is_start_line(std::string_view text) {
    static const RE2 pattern(start_words, options());
    return matches(text, pattern);
}

bool is_kernel_line(std::string_view text) { return boot_sign(text) >= BootSign::announced; }

bool is_login_prompt(std::string_view text) {
    static const RE2 pattern(R"((?i)(\blogin|user ?name) ?:)", options());
    return matches(text, pattern);
}

bool is_refusal(std::string_view text) {
    static const RE2 pattern(
        R"((?i)\b(login|password|authentication|access|user)\b.{0,24}\b(incorrect|denied|fail(ed|ure)|invalid|wrong)\b|\b(incorrect|invalid|wrong|bad) (login|password|user))",
        options());
    return matches(text, pattern);
}

bool is_prompt(std::string_view text) {
    static const RE2 pattern(
        R"(^\s*([\w.@-]{1,24} ?(:[\w/~]{0,40})? ?[#>$]|=>|[~/][\w/]{0,40} ?[#$]|pps #|HKVS #) ?\s*$)",
        options());
    return matches(text, pattern);
}

bool is_damaged(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto value = static_cast<unsigned char>(c);
        return (value < 32 && c != '\t' && c != '\r' && c != 27 && c != '\b' && c != 7) || value >= 127;
    });
}

}  // namespace cambench::analysis
