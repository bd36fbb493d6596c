#include "harness/analysis/flows/ledger.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "harness/analysis/flows/inner_talk.hpp"
#include "harness/analysis/flows/update_requests.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_attempt_frames = 32, most_fingerprints = 16, most_names = 64;

/// False: there was no room for all of them.
template <typename T>
bool append_new(std::vector<T>& into, std::vector<T>&& values, std::size_t limit) {
    for (auto& value : values) {
        if (std::find(into.begin(), into.end(), value) != into.end()) continue;
        if (into.size() >= limit) return false;
        into.push_back(std::move(value));
    }
    return true;
}

template <typename T>
void append_new(Destination& whole, std::vector<T>& into, std::vector<T>&& values, std::size_t limit,
                Subject subject) {
    if (!append_new(into, std::move(values), limit)) whole.cut.insert(subject);
}

bool earlier(const FrameRef& a, const FrameRef& b) {
    return std::pair(a.capture, a.number) < std::pair(b.capture, b.number);
}

/// They are sorted when all are there.
void append_times(Destination& whole, std::vector<WallTime>& into, const std::vector<WallTime>& times) {
    const auto room = std::min(times.size(), Flow::most_times - std::min(Flow::most_times, into.size()));
    into.insert(into.end(), times.begin(), times.begin() + static_cast<std::ptrdiff_t>(room));
    if (room < times.size()) whole.cut.insert(Subject::moments);
}

/// How a name is known, for people.
std::string_view way_of(Resolution resolution) {
    switch (resolution) {
        case Resolution::dns:
            return "that DNS named";
        case Resolution::sni:
            return "that only its TLS hello names";
        case Resolution::host:
            return "that only a Host field names";
        case Resolution::lan:
            return "on its own network";
        case Resolution::literal:
            break;
    }
    return "that nothing names";
}

void join_contents(Destination& whole, Destination& part) {
    for (auto& fact : part.contents)
        if (!note(whole.contents, std::move(fact))) whole.cut.insert(Subject::contents);
    append_times(whole, whole.attempt_times, part.attempt_times);
    append_times(whole, whole.sending_times, part.sending_times);
    whole.connections_used += part.connections_used;
    append_new(whole.alpn, std::move(part.alpn), most_fingerprints);
    append_new(whole.ja3, std::move(part.ja3), most_fingerprints);
    append_new(whole.ja4, std::move(part.ja4), most_fingerprints);
    if (!whole.control_port)
        whole.control_port = part.control_port, whole.control_protocol = part.control_protocol;
    if (whole.service_of.empty()) whole.service_of = part.service_of;
}

/// Whether another session says the same of the camera.
bool says_the_same(const TlsSession& a, const TlsSession& b) {
    const auto fingerprint = [](const TlsSession& one) {
        return one.certificate ? std::string_view(one.certificate->fingerprint) : std::string_view();
    };
    return a.asked == b.asked && a.version == b.version && a.offered == b.offered && a.resumed == b.resumed &&
           a.end == b.end && a.alert == b.alert && fingerprint(a) == fingerprint(b);
}

void join_sessions(Destination& whole, Destination& part) {
    constexpr std::size_t most_alike = 64, most_sessions = 256;
    if (earlier(part.first_frame, whole.first_frame)) whole.goes_on_from_before = part.goes_on_from_before;
    for (auto& session : part.tls_sessions) {
        const auto same = [&](const TlsSession& one) { return says_the_same(one, session); };
        auto& kept = whole.tls_sessions;
        if (kept.size() >= most_alike && std::any_of(kept.begin(), kept.end(), same)) continue;
        if (kept.size() < most_sessions)
            kept.push_back(std::move(session));
        else
            whole.cut.insert(Subject::sessions);
    }
    std::stable_sort(whole.tls_sessions.begin(), whole.tls_sessions.end(),
                     [](const TlsSession& a, const TlsSession& b) { return earlier(a.frame, b.frame); });
}

