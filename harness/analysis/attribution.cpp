#include "harness/analysis/attribution.hpp"

#include <algorithm>

namespace cambench::analysis {
namespace {

template <typename T>
void append_new(std::vector<T>& into, const std::vector<T>& values) {
    for (const auto& value : values) {
        if (into.size() < 256 && std::find(into.begin(), into.end(), value) == into.end()) into.push_back(value);
    }
}

}  // namespace

void NameBook::asked(const DnsMessage& query, const Route& route, const FrameRef& frame, bool multicast) {
    for (const auto& question : query.questions) {
        const auto key = std::tuple(question.name, question.type, route.resolver, route.transport);
        const auto [entry, added] = index_.try_emplace(key, lookups_.size());
        if (added) {
            if (lookups_.size() >= most_lookups) {
                index_.erase(entry);
                return;
            }
            DnsLookup lookup;
            lookup.name = question.name;
            lookup.type = dns_type_name(question.type);
            lookup.resolver = route.resolver;
            lookup.transport = route.transport;
            lookup.query = frame;
            lookup.multicast = multicast;
            lookups_.push_back(std::move(lookup));
        } else {
            ++lookups_[entry->second].times;
        }
        if (multicast) continue;  // anybody on the network may answer that: it names nothing
        if (pending_.size() >= most_pending) pending_.pop_front();
        pending_.push_back({route, query.id, question.name, question.type, entry->second, frame.time});
    }
}

void NameBook::answered(const DnsMessage& answer, const Route& route, const FrameRef& frame) {
    if (answer.questions.empty()) return;
    const auto& question = answer.questions.front();
    const auto asked = std::find_if(pending_.rbegin(), pending_.rend(), [&](const Pending& one) {
        return one.route == route && one.id == answer.id && one.name == question.name && one.type == question.type;
    });
    if (asked == pending_.rend()) return answered_unasked(answer, route.resolver);
    asked->answered = true;
    answering_.insert(route.resolver.address);
    auto& lookup = lookups_[asked->lookup];
    if (!lookup.answer) lookup.answer = frame;
    lookup.rcode = answer.rcode;
    if (answer.truncated && route.transport == Transport::udp && answer.records.empty()) return;  // the camera will ask again by TCP
    for (const auto& record : answer.records)
        if (record.port != 0 && record.owner == question.name && services_.size() < most_pending) services_[{record.target, record.port}] = question.name;
    for (const auto& named : named_by(answer)) {
        append_new(lookup.answers, named.addresses);
        append_new(lookup.aliases, named.aliases);
        given(named);
    }
}

void NameBook::given(const NamedAddresses& named) {
    for (const auto& address : named.addresses) {
        auto& names = names_[address];
        std::erase_if(names, [&](const NameOf& one) { return one.name == named.name; });
        if (names.size() >= most_names) names.erase(names.begin());
        names.push_back({named.name, named.aliases});
    }
}

std::string NameBook::service_at(const std::string& host, std::uint16_t port) const {
    const auto found = services_.find({host, port});
    return found == services_.end() ? std::string() : found->second;
}

std::vector<NameOf> NameBook::names_of(const IpAddress& address) const {
    const auto found = names_.find(address);
    if (found == names_.end()) return {};
    return {found->second.rbegin(), found->second.rend()};
}

void NameBook::answered_unasked(const DnsMessage& answer, const Endpoint& resolver) {
    const bool told = std::find(told_.begin(), told_.end(), resolver.address) != told_.end();
    const bool known = told || std::any_of(lookups_.begin(), lookups_.end(), [&](const DnsLookup& one) { return one.resolver == resolver; });
    if (!known || unasked_.size() >= most_pending) return;
    for (const auto& named : named_by(answer))
        for (const auto& address : named.addresses) unasked_.try_emplace(address, named.name);
}

std::string NameBook::perhaps(const IpAddress& address, WallTime now) const {
    const auto told = unasked_.find(address);
    return told != unasked_.end() ? told->second : asked_in_vain(now);
}

/// Where some resolver has answered, another one that never did and that the network did not name is likely not there at all.
bool NameBook::may_answer(const IpAddress& resolver) const {
    return answering_.empty() || answering_.contains(resolver) || std::find(told_.begin(), told_.end(), resolver) != told_.end();
}

std::string NameBook::asked_in_vain(WallTime now) const {
    // A client that was answered goes on at once; one that was not asks again, seconds later, before it does anything else.
    constexpr Milliseconds goes_on_within{3000};
    constexpr std::chrono::seconds asks_again_within{15};
    constexpr std::uint16_t a = 1, aaaa = 28;
    for (auto latest = pending_.rbegin(); latest != pending_.rend() && now - latest->time <= goes_on_within; ++latest) {
        if (latest->answered || !may_answer(latest->route.resolver.address) || (latest->type != a && latest->type != aaaa)) continue;
        const bool again = std::any_of(std::next(latest), pending_.rend(), [&](const Pending& one) {
            return now - one.time <= asks_again_within && one.name == latest->name && one.type == latest->type && !one.answered;
        });
        if (!again) return latest->name;
    }
    return {};
}

}  // namespace cambench::analysis
