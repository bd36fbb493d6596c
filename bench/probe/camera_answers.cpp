#include "bench/probe/camera_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"

namespace cambench::probe {
namespace {

constexpr std::size_t most_facts = 256, longest_value = 200;

std::string short_text(std::string_view text) { return inert(trim(text.substr(0, longest_value))); }

std::string md5_hex(std::string_view text) { return md5_of(as_bytes(text)); }

/// name="value" of a challenge; "" without.
std::string field_of(std::string_view challenge, std::string_view name) {
    const auto at = challenge.find(fmt::format("{}=\"", name));
    if (at == std::string_view::npos) return "";
    const auto value = challenge.substr(at + name.size() + 2);
    return std::string(value.substr(0, value.find('"')));
}

/// Calls `visit(local name, rest behind the tag)` for every opening tag.
template <typename Visit>
void for_each_tag(std::string_view xml, Visit visit) {
    for (auto open = xml.find('<'); open != std::string_view::npos; open = xml.find('<', open + 1)) {
        auto name = xml.substr(open + 1);
        if (name.empty() || name[0] == '/' || name[0] == '?' || name[0] == '!') continue;
        name = name.substr(0, name.find_first_of(" \t\r\n/>"));
        if (const auto colon = name.find(':'); colon != std::string_view::npos) name = name.substr(colon + 1);
        const auto close = xml.find('>', open);
        if (close == std::string_view::npos) return;
        visit(name, xml.substr(close + 1), xml[close - 1] == '/');
    }
}

}  // namespace

std::string header_of(std::string_view answer, std::string_view name) {
    const auto head = answer.substr(0, answer.find("\r\n\r\n"));
    const auto wanted = lower(name);
    for (const auto& line : split(head, '\n')) {
        const auto colon = line.find(':');
        if (colon != std::string::npos && lower(trim(line.substr(0, colon))) == wanted)
            return std::string(trim(std::string_view(line).substr(colon + 1)));
    }
    return "";
}

int status_of(std::string_view answer) {
    const auto blank = answer.find(' ');
    if (blank == std::string_view::npos || answer.substr(0, blank).find('/') == std::string_view::npos)
        return 0;
    int status = 0;
    std::from_chars(answer.data() + blank + 1, answer.data() + std::min(answer.size(), blank + 4), status);
    return status;
}

std::string_view body_of(std::string_view answer) {
    const auto end = answer.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string_view() : answer.substr(end + 4);
}

bool is_whole(std::string_view answer) {
    if (answer.find("\r\n\r\n") == std::string_view::npos) return false;
    const auto text = header_of(answer, "Content-Length");
    std::size_t length = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), length);
    return text.empty() ? lower(header_of(answer, "Connection")) != "close"
                        : result.ec == std::errc() && body_of(answer).size() >= length;
}

std::vector<std::string> element_texts(std::string_view xml, std::string_view local_name) {
    std::vector<std::string> texts;
    for_each_tag(xml, [&](std::string_view name, std::string_view rest, bool empty) {
        if (name == local_name && !empty && texts.size() < most_facts)
            texts.push_back(short_text(rest.substr(0, rest.find('<'))));
    });
    return texts;
}

std::vector<std::string> element_names(std::string_view xml) {
    std::set<std::string> names;
    for_each_tag(xml, [&](std::string_view name, std::string_view, bool) {
        if (names.size() < most_facts && !name.empty()) names.insert(short_text(name));
    });
    return {names.begin(), names.end()};
}

std::string authorization_for(std::string_view challenge, std::string_view user, std::string_view password,
                              std::string_view method, std::string_view uri) {
    if (lower(challenge.substr(0, 5)) == "basic")
        return "Basic " + base64(fmt::format("{}:{}", user, password));
    if (lower(challenge.substr(0, 6)) != "digest") return "";
    const auto realm = field_of(challenge, "realm"), nonce = field_of(challenge, "nonce"),
               opaque = field_of(challenge, "opaque");
    const bool quality = challenge.find("qop") != std::string_view::npos;
    const auto account = md5_hex(fmt::format("{}:{}:{}", user, realm, password)),
               request = md5_hex(fmt::format("{}:{}", method, uri));
    const auto response = quality
                              ? md5_hex(fmt::format("{}:{}:00000001:cb01:auth:{}", account, nonce, request))
                              : md5_hex(fmt::format("{}:{}:{}", account, nonce, request));
    auto text = fmt::format("Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\"",
                            user, realm, nonce, uri, response);
    if (quality) text += ", qop=auth, nc=00000001, cnonce=\"cb01\"";
    if (!opaque.empty()) text += fmt::format(", opaque=\"{}\"", opaque);
    return text;
}

