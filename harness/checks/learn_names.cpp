#include "harness/checks/learn_names.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "harness/checks/dns_tunnel.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr std::size_t shortest_mark = 6, longest_number = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Domains below which everybody can have names: a pattern there would declare strangers.
bool is_for_everybody(std::string_view domain) {
    static const std::set<std::string_view> rented{"amazonaws.com",
                                                   "cloudfront.net",
                                                   "azure.com",
                                                   "azureedge.net",
                                                   "azurewebsites.net",
                                                   "cloudapp.net",
                                                   "windows.net",
                                                   "googleusercontent.com",
                                                   "googleapis.com",
                                                   "appspot.com",
                                                   "akamai.net",
                                                   "akamaiedge.net",
                                                   "akamaized.net",
                                                   "edgekey.net",
                                                   "fastly.net",
                                                   "cloudflare.net",
                                                   "aliyuncs.com",
                                                   "alicdn.com",
                                                   "myqcloud.com",
                                                   "qcloud.com",
                                                   "herokuapp.com",
                                                   "github.io",
                                                   "duckdns.org",
                                                   "ddns.net",
                                                   "dyndns.org",
                                                   "no-ip.org",
                                                   "digitaloceanspaces.com",
                                                   "linodeobjects.com",
                                                   "wasabisys.com",
                                                   "kasserver.com"};
    return rented.contains(domain);
}

/// Domains of companies whose names serve all the world: what one of their hosts is declared for, its
/// neighbours are not.
bool is_of_the_world(std::string_view domain) {
    static const std::set<std::string_view> known{
        "google.com",     "apple.com",    "microsoft.com", "windows.com", "amazon.com",
        "cloudflare.com", "facebook.com", "icloud.com",    "qq.com",      "baidu.com",
        "ntp.org",        "nist.gov",     "yahoo.com"};
    return known.contains(domain);
}

/// The text with each mark in it, whatever its case, as '@'.
std::string without_marks(std::string text, const std::vector<std::string>& marks) {
    for (const auto& mark : marks) {
        const auto wanted = lower(mark);
        if (wanted.size() < shortest_mark) continue;
        for (auto at = lower(text).find(wanted); at != std::string::npos; at = lower(text).find(wanted))
            text.replace(at, wanted.size(), "@");
    }
    return text;
}

/// Every number as '#': what names of one kind have in common.
std::string skeleton_of(std::string_view text) {
    std::string skeleton;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_digit(text[i]))
            skeleton += text[i];
        else if (i == 0 || !is_digit(text[i - 1]))
            skeleton += '#';
    }
    return skeleton;
}

bool has_number(std::string_view text) { return std::any_of(text.begin(), text.end(), is_digit); }

/// How many labels from the left have to become "*" so that all names fit.
std::size_t labels_to_replace(const std::vector<std::vector<std::string>>& names,
                              const std::vector<std::string>& skeleton) {
    std::size_t labels = 0;
    for (std::size_t i = 0; i < skeleton.size(); ++i) {
        const bool differs = std::any_of(names.begin(), names.end(),
                                         [&](const auto& name) { return name[i] != names.front()[i]; });
        if (differs || skeleton[i].find('@') != std::string::npos) labels = i + 1;
    }
    return labels;
}

/// "*.vendor.example" for names of one kind; "" where it would say too much.
std::string pattern_for(const std::vector<std::string>& names, const std::string& skeleton) {
    std::vector<std::vector<std::string>> split_names;
    for (const auto& name : names) split_names.push_back(split(name, '.'));
    const auto bones = split(skeleton, '.');
    const auto replaced = labels_to_replace(split_names, bones);
    const auto& labels = split_names.front();
    if (replaced == 0 || replaced >= labels.size()) return {};
    const auto parent = join(
        std::vector<std::string>(labels.begin() + static_cast<std::ptrdiff_t>(replaced), labels.end()), ".");
    const auto domain = registrable_domain(names.front());
    const bool inside = parent == domain || parent.ends_with("." + domain);
    if (!inside || is_for_everybody(domain) || (parent == domain && is_of_the_world(domain)) ||
        parent.find('.') == std::string::npos)
        return {};
    return "*." + parent;
}

/// Names of one kind at one port.
struct Kin {
    std::string skeleton;
    std::vector<DraftedDestination> members;
};

std::string kind_of(const DraftedDestination& drafted, const std::string& skeleton) {
    const auto& entry = drafted.entry;
    return fmt::format("{} {} {}", skeleton, entry.port.value_or(0),
                       entry.transport ? to_string(*entry.transport) : "");
}

