#include "harness/checks/dns_tunnel.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr std::size_t fewest_names = 12;
constexpr double fewest_bytes = 250, fewest_bytes_by_resolver = 1000;
constexpr double longest_plain_mean =
    30;  ///< letters before the domain; what people and content networks use stays below
constexpr double least_distinct_share = 0.5;
constexpr std::chrono::seconds rush{60};  ///< in which a device asks for a few dozen names at most
constexpr std::size_t many_in_rush = 40, very_many_in_rush = 100;
constexpr std::size_t many_short_names = 150;
constexpr std::size_t odd_types_of_tunnel = 3, names_of_odd_types = 6, many_names_of_odd_types = 30,
                      names_of_tool = 20;

/// Second-level domains under which others register, of countries that have such a level.
bool is_shared_level(std::string_view label) {
    static const std::set<std::string_view> shared{"co", "com", "net", "org", "or", "ne",
                                                   "go", "ac",  "gov", "edu", "re", "pe"};
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

/// An address in front of a zone, as block lists are asked: four numbers, or 32 nibbles.
bool begins_with_address(std::string_view carried) {
    const auto labels = split(carried, '.');
    const auto is_number = [](const std::string& label) {
        return whole_number<std::uint8_t>(label).has_value();
    };
    const auto is_nibble = [](const std::string& label) {
        return label.size() == 1 && std::isxdigit(static_cast<unsigned char>(label[0])) != 0;
    };
    return (labels.size() >= 4 && std::all_of(labels.begin(), labels.begin() + 4, is_number)) ||
           (labels.size() >= 32 && std::all_of(labels.begin(), labels.begin() + 32, is_nibble));
}

/// Labels of services and of proofs about a domain (RFC 6763, 8555, 7208 and kin).
bool names_service(std::string_view carried) {
    static constexpr std::array<std::string_view, 7> known{
        "_acme-challenge", "_dmarc", "_domainkey", "_tcp", "_udp", "_tls", "_dns-sd"};
    const auto labels = split(carried, '.');
    return std::any_of(labels.begin(), labels.end(), [&](const std::string& label) {
        return std::find(known.begin(), known.end(), label) != known.end();
    });
}

bool is_local_or_reverse(std::string_view name) {
    return name.ends_with(".arpa") || name.ends_with(".local") || name.ends_with(".internal") ||
           name.find('.') == std::string_view::npos;
}

/// Types by which data comes back, and which devices hardly ask for; those that nobody but tunnels asks for.
bool is_odd_type(std::string_view type) {
    static constexpr std::array<std::string_view, 11> usual{"A",   "AAAA", "HTTPS",  "SVCB", "PTR", "NS",
                                                            "SOA", "DS",   "DNSKEY", "ANY",  "OPT"};
    return std::find(usual.begin(), usual.end(), type) == usual.end();
}
bool is_of_tunnels(std::string_view type) {
    return type == "NULL" || type == "TYPE10" || type == "KEY" || type == "TYPE25" || type == "TYPE65399" ||
           type == "TYPE65400";
}

/// What numbered hosts have in common: "node-#" of "node-17". Longer numbers may be data.
std::string shape_of(std::string_view carried) {
    constexpr std::size_t longest_number = 4;
    std::string shape;
    for (std::size_t at = 0; at < carried.size();) {
        auto end = at;
        while (end < carried.size() && std::isdigit(static_cast<unsigned char>(carried[end])) != 0) ++end;
        if (end == at)
            shape += carried[at++];
        else {
            shape +=
                end - at <= longest_number ? std::string("#") : std::string(carried.substr(at, end - at));
            at = end;
        }
    }
    return shape;
}

/// What was asked for and then called is a name, whatever it looks like.
std::set<std::string> contacted_names(const analysis::Observations& observations) {
    std::set<std::string> names;
    for (const auto& destination : observations.destinations) {
        names.insert(destination.name);
        names.insert(destination.aliases.begin(), destination.aliases.end());
        names.insert(destination.other_names.begin(), destination.other_names.end());
    }
    return names;
}

class Gathered {
public:
    void add(const analysis::DnsLookup& lookup, std::string_view carried) {
        stream_.questions += lookup.times;
        stream_.types.insert(lookup.type);
        first_ = std::min(first_, lookup.query.time);
        last_ = std::max(last_, lookup.query.time);
        if (stream_.tool.empty()) stream_.tool = tunnel_tool(lookup.name);
        if (is_odd_type(lookup.type)) odd_types_.insert(lookup.type), odd_names_.insert(lookup.name);
        if (is_of_tunnels(lookup.type)) of_tunnels_ = true;
        if (!stream_.names.insert(lookup.name).second) return;
        shapes_.insert(shape_of(carried));
        times_.push_back(lookup.query.time);
        letters_ += carried;
        stream_.bytes += static_cast<double>(carried.size()) * entropy(carried) / 8;
        length_ += static_cast<double>(carried.size());
        if (stream_.frames.size() < 8) stream_.frames.push_back(lookup.query);
    }

    /// nullopt: these are names.
    [[nodiscard]] std::optional<NameStream> conclude(std::string under, bool by_resolver) const {
        const auto looks = by_resolver ? look_at_resolver() : look_at_domain();
        if (looks == Looks::names) return std::nullopt;
        auto stream = stream_;
        stream.under = std::move(under);
        stream.by_resolver = by_resolver;
        stream.certain = looks == Looks::tunnel;
        stream.span = last_ - first_;
        return stream;
    }

private:
    enum class Looks { names, doubtful, tunnel };

    [[nodiscard]] double mean() const { return length_ / static_cast<double>(stream_.names.size()); }
    [[nodiscard]] bool distinct() const {
        return static_cast<double>(stream_.names.size()) >=
               least_distinct_share * static_cast<double>(stream_.questions);
    }
    [[nodiscard]] bool numbered() const { return shapes_.size() * 4 < stream_.names.size(); }

    /// The most names that were new within a minute.
    [[nodiscard]] std::size_t most_in_rush() const {
        auto times = times_;
        std::sort(times.begin(), times.end());
        std::size_t most = 0;
        for (std::size_t begin = 0, end = 0; end < times.size(); ++end) {
            while (times[end] - times[begin] > rush) ++begin;
            most = std::max(most, end - begin + 1);
        }
        return most;
    }

    [[nodiscard]] Looks look_at_resolver() const {
        return stream_.names.size() >= fewest_names && distinct() && !numbered() &&
                       stream_.bytes >= fewest_bytes_by_resolver && mean() >= longest_plain_mean
                   ? Looks::tunnel
                   : Looks::names;
    }

    [[nodiscard]] Looks look_at_domain() const {
        const auto count = stream_.names.size();
        const bool by_types =
            odd_types_.size() >= odd_types_of_tunnel && odd_names_.size() >= names_of_odd_types;
        if (!stream_.tool.empty() && count >= names_of_tool) return Looks::tunnel;
        if (by_types && odd_names_.size() >= many_names_of_odd_types && distinct()) return Looks::tunnel;
        const bool long_names = mean() >= longest_plain_mean || (count >= 100 && mean() >= 10);
        if (count >= fewest_names && distinct() && !numbered()) {
            if (stream_.bytes >= fewest_bytes && long_names) return Looks::tunnel;
            const auto in_rush = most_in_rush();
            if (in_rush >= very_many_in_rush) return Looks::tunnel;
            if (in_rush >= many_in_rush || (count >= many_short_names && entropy(letters_) >= 3))
                return Looks::doubtful;
        }
        return by_types || of_tunnels_ || !stream_.tool.empty() ? Looks::doubtful : Looks::names;
    }

    NameStream stream_;
    std::set<std::string> odd_types_, odd_names_, shapes_;
    bool of_tunnels_ = false;
    double length_ = 0;
    std::string letters_;
    std::vector<WallTime> times_;
    WallTime first_ = WallTime::max(), last_ = WallTime::min();
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

std::string_view tunnel_tool(std::string_view name) {
    const auto label = name.substr(0, name.find('.'));
    const auto plain = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
    };
    // The version 0x00000502 in iodine's base 32, behind its letter for that question.
    if (label.starts_with("vaaaaka") && label.size() >= 10 && label.size() <= 12 && plain(label))
        return "iodine";
    for (const std::string_view word :
         {"=auth", "=resource", "=connect", "\\061auth", "\\061resource", "\\061connect"})
        if (const auto at = name.find(word); at != std::string_view::npos && at > 0) return "dns2tcp";
    return label == "dnscat" && name.size() > 24 ? "dnscat2" : std::string_view();
}

std::vector<NameStream> find_name_streams(const analysis::Observations& observations) {
    const auto contacted = contacted_names(observations);
    std::map<std::pair<bool, std::string>, Gathered> gathered;
    for (const auto& lookup : observations.lookups) {
        if (lookup.multicast || is_local_or_reverse(lookup.name) || contacted.contains(lookup.name)) continue;
        const auto domain = registrable_domain(lookup.name);
        const auto carried =
            std::string_view(lookup.name)
                .substr(0, lookup.name.size() > domain.size() ? lookup.name.size() - domain.size() - 1 : 0);
        if (begins_with_address(carried) || names_service(carried)) continue;
        if (!carried.empty()) gathered[{false, domain}].add(lookup, carried);
        gathered[{true, lookup.resolver.address.to_string()}].add(lookup, lookup.name);
    }
    std::vector<NameStream> streams;
    bool by_domain = false;
    for (const auto& [key, one] : gathered) {
        if (key.first && by_domain) continue;
        auto stream = one.conclude(key.second, key.first);
        if (!stream) continue;
        by_domain = true;
        streams.push_back(std::move(*stream));
    }
    return streams;
}

}  // namespace cambench