void join(Destination& whole, Destination&& part) {
    join_sessions(whole, part);
    whole.cut.merge(part.cut);
    append_new(whole, whole.addresses, std::move(part.addresses), Ledger::most_addresses,
               Subject::destinations);
    if (!append_new(whole.own_ends, std::move(part.own_ends), most_names) && whole.caller_unknown)
        whole.cut.insert(Subject::destinations);
    if (whole.protocol.empty()) whole.protocol = part.protocol;
    whole.bytes_out += part.bytes_out;
    whole.bytes_in += part.bytes_in;
    whole.attempts += part.attempts;
    whole.failed += part.failed;
    whole.first_seen = std::min(whole.first_seen, part.first_seen);
    whole.last_seen = std::max(whole.last_seen, part.last_seen);
    if (earlier(part.first_frame, whole.first_frame)) whole.first_frame = part.first_frame;
    whole.attempt_frames.insert(whole.attempt_frames.end(), part.attempt_frames.begin(),
                                part.attempt_frames.end());
    std::sort(whole.attempt_frames.begin(), whole.attempt_frames.end(), earlier);
    if (whole.attempt_frames.size() > most_attempt_frames) whole.attempt_frames.resize(most_attempt_frames);
    for (auto& claim : part.claims) {
        const bool known = std::any_of(whole.claims.begin(), whole.claims.end(),
                                       [&](const ClaimedName& one) { return one.name == claim.name; });
        if (known) continue;
        if (whole.claims.size() < Ledger::most_addresses)
            whole.claims.push_back(std::move(claim));
        else
            whole.cut.insert(Subject::names);
    }
    append_new(whole, whole.aliases, std::move(part.aliases), Ledger::most_addresses, Subject::names);
    append_new(whole, whole.other_names, std::move(part.other_names), Ledger::most_addresses, Subject::names);
    append_new(whole, whole.certificate_names, std::move(part.certificate_names), Ledger::most_addresses,
               Subject::sessions);
    append_new(whole, whole.alerts, std::move(part.alerts), most_names, Subject::sessions);
    whole.answered = whole.answered || part.answered;
    whole.under_way = whole.under_way && part.under_way;
    whole.known_before = whole.known_before || part.known_before;
    whole.caller_unknown = whole.caller_unknown && part.caller_unknown;
    whole.opaque = whole.opaque || part.opaque;
    whole.head_whole = whole.head_whole && part.head_whole;
    whole.asked_for = whole.asked_for && part.asked_for;
    whole.perhaps_lan = whole.perhaps_lan || part.perhaps_lan;
    whole.advertised = whole.advertised && part.advertised;
    if (whole.perhaps != part.perhaps) whole.perhaps.clear();
    whole.port_mapping = whole.port_mapping || part.port_mapping;
    for (auto& one : part.inner)
        if (!note(whole.inner, std::move(one))) whole.cut.insert(Subject::contents);
    whole.mute += part.mute;
    whole.longest_mute = std::max(whole.longest_mute, part.longest_mute);
    if (part.mute_since)
        whole.mute_since = std::min(whole.mute_since.value_or(*part.mute_since), *part.mute_since);
    join_contents(whole, part);
}

bool shares_address(const Destination& a, const Destination& b) {
    return std::any_of(a.addresses.begin(), a.addresses.end(), [&](const IpAddress& one) {
        return std::find(b.addresses.begin(), b.addresses.end(), one) != b.addresses.end();
    });
}

/// Whether `mute`, on which nothing was said, belongs to `other`: the same endpoint, whose name a later
/// connection told.
bool belongs_to(const Destination& mute, const Destination& other) {
    if (mute.port != other.port || mute.transport != other.transport || mute.asked_for != other.asked_for)
        return false;
    if (mute.resolution == other.resolution && mute.name == other.name)
        return !mute.name.empty() || shares_address(mute, other);
    const bool claimed_later = mute.resolution == Resolution::literal &&
                               (other.resolution == Resolution::sni || other.resolution == Resolution::host);
    return claimed_later && shares_address(mute, other);
}

/// Said nothing that could tell a protocol: nothing at all, or its beginning is not on record.
bool is_mute(const Destination& one) {
    return one.protocol.empty() && (one.bytes_out == 0 || !one.head_whole);
}

