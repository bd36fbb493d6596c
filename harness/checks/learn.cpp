#include "harness/checks/learn.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "harness/analysis/run/snapshots.hpp"
#include "harness/checks/judgement.hpp"
#include "harness/checks/learn_names.hpp"
#include "harness/checks/matching.hpp"
#include "harness/checks/resolvers.hpp"
#include "harness/checks/site_names.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

using analysis::Destination;
using analysis::Observations;
using analysis::Resolution;

/// "how often" is drafted from this many beginnings on.
constexpr std::size_t fewest_beginnings = 5;

/// Whether a declaration may hold the name as it is.
bool is_plain_name(const std::string& name) {
    constexpr std::size_t longest_name = 253, longest_label = 63;
    if (name.empty() || name.size() > longest_name ||
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") != std::string::npos ||
        IpAddress::parse(name))
        return false;
    const auto labels = split(name, '.');
    return labels.size() > 1 && name.front() != '.' && name.back() != '.' &&
           name.find("..") == std::string::npos &&
           std::all_of(labels.begin(), labels.end(),
                       [](const std::string& label) { return label.size() <= longest_label; });
}

std::string endpoint_text(const Destination& destination) {
    const auto who = destination.name.empty() ? destination.addresses.front().to_string() : destination.name;
    return destination.port == 0
               ? fmt::format("{} ({})", inert(who), to_string(destination.transport))
               : fmt::format("{} {}/{}", inert(who), destination.port, to_string(destination.transport));
}

/// The median time between two beginnings, when there are enough to tell.
std::optional<Nanoseconds> usual_pause(const Destination& destination) {
    const auto& times = destination.attempt_times;
    if (times.size() < fewest_beginnings) return std::nullopt;
    std::vector<Nanoseconds> pauses;
    for (std::size_t i = 1; i < times.size(); ++i) pauses.push_back(times[i] - times[i - 1]);
    std::nth_element(pauses.begin(), pauses.begin() + static_cast<std::ptrdiff_t>(pauses.size() / 2),
                     pauses.end());
    return pauses[pauses.size() / 2];
}

std::string seen_text(const Destination& destination) {
    auto text = fmt::format("seen: {} {}, {} bytes out, {} in", destination.attempts,
                            destination.attempts == 1 ? "attempt" : "attempts", destination.bytes_out,
                            destination.bytes_in);
    if (destination.failed > 0) text += fmt::format(", {} failed", destination.failed);
    if (const auto pause = usual_pause(destination))
        text += ", every " + describe_duration(*pause) + " as a rule";
    for (const auto& fact : destination.contents)
        if (fact.outgoing) text += ", sent " + inert(fact.what);
    return text;
}

/// Why a destination is not drafted; "" when it is.
std::string reason_to_withhold(const Destination& destination, const Match& found) {
    if (destination.port == 53 || destination.port == 853 ||
        (!destination.name.empty() && is_public_resolver(destination.name)))
        return "it is no resolver the network gave: use those of DHCP, or declare <resolver>";
    switch (destination.resolution) {
        case Resolution::literal:
            return "an address that no DNS answer named: name the server, or declare the address and say why";
        case Resolution::sni:
        case Resolution::host:
            return "the name is only the camera's own claim: no DNS answer gave it this address";
        case Resolution::lan:
            if (found.standing != Standing::undeclared && is_plain_name(destination.name)) return "";
            return "a host or group of the local network: declare it as a service, or by its address";
        case Resolution::dns:
            break;
    }
    return is_plain_name(destination.name) ? "" : "its name is no host name";
}

DeclaredDestination entry_of(const Destination& destination) {
    DeclaredDestination entry;
    entry.name = destination.name;
    if (destination.port != 0) entry.port = destination.port;
    if (destination.transport != Transport::other) entry.transport = destination.transport;
    entry.protocol = destination.protocol.find(' ') == std::string::npos ? destination.protocol : "";
    entry.purpose = to_be_stated;
    return entry;
}

/// The zone a name stands in.
std::string zone_of(const std::string& name) {
    return name.substr(std::min(name.find('.') + 1, name.size()));
}