bool is_plain(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

std::vector<std::string> resources_of(std::string_view page) {
    constexpr std::size_t most = 16;
    constexpr std::string_view mark = " src=";
    std::vector<std::string> paths;
    for (auto at = page.find(mark); at != std::string_view::npos && paths.size() < most;
         at = page.find(mark, at + 1)) {
        const auto rest = page.substr(at + mark.size());
        if (rest.size() < 3 || (rest[0] != '"' && rest[0] != '\'')) continue;
        const std::string path(rest.substr(1, std::min(rest.find(rest[0], 1), rest.size()) - 1));
        if (path.starts_with("/") && !path.starts_with("//") && is_plain(path) &&
            std::find(paths.begin(), paths.end(), path) == paths.end())
            paths.push_back(path);
    }
    return paths;
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else if (static_cast<unsigned char>(c) >= 0x20)
            out += c;
    }
    return out;
}

std::string track_of(std::string_view sdp, std::string_view base) {
    bool in_medium = false;
    for (const auto& raw : split(sdp, '\n')) {
        const auto line = trim(raw);
        constexpr std::string_view control = "a=control:";
        in_medium = in_medium || line.starts_with("m=");
        if (!in_medium || !line.starts_with(control)) continue;
        const auto track = line.substr(control.size());
        if (!is_plain(track)) break;
        if (track.find("://") != std::string_view::npos) return std::string(track);
        return fmt::format("{}{}{}", base, base.ends_with("/") ? "" : "/", track);
    }
    return std::string(base);
}

std::vector<std::string> profile_tokens_of(std::string_view profiles) {
    std::vector<std::string> tokens;
    constexpr std::string_view mark = "Profiles ";
    for (auto at = profiles.find(mark); at != std::string_view::npos && tokens.size() < most_facts;
         at = profiles.find(mark, at + 1)) {
        const auto tag = profiles.substr(at, profiles.substr(at).find('>'));
        if (auto token = field_of(tag, "token"); !token.empty() && token.size() <= longest_value)
            tokens.push_back(std::move(token));
    }
    return tokens;
}

std::vector<Fact> facts_of_sdp(std::string_view sdp) {
    std::vector<Fact> facts;
    for (const auto& raw : split(sdp, '\n')) {
        const auto line = trim(raw);
        if (line.starts_with("m=") && facts.size() < most_facts) {
            const auto words = split(line.substr(2), ' ');
            std::string rest;
            for (std::size_t i = 2; i < words.size(); ++i) rest += (rest.empty() ? "" : " ") + words[i];
            facts.push_back({"stream", words.empty() ? "" : short_text(words[0]), short_text(rest)});
        } else if (line.starts_with("a=rtpmap:") && !facts.empty()) {
            const auto blank = line.find(' ');
            if (blank != std::string_view::npos)
                facts.back().value =
                    short_text(facts.back().value + " " + std::string(line.substr(blank + 1)));
        }
    }
    return facts;
}

std::vector<Fact> facts_of_onvif(std::string_view information, std::string_view services,
                                 std::string_view profiles) {
    std::vector<Fact> facts;
    for (const auto* name : {"Manufacturer", "Model", "FirmwareVersion", "HardwareId"})
        for (auto& text : element_texts(information, name))
            facts.push_back({"onvif information", name, std::move(text)});
    for (auto& text : element_texts(services, "Namespace"))
        facts.push_back({"onvif service", std::move(text), ""});
    constexpr std::array telling{"AudioEncoderConfiguration", "AudioSourceConfiguration",
                                 "AudioOutputConfiguration",  "VideoAnalyticsConfiguration",
                                 "PTZConfiguration",          "MetadataConfiguration",
                                 "VideoEncoderConfiguration", "AnalyticsEngineConfiguration",
                                 "RuleEngineConfiguration"};
    const auto names = element_names(profiles);
    for (const auto* name : telling)
        if (std::find(names.begin(), names.end(), name) != names.end())
            facts.push_back({"onvif profile", name, ""});
    return facts;
}

}  // namespace cambench::probe
