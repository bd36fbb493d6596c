#include "harness/analysis/flows/attribution.hpp"

#include <algorithm>

namespace cambench::analysis {

template <typename T>
void NameBook::append_new(std::vector<T>& into, const std::vector<T>& values) {
    for (const auto& value : values) {
        if (std::find(into.begin(), into.end(), value) != into.end()) continue;
        if (into.size() < most_answers)
            into.push_back(value);
        else
            bounds_.note(Subject::names, "addresses and aliases for one name", most_answers, now_);
    }
}

/// Its place in the list; one too many is answered, and names addresses, like the others.
std::size_t NameBook::lookup_of(const DnsMessage::Question& question, const Route& route,
                                const FrameRef& frame, bool multicast) {
    const auto key = std::tuple(question.name, question.type, route.resolver, route.transport);
    if (const auto known = index_.find(key); known != index_.end()) {
        auto& lookup = lookups_[known->second];
        ++lookup.times;
        lookup.last_asked = frame.time;
        return known->second;
    }
    if (lookups_.size() >= most_lookups) {
        bounds_.note(Subject::names, "names that it asked for", most_lookups, frame.time);
        constexpr std::size_t most_told_apart = 200'000;
        if (asked_for_.size() < most_told_apart)
            asked_for_.insert(question.name + ' ' + dns_type_name(question.type));
        return unlisted;
    }
    DnsLookup lookup;
    lookup.name = question.name;
    lookup.type = dns_type_name(question.type);
    lookup.resolver = route.resolver;
    lookup.transport = route.transport;
    lookup.query = frame;
    lookup.last_asked = frame.time;
    lookup.multicast = multicast;
    index_.emplace(key, lookups_.size());
    asked_for_.insert(lookup.name + ' ' + lookup.type);
    lookups_.push_back(std::move(lookup));
    return lookups_.size() - 1;
}

void NameBook::asked(const DnsMessage& query, const Route& route, const FrameRef& frame, bool multicast) {
    now_ = frame.time;
    if (asked_.size() < most_pending) asked_.insert(route.resolver);
    for (const auto& question : query.questions) {
        const auto lookup = lookup_of(question, route, frame, multicast);
        if (multicast) continue;  // anybody on the network may answer that: it names nothing
        if (pending_.size() >= most_pending) pending_.pop_front();
        pending_.push_back({route, query.id, question.name, question.type, lookup, frame.time});
    }
}

void NameBook::answered(const DnsMessage& answer, const Route& route, const FrameRef& frame,
                        Earlier earlier) {
    if (answer.questions.empty()) return;
    now_ = frame.time;
    const auto& question = answer.questions.front();
    const auto asked = std::find_if(pending_.rbegin(), pending_.rend(), [&](const Pending& one) {
        return one.route == route && one.id == answer.id && one.name == question.name &&
               one.type == question.type;
    });
    if (asked == pending_.rend()) return answered_unasked(answer, route.resolver, earlier);
    asked->answered = true;
    answering_.insert(route.resolver.address);
    DnsLookup unlisted_one;
    auto& lookup = asked->lookup == unlisted ? unlisted_one : lookups_[asked->lookup];
    if (!lookup.answer) lookup.answer = frame;
    lookup.rcode = answer.rcode;
    if (answer.truncated && route.transport == Transport::udp && answer.records.empty())
        return;  // the camera will ask again by TCP
    for (const auto& record : answer.records)
        if (record.port != 0 && record.owner == question.name && services_.size() < most_pending)
            services_[{record.target, record.port}] = question.name;
    for (const auto& named : named_by(answer)) {
        append_new(lookup.answers, named.addresses);
        append_new(lookup.aliases, named.aliases);
        given(named);
    }
}

void NameBook::given(const NamedAddresses& named) {
    for (const auto& alias : named.aliases) {
        if (owners_.size() >= most_addresses && !owners_.contains(alias)) {
            bounds_.note(Subject::names, "aliases of names", most_addresses, now_);
            continue;
        }
        auto& owners = owners_[alias];
        if (owners.size() < most_names && alias != named.name &&
            std::find(owners.begin(), owners.end(), named.name) == owners.end())
            owners.push_back(named.name);
    }
    for (const auto& address : named.addresses) remember(address, {named.name, named.aliases});
    auto aliases = named.aliases;
    aliases.insert(aliases.begin(), named.name);
    for (const auto& owner : owners_of(named.name))
        for (const auto& address : named.addresses) remember(address, {owner, aliases});
}

void NameBook::remember(const IpAddress& address, NameOf name) {
    if (names_.size() >= most_addresses && !names_.contains(address)) {
        bounds_.note(Subject::names, "addresses given by name", most_addresses, now_);
        if (named_beyond_.size() < most_named)
            named_beyond_.insert(address);
        else if (!cut_since_)
            cut_since_ = now_;
        return;
    }
    auto& names = names_[address];
    std::erase_if(names, [&](const NameOf& one) { return one.name == name.name; });
    if (names.size() >= most_names) {
        names.erase(names.begin());
        bounds_.note(Subject::names, "names for one address", most_names, now_);
    }
    names.push_back(std::move(name));
}

std::vector<std::string> NameBook::owners_of(const std::string& alias) const {
    std::vector<std::string> found;
    std::vector<std::string> open{alias};
    while (!open.empty() && found.size() < most_names) {
        const auto name = std::move(open.back());
        open.pop_back();
        const auto entry = owners_.find(name);
        if (entry == owners_.end()) continue;
        for (const auto& owner : entry->second) {
            if (owner == alias || std::find(found.begin(), found.end(), owner) != found.end()) continue;
            found.push_back(owner);
            open.push_back(owner);
        }
    }
    return found;
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

void NameBook::answered_unasked(const DnsMessage& answer, const Endpoint& resolver, Earlier earlier) {
    const bool told = std::find(told_.begin(), told_.end(), resolver.address) != told_.end();
    const bool known = told || earlier == Earlier::perhaps_asked || asked_.contains(resolver);
    if (!known || unasked_.size() >= most_pending) return;
    for (const auto& named : named_by(answer))
        for (const auto& address : named.addresses) unasked_.try_emplace(address, named.name);
}

std::string NameBook::perhaps(const IpAddress& address, WallTime now) const {
    const auto told = unasked_.find(address);
    return told != unasked_.end() ? told->second : asked_in_vain(now);
}

/// Where some resolver has answered, another one that never did and that the network did not name is likely
/// not there at all.
bool NameBook::may_answer(const IpAddress& resolver) const {
    return answering_.empty() || answering_.contains(resolver) ||
           std::find(told_.begin(), told_.end(), resolver) != told_.end();
}

std::string NameBook::asked_in_vain(WallTime now) const {
    // A client that was answered goes on at once; one that was not asks again, seconds later, before it does
    // anything else.
    constexpr Milliseconds goes_on_within{3000};
    constexpr std::chrono::seconds asks_again_within{15};
    constexpr std::uint16_t a = 1, aaaa = 28;
    for (auto latest = pending_.rbegin(); latest != pending_.rend() && now - latest->time <= goes_on_within;
         ++latest) {
        if (latest->answered || !may_answer(latest->route.resolver.address) ||
            (latest->type != a && latest->type != aaaa))
            continue;
        const bool again = std::any_of(std::next(latest), pending_.rend(), [&](const Pending& one) {
            return now - one.time <= asks_again_within && one.name == latest->name &&
                   one.type == latest->type && !one.answered;
        });
        if (!again) return latest->name;
    }
    return {};
}

}  // namespace cambench::analysis
