#include "harness/checks/dns_tunnel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace cambench {
namespace {

constexpr std::size_t fewest_names = 12;
constexpr double fewest_bytes = 250, fewest_bytes_by_resolver = 1000;
constexpr double longest_plain_mean = 30;  ///< letters before the domain; what people and content networks use stays below
constexpr double least_distinct_share = 0.5;

/// Second-level domains under which others register, of countries that have such a level.
bool is_shared_level(std::string_view label) {
    static const std::set<std::string_view> shared{"co", "com", "net", "org", "or", "ne", "go", "ac", "gov", "edu", "re", "pe"};
    return shared.contains(label);
}

double entropy(std::string_view text) {
    std::array<unsigned, 256> counts{};
    for (const unsigned char c : text) ++counts[c];
    double bits = 0;
    for (const auto count : counts) {
        if (count == 0) continue;
        const double share = static_cast<double>(count) / static_cast<double>(text.size());
        bits -= share * std::log2(share);
    }
    return bits;
}

bool is_local_or_reverse(std::string_view name) {
    return name.ends_with(".arpa") || name.ends_with(".local") || name.ends_with(".internal") || name.find('.') == std::string_view::npos;
}

struct Gathered {
    std::set<std::string> names;
    std::uint64_t questions = 0;
    double bytes = 0, length = 0;
    WallTime first = WallTime::max(), last = WallTime::min();
    std::vector<analysis::FrameRef> frames;

    void add(const analysis::DnsLookup& lookup, const std::string& carried) {
        questions += lookup.times;
        first = std::min(first, lookup.query.time);
        last = std::max(last, lookup.query.time);
        if (!names.insert(carried).second) return;
        bytes += static_cast<double>(carried.size()) * entropy(carried) / 8;
        length += static_cast<double>(carried.size());
        if (frames.size() < 8) frames.push_back(lookup.query);
    }
    [[nodiscard]] bool looks_like_tunnel(bool by_resolver) const {
        if (names.size() < fewest_names || questions == 0) return false;
        const auto count = static_cast<double>(names.size());
        const bool distinct = count / static_cast<double>(questions) >= least_distinct_share;
        const double mean = length / count;
        if (by_resolver) return distinct && bytes >= fewest_bytes_by_resolver && mean >= longest_plain_mean;
        // Many short names under one domain tell as much as few long ones.
        return distinct && bytes >= fewest_bytes && (mean >= longest_plain_mean || (count >= 100 && mean >= 10));
    }
};

}  // namespace

std::string registrable_domain(std::string_view name) {
    const auto last = name.rfind('.');
    if (last == std::string_view::npos || last == 0) return std::string(name);
    auto begin = name.rfind('.', last - 1);
    auto domain = begin == std::string_view::npos ? name : name.substr(begin + 1);
    if (begin == std::string_view::npos || begin == 0) return std::string(domain);
    const bool country = name.size() - last - 1 == 2;
    if (country && is_shared_level(domain.substr(0, domain.find('.')))) {
        begin = name.rfind('.', begin - 1);
        domain = begin == std::string_view::npos ? name : name.substr(begin + 1);
    }
    return std::string(domain);
}

std::vector<NameStream> find_name_streams(const std::vector<analysis::DnsLookup>& lookups) {
    std::map<std::pair<bool, std::string>, Gathered> gathered;
    for (const auto& lookup : lookups) {
        if (lookup.multicast || is_local_or_reverse(lookup.name)) continue;
        const auto domain = registrable_domain(lookup.name);
        const auto carried = lookup.name.size() > domain.size() ? lookup.name.substr(0, lookup.name.size() - domain.size() - 1) : std::string();
        if (!carried.empty()) gathered[{false, domain}].add(lookup, carried);
        gathered[{true, lookup.resolver.address.to_string()}].add(lookup, lookup.name);
    }
    std::vector<NameStream> streams;
    bool by_domain = false;
    for (const auto& [key, one] : gathered) {
        if (!one.looks_like_tunnel(key.first) || (key.first && by_domain)) continue;
        by_domain = by_domain || !key.first;
        streams.push_back({key.second, key.first, one.names.size(), one.questions, one.bytes, one.last - one.first, one.frames});
    }
    return streams;
}

}  // namespace cambench
