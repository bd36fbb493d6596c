#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/observations/bounds.hpp"
#include "harness/analysis/observations/frame_ref.hpp"
#include "harness/analysis/observations/tls_facts.hpp"
#include "harness/core/event.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/time.hpp"

/// What recordings show, without any opinion: the output of analyze() and the input of every check.
namespace cambench::analysis {

/// One capture file, as far as it could be read.
struct CaptureSummary {
    std::string file;  ///< as cited in evidence: the name given, or relative to the evidence directory
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;  ///< of frames on the wire
    std::optional<std::uint64_t>
        dropped;  ///< by the kernel or interface, if the file says so (pcapng interface statistics)
    bool truncated = false;               ///< the last block is torn: the recorder did not end in order
    std::uint64_t cut_frames = 0;         ///< frames recorded only in part (snap length)
    std::uint64_t unreadable_frames = 0;  ///< link types or frames that could not be decoded
    std::uint64_t clock_steps_back = 0;   ///< frames stamped more than a second before their predecessor
    std::optional<WallTime> first, last;  ///< the earliest and the latest stamp
    std::vector<std::string> notes;       ///< what was odd in the file, one sentence each
};

/// A host's own name on the wire, with what came from it.
struct SeenMac {
    MacAddress mac;
    std::vector<IpAddress> addresses;  ///< it sent from, at most 8
    std::uint64_t frames = 0;
    FrameRef first, last;
};

/// Frames that carry frames of other hosts: a mirror of a switch, or a tunnel.
struct WrappedFrames {
    std::string kind;  ///< "VXLAN", "GENEVE", "ERSPAN", "TZSP", "GRE", ...
    IpAddress from, to;
    std::uint64_t frames = 0;
    FrameRef first;
    bool opened = false;  ///< what is inside was judged instead
};

/// Frames of the camera that carry neither IP nor ARP, of one type to one station.
struct OtherFrames {
    std::uint16_t type = 0;  ///< EtherType; below 0x0600: an 802.3 length, `type` is then 0
    std::string meaning;     ///< "LLDP"; "": nobody knows
    MacAddress to;
    std::uint64_t frames = 0, bytes = 0;  ///< bytes behind the header of the link
    FrameRef first;
    bool carries_data = false;  ///< such frames carry hosts' data, and do not just keep a link in order
};

/// Frames of the camera that carry something which the analysis cannot account for, of one kind.
struct UnaccountedFrames {
    std::string what;  ///< "data behind the end of an IP datagram"
    IpAddress to;      ///< of the first; unspecified where it has none
    std::uint64_t frames = 0;
    FrameRef first;
};

/// The unit under test, as the network shows it.
struct Camera {
    std::optional<MacAddress> mac;  ///< nullopt: no camera was seen (or the link type has no MAC addresses)
    std::vector<IpAddress> addresses;  ///< its own, in order of appearance
    std::string hostname;              ///< DHCP option 12
    std::string vendor_class;          ///< DHCP option 60
    bool guessed = false;              ///< chosen by analyze(), not named by the user
    std::uint64_t frames_sent = 0;
    std::optional<FrameRef> first_frame, last_frame;  ///< sent by it
    std::optional<FrameRef> named_in;                 ///< the DHCP frame with the host name
    /// Other hosts that could be the camera as well, when it was guessed and nothing tells them apart.
    std::vector<std::string> rivals;
    std::vector<SeenMac> macs;  ///< all that count as the camera's, by number of frames, at most 16
    bool several = false;  ///< two or more of those spoke in turn, from addresses of their own: two devices
    bool undeclared_mac = false;  ///< guessed, and not one of those that Inputs::mac_prefixes names
};

/// What DHCP and router advertisements told the camera. Only what came from another machine than the camera
/// counts.
struct NetworkFacts {
    std::vector<IpAddress> resolvers;
    std::vector<IpAddress> time_servers;  ///< DHCP option 42, DHCPv6 31 and 56
    std::vector<IpAddress> routers;
    std::vector<IpAddress> dhcp_servers;
    std::vector<Cidr> subnets;         ///< of the camera's own addresses
    std::vector<std::string> domains;  ///< search domains
    /// When the recording shows the network taking the camera in: DHCP acknowledges what the camera asked for
    /// without an address, or a router advertises itself to an interface that has just come up. nullopt: it
    /// does not show that.
    std::optional<WallTime> joined;
    /// From when on the recording holds the network's whole word on resolvers and time servers of this
    /// family. nullopt: it never does.
    std::optional<WallTime> told_v4, told_v6;
    [[nodiscard]] const std::optional<WallTime>& told(IpAddress::Family family) const {
        return family == IpAddress::Family::v4 ? told_v4 : told_v6;
    }
};

/// How a destination's name is known.
enum class Resolution {
    dns,      ///< a DNS answer to the camera gave this address before the flow began
    sni,      ///< only the camera's TLS ClientHello claims the name
    host,     ///< only the camera's Host header (or its like) claims the name
    literal,  ///< nothing names it
    lan,      ///< multicast, broadcast, link-local or a host of the camera's own subnet
};
[[nodiscard]] std::string_view to_string(Resolution resolution);

/// What the content of a flow (as far as it is in clear) shows beyond its protocol.
enum class ContentKind {
    media,       ///< pictures, video, sound
    code,        ///< programs and scripts
    command,     ///< orders for a shell
    credential,  ///< passwords in clear
    identifier,  ///< what tells this unit from others: MAC address, serial number
    covert,      ///< bytes where a protocol has none to carry
};
[[nodiscard]] std::string_view to_string(ContentKind kind);

struct ContentFact {
    ContentKind kind = ContentKind::media;
    std::string what;      ///< "JPEG picture", "serial number in base64"
    bool outgoing = true;  ///< sent by the camera
    FrameRef frame;        ///< the first one that shows it
    std::string payload;   ///< "payloads/<sha256>" when the bench saw it inside TLS, else ""
    std::uint64_t times = 1;
    std::uint64_t bytes = 0;  ///< covert: bytes carried
    bool certain = true;      ///< false: it looks like that, and what would prove it did not come
    bool inside_tls =
        false;  ///< the bench saw it in a session of TLS that it ended; not in one that was in clear
    std::set<std::uint64_t> variants;  ///< covert: digests of what was carried, at most 16; one alone says
                                       ///< nothing by being said again
};

/// What was spoken inside of what a destination speaks on the wire, where that could be seen.
struct InnerTalk {
    std::string layers;       ///< from the wire inwards: "tls", "http/websocket", "connect/tls"
    std::string protocol;     ///< "ssh", "http", ...; "" when not recognised
    std::string toward;       ///< "name:port" that a proxy was asked for; "": the destination itself
    FrameRef frame;           ///< of what carries it
    std::string payload;      ///< "payloads/<sha256>" when the bench kept it, else ""
    std::uint64_t bytes = 0;  ///< said by the camera, as far as they were looked at
    std::uint64_t times = 1;
};

/// What the camera sent to a server, as the fake internet that answered it understood it.
struct Delivery {
    std::string
        what;  ///< "PUT /snapshot.jpg", "FTP STOR one.jpg", "MQTT publish cam/alarm"; at most 120 bytes
    std::string
        payload;  ///< SHA-256 of the content, kept in payloads/; of the first, when there were more; "": none
    std::uint64_t bytes = 0;  ///< of content, all times together
    std::uint64_t times = 1;
    Nanoseconds first{};  ///< on the run's clock
};

/// A name the camera claims to talk to that DNS did not give for this address.
struct ClaimedName {
    std::string name;
    Resolution by = Resolution::sni;      ///< sni or host
    FrameRef frame;                       ///< where the claim was complete
    std::optional<std::uint16_t> beyond;  ///< asked of a proxy: the port there
    bool outer = false;                   ///< of a hello that may hide another name inside (ECH)
};

/// Where an address belongs, as a database of the user's says.
struct PlaceOf {
    std::string country;       ///< ISO 3166-1 code, "KR"
    std::string system;        ///< autonomous system, "AS4766"
    std::string organisation;  ///< that runs it
};

/// All flows the camera began towards one (name or address, port, transport).
struct Destination {
    std::string name;  ///< "" for literal and most lan destinations; lower case, no trailing dot
    std::vector<IpAddress> addresses;  ///< at least one, in order of appearance
    std::optional<PlaceOf>
        place;  ///< of the first address that a database knows; nullopt: none was given, or none knows any
    std::vector<Endpoint> own_ends;  ///< the camera's own addresses and ports towards it, at most 64; of TCP
                                     ///< only where caller_unknown, and of visitors
    Resolution resolution = Resolution::literal;
    std::uint16_t port = 0;  ///< 0 for transports without ports
    Transport transport = Transport::tcp;
    std::string protocol;         ///< "tls", "http", "ntp", ...; "" when not recognised (or nothing was sent)
    std::uint64_t bytes_out = 0;  ///< payload bytes sent by the camera, each counted once
    std::uint64_t bytes_in = 0;
    std::uint64_t attempts = 0;  ///< TCP: connections tried; else: sendings half a second or more apart
    std::uint64_t failed = 0;    ///< attempts refused, unreachable or never answered
    WallTime first_seen{}, last_seen{};
    FrameRef first_frame;
    std::vector<FrameRef> attempt_frames;        ///< the first frame of each attempt, at most 32
    std::vector<ClaimedName> claims;             ///< names by SNI or Host that differ from `name`
    std::vector<std::string> aliases;            ///< CNAME targets on the way from `name` to the addresses
    std::vector<std::string> other_names;        ///< further names that DNS gave for the same addresses
    std::vector<std::string> certificate_names;  ///< in clear up to TLS 1.2
    std::vector<std::string> alerts;             ///< TLS alerts in clear, "unknown_ca"; those the camera sent
    bool answered = false;                       ///< the peer ever answered
    bool under_way = false;  ///< never seen to begin once the camera had joined: it was under way when the
                             ///< recording began, or came before
    bool known_before =
        false;  ///< at least one of its flows was under way, so the camera knew the address from before
    bool caller_unknown = false;  ///< under way, and what is on record does not tell which side began it
    bool opaque = false;          ///< encrypted: its content was not seen
    bool head_whole = false;      ///< the first payload bytes of a flow were all recorded
    bool asked_for = false;   ///< sent in answer to a peer's request (RTP after SETUP, replies to discovery)
    bool advertised = false;  ///< lan: the peer had announced itself by SSDP or mDNS before
    /// Of an address that DNS did not name: the name it perhaps has, because the recording lacks the question
    /// or the answer that would tell; the same for all of its flows.
    std::string perhaps;
    bool port_mapping = false;          ///< asks a router to open a port (UPnP, NAT-PMP, PCP)
    std::vector<ContentFact> contents;  ///< each kind, what and direction once
    std::vector<InnerTalk> inner;       ///< each way and protocol once, at most 256
    std::uint64_t mute =
        0;  ///< TCP connections that stood and that the camera let stand, or left, without a word of its own
    Nanoseconds longest_mute{};             ///< of those that ended
    std::optional<WallTime> mute_since;     ///< since when the oldest of those stands that never ended
    std::vector<Delivery> deliveries;       ///< in order of appearance, at most 16 for each address
    std::uint64_t unlisted_deliveries = 0;  ///< beyond those
    std::vector<CertificateAnswer>
        certificates;                     ///< how it took the bench's certificates, in order of appearance
    std::vector<WallTime> attempt_times;  ///< when each attempt began, sorted
    std::vector<WallTime>
        sending_times;  ///< when the camera began to send after half a second of quiet, sorted
    std::uint64_t connections_used = 0;  ///< attempts in which payload was sent
    std::vector<std::string> alpn;       ///< offered in TLS and QUIC hellos
    std::vector<std::string> ja3, ja4;   ///< fingerprints of its hellos
    /// Data of a session on another port (FTP, TFTP, RTP of RTSP): the port of its control connection.
    std::optional<std::uint16_t> control_port;
    std::string control_protocol;          ///< spoken on that connection; with control_port
    std::vector<TlsSession> tls_sessions;  ///< in order; beyond 64 only those that differ
    /// Its first session resumes one that the recording does not have: the camera had talked to this server
    /// before.
    bool goes_on_from_before = false;
    /// An SRV answer to the camera named this very host and port: the name that was asked for.
    std::string service_of;
    std::set<Subject> cut;  ///< lists above that reached their bound: more of that was seen than they hold
    /// Only the fake internet saw it: the capture, which lost frames, has none of its. `first_frame` then has
    /// a time and no number.
    bool by_events = false;
    /// Nothing shows that it is on the camera's own network, whose extent is not known; lost frames might.
    bool perhaps_lan = false;
};

/// An address of the local network that the camera asked for (ARP, neighbour solicitation).
struct NeighbourQuestion {
    IpAddress address;
    FrameRef first;
    std::uint64_t times = 0;
    bool answered = false;  ///< somebody answered, or spoke from that address
};

/// One question the camera asked a resolver.
struct DnsLookup {
    std::string name;  ///< lower case, no trailing dot; odd bytes and dots inside labels as \DDD
    std::string type;  ///< "A", "AAAA", "TXT", "TYPE65400"
    Endpoint resolver;
    Transport transport = Transport::udp;
    FrameRef query;
    std::uint64_t times = 1;         ///< the same question to the same resolver, retries included
    WallTime last_asked{};           ///< the latest of those times
    std::optional<FrameRef> answer;  ///< nullopt: none came (spoofed ones do not count)
    int rcode = 0;                   ///< of the answer
    std::vector<IpAddress> answers;
    std::vector<std::string> aliases;  ///< CNAME chain
    bool multicast = false;            ///< mDNS or LLMNR: asked of the local network, not of a resolver
};

/// One line of the console, however damaged.
struct ConsoleLine {
    std::uint64_t number = 0;         ///< from 1
    std::optional<Nanoseconds> time;  ///< when its first byte came, on the run's clock
    std::string text;                 ///< raw bytes without line ending, at most 64 KiB
    bool cut = false;                 ///< it was longer
    std::uint64_t offset = 0;         ///< of its first byte in console.log
};

/// A statement of the boot log about the unit.
struct IdentityFact {
    std::string key;  ///< soc, firmware, serial, model, mac, hostname, bootloader, kernel
    std::string value;
    std::uint64_t line = 0;
};

struct Console {
    bool recorded = false;  ///< there is a recording, even an empty one
    std::uint64_t bytes = 0;
    std::uint64_t gaps = 0;  ///< interruptions the recorder noted
    std::vector<ConsoleLine> lines;
    bool lines_cut = false;  ///< more lines came than are kept
    std::vector<IdentityFact> facts;
};

/// The run around the recordings, as its timeline tells. Empty for a foreign capture.
struct Run {
    bool present = false;
    WallTime wall_zero{};       ///< wall clock at run time 0
    Nanoseconds length{};       ///< time of the last event
    Nanoseconds powered{};      ///< with the supply on
    Nanoseconds observed{};     ///< inside observation windows
    std::vector<Event> events;  ///< lanes power, console (without data), scenario and bench, in order
    bool torn = false;          ///< the timeline's last line is incomplete, or a line could not be read
};

/// The camera's TLS as the fake internet saw it from inside.
struct TlsOutcome {
    std::string name;  ///< SNI, or the name whose address it is; may be ""
    std::optional<Endpoint> destination;
    Transport transport = Transport::tcp;
    std::string outcome;         ///< "established", "refused", ...
    std::string alert, version;  ///< "unknown_ca", "TLSv1.3"; "" without
    Nanoseconds time{};

