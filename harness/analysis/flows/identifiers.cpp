#include "harness/analysis/flows/content.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "harness/core/shell_talk.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::analysis {
namespace {

using namespace std::string_view_literals;

/// The part of `text` in base64 that is the same whatever stands before and behind it, for one of three
/// alignments.
std::string base64_core(std::string_view text, std::size_t lead) {
    std::string padded(lead, '\0');
    padded += text;
    auto encoded = base64(padded);
    const auto known = padded.size() * 8 / 6;  // digits that depend on `text` and what stands before it alone
    const auto skip = (lead * 8 + 5) / 6;
    return known > skip ? encoded.substr(skip, known - skip) : std::string();
}

bool contains(std::string_view text, std::string_view part) {
    return ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

/// The two bytes that end there.
std::size_t pair_at(std::string_view text, std::size_t end) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[end - 1])) << 8 |
           static_cast<unsigned char>(text[end]);
}

bool has_value_behind(std::string_view text, std::string_view key, std::string_view ends) {
    for (auto at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
        const auto value = text.substr(at + key.size(), 64);
        const auto length = std::min(value.find_first_of(ends), value.size());
        if (length >= 1) return true;
    }
    return false;
}

/// A member of a JSON object by one of these names, whose value is a text and not empty.
bool has_json_text(std::string_view text, std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
            if (at == 0 || text[at - 1] != '"') continue;
            auto rest = text.substr(at + name.size());
            const auto follows = [&](char wanted) {
                while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.front())))
                    rest.remove_prefix(1);
                if (rest.empty() || rest.front() != wanted) return false;
                rest.remove_prefix(1);
                return true;
            };
            if (rest.starts_with('"') && follows('"') && follows(':') && follows('"') && !rest.empty() &&
                rest.front() != '"')
                return true;
        }
    }
    return false;
}

}  // namespace

std::string_view find_shell_commands(ByteView bytes) {
    const auto text = as_text(bytes);
    if (contains(text, "/bin/busybox ")) return "/bin/busybox";
    static constexpr std::array fetches{"wget http"sv, "wget -"sv,    "tftp -g"sv, "curl -o"sv,
                                        "curl -O"sv,   "curl http"sv, "ftpget "sv};
    static constexpr std::array runs{"chmod 777"sv, "chmod +x"sv, "chmod 755"sv, "; sh "sv,
                                     ";sh "sv,      "&& sh "sv,   "| sh"sv,      "|sh"sv};
    for (const auto fetch : fetches) {
        if (!contains(text, fetch)) continue;
        for (const auto run : runs) {
            if (contains(text, run)) return "fetch and run by a shell";
        }
    }
    return {};
}

namespace {

/// Lines of text of which one begins as a command does.
bool are_commands(std::string_view text) {
    static constexpr std::array usual{
        "id"sv,     "uname"sv,  "whoami"sv, "ls"sv,      "cat"sv,      "cd"sv,      "pwd"sv,
        "ps"sv,     "echo"sv,   "wget"sv,   "tftp"sv,    "ftpget"sv,   "curl"sv,    "nc"sv,
        "sh"sv,     "ip"sv,     "chmod"sv,  "busybox"sv, "ifconfig"sv, "netstat"sv, "mount"sv,
        "kill"sv,   "reboot"sv, "dmesg"sv,  "df"sv,      "cp"sv,       "mv"sv,      "rm"sv,
        "export"sv, "exit"sv,   "free"sv,   "uptime"sv,  "date"sv};
    const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\r' || c == '\t';
    });
    while (plain && !text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        if (line.size() == text.size()) return false;  // no line's end: not entered
        const auto word = line.substr(0, line.find_first_of(" \t\r;|&"));
        if (std::find(usual.begin(), usual.end(), word.substr(word.rfind('/') + 1)) != usual.end())
            return true;
        text.remove_prefix(line.size() + 1);
    }
    return false;
}

}  // namespace

GivenShell find_given_shell(ByteView sent, ByteView received) {
    const auto said = as_text(sent);
    if (said.empty()) return {};
    const bool ordered = are_commands(without_terminal_codes(as_text(received)));
    if (ordered && (contains(said, "built-in shell (") || contains(said, "job control turned off") ||
                    contains(said, "no job control in this shell")))
        return {"the greeting of a shell"};
    if (ordered && repeats_prompt(said)) return {"the prompt of a shell"};
    if (const auto output = shell_output(said, as_text(received)); !output.empty()) return {output};
    return {shell_greeting(said), false};
}

