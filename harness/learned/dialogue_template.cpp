#include "harness/learned/dialogue_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

using Part = DialogueTemplate::Part;
using Open = Part::Kind;

constexpr std::size_t most_bytes = 65536, most_open = 64;

constexpr std::array<std::pair<std::string_view, Open>, 4> words{{{"any", Open::any},
                                                                  {"time.http", Open::time_http},
                                                                  {"time.iso", Open::time_iso},
                                                                  {"time.unix", Open::time_unix}}};

std::optional<std::size_t> number_in(std::string_view text, std::size_t most) {
    const auto value = whole_number<std::size_t>(text);
    return value && *value != 0 && *value <= most ? value : std::nullopt;
}

Result<Part> parse_open(std::string_view inside) {
    for (const auto& [word, kind] : words)
        if (word == inside) return Part{kind};
    if (inside.starts_with("offer.") && inside.size() > 6)
        return Part{Open::offer, std::string(inside.substr(6))};
    if (const auto size = number_in(inside, most_bytes)) return Part{Open::bytes, {}, *size};
    if (inside.starts_with("same "))
        if (const auto which = number_in(inside.substr(5), most_open)) return Part{Open::same, {}, *which};
    return usage_error(
        fmt::format("'\\({})' is not known in a recorded message: any, a number of bytes, same N, time.http, "
                    "time.iso, time.unix, offer.NAME",
                    inside));
}

/// The byte an escape stands for; `at` is behind the backslash and moves past it.
Result<char> parse_escape(std::string_view written, std::size_t& at) {
    const char letter = at < written.size() ? written[at++] : '\0';
    switch (letter) {
        case 'r':
            return '\r';
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case '\\':
            return '\\';
        case 'x': {
            unsigned value = 0;
            const auto digits = written.substr(at, 2);
            const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
            if (code != std::errc() || digits.size() != 2 || end != digits.data() + 2) break;
            at += 2;
            return static_cast<char>(value);
        }
        default:
            break;
    }
    return usage_error(fmt::format(
        "an escape at byte {} of a recorded message is none of \\r \\n \\t \\\\ \\xHH \\(...)", at));
}

std::vector<std::string_view> tokens_of(std::string_view text) {
    std::vector<std::string_view> tokens;
    for (std::size_t at = 0; at < text.size();) {
        const auto start = at;
        while (at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0) ++at;
        if (at - start >= 3) tokens.push_back(text.substr(start, at - start));
        at += at == start ? 1 : 0;
    }
    return tokens;
}

/// Share of the literal parts' words that stand in the input in their order.
std::pair<std::size_t, std::size_t> words_found(const DialogueTemplate& request, std::string_view input) {
    std::size_t found = 0, all = 0, from = 0;
    for (const auto& part : request.parts) {
        if (part.kind != Open::literal) continue;
        for (const auto token : tokens_of(part.text)) {
            ++all;
            const auto place = input.find(token, from);
            if (place == std::string_view::npos) continue;
            ++found;
            from = place + token.size();
        }
    }
    return {found, all};
}

}  // namespace

void DialogueTemplate::add_literal(std::string_view text) {
    if (text.empty()) return;
    if (parts.empty() || parts.back().kind != Open::literal) parts.push_back({Open::literal});
    parts.back().text += text;
}

DialogueTemplate DialogueTemplate::literal(std::string_view bytes) {
    DialogueTemplate made;
    made.add_literal(bytes);
    return made;
}

Result<DialogueTemplate> DialogueTemplate::parse(std::string_view written) {
    DialogueTemplate made;
    for (std::size_t at = 0; at < written.size();) {
        const char letter = written[at++];
        if (letter != '\\') {
            made.add_literal({&letter, 1});
        } else if (at < written.size() && written[at] == '(') {
            const auto end = written.find(')', at);
            if (end == std::string_view::npos) return usage_error("a '\\(' of a recorded message has no ')'");
            TRY_ASSIGN(auto part, parse_open(written.substr(at + 1, end - at - 1)));
            made.parts.push_back(std::move(part));
            at = end + 1;
        } else {
            TRY_ASSIGN(const char byte, parse_escape(written, at));
            made.add_literal({&byte, 1});
        }
    }
    return made;
}

