#include "harness/analysis/flows/tracker.hpp"

#include <algorithm>

#include "harness/analysis/flows/ftp.hpp"
#include "harness/analysis/flows/protocol.hpp"
#include "harness/wire/ftp_address.hpp"

namespace cambench::analysis {
namespace {

using namespace std::chrono_literals;

/// Sendings of a flow without connections that lie this far apart are separate attempts.
constexpr auto attempt_pause = 500ms;
/// After such a silence the same ports make a new flow.
constexpr Nanoseconds datagram_silence = 300s, closed_silence = 60s, stream_silence = 2h;
/// Resolvers answer within that time, or not at all.
constexpr Nanoseconds answered_within = 5s;
constexpr std::size_t most_frames_of_attempts = 32, longest_first_datagram = 16384;
constexpr std::uint16_t netbios_names = 137;

Endpoint source_of(const Packet& packet) { return {packet.source, packet.source_port}; }
Endpoint target_of(const Packet& packet) { return {packet.target, packet.target_port}; }

/// TCP: the camera begins to send again after some quiet.
void note_sending(Flow& flow, WallTime now) {
    if (flow.sending_times.empty() || now - flow.last_out >= attempt_pause)
        keep_time(flow, flow.sending_times, now);
    flow.last_out = now;
}

/// SSDP's answer to a search: it says where the neighbour describes itself.
bool answers_search(const Packet& packet) {
    constexpr std::uint16_t ssdp_port = 1900;
    return packet.is_udp() && !packet.fragment && packet.source_port == ssdp_port &&
           as_text(packet.payload).starts_with("HTTP/1.1 200");
}

}  // namespace

void Tracker::add(const Packet& packet) {
    if (packets_ == 0) first_ = packet.frame.time;
    if (++packets_ % 65536 == 0) sweep(packet.frame.time);
    if (packets_ % 8192 == 0) watch_memory(packet.frame.time);
    const bool out = identity_.sent(packet);
    note_neighbour(packet, out);
    if (out) note_odd(packet);
    if (packet.kind == Packet::Kind::arp) {
        if (out && packet.arp.operation == 1) link_.asked_by_arp(packet.arp.target);
        return;
    }
    if (packet.kind == Packet::Kind::other && out) return note_other_frame(packet);
    if (packet.kind != Packet::Kind::ip) return;
    if (out) return add_ip(packet, Way::out);
    if (packet.target.is_multicast() || packet.target.is_broadcast()) return hear_group(packet);
    if (!identity_.receives(packet)) return;
    if (answers_search(packet) && advertised_.size() < most_invited) advertised_.insert(packet.source);
    remember_arrival(packet);
    add_ip(packet, Way::in);
}

void Tracker::note_question(const IpAddress& target, const FrameRef& frame) {
    const auto [entry, added] = neighbour_index_.try_emplace(target, neighbours_.size());
    if (added && neighbours_.size() >= most_neighbours) {
        neighbour_index_.erase(entry);
        return bounds_.note(Subject::neighbours, "neighbours that it looked for", most_neighbours,
                            frame.time);
    }
    if (added) neighbours_.push_back({target, frame, 0, false});
    ++neighbours_[entry->second].times;
}

void Tracker::note_presence(const IpAddress& address) {
    if (neighbours_.empty()) return;
    if (const auto known = neighbour_index_.find(address); known != neighbour_index_.end())
        neighbours_[known->second].answered = true;
}

/// Whom the camera looks for on its network, and who is there. Probes for an address of its own are no
/// questions.
void Tracker::note_neighbour(const Packet& packet, bool out) {
    if (packet.kind == Packet::Kind::arp) {
        const bool own = packet.arp.target == packet.arp.sender || packet.arp.sender.is_unspecified() ||
                         identity_.addresses.contains(packet.arp.target);
        if (out && packet.arp.operation == 1 && !own) note_question(packet.arp.target, packet.frame);
        if (!out) note_presence(packet.arp.sender);
        return;
    }
    if (packet.kind != Packet::Kind::ip) return;
    if (!out) return note_presence(packet.source);
    constexpr std::uint8_t neighbour_solicitation = 135;
    if (packet.protocol != 58 || packet.icmp.type != neighbour_solicitation ||
        packet.source.is_unspecified() || packet.payload.size() < 16)
        return;
    note_question(IpAddress::v6(packet.payload.first(16)), packet.frame);
}

/// What others say to everybody: requests the camera may answer, and announcements.
void Tracker::hear_group(const Packet& packet) {
    if (!packet.is_udp() || packet.fragment) return;
    if (invited_.size() < most_invited) invited_.insert(source_of(packet));
    if ((packet.target_port == 1900 || packet.target_port == 5353 || packet.target_port == 3702) &&
        advertised_.size() < most_invited)
        advertised_.insert(packet.source);
}

std::optional<FlowKey> Tracker::key_of(const Packet& packet, Way way) const {
    FlowKey key;
    key.protocol = packet.protocol;
    key.camera = way == Way::out ? source_of(packet) : target_of(packet);
    key.peer = way == Way::out ? target_of(packet) : source_of(packet);
    if (packet.is_icmp()) key.camera.port = packet.icmp.id;
    return key;
}

void Tracker::add_ip(const Packet& packet, Way way) {
    if (is_housekeeping(packet, way)) return;
    if (packet.is_icmp() && packet.icmp.error) {
        if (way == Way::in) return add_icmp_error(packet);
        if (answers_arrival(packet)) return;  // the camera's own errors answer somebody else's packets
        note_unaccounted("an ICMP error that answers nothing which came", packet);
        if (spoke_with(packet)) return;
    }
    const auto key = key_of(packet, way);
    auto* flow = key ? flow_for(*key, packet, way) : nullptr;
    if (flow == nullptr) return;
    flow->last = packet.frame.time;
    constexpr std::size_t most_heard = 1'000'000;
    if (way == Way::in && !flow->answered && heard_.size() < most_heard) heard_.insert(FlowKeyHash{}(*key));
    if (way == Way::in)
        flow->answered = true;
    else
        ++flow->frames_out;
    if (packet.is_tcp())
        add_tcp(*flow, packet, way);
    else
        add_datagram(*flow, packet, way);
    if (!flow->by_camera) note_invitations(*flow, packet);
}

void Tracker::add_icmp_error(const Packet& packet) {
    const auto quoted = decode_quoted(packet.payload, packet.source.family());
    if (!quoted) return;
    FlowKey key{source_of(*quoted), target_of(*quoted), quoted->protocol};
    if (const auto found = flows_.find(key); found != flows_.end()) found->second.unreachable = true;
}

bool Tracker::begins_anew(const Flow& flow, const Packet& packet, Way way) const {
    const auto silence = packet.frame.time - flow.last;
    if (!packet.is_tcp()) {
        // What is left of older sessions does not make the first datagram after joining part of one.
        const bool first_word = way == Way::out && flow.frames_out == 0 && flow.before_joining &&
                                !comes_before_joining(packet, way);
        return silence > datagram_silence || first_word;
    }
    if (packet.tcp.syn && !packet.tcp.ack) {
        const bool answered_already =
            way == Way::out && flow.frames_out == 0 && flow.acknowledged == packet.tcp.sequence + 1;
        if (answered_already) return false;  // the recorder changed the order
        const bool same_side = (way == Way::out) == flow.by_camera;
        return !(flow.start_seen && same_side && flow.first_sequence == packet.tcp.sequence);
    }
    return false;
}

Flow* Tracker::flow_for(const FlowKey& key, const Packet& packet, Way way) {
    const auto found = flows_.find(key);
    if (found != flows_.end()) {
        if (!begins_anew(found->second, packet, way)) return &found->second;
        ledger_.enter(std::move(found->second));
        found->second = make_flow(key, packet, way);
        return &found->second;
    }
    constexpr auto last_acknowledgment = 100ms;
    end_flows_over(connections_over_, packet.frame.time - last_acknowledgment);
    end_flows_over(lookups_over_, packet.frame.time -
                                      attempt_pause);  // asked again later it is an attempt of its own anyway
    if (flows_.size() >= most_flows) end_oldest_half("flows at a time", most_flows, packet.frame.time);
    return &flows_.emplace(key, make_flow(key, packet, way)).first->second;
}

void Tracker::take_control(Flow& flow, const Control& control) {
    flow.control_port = control.port;
    flow.control_protocol = control.protocol;
    if (flow.names.empty()) flow.names = control.names;
}

Flow Tracker::make_flow(const FlowKey& key, const Packet& packet, Way way) {
    Flow flow;
    flow.key = key;
    const auto caller = caller_of(key, packet, way);
    flow.by_camera = caller != Caller::peer;
    flow.caller_unknown = caller == Caller::unknown;
    flow.before_joining = comes_before_joining(packet, way);
    flow.first_frame = packet.frame;
    flow.last = packet.frame.time;
    flow.lan = is_lan(packet, way);
    flow.perhaps_lan = link_.may_hold(key.peer.address, key.camera.address);
    flow.names = names_.names_of(key.peer.address);
    for (const auto& known : flow.names)
        if (flow.service_of.empty()) flow.service_of = names_.service_at(known.name, key.peer.port);
    if (packet.is_tcp()) {
        flow.start_seen = packet.tcp.syn;
        flow.first_sequence = packet.tcp.sequence;
        if (!flow.start_seen) flow.accepted = true;
        flow.attempts = 1;
        flow.attempt_frames.push_back(packet.frame);
        flow.attempt_times.push_back(packet.frame.time);
        if (const auto announced = data_ports_.find(key.peer); announced != data_ports_.end())
            take_control(flow, announced->second);
    }
    if (const auto wished = called_back_.find({key.camera, key.peer.address});
        (!flow.by_camera || flow.caller_unknown) && wished != called_back_.end()) {
        flow.by_camera = true;  // the server only does what it was told
        flow.caller_unknown = false;
        take_control(flow, wished->second);
    }
    if (const auto announced = stream_ports_.find(key.peer);
        packet.is_udp() && announced != stream_ports_.end()) {
        flow.by_camera = true;  // whoever sends first: the session is the camera's
        flow.caller_unknown = false;
        take_control(flow, announced->second);
    }
    if (!packet.is_tcp())
        flow.start_seen =
            !flow.caller_unknown && ((way == Way::out) == flow.by_camera || flow.control_port.has_value());
    if (flow.names.empty() && names_.is_named_beyond(key.peer.address)) flow.cut.insert(Subject::names);
    if (flow.names.empty() && flow.by_camera && !flow.lan)
        flow.perhaps = names_.perhaps(key.peer.address, packet.frame.time);
    flow.asked_for = flow.by_camera && flow.lan && is_invited(packet, key.peer);
    flow.advertised = flow.lan && advertised_.contains(key.peer.address);
    return flow;
}

void Tracker::add_tcp(Flow& flow, const Packet& packet, Way way) {
    auto& side = way == Way::out ? flow.out : flow.in;
    const auto& tcp = packet.tcp;
    if (tcp.syn) side.begin(tcp.sequence + 1);
    if (tcp.syn && !tcp.ack && flow.half_recorded)
        flow.first_sequence = tcp.sequence, flow.half_recorded = false;
    const bool from_called = (way == Way::out) != flow.by_camera;
    if (tcp.syn && tcp.ack && from_called) flow.accepted = true;
    if ((tcp.rst || tcp.fin) && !flow.reset && !flow.fin_out)
        flow.left_by_peer = flow.left_by_peer || way == Way::in;
    if (tcp.rst) flow.reset = true;
    if (tcp.rst && way == Way::out && flow.answered && !flow.start_seen && packet.length == 0)
        ++flow.refusals_out;
    note_acknowledgment(flow, packet, way);
    if (tcp.fin) (way == Way::out ? flow.fin_out : flow.fin_in) = true;
    note_over(flow);
    if (packet.length > 0) {
        if (way == Way::out && flow.start_seen &&
            side.contradicted_by(tcp.sequence + (tcp.syn ? 1 : 0), packet.length, packet.payload))
            note_unaccounted("TCP data in the place of other data", packet);
        side.add(tcp.sequence + (tcp.syn ? 1 : 0), packet.length, packet.payload, packet.frame);
        if (from_called || flow.accepted || !tcp.syn)
            flow.accepted = flow.accepted || from_called || packet.tcp.ack;
        read_dns_stream(flow, packet);
        note_data_port(flow, packet);
        if (flow.by_camera && way == Way::in) note_stream_ports(flow, packet);
        look_into(flow, packet, way == Way::out);
        if (way == Way::out) note_sending(flow, packet.frame.time);
    }
}

/// FTP names the port of its next data connection: 227 (h1,h2,h3,h4,p1,p2) or 229 (|||port|) the server's,
/// PORT and EPRT the camera's, which the server then calls.
void Tracker::note_data_port(const Flow& flow, const Packet& packet) {
    const auto text = as_text(packet.payload);
    if (!flow.by_camera || data_ports_.size() + called_back_.size() >= most_invited) return;
    if (!as_text(flow.in.head()).starts_with("220")) return;
    if (packet.source != flow.key.peer.address) {
        const auto own = parse_ftp_port_command(text);
        if (own && own->address == flow.key.camera.address)
            called_back_[{*own, flow.key.peer.address}] = {flow.key.peer.port, flow.names, "ftp"};
        return;
    }
    if (!text.starts_with("227 ") && !text.starts_with("229 ")) return;
    if (const auto endpoint = parse_passive_reply(text, flow.key.peer.address))
        data_ports_[*endpoint] = {flow.key.peer.port, flow.names, "ftp"};
}

void Tracker::add_datagram(Flow& flow, const Packet& packet, Way way) {
    if ((way == Way::out ? flow.copies_out : flow.copies_in).is_copy(packet)) return;
    (way == Way::out ? flow.bytes_out : flow.bytes_in) += packet.length;
    auto& first = way == Way::out ? flow.first_out : flow.first_in;
    if (first.empty() && !packet.payload.empty()) {
        first.assign(packet.payload.begin(),
                     packet.payload.begin() + static_cast<std::ptrdiff_t>(
                                                  std::min(packet.payload.size(), longest_first_datagram)));
        if (way == Way::out) flow.first_out_cut = packet.payload.size() < packet.length;
    }
    if ((way == Way::out) == flow.by_camera &&
        (flow.attempts == 0 || packet.frame.time - flow.last_out >= attempt_pause)) {
        ++flow.attempts;
        keep_time(flow, flow.attempt_times, packet.frame.time);
        keep_time(flow, flow.sending_times, packet.frame.time);
        if (flow.attempt_frames.size() < most_frames_of_attempts) flow.attempt_frames.push_back(packet.frame);
    }
    if ((way == Way::out) == flow.by_camera) flow.last_out = packet.frame.time;
    look_into(flow, packet, way == Way::out);
    if (!packet.is_udp()) return;
    if (way == Way::out && flow.by_camera) note_transfer(flow, packet);
    if (is_pppp(packet.payload)) flow.pppp_types.insert(std::to_integer<std::uint8_t>(packet.payload[1]));
    read_dns_datagram(flow, packet, way);
}

void Tracker::read_dns_datagram(Flow& flow, const Packet& packet, Way way) {
    const auto port = flow.key.peer.port;
    const bool multicast = (port == 5353 || port == 5355) && flow.lan;
    const bool cut = packet.payload.size() < packet.length;
    if (cut && way == Way::in && (port == 53 || multicast || flow.is_dns)) ++cut_answers_;
    if (!flow.is_dns && !multicast) {
        if (port == netbios_names || !flow.by_camera)
            return;  // the former: the same format, for names of neighbours
        if (port != 53 && (way == Way::in || !looks_like_dns(packet.payload)))
            return;  // elsewhere the bytes must be DNS beyond doubt
    }
    const auto message = parse_dns_start(packet.payload);
    flow.is_dns = flow.is_dns || (message && !multicast);
    if (!message) return;
    const NameBook::Route route{flow.key.camera, flow.key.peer, Transport::udp};
    if (way == Way::out && !message->response) {
        names_.asked(*message, route, packet.frame, multicast);
        ++flow.questions;
    }
    if (way == Way::out || !message->response || multicast) return;
    const bool early = begins_ == Begins::in_the_middle && packet.frame.time - first_ <= answered_within;
    names_.answered(*message, route, packet.frame,
                    early ? NameBook::Earlier::perhaps_asked : NameBook::Earlier::nothing);
    ++flow.replies;
    note_over(flow);
}

/// Messages with a length in front (RFC 1035, 4.2.2), taken from the heads as they grow.
void Tracker::read_dns_stream(Flow& flow, const Packet& packet) {
    if (flow.key.peer.port != 53 || !flow.by_camera) return;
    const NameBook::Route route{flow.key.camera, flow.key.peer, Transport::tcp};
    const auto drain = [&](ByteView head, std::size_t& read, auto take) {
        while (head.size() - read >= 2) {
            ByteReader in(head.subspan(read));
            const std::size_t length = in.u16();
            if (in.remaining() < length) return;
            if (const auto message = parse_dns_start(in.take(length))) take(*message);
            read += 2 + length;
        }
    };
    drain(flow.out.head(), flow.dns_read_out, [&](const DnsMessage& message) {
        flow.is_dns = true;
        if (!message.response) names_.asked(message, route, packet.frame, false);
    });
    drain(flow.in.head(), flow.dns_read_in, [&](const DnsMessage& message) {
        if (message.response) names_.answered(message, route, packet.frame);
    });
    if (std::max(flow.out.bytes(), flow.in.bytes()) > StreamSide::head_limit) flow.cut.insert(Subject::names);
}

bool Tracker::is_lan(const Packet& packet, Way way) const {
    return way == Way::out ? link_.holds(packet.target, packet.source)
                           : link_.holds(packet.source, packet.target);
}

void Tracker::note_over(Flow& flow) {
    if (flow.waits_for_stragglers || !flow.over()) return;
    flow.waits_for_stragglers = true;
    (flow.key.protocol == 6 ? connections_over_ : lookups_over_).push_back(flow.key);
}

void Tracker::sweep(WallTime now) {
    for (auto entry = flows_.begin(); entry != flows_.end();) {
        const auto& flow = entry->second;
        const auto allowed = flow.key.protocol != 6 ? datagram_silence
                             : flow.closed()        ? closed_silence
                                                    : stream_silence;
        if (now - flow.last <= allowed) {
            ++entry;
            continue;
        }
        ledger_.enter(std::move(entry->second));
        entry = flows_.erase(entry);
    }
}

void Tracker::finish(Observations& observations) {
    std::vector<Flow*> rest;
    for (auto& [key, flow] : flows_) rest.push_back(&flow);
    std::sort(rest.begin(), rest.end(), [](const Flow* a, const Flow* b) {
        return std::pair(a->first_frame.capture, a->first_frame.number) <
               std::pair(b->first_frame.capture, b->first_frame.number);
    });
    for (auto* flow : rest) ledger_.enter(std::move(*flow));
    flows_.clear();
    ledger_.finish(observations, bounds_);
    note_full_lists();
    if (begins_ == Begins::in_the_middle)
        for (auto& destination : observations.destinations) note_going_on(destination);
    observations.lookups = names_.take_lookups();
    observations.neighbours = std::move(neighbours_);
    observations.other_frames = std::move(other_frames_);
    observations.unaccounted = std::move(unaccounted_);
    observations.cut_answers = cut_answers_;
    for (const auto& bound : names_.bounds().all()) bounds_.note(bound);
    observations.names_cut_since = names_.cut_since();
    observations.bounds = bounds_.all();
}

}  // namespace cambench::analysis
