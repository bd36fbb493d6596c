#include "harness/analysis/ledger.hpp"

#include <algorithm>

#include "harness/analysis/inner_talk.hpp"
#include "harness/analysis/update_requests.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_attempt_frames = 32, most_times = 4096, most_fingerprints = 16, most_addresses = 256, most_names = 64;

template <typename T>
void append_new(std::vector<T>& into, std::vector<T>&& values, std::size_t limit) {
    for (auto& value : values) {
        if (into.size() < limit && std::find(into.begin(), into.end(), value) == into.end()) into.push_back(std::move(value));
    }
}

bool earlier(const FrameRef& a, const FrameRef& b) { return std::pair(a.capture, a.number) < std::pair(b.capture, b.number); }

/// Both are sorted; the earliest are kept.
void append_times(std::vector<WallTime>& into, const std::vector<WallTime>& times) {
    const auto middle = static_cast<std::ptrdiff_t>(into.size());
    into.insert(into.end(), times.begin(), times.end());
    std::inplace_merge(into.begin(), into.begin() + middle, into.end());
    if (into.size() > most_times) into.resize(most_times);
}

void join_contents(Destination& whole, Destination& part) {
    for (auto& fact : part.contents) note(whole.contents, std::move(fact));
    append_times(whole.attempt_times, part.attempt_times);
    append_times(whole.sending_times, part.sending_times);
    whole.connections_used += part.connections_used;
    append_new(whole.alpn, std::move(part.alpn), most_fingerprints);
    append_new(whole.ja3, std::move(part.ja3), most_fingerprints);
    append_new(whole.ja4, std::move(part.ja4), most_fingerprints);
    if (!whole.control_port) whole.control_port = part.control_port, whole.control_protocol = part.control_protocol;
    if (whole.service_of.empty()) whole.service_of = part.service_of;
}

void join_sessions(Destination& whole, Destination& part) {
    constexpr std::size_t most_sessions = 64;
    if (earlier(part.first_frame, whole.first_frame)) whole.known_before = part.known_before;
    for (auto& session : part.tls_sessions)
        if (whole.tls_sessions.size() < most_sessions) whole.tls_sessions.push_back(std::move(session));
    std::stable_sort(whole.tls_sessions.begin(), whole.tls_sessions.end(), [](const TlsSession& a, const TlsSession& b) { return earlier(a.frame, b.frame); });
}

void join(Destination& whole, Destination&& part) {
    join_sessions(whole, part);
    append_new(whole.addresses, std::move(part.addresses), most_addresses);
    append_new(whole.own_ends, std::move(part.own_ends), most_names);
    if (whole.protocol.empty()) whole.protocol = part.protocol;
    whole.bytes_out += part.bytes_out;
    whole.bytes_in += part.bytes_in;
    whole.attempts += part.attempts;
    whole.failed += part.failed;
    whole.first_seen = std::min(whole.first_seen, part.first_seen);
    whole.last_seen = std::max(whole.last_seen, part.last_seen);
    if (earlier(part.first_frame, whole.first_frame)) whole.first_frame = part.first_frame;
    whole.attempt_frames.insert(whole.attempt_frames.end(), part.attempt_frames.begin(), part.attempt_frames.end());
    std::sort(whole.attempt_frames.begin(), whole.attempt_frames.end(), earlier);
    if (whole.attempt_frames.size() > most_attempt_frames) whole.attempt_frames.resize(most_attempt_frames);
    for (auto& claim : part.claims) {
        const bool known = std::any_of(whole.claims.begin(), whole.claims.end(), [&](const ClaimedName& one) { return one.name == claim.name; });
        if (!known && whole.claims.size() < most_names) whole.claims.push_back(std::move(claim));
    }
    append_new(whole.aliases, std::move(part.aliases), most_names);
    append_new(whole.other_names, std::move(part.other_names), most_names);
    append_new(whole.certificate_names, std::move(part.certificate_names), most_names);
    append_new(whole.alerts, std::move(part.alerts), most_names);
    whole.answered = whole.answered || part.answered;
    whole.under_way = whole.under_way && part.under_way;
    whole.opaque = whole.opaque || part.opaque;
    whole.head_whole = whole.head_whole && part.head_whole;
    whole.asked_for = whole.asked_for && part.asked_for;
    whole.advertised = whole.advertised && part.advertised;
    if (whole.perhaps != part.perhaps) whole.perhaps.clear();
    whole.port_mapping = whole.port_mapping || part.port_mapping;
    for (auto& one : part.inner) note(whole.inner, std::move(one));
    whole.mute += part.mute;
    whole.longest_mute = std::max(whole.longest_mute, part.longest_mute);
    if (part.mute_since) whole.mute_since = std::min(whole.mute_since.value_or(*part.mute_since), *part.mute_since);
    join_contents(whole, part);
}

