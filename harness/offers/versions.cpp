#include "harness/offers/versions.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/core/text.hpp"

namespace cambench::offers {
namespace {

constexpr std::size_t most_versions = 8, longest_word = 48, shortest_word = 5, longest_context = 24;

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool belongs(char c) { return is_digit(c) || is_letter(c) || c == '.'; }

/// The letters that stand directly before, or before one sign or blank: "Linux" of "Linux-4.9.37", "version"
/// of "Linux version 4".
std::string name_before(std::string_view context) {
    while (!context.empty() && std::string_view(" -_:=(/\"").find(context.back()) != std::string_view::npos)
        context.remove_suffix(1);
    auto begin = context.size();
    while (begin > 0 && (is_letter(context[begin - 1]) || context[begin - 1] == '-')) --begin;
    return lower(context.substr(begin));
}

/// A word that a sign ties to a name is that name's: only names of firmware count. Apart from it by a blank,
/// only names of other things don't.
bool is_of_something_else(std::string_view context) {
    constexpr std::array<std::string_view, 14> firmware{"firmware", "fw",     "version", "ver",      "v",
                                                        "release",  "rel",    "sw",      "software", "app",
                                                        "build",    "system", "update",  "image"};
    static const RE2 others(
        R"((linux|kernel|u-?boot|busybox|gcc|openssl|libc|uclibc|glibc|gnu|musl|sdk|android|squashfs|mkimage|buildroot|dropbear|openssh|lzma|python|perl|qt|ffmpeg|live555|onvif|gsoap|openwrt|toolchain|arm)\b)",
        RE2::Quiet);
    const auto name = name_before(context);
    if (name.empty()) return false;
    const bool tied = std::string_view("-_/").find(context.back()) != std::string_view::npos;
    const bool known = std::any_of(firmware.begin(), firmware.end(), [&](std::string_view one) {
        return name == one || name.ends_with("-" + std::string(one));
    });
    if (tied && !known) return true;
    const auto before = lower(context);  // "Linux version 4.9.37", "gcc version 6.3.0"
    return RE2::PartialMatch(re2::StringPiece(name), others) ||
           (known && RE2::PartialMatch(re2::StringPiece(before), others));
}

bool is_address(std::string_view word) {
    static const RE2 pattern(
        R"((10|127|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168|22[4-9]|23\d|255|0)(\.\d{1,3}){2,3})",
        RE2::Quiet);
    return std::count(word.begin(), word.end(), '.') == 3 &&
           RE2::FullMatch(re2::StringPiece(word.data(), word.size()), pattern);
}

bool is_version(std::string_view word) {
    const auto start = word.starts_with('v') || word.starts_with('V') ? 1U : 0U;
    const auto dots = std::count(word.begin(), word.end(), '.');
    if (dots < 2 || dots > 4 || word.size() < shortest_word || word.size() <= start || !is_digit(word[start]))
        return false;
    if (word.find("..") != std::string_view::npos || word.back() == '.') return false;
    const auto last = word.substr(word.rfind('.') + 1);
    return std::any_of(last.begin(), last.end(), is_digit) && !is_address(word.substr(start));
}

}  // namespace

std::vector<std::string> version_words(ByteView bytes) {
    const auto text = as_text(bytes);
    std::vector<std::string> versions;
    for (std::size_t at = 0; at < text.size() && versions.size() < most_versions;) {
        if (!belongs(text[at])) {
            ++at;
            continue;
        }
        auto end = at;
        while (end < text.size() && end - at < longest_word && belongs(text[end])) ++end;
        const auto word = text.substr(at, end - at);
        const auto context = text.substr(at - std::min(at, longest_context), std::min(at, longest_context));
        if (is_version(word) && !is_of_something_else(context) &&
            std::find(versions.begin(), versions.end(), word) == versions.end())
            versions.emplace_back(word);
        at = end;
    }
    return versions;
}

std::string version_of_description(std::string_view description) {
    static const RE2 stated(R"re((?m)^\s*version\s*=\s*"([^"\n]{1,48})")re", RE2::Quiet);
    std::string version;
    RE2::PartialMatch(re2::StringPiece(description.data(), description.size()), stated, &version);
    return version;
}

}  // namespace cambench::offers