class Drafter {
public:
    Drafter(std::span<const Observations> recordings, const std::vector<std::string>& serials)
        : recordings_(recordings), marks_(serials) {}

    Draft draft() {
        draft_.declaration.vendor = draft_.declaration.model = to_be_stated;
        for (const auto& recording : recordings_) note_marks(recording);
        identity();
        for (const auto& recording : recordings_)
            for (const auto& destination : recording.destinations) judge(destination, recording);
        settle();
        for (const auto& recording : recordings_) add_uncontacted(recording);
        settle();
        for (const auto& recording : recordings_) add_services(recording);
        leave_unexplained();
        return std::move(draft_);
    }

private:
    /// What tells the recorded units apart.
    void note_marks(const Observations& recording) {
        for (const auto& fact : recording.console.facts)
            if (fact.key == "serial") marks_.push_back(fact.value);
        if (!recording.camera.mac) return;
        const auto mac = recording.camera.mac->to_string();
        std::string bare;
        for (const char c : mac)
            if (c != ':') bare += c;
        auto dashes = mac;
        std::replace(dashes.begin(), dashes.end(), ':', '-');
        for (const auto& mark : {mac, dashes, bare, bare.substr(6), mac.substr(9), dashes.substr(9)})
            marks_.push_back(mark);
    }

    /// A fact of the console on which all recordings that have one agree; "" when they do not.
    std::string agreed(std::string_view key) const {
        std::set<std::string> values;
        for (const auto& recording : recordings_) {
            const auto& facts = recording.console.facts;
            const auto first =
                std::find_if(facts.begin(), facts.end(), [&](const auto& fact) { return fact.key == key; });
            if (first != facts.end()) values.insert(first->value);
        }
        return values.size() == 1 ? *values.begin() : std::string();
    }

    void identity() {
        auto& identity = draft_.declaration.identity;
        identity.soc = agreed("soc");
        identity.firmware = agreed("firmware");
        if (const auto model = agreed("model"); !model.empty()) draft_.declaration.model = model;
        std::vector<std::string> hostnames;
        for (const auto& recording : recordings_) {
            hostnames.push_back(recording.camera.hostname);
            if (recording.camera.mac) note_prefix(recording.camera.mac->to_string().substr(0, 8));
            if (!recording.console.recorded) continue;
            auto& console = draft_.declaration.console;
            if (!console) console.emplace().output = Declaration::SerialConsole::Output::none;
            if (recording.console.bytes > 0) console->output = Declaration::SerialConsole::Output::boot_log;
        }
        identity.hostname = host_pattern(hostnames, marks_);
    }

    void note_prefix(const std::string& prefix) {
        auto& prefixes = draft_.declaration.identity.mac_prefixes;
        if (std::find(prefixes.begin(), prefixes.end(), prefix) == prefixes.end()) prefixes.push_back(prefix);
    }

    void judge(const Destination& destination, const Observations& recording) {
        const auto found = match(destination, recording, nullptr);
        if (found.standing != Standing::undeclared && found.standing != Standing::unknown) return;
        const auto why = reason_to_withhold(destination, found);
        if (!why.empty()) {
            withhold(fmt::format("{}: {}", endpoint_text(destination), why), seen_text(destination));
            return;
        }
        add({entry_of(destination), seen_text(destination)});
    }

    void withhold(const std::string& what, const std::string& seen) {
        if (known_withheld_.insert(what).second)
            draft_.withheld.push_back(fmt::format("not drafted: {} ({})", what, seen));
    }

    void add(DraftedDestination one) {
        const auto same =
            std::find_if(drafted_.begin(), drafted_.end(), [&](const DraftedDestination& other) {
                return other.entry.name == one.entry.name && other.entry.port == one.entry.port &&
                       other.entry.transport == one.entry.transport;
            });
        if (same == drafted_.end())
            drafted_.push_back(std::move(one));
        else if (same->entry.protocol != one.entry.protocol)
            same->entry.protocol = same->entry.protocol.empty() ? one.entry.protocol
                                   : one.entry.protocol.empty() ? same->entry.protocol
                                                                : "";
    }