std::string_view find_credential(ByteView bytes, std::string_view protocol) {
    const auto text = as_text(bytes);
    if (protocol == protocol::http || protocol == protocol::rtsp || protocol == protocol::dahua_p2p) {
        if (has_value_behind(lower(text), "\nauthorization: basic ", "\r\n"))
            return "a password by Basic authentication";
        for (const auto key : {"password="sv, "passwd="sv, "pwd="sv}) {
            if (has_value_behind(text, key, "& \r\n\"")) return "a password in a form or query";
        }
        if (has_json_text(text, {"password", "passwd", "pwd", "passphrase"})) return "a password in JSON";
        return {};
    }
    if (protocol == protocol::ftp)
        return has_value_behind(text, "PASS ", "\r\n") && !contains(text, "USER anonymous")
                   ? "an FTP password"
                   : ""sv;
    if (protocol == protocol::pop3) return has_value_behind(text, "PASS ", "\r\n") ? "a POP3 password" : ""sv;
    if (protocol == protocol::smtp)
        return contains(text, "AUTH PLAIN") || contains(text, "AUTH LOGIN") ? "a mail password" : ""sv;
    if (protocol != protocol::mqtt || bytes.size() < 16) return {};
    const auto name = text.substr(0, 16).find("MQ");
    if (name == std::string_view::npos || name < 2) return {};
    const auto flags = name + static_cast<std::size_t>(static_cast<unsigned char>(text[name - 1])) + 1;
    return flags < bytes.size() && (std::to_integer<unsigned>(bytes[flags]) & 0x40) != 0 ? "an MQTT password"
                                                                                         : ""sv;
}

void Identifiers::add_writings(std::string_view kind, std::string_view writing, std::string_view text) {
    const auto keep = [&](std::string how, std::string content) {
        const bool known = std::any_of(needles_.begin(), needles_.end(),
                                       [&](const Needle& one) { return one.text == content; });
        if (content.size() >= shortest && !known && needles_.size() < 256)
            this->keep({std::string(kind), std::move(how), std::move(content)});
    };
    keep(std::string(writing), std::string(text));
    std::string digits;
    for (const unsigned char c : text) digits += {"0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15]};
    keep("hex", digits);
    std::transform(digits.begin(), digits.end(), digits.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    keep("hex", digits);
    for (std::size_t lead = 0; lead < 3; ++lead) {
        auto core = base64_core(text, lead);
        if (core.size() >= 8) keep("base64", std::move(core));
    }
}

void Identifiers::add(std::string_view kind, std::string_view text) {
    text = trim(text);
    if (text.size() < 6) return;
    add_writings(kind, "in clear", text);
}

void Identifiers::add(const MacAddress& mac) {
    const auto colons = mac.to_string();
    std::string bare, dashes = colons;
    for (const char c : colons) {
        if (c != ':') bare += c;
    }
    std::replace(dashes.begin(), dashes.end(), ':', '-');
    const auto upper = [](std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        return text;
    };
    std::string percents, dots;
    for (std::size_t i = 0; i < bare.size(); i += 2) percents += (i > 0 ? "%3A" : "") + bare.substr(i, 2);
    for (std::size_t i = 0; i < bare.size(); i += 4) dots += (i > 0 ? "." : "") + bare.substr(i, 4);
    for (const auto& writing : {percents, dots, upper(percents), upper(dots)})
        keep({"MAC address", "in clear", writing});
    for (const auto& writing : {colons, bare, dashes}) {
        add_writings("MAC address", "in clear", writing);
        add_writings("MAC address", "in clear", upper(writing));
    }
    const auto raw = as_text(mac.bytes());
    keep({"MAC address", "in binary", std::string(raw)});
    for (std::size_t lead = 0; lead < 3; ++lead) {
        if (auto core = base64_core(raw, lead); core.size() >= 7)
            keep({"MAC address", "base64", std::move(core)});
    }
}

void Identifiers::keep(Needle needle) {
    constexpr std::size_t pairs = 65536;
    if (shifts_.empty()) shifts_.assign(pairs, shortest - 1);
    for (std::size_t end = 1; end < shortest; ++end) {
        auto& shift = shifts_[pair_at(needle.text, end)];
        shift = std::min<std::uint8_t>(shift, static_cast<std::uint8_t>(shortest - 1 - end));
    }
    needles_.push_back(std::move(needle));
}

/// Wu and Manber: most places are leapt over, so that long contents with many needles are read but once.
std::vector<std::size_t> Identifiers::places_in(std::string_view text) const {
    std::vector<std::size_t> places(needles_.size(), std::string_view::npos);
    if (needles_.empty()) return places;
    for (std::size_t end = shortest - 1; end < text.size();) {
        const auto shift = shifts_[pair_at(text, end)];
        if (shift > 0) {
            end += shift;
            continue;
        }
        const auto rest = text.substr(end + 1 - shortest);
        for (std::size_t i = 0; i < needles_.size(); ++i)
            if (places[i] == std::string_view::npos && rest.starts_with(needles_[i].text))
                places[i] = end + 1 - shortest;
        ++end;
    }
    return places;
}

std::vector<Identifiers::Found> Identifiers::find(ByteView bytes) const {
    std::vector<Found> found;
    if (bytes.empty()) return found;
    std::string_view last_kind;
    const auto places = places_in(as_text(bytes));
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto& needle = needles_[i];
        if (needle.kind == last_kind || places[i] == std::string_view::npos) continue;
        found.push_back(
            {needle.kind + " " +
                 (needle.writing == "in clear" || needle.writing == "in binary" ? needle.writing
                                                                                : "in " + needle.writing),
             places[i]});
        last_kind = needle.kind;
    }
    return found;
}

}  // namespace cambench::analysis
