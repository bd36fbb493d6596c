#include "harness/wire/rtsp_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::array<std::string_view, 11> methods{"OPTIONS",       "ANNOUNCE",      "DESCRIBE", "SETUP",
                                                   "PLAY",          "PAUSE",         "RECORD",   "TEARDOWN",
                                                   "GET_PARAMETER", "SET_PARAMETER", "REDIRECT"};
constexpr std::size_t longest_line = 4096, most_headers = 128, most_media = 16;

unsigned number(std::string_view text, unsigned fallback) {
    unsigned value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc{} && end != text.data() ? value : fallback;
}

struct StaticPayload {
    unsigned type;
    std::string_view encoding;
    unsigned clock;
};
/// RFC 3551, table 4 and 5: what needs no rtpmap.
constexpr std::array static_payloads{StaticPayload{0, "pcmu", 8000},   StaticPayload{8, "pcma", 8000},
                                     StaticPayload{9, "g722", 8000},   StaticPayload{26, "jpeg", 90000},
                                     StaticPayload{33, "mp2t", 90000}, StaticPayload{14, "mpa", 90000}};

void take_medium(std::string_view value, std::vector<SdpMedium>& media) {
    const auto words = split(value, ' ');
    if (words.size() < 4 || media.size() >= most_media) return;
    SdpMedium medium;
    medium.kind = words[0];
    medium.payload_type = number(words[3], 0);
    for (const auto& known : static_payloads)
        if (known.type == medium.payload_type) medium.encoding = known.encoding, medium.clock = known.clock;
    media.push_back(std::move(medium));
}

void take_attribute(std::string_view value, SdpMedium& medium) {
    const auto colon = value.find(':');
    const auto name = value.substr(0, colon),
               content = colon == std::string_view::npos ? std::string_view() : value.substr(colon + 1);
    if (name == "control") medium.control = content;
    if ((name != "rtpmap" && name != "fmtp") || number(content, 1000) != medium.payload_type) return;
    const auto space = content.find(' ');
    if (space == std::string_view::npos) return;
    const auto rest = trim(content.substr(space + 1));
    if (name == "fmtp") {
        medium.format = rest;
        return;
    }
    const auto parts = split(rest, '/');
    if (!parts.empty()) medium.encoding = lower(parts[0]);
    if (parts.size() > 1) medium.clock = number(parts[1], 90000);
    if (parts.size() > 2) medium.channels = number(parts[2], 1);
}

}  // namespace

Likeness rtsp_likeness(ByteView first_bytes) {
    const auto text = as_text(first_bytes);
    const auto line_end = text.find('\n');
    const auto line = text.substr(0, line_end);
    const auto space = line.find(' ');
    const auto method = line.substr(0, space);
    const bool known = space == std::string_view::npos
                           ? line_end == std::string_view::npos &&
                                 std::any_of(methods.begin(), methods.end(),
                                             [&](auto one) { return one.starts_with(method); })
                           : std::find(methods.begin(), methods.end(), method) != methods.end();
    if (!known) return Likeness::no;
    if (line_end == std::string_view::npos)
        return text.size() < longest_line ? Likeness::perhaps : Likeness::no;
    return line.find(" RTSP/1.") != std::string_view::npos ? Likeness::yes : Likeness::no;
}

std::string_view RtspHead::header(std::string_view name) const {
    for (const auto& [known, value] : headers)
        if (lower(known) == lower(name)) return value;
    return "";
}

Result<RtspHead> parse_rtsp_head(ByteView bytes) {
    const auto lines = split(as_text(bytes), '\n');
    if (lines.empty()) return dut_error("rtsp: empty request");
    const auto words = split(trim(lines[0]), ' ');
    if (words.size() != 3 || !words[2].starts_with("RTSP/")) return dut_error("rtsp: malformed request line");
    RtspHead head{words[0], words[1], {}};
    for (std::size_t i = 1; i < lines.size() && head.headers.size() < most_headers; ++i) {
        const auto line = trim(lines[i]);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos)
            head.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
    return head;
}

std::string SdpMedium::parameter(std::string_view name) const {
    for (const auto& part : split(format, ';')) {
        const auto word = trim(part);
        const auto equals = word.find('=');
        if (equals != std::string_view::npos && lower(trim(word.substr(0, equals))) == name)
            return std::string(trim(word.substr(equals + 1)));
    }
    return {};
}

std::vector<SdpMedium> parse_sdp(ByteView bytes) {
    std::vector<SdpMedium> media;
    for (const auto& one : split(as_text(bytes), '\n')) {
        const auto line = trim(one);
        if (line.size() < 2 || line[1] != '=') continue;
        const auto value = line.substr(2);
        if (line[0] == 'm')
            take_medium(value, media);
        else if (line[0] == 'a' && !media.empty())
            take_attribute(value, media.back());
    }
    return media;
}

RtspTransport parse_rtsp_transport(std::string_view field) {
    RtspTransport transport;
    for (const auto& part : split(field.substr(0, field.find(',')), ';')) {
        const auto word = trim(part);
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        if (lower(word).find("/tcp") != std::string::npos) transport.interleaved = true;
        if (name != "interleaved" && name != "client_port") continue;
        if (name == "interleaved") transport.interleaved = true;
        const auto value = word.substr(equals + 1);
        transport.first = number(value, 0);
        const auto dash = value.find('-');
        transport.second = dash == std::string_view::npos
                               ? transport.first + 1
                               : number(value.substr(dash + 1), transport.first + 1);
    }
    return transport;
}

}  // namespace cambench::internet
