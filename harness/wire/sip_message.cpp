#include "harness/wire/sip_message.hpp"

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::array<std::string_view, 14> sip_methods{
    "REGISTER",  "INVITE", "ACK",     "BYE",  "CANCEL", "OPTIONS", "MESSAGE",
    "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO", "UPDATE", "REFER",   "PRACK"};
constexpr std::size_t longest_first_line = 2048, most_fields = 128, most_targets = 16;

constexpr std::array<std::pair<char, std::string_view>, 11> compact_names{{{'v', "Via"},
                                                                           {'f', "From"},
                                                                           {'t', "To"},
                                                                           {'i', "Call-ID"},
                                                                           {'m', "Contact"},
                                                                           {'l', "Content-Length"},
                                                                           {'c', "Content-Type"},
                                                                           {'k', "Supported"},
                                                                           {'s', "Subject"},
                                                                           {'e', "Content-Encoding"},
                                                                           {'o', "Event"}}};

std::string written_out(std::string_view name) {
    if (name.size() == 1)
        for (const auto& [letter, full] : compact_names)
            if (lower(name)[0] == letter) return std::string(full);
    return std::string(name);
}

}  // namespace

Likeness sip_likeness(ByteView first_bytes) {
    constexpr std::string_view answer = "SIP/2.0 ";
    const auto text = as_text(first_bytes);
    const auto line_end = text.find('\n');
    const auto line = text.substr(0, line_end);
    if (line.starts_with(answer)) return Likeness::yes;
    if (answer.starts_with(line) && line_end == std::string_view::npos) return Likeness::perhaps;
    const auto space = line.find(' ');
    const auto method = line.substr(0, space);
    const bool begun = space == std::string_view::npos && line_end == std::string_view::npos;
    const bool known = begun ? std::any_of(sip_methods.begin(), sip_methods.end(),
                                           [&](auto one) { return one.starts_with(method); })
                             : std::find(sip_methods.begin(), sip_methods.end(), method) != sip_methods.end();
    if (!known) return Likeness::no;
    if (line_end != std::string_view::npos)
        return line.find(" SIP/2.0") != std::string_view::npos ? Likeness::yes : Likeness::no;
    // An URI tells it from HTTP's and RTSP's methods of that name.
    const auto uri = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    if (uri.starts_with("sip:") || uri.starts_with("sips:")) return Likeness::yes;
    const auto begins = uri.substr(0, 5);
    return std::string_view("sips:").starts_with(begins) || std::string_view("sip:").starts_with(begins) ||
                   uri.starts_with("tel:")
               ? Likeness::perhaps
               : Likeness::no;
}

std::string_view SipHead::header(std::string_view name) const {
    for (const auto& [known, value] : headers)
        if (lower(known) == lower(name)) return value;
    return "";
}

std::vector<std::string_view> SipHead::all(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const auto& [known, value] : headers)
        if (lower(known) == lower(name)) found.push_back(value);
    return found;
}

std::size_t SipHead::body_size() const {
    return whole_number<std::size_t>(trim(header("Content-Length"))).value_or(0);
}

Result<SipHead> parse_sip_head(ByteView bytes) {
    const auto lines = split(as_text(bytes), '\n');
    if (lines.empty() || lines[0].size() > longest_first_line) return dut_error("sip: no first line");
    const auto words = split(trim(lines[0]), ' ');
    SipHead head;
    if (words.size() >= 2 && words[0] == "SIP/2.0") {
        head.status = whole_number<unsigned>(words[1]).value_or(0);
        if (head.status < 100 || head.status > 699) return dut_error("sip: malformed status");
    } else {
        if (words.size() != 3 || words[2] != "SIP/2.0") return dut_error("sip: malformed request line");
        head.method = words[0];
        head.uri = words[1];
    }
    for (std::size_t i = 1; i < lines.size() && head.headers.size() < most_fields; ++i) {
        const std::string_view line = lines[i];
        const auto text = trim(line);
        if (text.empty()) continue;
        if ((line[0] == ' ' || line[0] == '\t') && !head.headers.empty()) {
            head.headers.back().second += " " + std::string(text);
            continue;
        }
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return dut_error("sip: field without a colon");
        head.headers.emplace_back(written_out(trim(text.substr(0, colon))), trim(text.substr(colon + 1)));
    }
    return head;
}

SipAddress sip_address_in(std::string_view field) {
    auto at = field.find("sip:");
    std::size_t skip = 4;
    if (at == std::string_view::npos) at = field.find("sips:"), skip = 5;
    if (at == std::string_view::npos) return {};
    auto rest = field.substr(at + skip);
    rest = rest.substr(0, rest.find_first_of(">;?, \t\r\n\""));
    SipAddress address;
    if (const auto sign = rest.find('@'); sign != std::string_view::npos) {
        const auto user = rest.substr(0, sign);
        address.user = user.substr(0, user.find(':'));
        rest = rest.substr(sign + 1);
    }
    const bool bracketed = rest.starts_with('[');
    const auto end = bracketed ? rest.find(']') : rest.find(':');
    address.host =
        bracketed ? rest.substr(1, end == std::string_view::npos ? end : end - 1) : rest.substr(0, end);
    const auto colon = bracketed && end != std::string_view::npos ? end + 1 : end;
    if (colon < rest.size() && rest[colon] == ':')
        address.port = whole_number<std::uint16_t>(rest.substr(colon + 1)).value_or(0);
    return address;
}

std::string parameter_in(std::string_view field, std::string_view name) {
    const auto lowered = lower(field);
    const auto wanted = std::string(name) + "=";
    for (auto at = lowered.find(wanted); at != std::string::npos; at = lowered.find(wanted, at + 1)) {
        if (at > 0 && std::string_view(" ,;\t").find(lowered[at - 1]) == std::string_view::npos) continue;
        auto value = field.substr(at + wanted.size());
        if (value.starts_with('"'))
            return std::string(value.substr(1, std::min(value.find('"', 1), value.size()) - 1));
        return std::string(value.substr(0, value.find_first_of(",; \t\r\n")));
    }
    return {};
}

std::vector<SdpTarget> sdp_targets(ByteView body) {
    std::vector<SdpTarget> targets;
    std::string session;
    for (const auto& raw : split(as_text(body), '\n')) {
        const auto line = trim(raw);
        const auto words = split(line.substr(std::min<std::size_t>(2, line.size())), ' ');
        if (line.starts_with("c=") && words.size() >= 3) {
            const auto address = words[2].substr(0, words[2].find('/'));
            if (targets.empty())
                session = address;
            else
                targets.back().address = address;
        }
        if (!line.starts_with("m=") || words.size() < 3 || targets.size() >= most_targets) continue;
        SdpTarget target{words[0], words[2], join(std::span(words).subspan(3), " "), session,
                         whole_number<std::uint16_t>(words[1].substr(0, words[1].find('/'))).value_or(0)};
        targets.push_back(std::move(target));
    }
    return targets;
}

std::string element_in(std::string_view document, std::string_view name) {
    const auto open = "<" + std::string(name) + ">";
    const auto at = document.find(open);
    if (at == std::string_view::npos) return {};
    const auto rest = document.substr(at + open.size());
    const auto end = rest.find('<');
    return end == std::string_view::npos || end > 256 ? std::string()
                                                      : std::string(trim(rest.substr(0, end)));
}

bool is_gb28181_id(std::string_view user) {
    return user.size() == 20 && user.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace cambench::internet
