#include "harness/analysis/run/seen_contacts.hpp"

#include <algorithm>
#include <set>

#include "harness/core/event_fields.hpp"
#include "harness/wire/dns.hpp"

namespace cambench::analysis {
namespace {

/// Frames of the camera are missing, by what the capture or its recorder says.
bool lost_frames(const Observations& observations) {
    const auto& captures = observations.captures;
    const auto lost = [](const CaptureSummary& one) { return one.dropped.value_or(0) > 0 || one.truncated; };
    if (captures.empty() || std::any_of(captures.begin(), captures.end(), lost)) return true;
    return std::any_of(observations.run.events.begin(), observations.run.events.end(),
                       [](const Event& event) {
                           return event.lane == "bench" && event.kind == "capture-closed" &&
                                  count_of(event.fields, "dropped") > 0;
                       });
}

Destination described(const SeenContact& contact, const OwnLink& link, const Observations& observations) {
    const auto& address = contact.destination.address;
    Destination destination;
    destination.name = contact.name;
    destination.addresses = {address};
    destination.port = contact.destination.port;
    destination.transport = contact.transport;
    destination.resolution = link.holds(address, contact.camera.address) ? Resolution::lan
                             : !contact.name.empty()                     ? Resolution::dns
                                                                         : Resolution::literal;
    destination.perhaps_lan = link.may_hold(address, contact.camera.address);
    if (contact.transport != Transport::tcp) destination.own_ends = {contact.camera};
    destination.attempts = 1;
    destination.answered = true;
    destination.by_events = true;
    destination.first_seen = observations.run.wall_zero + contact.first;
    destination.last_seen = observations.run.wall_zero + contact.last;
    destination.first_frame.time = destination.first_seen;
    destination.attempt_times = {destination.first_seen};
    return destination;
}

}  // namespace

void SeenContacts::take(const Event& event) {
    const auto where = text_of(event.fields, "destination");
    const auto transport = text_of(event.fields, "transport");
    if (where.empty() || !text_of(event.fields, "toward").empty() ||
        (transport != "tcp" && transport != "udp"))
        return;
    const auto key = transport + ' ' + where;
    if (const auto known = index_.find(key); known != index_.end()) {
        auto& contact = contacts_[known->second];
        contact.last = std::max(contact.last, event.time);
        ++contact.events;
        return;
    }
    const auto destination = endpoint_of(where);
    const auto camera = endpoint_of(text_of(event.fields, "camera"));
    if (!destination || !camera || destination->address.is_multicast() || destination->address.is_broadcast())
        return;
    if (contacts_.size() >= most_contacts) {
        if (further_++ == 0) full_since_ = event.time;
        return;
    }
    index_.emplace(key, contacts_.size());
    contacts_.push_back({*destination, transport_of(event.fields), plain_name(text_of(event.fields, "name")),
                         *camera, event.time, event.time, 1});
}

std::vector<SeenContact> SeenContacts::finish(WallTime wall_zero, ReachedBounds& bounds) {
    if (further_ > 0)
        bounds.note(Subject::destinations, "endpoints in the fake internet's own events", most_contacts,
                    wall_zero + full_since_, further_);
    index_.clear();
    return std::move(contacts_);
}

void add_seen_contacts(const std::vector<SeenContact>& contacts, const OwnLink& link,
                       Observations& observations) {
    if (!observations.run.present || !lost_frames(observations)) return;
    std::set<std::pair<Transport, Endpoint>> captured;
    for (const auto& destination : observations.destinations)
        for (const auto& address : destination.addresses)
            captured.insert({destination.transport, Endpoint{address, destination.port}});
    constexpr std::size_t most_added = 8192;
    std::size_t added = 0;
    for (const auto& contact : contacts) {
        if (captured.contains({contact.transport, contact.destination})) continue;
        if (added++ >= most_added) {
            observations.bounds.push_back({Subject::destinations,
                                           "destinations that only the fake internet saw", most_added, 0,
                                           observations.run.wall_zero + contact.first});
            return;
        }
        observations.destinations.push_back(described(contact, link, observations));
    }
}

}  // namespace cambench::analysis