bool shares_address(const Destination& a, const Destination& b) {
    return std::any_of(a.addresses.begin(), a.addresses.end(), [&](const IpAddress& one) { return std::find(b.addresses.begin(), b.addresses.end(), one) != b.addresses.end(); });
}

/// Whether `mute`, on which nothing was said, belongs to `other`: the same endpoint, whose name a later connection told.
bool belongs_to(const Destination& mute, const Destination& other) {
    if (mute.port != other.port || mute.transport != other.transport || mute.asked_for != other.asked_for) return false;
    if (mute.resolution == other.resolution && mute.name == other.name) return !mute.name.empty() || shares_address(mute, other);
    const bool claimed_later = mute.resolution == Resolution::literal && (other.resolution == Resolution::sni || other.resolution == Resolution::host);
    return claimed_later && shares_address(mute, other);
}

/// Said nothing that could tell a protocol: nothing at all, or its beginning is not on record.
bool is_mute(const Destination& one) { return one.protocol.empty() && (one.bytes_out == 0 || !one.head_whole); }

/// Failed attempts say no protocol and no name: they join the destination they were meant for.
void join_mute(std::vector<Destination>& destinations) {
    std::vector<Destination> mute;
    for (auto& one : destinations) {
        if (is_mute(one)) mute.push_back(std::move(one));
    }
    std::erase_if(destinations, [](const Destination& one) { return one.addresses.empty(); });
    std::vector<Destination> alone;
    for (auto& one : mute) {
        const auto home = std::find_if(destinations.begin(), destinations.end(), [&](const Destination& other) { return belongs_to(one, other); });
        if (home != destinations.end()) join(*home, std::move(one));
        else alone.push_back(std::move(one));
    }
    destinations.insert(destinations.end(), std::make_move_iterator(alone.begin()), std::make_move_iterator(alone.end()));
}

}  // namespace

void Ledger::merge(Destination part) {
    // By name where one is known by DNS or claimed; lan peers and literals by address. Where two protocols are spoken with
    // one endpoint they stay apart: one of them may be declared.
    const bool by_name = !part.name.empty() && part.resolution != Resolution::lan;
    auto label = by_name ? part.name : part.addresses.front().to_string();
    if (!part.protocol.empty()) label += ' ' + part.protocol;
    else if (!is_mute(part)) label += " unknown";
    if (part.asked_for) label += " *";
    const auto key = std::tuple(std::move(label), part.port, part.transport, part.resolution);
    const auto [entry, added] = index_.try_emplace(key, destinations_.size());
    if (added) destinations_.push_back(std::move(part));
    else join(destinations_[entry->second], std::move(part));
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
    if (!flow.by_camera) {
        constexpr std::size_t most_visitors = 256;
        ++flows_in_;
        if (!flow.lan && flow.sent() > 0 && visitors_.size() < most_visitors) visitors_.push_back(describe_flow(flow, identifiers_));
        return;
    }
    auto described = describe_flow(flow, identifiers_);
    if (described.protocol == "http") keep_update_requests(flow, described.name);
    merge(std::move(described));
}

void Ledger::keep_update_requests(const Flow& flow, const std::string& name) {
    constexpr std::size_t most_kept = 1024;
    for (auto& request : update_requests_of(flow, name)) {
        const auto same = std::find_if(update_requests_.begin(), update_requests_.end(), [&](const UpdateRequest& one) {
            return one.server == request.server && one.destination.port == request.destination.port && one.method == request.method && one.target == request.target &&
                   one.said == request.said && one.image == request.image && one.answer == request.answer;
        });
        if (same == update_requests_.end()) {
            if (update_requests_.size() < most_kept) update_requests_.push_back(std::move(request));
            continue;
        }
        same->times += 1;
        same->answer_bytes = std::max(same->answer_bytes, request.answer_bytes);
        if (std::pair(request.frame.capture, request.frame.number) < std::pair(same->frame.capture, same->frame.number)) same->frame = request.frame;
    }
}

void Ledger::finish(Observations& observations) {
    if (thread_.joinable()) {
        hand_over();
        ended_.close();
        thread_.join();
    } else {
        for (const auto& flow : batch_) describe(flow);
    }
    join_mute(destinations_);
    std::stable_sort(destinations_.begin(), destinations_.end(), [](const Destination& a, const Destination& b) { return earlier(a.first_frame, b.first_frame); });
    observations.destinations = std::move(destinations_);
    observations.visitors = std::move(visitors_);
    std::stable_sort(update_requests_.begin(), update_requests_.end(), [](const UpdateRequest& a, const UpdateRequest& b) { return earlier(a.frame, b.frame); });
    observations.update_requests = std::move(update_requests_);
    observations.flows_in = flows_in_;
}

}  // namespace cambench::analysis
