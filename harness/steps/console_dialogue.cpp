#include "harness/steps/console_dialogue.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <charconv>

#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr unsigned first_word = 7000;

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

}  // namespace

const char* const login_sign = R"((?i)(login|user ?name|user) ?: *$)";
const char* const password_sign = R"((?i)(password|passwd|passphrase)[^:\n]{0,24}: *$)";
const char* const refusal_sign =
    R"((?i)(incorrect|denied|fail(ed|ure)|invalid|wrong|bad password|login: *$))";

EchoProbe next_echo_probe(StepContext& context) {
    const auto number = first_word + context.next_number();
    return {fmt::format("echo cb{}{}", analysis::echo_variable, number), fmt::format("cb{}", number)};
}

Account parse_account(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return {std::string(text), ""};
    return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

ProbeRecord::ProbeRecord(StepContext& context, std::string kind)
    : context_(context),
      from_(context.slot().console().end()),
      fields_{{"probe", std::move(kind)}, {"from", from_}, {"words", Json::array()}} {}

void ProbeRecord::finish() {
    fields_["to"] = context_.slot().console().end();
    context_.emit("scenario", "console-probe", std::move(fields_));
}

bool any_line(std::string_view text, const std::function<bool(std::string_view)>& is_wanted) {
    while (!text.empty()) {
        const auto length = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, length);
        while (line.ends_with('\r')) line.remove_suffix(1);
        if (is_wanted(line)) return true;
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return false;
}

bool shows(std::string_view text, const std::string& pattern) {
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    const RE2 expression(pattern, options);
    return any_line(text, [&](std::string_view line) {
        return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), expression);
    });
}

Result<bool> await_sign(StepContext& context, const std::string& pattern, std::uint64_t from,
                        Nanoseconds within) {
    const auto line = context.await_console(pattern, from, within);
    if (line) return true;
    if (line.error().fault == Fault::timeout) return false;
    return line.error();
}

Result<std::string> unescape(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i];
            continue;
        }
        const char kind = i + 1 < text.size() ? text[++i] : '\0';
        if (kind == 'r')
            bytes += '\r';
        else if (kind == 'n')
            bytes += '\n';
        else if (kind == 't')
            bytes += '\t';
        else if (kind == 'e')
            bytes += '\x1b';
        else if (kind == '\\')
            bytes += '\\';
        else if (kind == 'x' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
            unsigned value = 0;
            std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
            bytes += static_cast<char>(value);
            i += 2;
        } else {
            return usage_error(
                fmt::format("'{}' has an escape that is none of \\r \\n \\t \\e \\\\ \\x1b", text));
        }
    }
    return bytes;
}

}  // namespace cambench