std::string DialogueTemplate::to_string() const {
    std::string text;
    for (const auto& part : parts) {
        switch (part.kind) {
            case Open::literal:
                for (const char letter : part.text) {
                    if (letter == '\r')
                        text += "\\r";
                    else if (letter == '\n')
                        text += "\\n";
                    else if (letter == '\t')
                        text += "\\t";
                    else if (letter == '\\')
                        text += "\\\\";
                    else if (letter >= ' ' && letter < '\x7f')
                        text += letter;
                    else
                        text += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
                }
                break;
            case Open::bytes:
                text += fmt::format("\\({})", part.number);
                break;
            case Open::same:
                text += fmt::format("\\(same {})", part.number);
                break;
            case Open::offer:
                text += fmt::format("\\(offer.{})", part.text);
                break;
            default:
                for (const auto& [word, kind] : words)
                    if (kind == part.kind) text += fmt::format("\\({})", word);
        }
    }
    return text;
}

std::optional<DialogueMatch> match(const DialogueTemplate& request, std::string_view input) {
    DialogueMatch made;
    for (std::size_t i = 0; i < request.parts.size(); ++i) {
        const auto& part = request.parts[i];
        const auto rest = input.substr(made.size);
        if (part.kind == Open::literal) {
            if (!rest.starts_with(part.text)) return std::nullopt;
            made.size += part.text.size();
        } else if (part.kind == Open::bytes) {
            if (rest.size() < part.number) return std::nullopt;
            made.open.emplace_back(rest.substr(0, part.number));
            made.size += part.number;
        } else if (part.kind == Open::any) {
            const bool bounded = i + 1 < request.parts.size() && request.parts[i + 1].kind == Open::literal;
            const auto end = bounded ? rest.find(request.parts[i + 1].text) : rest.size();
            if (end == std::string_view::npos) return std::nullopt;
            made.certain = bounded;
            made.open.emplace_back(rest.substr(0, end));
            made.size += end;
        }
    }
    return made;
}

double likeness(const DialogueTemplate& request, std::string_view input) {
    const auto [found, all] = words_found(request, input);
    if (all >= 2) return static_cast<double>(found) / static_cast<double>(all);
    // Binary: equal bytes at equal places, as far as the places are known.
    std::size_t at = 0, equal = 0, size = 0;
    for (const auto& part : request.parts) {
        if (part.kind == Open::any) break;
        if (part.kind == Open::bytes) at += part.number;
        if (part.kind != Open::literal) continue;
        for (const char letter : part.text) {
            equal += at < input.size() && input[at] == letter ? 1 : 0;
            ++size;
            ++at;
        }
    }
    const auto known = std::max(size, input.size() > at ? size + (input.size() - at) / 2 : size);
    return known == 0 ? 0 : static_cast<double>(equal) / static_cast<double>(known);
}

DialogueMatch guess(const DialogueTemplate& request, std::string_view input) {
    if (auto exact = match(request, input)) return std::move(*exact);
    DialogueMatch made{{}, input.size(), true};
    std::size_t at = 0;
    for (std::size_t i = 0; i < request.parts.size(); ++i) {
        const auto& part = request.parts[i];
        if (part.kind == Open::literal) {
            // What stands right before an open part leads to it; the rest may have changed.
            const auto lead = part.text.substr(part.text.size() - std::min<std::size_t>(part.text.size(), 8));
            const auto place = input.find(lead, at);
            at = place != std::string_view::npos ? place + lead.size()
                                                 : std::min(input.size(), at + part.text.size());
            continue;
        }
        auto size = part.number;
        if (part.kind == Open::any) {
            const bool bounded = i + 1 < request.parts.size() && request.parts[i + 1].kind == Open::literal;
            const auto end =
                bounded ? input.find(request.parts[i + 1].text.substr(0, 2), at) : std::string_view::npos;
            size = (end == std::string_view::npos ? input.size() : end) - at;
        }
        made.open.emplace_back(input.substr(at, size));
        at = std::min(input.size(), at + size);
    }
    return made;
}

std::string fill_in(const DialogueTemplate& answer, const DialogueMatch& match, WallTime now,
                    const OfferFields& offer) {
    std::string text;
    for (const auto& part : answer.parts) {
        switch (part.kind) {
            case Open::literal:
                text += part.text;
                break;
            case Open::same:
                if (part.number <= match.open.size()) text += match.open[part.number - 1];
                break;
            case Open::time_http:
                text += format_http_date(now);
                break;
            case Open::time_iso:
                text += format_timestamp(now).substr(0, 19) + "Z";
                break;
            case Open::time_unix:
                text += fmt::format("{}",
                                    std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
                break;
            case Open::offer:
                if (offer) text += offer(part.text);
                break;
            case Open::any:
            case Open::bytes:
                break;
        }
    }
    return text;
}

}  // namespace cambench
