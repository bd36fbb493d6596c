#include "harness/analysis/learning/learn_dialogues.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace cambench::analysis {
namespace {

using Part = DialogueTemplate::Part;
using Open = Part::Kind;

constexpr std::size_t shortest_echo = 4;
constexpr std::chrono::hours near{24};

bool is_plain_text(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](unsigned char c) {
        return (c >= ' ' && c < 0x7f) || c == '\r' || c == '\n' || c == '\t';
    });
}

bool is_token_letter(unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; }

/// A text cut where tokens begin and end: tokens at odd places, what stands between them at even ones.
std::vector<std::string_view> pieces_of(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at <= text.size();) {
        const auto start = at;
        const bool token = pieces.size() % 2 == 1;
        while (at < text.size() && is_token_letter(static_cast<unsigned char>(text[at])) == token) ++at;
        pieces.push_back(text.substr(start, at - start));
        if (at == text.size()) break;
    }
    return pieces;
}

/// A number, or something with digits in it: what protocols count, draw or compute.
bool looks_volatile(std::string_view token) {
    return token.size() >= shortest_echo &&
           std::any_of(token.begin(), token.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// Where a whole token stands in a text; npos when it does not.
std::size_t find_token(std::string_view text, std::string_view token) {
    for (auto at = text.find(token); at != std::string_view::npos; at = text.find(token, at + 1)) {
        const auto end = at + token.size();
        const bool begins = at == 0 || !is_token_letter(static_cast<unsigned char>(text[at - 1]));
        if (begins && (end == text.size() || !is_token_letter(static_cast<unsigned char>(text[end]))))
            return at;
    }
    return std::string_view::npos;
}

/// Finds dates and times near the recording's in an answer's literal parts.
class TimeFinder {
public:
    explicit TimeFinder(WallTime time) : time_(time) {}

    [[nodiscard]] DialogueTemplate open(std::string_view text) const {
        DialogueTemplate made;
        std::size_t done = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            const auto found = at_place(text, at);
            if (!found) continue;
            made.add_literal(text.substr(done, at - done));
            made.parts.push_back({found->first});
            at += found->second - 1;
            done = at + 1;
        }
        made.add_literal(text.substr(std::min(done, text.size())));
        return made;
    }

private:
    [[nodiscard]] std::optional<std::pair<Open, std::size_t>> at_place(std::string_view text,
                                                                       std::size_t at) const {
        static constexpr std::size_t http_size = 29, iso_size = 20, unix_size = 10;
        const auto rest = text.substr(at);
        const bool begins = at == 0 || std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0;
        if (!begins) return std::nullopt;
        if (rest.size() >= http_size && rest[3] == ',' && rest.substr(25, 4) == " GMT" &&
            http_near(rest.substr(0, http_size)))
            return std::pair(Open::time_http, http_size);
        if (rest.size() >= iso_size && rest[10] == 'T' && rest[19] == 'Z')
            if (const auto parsed = parse_timestamp(rest.substr(0, iso_size)); parsed && is_near(*parsed))
                return std::pair(Open::time_iso, iso_size);
        std::int64_t seconds = 0;
        const auto digits = rest.substr(0, unix_size);
        const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
        const bool whole =
            code == std::errc() && end == digits.data() + unix_size &&
            (rest.size() == unix_size || std::isalnum(static_cast<unsigned char>(rest[unix_size])) == 0);
        if (whole && is_near(WallTime(std::chrono::seconds(seconds))))
            return std::pair(Open::time_unix, unix_size);
        return std::nullopt;
    }

    [[nodiscard]] bool is_near(WallTime time) const { return time - time_ < near && time_ - time < near; }
    /// A server's clock differs by less than a day, so its date is one of three; the time of day is not
    /// compared.
    [[nodiscard]] bool http_near(std::string_view date) const {
        for (const auto days : {-1, 0, 1})
            if (format_http_date(time_ + std::chrono::hours(24 * days)).substr(0, 16) == date.substr(0, 16))
                return true;
        return false;
    }

    WallTime time_;
};

/// Replaces a token of literal parts by an open one.
void open_token(DialogueTemplate& made, std::string_view token, std::size_t which) {
    std::vector<Part> parts;
    for (auto& part : made.parts) {
        while (part.kind == Open::literal) {
            const auto at = find_token(part.text, token);
            if (at == std::string_view::npos) break;
            if (at > 0) parts.push_back({Open::literal, part.text.substr(0, at)});
            parts.push_back({Open::same, {}, which});
            part.text.erase(0, at + token.size());
        }
        if (part.kind != Open::literal || !part.text.empty()) parts.push_back(std::move(part));
    }
    made.parts = std::move(parts);
}

DialogueTurn learn_text(std::string_view request, const std::vector<std::string>& answers, WallTime time) {
    DialogueTurn turn{DialogueTemplate{}, {}};
    for (const auto& answer : answers) turn.answers.push_back(TimeFinder(time).open(answer));
    std::size_t open = 0;
    const auto pieces = pieces_of(request);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto repeated = [&](const auto& answer) {
            return std::any_of(answer.parts.begin(), answer.parts.end(), [&](const auto& part) {
                return find_token(part.text, pieces[i]) != std::string_view::npos;
            });
        };
        const bool echoed = i % 2 == 1 && i + 1 < pieces.size() && looks_volatile(pieces[i]) &&
                            std::any_of(turn.answers.begin(), turn.answers.end(), repeated);
        if (!echoed) {
            turn.request->add_literal(pieces[i]);
            continue;
        }
        turn.request->parts.push_back({Open::any});
        ++open;
        for (auto& answer : turn.answers) open_token(answer, pieces[i], open);
    }
    return turn;
}