    /// The camera accepted the bench's certificate: content was seen.
    [[nodiscard]] bool opened() const { return outcome == "established"; }
    [[nodiscard]] const std::string& reason() const { return alert.empty() ? outcome : alert; }
};

/// One attempt of the camera at a certificate it was shown to put its TLS to the test.
struct TlsAttempt {
    std::string
        server;  ///< "cloud.vendor.example:443": the name in its hello or the address's, else the address
    Endpoint destination;
    std::string certificate;  ///< "self-signed", ...; "given-authority" is the right one
    std::string issuer;       ///< bench, given (the authority the camera was given for the tests), itself
    std::string outcome;  ///< data, no-data, alert, closed, reset, not-offered, not-shown, failed, unfinished
    std::string alert;    ///< what the camera sent, by name; "" : none
    unsigned alert_number = 0;
    std::string version, cipher;  ///< as far as agreed on; else ""
    std::string reason;           ///< why it failed on the bench's side
    unsigned round = 1;
    Nanoseconds time{};  ///< of the outcome
};

/// What the run shows to cameras to put their TLS to the test.
struct TlsTrials {
    bool present = false;
    bool authority_given = false;
    std::vector<std::string>
        certificates;                  ///< in the order they are shown; the given authority's not among them
    std::vector<TlsAttempt> attempts;  ///< in order of their outcomes, at most 100,000
};

/// Firmware that the bench offered to the camera, and how the camera took it from the bench's servers.
struct UpgradeOffer {
    std::uint64_t number = 0;  ///< from 1
    std::string kind;          ///< "newer", "unsigned", ...
    bool genuine = false;      ///< a camera has to take it
    std::string objection;     ///< why it must not, though the vendor made it: "nobody agreed to it"
    std::string way;           ///< request, upload, onvif, card, ports, restart, none
    bool trusted = false;      ///< its servers show certificates the camera trusts
    std::string requirement;   ///< whose violation it is to take it
    std::string version, sha256;
    std::uint64_t size = 0;
    Nanoseconds time{};                    ///< from then on it was offered
    std::uint64_t lists = 0, fetches = 0;  ///< requests for the list of updates, for the package
    std::optional<Nanoseconds> asked, fetch_began, delivered,
        in_clear;                    ///< the first of each; in_clear: outside TLS
    std::uint64_t bytes = 0;         ///< of the package that went out
    bool whole = false;              ///< all of it
    bool uploaded = false;           ///< brought by the operator instead
    std::string server;              ///< as the camera calls it
    std::string carrier;             ///< the server the package came from
    std::optional<Nanoseconds> cut;  ///< the power was cut
    bool cut_amid =
        true;  ///< at a line or a share that stands amid the update, not just some time after the offer
    std::string outcome;         ///< as the step saw it: quiet, refused, restarted, cut, dead
    std::string sums = "right";  ///< whether the checksums of a changed package fit: right, held (by a signed
                                 ///< manifest), unknown
    bool covered = true;         ///< it was changed in what a signature has to cover
    std::string change = {};     ///< how it was changed, for people
};

/// A request over HTTP that could be one for firmware: whether it is, update_contacts() says.
struct UpdateRequest {
    std::string server;  ///< the name DNS gave, else the one in Host, else the address
    Endpoint destination;
    std::string method, target;  ///< the target's first 300 bytes
    std::string said = {};       ///< lower case: what header fields and body say of the unit, the first 2 KiB
    std::uint64_t sent_bytes = 0;
    bool encrypted = false;   ///< seen inside TLS; its answer was the bench's
    bool offered = false;     ///< answered with what the bench offered
    unsigned status = 0;      ///< 0: no answer was seen
    std::string answer = {};  ///< where it is text: its first 4 KiB
    std::uint64_t answer_bytes = 0;
    std::string image = {};  ///< the format of firmware it begins as
    bool is_file = false;    ///< large, and nothing that is shown, played or read
    FrameRef frame = {};
    std::optional<Nanoseconds> time = {};  ///< of what has no frame
    std::uint64_t times = 1;               ///< the same again
};

/// One thing the camera said it is or can: {"stream", "audio", "RTP/AVP 0 PCMU/8000"}.
struct AbilityFact {
    std::string subject, what, value;
    bool operator==(const AbilityFact&) const = default;
};

/// What the camera said of itself at one time.
struct AbilitySnapshot {
    std::string label;
    Nanoseconds time{};
    std::vector<AbilityFact> facts;
    std::vector<std::string> addresses =
        {};  ///< of the camera, that were looked at; empty: an older run does not say
};

/// A protocol in clear that the camera spoke to one server; the first time and the last.
struct PlainContact {
    std::string name;  ///< whose address it is; "" : a literal
    Endpoint destination;
    Transport transport = Transport::tcp;
    std::string protocol;
    bool recognised = true;  ///< false: nobody knows what was spoken, so it may be encrypted
    Nanoseconds first{}, last{};
    std::uint64_t times = 1;
};

struct Observations {
    std::vector<CaptureSummary> captures;
    Camera camera;
    NetworkFacts network;
    std::vector<Destination> destinations;  ///< in order of first appearance
    std::vector<DnsLookup> lookups;         ///< in order of first appearance
    Console console;
    Run run;
    std::vector<TlsOutcome> tls;
    TlsTrials tls_trials;
    std::vector<UpgradeOffer> upgrade_offers;    ///< in order
    std::vector<UpdateRequest> update_requests;  ///< in order of their frames and times, at most 1024
    std::vector<PlainContact> plain_contacts;    ///< with servers, in order of first appearance, at most 4096
    std::vector<NeighbourQuestion> neighbours;   ///< in order of first appearance, at most 4096
    std::vector<WrappedFrames> wrapped;          ///< in order of first appearance, at most 64
    std::vector<OtherFrames> other_frames;       ///< of the camera, in order of first appearance, at most 256
    std::vector<UnaccountedFrames>
        unaccounted;  ///< of the camera, in order of first appearance, each kind once
    bool by_wire =
        false;  ///< who sent a frame was told by the side of the wire it came from, not by an address in it
    /// The recording began before the camera had power (evidence) or shows it joining the network before
    /// anything else: whatever the camera knows, it was told on the record.
    bool complete = false;
    bool serial_known =
        false;  ///< the unit's serial number, by its console or by the user: it could be looked for
    std::uint64_t flows_in = 0;  ///< begun by others towards the camera
    /// On which others sent and the camera nothing but refusals: leftovers of older sessions, and calls to
    /// nobody. No destinations of its.
    std::uint64_t flows_unanswered = 0;
    std::uint64_t flows_half_recorded =
        0;  ///< of those: others acknowledged what the camera said, which is not on record
    std::vector<Destination>
        visitors;                   ///< peers from outside its network whose flows it answered, at most 256
    std::uint64_t cut_answers = 0;  ///< DNS answers to the camera that were recorded only in part
    std::optional<Nanoseconds> recorded;  ///< from the first to the last frame
    std::vector<ReachedBound> bounds;     ///< that were reached: what is beyond them was not judged
    std::optional<WallTime>
        names_cut_since;           ///< addresses that were named from then on are no longer all known
    bool names_by_events = false;  ///< the run's timeline has every name that the bench gave, whether or not
                                   ///< the capture has its frames
    mutable std::shared_ptr<const void>
        worked_out;  ///< what the checks find themselves looking up again and again (checks/lookup_index)
};

/// Run time of a frame; without a run, time since the first frame.
[[nodiscard]] Nanoseconds run_time(const Observations& observations, const FrameRef& frame);

}  // namespace cambench::analysis