/// Destinations by what a mute one can have in common with them.
class Homes {
public:
    explicit Homes(std::vector<Destination>& destinations) : destinations_(destinations) {
        for (std::size_t i = 0; i < destinations.size(); ++i) {
            by_name_[name_key(destinations[i])].push_back(i);
            add_addresses(i, destinations[i]);
        }
    }
    void take_in(Destination&& mute, std::vector<Destination>& alone) {
        const auto home = home_of(mute);
        if (!home) return alone.push_back(std::move(mute));
        add_addresses(*home, mute);
        join(destinations_[*home], std::move(mute));
    }

private:
    static std::string name_key(const Destination& one) { return one.name + '\n' + std::to_string(one.port); }
    void add_addresses(std::size_t index, const Destination& of) {
        for (const auto& address : of.addresses) {
            auto& there = by_address_[Endpoint{address, of.port}];
            if (there.empty() || there.back() != index) there.push_back(index);
        }
    }
    /// The first that it belongs to.
    [[nodiscard]] std::optional<std::size_t> home_of(const Destination& mute) const {
        std::optional<std::size_t> home;
        const auto look = [&](const std::vector<std::size_t>& candidates) {
            for (const auto index : candidates) {
                if (home && *home <= index) continue;
                if (belongs_to(mute, destinations_[index])) home = index;
            }
        };
        if (const auto named = by_name_.find(name_key(mute)); !mute.name.empty() && named != by_name_.end())
            look(named->second);
        for (const auto& address : mute.addresses)
            if (const auto there = by_address_.find(Endpoint{address, mute.port}); there != by_address_.end())
                look(there->second);
        return home;
    }

    std::vector<Destination>& destinations_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_name_;
    std::unordered_map<Endpoint, std::vector<std::size_t>> by_address_;
};

/// Failed attempts say no protocol and no name: they join the destination they were meant for.
void join_mute(std::vector<Destination>& destinations) {
    std::vector<Destination> mute;
    for (auto& one : destinations) {
        if (is_mute(one)) mute.push_back(std::move(one));
    }
    std::erase_if(destinations, [](const Destination& one) { return one.addresses.empty(); });
    std::vector<Destination> alone;
    Homes homes(destinations);
    for (auto& one : mute) homes.take_in(std::move(one), alone);
    destinations.insert(destinations.end(), std::make_move_iterator(alone.begin()),
                        std::make_move_iterator(alone.end()));
}

}  // namespace

void Ledger::merge(Destination part) {
    // By name where one is known by DNS or claimed; lan peers and literals by address. Where two protocols
    // are spoken with one endpoint they stay apart: one of them may be declared.
    const bool by_name = !part.name.empty() && part.resolution != Resolution::lan;
    auto label = by_name ? part.name : part.addresses.front().to_string();
    if (!part.protocol.empty())
        label += ' ' + part.protocol;
    else if (!is_mute(part))
        label += " unknown";
    if (part.asked_for) label += " *";
    const auto key = std::tuple(std::move(label), part.port, part.transport, part.resolution);
    count_moments(part);
    if (const auto known = index_.find(key); known != index_.end())
        return join(destinations_[known->second], std::move(part));
    if (counts_[part.resolution] >= most_destinations)
        return bounds_.note(Subject::destinations, fmt::format("destinations {}", way_of(part.resolution)),
                            most_destinations, part.first_seen);
    ++counts_[part.resolution];
    index_.emplace(key, destinations_.size());
    destinations_.push_back(std::move(part));
}

/// All destinations together keep so many.
void Ledger::count_moments(Destination& part) {
    const auto count = part.attempt_times.size() + part.sending_times.size();
    if (moments_ + count <= most_moments) {
        moments_ += count;
        return;
    }
    part.attempt_times = part.sending_times = {};
    part.cut.insert(Subject::moments);
}

void Ledger::enter(Flow flow) {
    batch_.push_back(std::move(flow));
    if (batch_.size() >= batch_size) hand_over();
}