/// Equal stretches at equal places of a request and its answer: transaction ids and their kin. Giving back
/// what was sent is right whether it changes or not; stretches of one byte's repetition say nothing.
DialogueTurn learn_binary(std::string_view request, const std::vector<std::string>& answers) {
    DialogueTurn turn{DialogueTemplate{}, {}};
    const auto& answer = answers.front();
    DialogueTemplate said;
    std::size_t open = 0, done = 0;
    const auto both = std::min(request.size(), answer.size());
    for (std::size_t at = 0; at < both;) {
        auto end = at;
        while (end < both && request[end] == answer[end]) ++end;
        const auto stretch = request.substr(at, end - at);
        const bool telling = stretch.size() >= shortest_echo &&
                             stretch.find_first_not_of(stretch.front()) != std::string_view::npos && at > 0;
        if (telling) {
            turn.request->add_literal(request.substr(done, at - done));
            turn.request->parts.push_back({Open::bytes, {}, stretch.size()});
            said.add_literal(std::string_view(answer).substr(done, at - done));
            said.parts.push_back({Open::same, {}, ++open});
            done = end;
        }
        at = std::max(end, at + 1);
    }
    turn.request->add_literal(request.substr(done));
    said.add_literal(std::string_view(answer).substr(done));
    turn.answers.push_back(std::move(said));
    for (std::size_t i = 1; i < answers.size(); ++i)
        turn.answers.push_back(DialogueTemplate::literal(answers[i]));
    return turn;
}

/// Tokens in which two texts of one shape differ, and that look as if they change. nullopt: not of one shape.
std::optional<std::vector<std::size_t>> differences(std::string_view first, std::string_view second) {
    const auto a = pieces_of(first), b = pieces_of(second);
    if (a.size() != b.size()) return std::nullopt;
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i]) continue;
        if (i % 2 == 0 ||
            !std::any_of(a[i].begin(), a[i].end(), [](unsigned char c) { return std::isdigit(c) != 0; }))
            return std::nullopt;
        found.push_back(i);
    }
    return found.size() * 2 <= a.size() ? std::optional(found) : std::nullopt;
}

/// A turn as it was heard, before anything is left open.
struct Heard {
    std::string request;
    std::vector<std::string> answers;
    WallTime time;
    bool closes = false, opening = false;
};

std::vector<std::string> answers_of(const Utterance& utterance) {
    if (utterance.datagrams.empty()) return {utterance.bytes};
    std::vector<std::string> answers;
    std::size_t from = 0;
    for (const auto end : utterance.datagrams) {
        answers.push_back(utterance.bytes.substr(from, end - from));
        from = end;
    }
    return answers;
}

std::vector<Heard> heard_in(const RecordedTalk& talk) {
    std::vector<Heard> heard;
    for (const auto& utterance : talk.utterances) {
        if (utterance.by_client) {
            heard.push_back({utterance.bytes, {}, utterance.time});
        } else if (heard.empty()) {
            heard.push_back({"", answers_of(utterance), utterance.time, false, true});
        } else {
            heard.back().answers = answers_of(utterance);
            heard.back().time = utterance.time;
        }
    }
    if (!heard.empty()) heard.back().closes = talk.server_closed;
    return heard;
}