    /// What was drafted so far becomes the declaration's.
    void settle() {
        draft_.seen.clear();
        draft_.declaration.destinations.clear();
        for (auto& one : with_patterns(drafted_, marks_)) {
            draft_.seen[draft_.declaration.destinations.size()] = one.seen;
            draft_.declaration.destinations.push_back(std::move(one.entry));
        }
    }

    /// Names that were asked for and never contacted. Many different ones below one zone carry something else
    /// than a server's name.
    void add_uncontacted(const Observations& recording) {
        constexpr std::size_t most_of_a_zone = 12;
        std::map<std::string, std::set<std::string>> zones;
        for (const auto& lookup : recording.lookups) {
            const std::string name(without_service(lookup.name));
            if (!may_ask_for(lookup, recording, draft_.declaration) && is_plain_name(name) &&
                !is_public_resolver(name))
                zones[zone_of(name)].insert(name);
        }
        for (const auto& [zone, names] : zones) {
            std::vector<DraftedDestination> entries;
            for (const auto& name : names)
                entries.push_back(
                    {{.name = name, .purpose = to_be_stated},
                     "seen: asked for, never contacted: state port and protocol, or why it is asked for"});
            if (with_patterns(entries, marks_).size() > most_of_a_zone)
                withhold(fmt::format("{} names below {}", names.size(), zone),
                         "asked for, never contacted: so many different names carry data");
            else
                for (auto& entry : entries) add(std::move(entry));
        }
    }

    /// Ports that a snapshot of the run found open.
    void add_services(const Observations& recording) {
        auto& services = draft_.declaration.services;
        for (const auto& snapshot : snapshots_of(recording))
            for (const auto& fact : snapshot.facts) {
                const auto port = fact.subject == "open port"
                                      ? whole_number<std::uint16_t>(fact.what.substr(0, fact.what.find('/')))
                                      : std::nullopt;
                if (!port) continue;
                const auto transport = fact.what.ends_with("/udp") ? Transport::udp : Transport::tcp;
                const bool known = std::any_of(services.begin(), services.end(), [&](const auto& one) {
                    return one.port == *port && one.transport == transport;
                });
                if (!known) services.push_back({*port, transport, "unknown", ""});
            }
    }

    /// What the draft would still accuse its own recordings of stands in it as that: no surprise, and no
    /// excuse.
    void leave_unexplained() {
        constexpr std::size_t most_of_a_check = 24;
        std::map<std::string, std::vector<std::string>> accusations;
        for (auto recording : recordings_) {
            // Whom the draft is about is settled by it: its MAC addresses are those of the machine that was
            // taken.
            recording.camera.rivals.clear();
            recording.camera.undeclared_mac = false;
            for (const auto& result :
                 cambench::judge(recording, &draft_.declaration, {}, Scope::captures).results) {
                if (result.verdict != Verdict::fail) continue;
                auto& titles = accusations[result.check];
                const auto note = [&](const std::string& title) {
                    if (std::find(titles.begin(), titles.end(), title) == titles.end())
                        titles.push_back(title);
                };
                if (result.findings.empty()) note(result.title);
                for (const auto& finding : result.findings)
                    if (finding.verdict == Verdict::fail) note(finding.title);
            }
        }
        for (const auto& [check, titles] : accusations) {
            if (titles.size() > most_of_a_check)
                draft_.declaration.unexplained.push_back({check, ""});
            else
                for (const auto& title : titles)
                    draft_.declaration.unexplained.push_back({check, inert(title)});
        }
    }

    std::span<const Observations> recordings_;
    std::vector<std::string> marks_;
    Draft draft_;
    std::vector<DraftedDestination> drafted_;
    std::set<std::string> known_withheld_;
};

}  // namespace

Draft draft_declaration(const Observations& observations) {
    return draft_declaration(std::span(&observations, 1));
}

Draft draft_declaration(std::span<const Observations> recordings, const std::vector<std::string>& serials) {
    return Drafter(recordings, serials).draft();
}

}  // namespace cambench