std::vector<std::string> distinct_names(const Kin& kin) {
    std::vector<std::string> names;
    for (const auto& member : kin.members)
        if (std::find(names.begin(), names.end(), *member.entry.name) == names.end())
            names.push_back(*member.entry.name);
    return names;
}

void add_as_pattern(const Kin& kin, const std::vector<std::string>& names, const std::string& pattern,
                    std::vector<DraftedDestination>& result) {
    constexpr std::size_t most_named = 6;
    auto merged = kin.members.front();
    for (const auto& member : kin.members)
        if (member.entry.protocol != merged.entry.protocol) merged.entry.protocol.clear();
    merged.entry.name = pattern;
    const std::vector<std::string> shown(
        names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most_named)));
    merged.seen = fmt::format("a pattern is proposed, as {} {}: {}{}; {}",
                              names.size() == 1 ? "this name holds what differs from unit to unit"
                                                : "these names differ in numbers alone",
                              names.size() == 1 ? "" : fmt::format("({})", names.size()), join(shown, ", "),
                              names.size() > most_named ? ", ..." : "", merged.seen);
    const auto same = std::find_if(result.begin(), result.end(), [&](const auto& other) {
        return other.entry.name == merged.entry.name && other.entry.port == merged.entry.port &&
               other.entry.transport == merged.entry.transport;
    });
    if (same == result.end())
        result.push_back(std::move(merged));
    else
        same->seen += "; and: " + join(shown, ", ");
}

void add_one_by_one(const Kin& kin, std::vector<DraftedDestination>& result) {
    for (auto member : kin.members) {
        const auto& name = *member.entry.name;
        const auto first = name.substr(0, name.find('.'));
        const auto domain = registrable_domain(name);
        const bool may_have_siblings = has_number(first) && first.size() < name.size() && name != domain &&
                                       !is_for_everybody(domain) && !is_of_the_world(domain);
        if (may_have_siblings)
            member.seen += fmt::format("; numbered: if others of its kind are used as well, declare *{}",
                                       name.substr(first.size()));
        result.push_back(std::move(member));
    }
}

/// "#" for long numbers, and one '*' for each run of what is not the same in every unit.
std::string starred(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        auto end = i;
        while (end < text.size() && is_digit(text[end])) ++end;
        const bool varies = text[i] == '@' || end - i >= longest_number;
        if (varies && !result.ends_with('*')) result += '*';
        if (!varies) result += text.substr(i, std::max<std::size_t>(end - i, 1));
        i = std::max(end, i + 1);
    }
    return result;
}

/// What both begin and end with, and '*' between.
std::string common(const std::string& a, const std::string& b) {
    if (a == b) return a;
    std::size_t head = 0, tail = 0;
    while (head < std::min(a.size(), b.size()) && a[head] == b[head]) ++head;
    while (tail < std::min(a.size(), b.size()) - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    auto begin = a.substr(0, head), end = a.substr(a.size() - tail);
    while (begin.ends_with('*')) begin.pop_back();
    while (end.starts_with('*')) end.erase(0, 1);
    return begin + "*" + end;
}

}  // namespace

std::vector<DraftedDestination> with_patterns(std::vector<DraftedDestination> drafted,
                                              const std::vector<std::string>& marks) {
    std::vector<std::string> order;
    std::map<std::string, Kin> kinds;
    for (auto& one : drafted) {
        const auto skeleton =
            one.entry.name ? skeleton_of(without_marks(*one.entry.name, marks)) : std::string();
        const auto key = one.entry.name ? kind_of(one, skeleton) : fmt::format("no name {}", order.size());
        auto [kin, added] = kinds.try_emplace(key);
        if (added) order.push_back(key), kin->second.skeleton = skeleton;
        kin->second.members.push_back(std::move(one));
    }
    std::vector<DraftedDestination> result;
    for (const auto& key : order) {
        const auto& kin = kinds.at(key);
        if (!kin.members.front().entry.name) {
            result.insert(result.end(), kin.members.begin(), kin.members.end());
            continue;
        }
        const auto names = distinct_names(kin);
        const auto pattern = pattern_for(names, kin.skeleton);
        if (pattern.empty())
            add_one_by_one(kin, result);
        else
            add_as_pattern(kin, names, pattern, result);
    }
    return result;
}

std::string host_pattern(const std::vector<std::string>& hostnames, const std::vector<std::string>& marks) {
    std::optional<std::string> pattern;
    for (const auto& name : hostnames) {
        if (name.empty()) continue;
        const auto own = starred(without_marks(name, marks));
        pattern = pattern ? common(*pattern, own) : own;
    }
    const auto says_something = [](const std::string& text) {
        return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
    };
    return pattern && says_something(*pattern) ? *pattern : std::string();
}

}  // namespace cambench