DialogueTurn turn_of(const Heard& heard) {
    DialogueTurn turn;
    if (heard.opening) {
        for (const auto& answer : heard.answers)
            turn.answers.push_back(is_plain_text(answer) ? TimeFinder(heard.time).open(answer)
                                                         : DialogueTemplate::literal(answer));
    } else {
        turn = learn_turn(heard.request, heard.answers, heard.time);
    }
    turn.closes = heard.closes;
    return turn;
}

/// Leaves open, in the request of one turn, the tokens in which a like request differs.
void open_differences(DialogueTurn& turn, std::string_view own, std::string_view other) {
    const auto places = differences(own, other);
    if (!places || places->empty() || !is_plain_text(own)) return;
    const auto pieces = pieces_of(own);
    // From the raw request anew: what was open before stays open, in its order, for the answers refer to it.
    std::vector<bool> open(pieces.size(), false);
    for (const auto place : *places) open[place] = true;
    DialogueTemplate made;
    std::vector<std::size_t> renumbered;
    std::size_t count = 0, part = 0, inside = 0;
    const auto& parts = turn.request->parts;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        while (part < parts.size() && parts[part].kind == Open::literal && inside >= parts[part].text.size())
            ++part, inside = 0;
        const bool was_open = part < parts.size() && parts[part].kind != Open::literal && !pieces[i].empty();
        if (was_open) {
            renumbered.push_back(++count);
            made.parts.push_back({Open::any});
            ++part;
            inside = 0;
        } else if (open[i] && i + 1 < pieces.size()) {
            ++count;
            made.parts.push_back({Open::any});
            inside += pieces[i].size();
        } else {
            made.add_literal(pieces[i]);
            inside += pieces[i].size();
        }
    }
    turn.request = std::move(made);
    for (auto& answer : turn.answers)
        for (auto& piece : answer.parts)
            if (piece.kind == Open::same && piece.number <= renumbered.size())
                piece.number = renumbered[piece.number - 1];
}

void add_turns(DialogueServer& server, std::vector<Heard>& known, const std::vector<Heard>& heard) {
    for (const auto& one : heard) {
        auto turn = turn_of(one);
        if (one.opening && !server.turns.empty()) continue;
        for (std::size_t i = 0; i < known.size() && !one.opening; ++i) {
            if (known[i].opening) continue;
            open_differences(turn, one.request, known[i].request);
            open_differences(server.turns[i], known[i].request, one.request);
        }
        const auto same = [&](const DialogueTurn& other) {
            return other.request == turn.request && other.answers == turn.answers;
        };
        if (!server.turns.empty() && std::any_of(server.turns.begin(), server.turns.end(), same)) continue;
        server.turns.push_back(std::move(turn));
        known.push_back(one);
    }
}

}  // namespace

DialogueTurn learn_turn(std::string_view request, const std::vector<std::string>& answers, WallTime time) {
    const bool text =
        is_plain_text(request) &&
        std::all_of(answers.begin(), answers.end(), [](const auto& answer) { return is_plain_text(answer); });
    if (text || answers.empty()) return learn_text(request, answers, time);
    if (!is_plain_text(request)) return learn_binary(request, answers);
    DialogueTurn turn{DialogueTemplate::literal(request), {}};
    for (const auto& answer : answers) turn.answers.push_back(DialogueTemplate::literal(answer));
    return turn;
}

std::vector<DialogueServer> learn_dialogues(const std::vector<RecordedTalk>& talks) {
    std::vector<DialogueServer> servers;
    std::vector<std::vector<Heard>> known;
    for (const auto& talk : talks) {
        const auto same = [&](const DialogueServer& server) {
            const bool named = talk.name.empty()
                                   ? server.name.empty() && server.address == talk.server.address
                                   : server.name == talk.name;
            return named && server.port == talk.server.port && server.transport == talk.transport;
        };
        auto found = std::find_if(servers.begin(), servers.end(), same);
        if (found == servers.end()) {
            DialogueServer server{.name = talk.name,
                                  .address = {},
                                  .port = talk.server.port,
                                  .transport = talk.transport,
                                  .turns = {}};
            if (talk.name.empty()) server.address = talk.server.address;
            servers.push_back(std::move(server));
            known.emplace_back();
            found = servers.end() - 1;
        }
        add_turns(*found, known[static_cast<std::size_t>(found - servers.begin())], heard_in(talk));
    }
    std::erase_if(servers, [](const DialogueServer& server) { return server.turns.empty(); });
    return servers;
}

}  // namespace cambench::analysis