void Ledger::hand_over() {
    if (!thread_.joinable()) thread_ = std::jthread([this] { describe_all(); });
    ended_.put(std::exchange(batch_, {}));
    batch_.reserve(batch_size);
    while (described_.take_if_any()) continue;
}

Ledger::~Ledger() {
    ended_.close();
    described_.close();
}

void Ledger::describe_all() {
    while (auto batch = ended_.take()) {
        for (const auto& flow : *batch) describe(flow);
        described_.put(std::move(*batch));
    }
}

void Ledger::describe(const Flow& flow) {
    if (flow.unanswered() && !flow.control_port) {  // what it asked for over another connection is its own
        ++flows_unanswered_;
        if (flow.half_recorded) ++flows_half_recorded_;
        if (!flow.by_camera) ++flows_in_;
        return;
    }
    if (!flow.by_camera) {
        ++flows_in_;
        if (flow.lan || flow.sent() == 0) return;
        if (visitors_.size() < most_visitors)
            visitors_.push_back(describe_flow(flow, identifiers_));
        else
            bounds_.note(Subject::services, "flows of visitors from outside its network", most_visitors,
                         flow.first_frame.time);
        return;
    }
    auto described = describe_flow(flow, identifiers_);
    if (described.protocol == protocol::http) keep_update_requests(flow, described.name);
    merge(std::move(described));
}

void Ledger::keep_update_requests(const Flow& flow, const std::string& name) {
    for (auto& request : update_requests_of(flow, name)) {
        auto key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", request.server, request.destination.port,
                               request.method, request.target, request.said, request.image, request.answer);
        const auto known = request_index_.find(key);
        if (known == request_index_.end() && update_requests_.size() >= most_update_requests) {
            bounds_.note(Subject::firmware, "requests that could be for firmware", most_update_requests,
                         request.frame.time);
            continue;
        }
        if (known == request_index_.end()) {
            request_index_.emplace(std::move(key), update_requests_.size());
            update_requests_.push_back(std::move(request));
            continue;
        }
        auto& same = update_requests_[known->second];
        same.times += 1;
        same.answer_bytes = std::max(same.answer_bytes, request.answer_bytes);
        if (earlier(request.frame, same.frame)) same.frame = request.frame;
    }
}

/// Lists of single destinations that were full.
void Ledger::note_cuts(ReachedBounds& bounds) const {
    for (const auto& destination : destinations_) {
        for (const auto subject : destination.cut) {
            const auto* what = subject == Subject::names ? "more names asked of one destination than are kept"
                               : subject == Subject::contents
                                   ? "more kinds of content at one destination than are kept"
                               : subject == Subject::moments ? "more moments at one destination than are kept"
                               : subject == Subject::sessions
                                   ? "more kinds of TLS sessions with one destination than are kept"
                                   : "more addresses of one destination than are kept";
            bounds.note(subject, what, 0, std::nullopt, 0);
        }
    }
}

void Ledger::finish(Observations& observations, ReachedBounds& bounds) {
    if (thread_.joinable()) {
        hand_over();
        ended_.close();
        thread_.join();
    } else {
        for (const auto& flow : batch_) describe(flow);
    }
    join_mute(destinations_);
    for (auto& one : destinations_) {
        std::sort(one.attempt_times.begin(), one.attempt_times.end());
        std::sort(one.sending_times.begin(), one.sending_times.end());
    }
    note_cuts(bounds);
    for (const auto& bound : bounds_.all()) bounds.note(bound);
    std::stable_sort(
        destinations_.begin(), destinations_.end(),
        [](const Destination& a, const Destination& b) { return earlier(a.first_frame, b.first_frame); });
    observations.destinations = std::move(destinations_);
    observations.visitors = std::move(visitors_);
    std::stable_sort(
        update_requests_.begin(), update_requests_.end(),
        [](const UpdateRequest& a, const UpdateRequest& b) { return earlier(a.frame, b.frame); });
    observations.update_requests = std::move(update_requests_);
    observations.flows_in = flows_in_;
    observations.flows_unanswered = flows_unanswered_;
    observations.flows_half_recorded = flows_half_recorded_;
}

}  // namespace cambench::analysis
