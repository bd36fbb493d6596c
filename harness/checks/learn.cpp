#include "harness/checks/learn.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "harness/checks/matching.hpp"
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
    return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos && name.find('.') != std::string::npos;
}

std::string endpoint_text(const Destination& destination) {
    const auto who = destination.name.empty() ? destination.addresses.front().to_string() : destination.name;
    return destination.port == 0 ? fmt::format("{} ({})", inert(who), to_string(destination.transport))
                                 : fmt::format("{} {}/{}", inert(who), destination.port, to_string(destination.transport));
}

/// The median time between two beginnings, when there are enough to tell.
std::optional<Nanoseconds> usual_pause(const Destination& destination) {
    const auto& times = destination.attempt_times;
    if (times.size() < fewest_beginnings) return std::nullopt;
    std::vector<Nanoseconds> pauses;
    for (std::size_t i = 1; i < times.size(); ++i) pauses.push_back(times[i] - times[i - 1]);
    std::nth_element(pauses.begin(), pauses.begin() + static_cast<std::ptrdiff_t>(pauses.size() / 2), pauses.end());
    return pauses[pauses.size() / 2];
}

std::string seen_text(const Destination& destination) {
    auto text = fmt::format("seen: {} {}, {} bytes out, {} in", destination.attempts, destination.attempts == 1 ? "attempt" : "attempts", destination.bytes_out, destination.bytes_in);
    if (destination.failed > 0) text += fmt::format(", {} failed", destination.failed);
    if (const auto pause = usual_pause(destination)) text += ", every " + describe_duration(*pause) + " as a rule";
    for (const auto& fact : destination.contents)
        if (fact.outgoing) text += ", sent " + inert(fact.what);
    return text;
}

/// Why a destination is not drafted; "" when it is.
std::string reason_to_withhold(const Destination& destination, const Match& found) {
    if (destination.port == 53 || destination.port == 853) return "it is no resolver the network gave: use those of DHCP, or declare <resolver>";
    switch (destination.resolution) {
        case Resolution::literal: return "an address that nobody gave it by name: name the server, or declare the address and say why";
        case Resolution::sni:
        case Resolution::host: return "the name is only the camera's own claim: no DNS answer gave it this address";
        case Resolution::lan: return found.standing == Standing::undeclared ? "a host or group of the local network: declare it as a service, or by its address" : "";
        case Resolution::dns: break;
    }
    return is_plain_name(destination.name) ? "" : "its name is no host name";
}

DeclaredDestination entry_of(const Destination& destination) {
    DeclaredDestination entry;
    entry.name = destination.name;
    if (destination.port != 0) entry.port = destination.port;
    if (destination.transport != Transport::other) entry.transport = destination.transport;
    entry.protocol = destination.protocol.find(' ') == std::string::npos ? destination.protocol : "";
    entry.purpose = "TO BE STATED";
    return entry;
}

class Drafter {
public:
    explicit Drafter(const Observations& observations) : observations_(observations) {}

    Draft draft() {
        draft_.declaration.vendor = "TO BE STATED";
        draft_.declaration.model = "TO BE STATED";
        identity();
        for (const auto& destination : observations_.destinations) judge(destination);
        return std::move(draft_);
    }

private:
    void identity() {
        auto& identity = draft_.declaration.identity;
        for (const auto& fact : observations_.console.facts) {
            if (fact.key == "soc" && identity.soc.empty()) identity.soc = fact.value;
            if (fact.key == "firmware" && identity.firmware.empty()) identity.firmware = fact.value;
            if (fact.key == "model") draft_.declaration.model = fact.value;
        }
        identity.hostname = observations_.camera.hostname;
        if (observations_.camera.mac) identity.mac_prefixes.push_back(observations_.camera.mac->to_string().substr(0, 8));
        if (observations_.console.recorded) {
            draft_.declaration.console.emplace();
            if (observations_.console.bytes == 0) draft_.declaration.console->output = Declaration::SerialConsole::Output::none;
        }
    }

    void judge(const Destination& destination) {
        const auto found = match(destination, observations_, nullptr);
        if (found.standing != Standing::undeclared && found.standing != Standing::unknown) return;
        const auto why = reason_to_withhold(destination, found);
        if (!why.empty()) {
            draft_.withheld.push_back(fmt::format("not drafted: {}: {} ({})", endpoint_text(destination), why, seen_text(destination)));
            return;
        }
        auto entry = entry_of(destination);
        const auto key = fmt::format("{} {} {}", *entry.name, entry.port.value_or(0), entry.transport ? to_string(*entry.transport) : "");
        if (!known_.insert(key).second) return;
        draft_.seen[draft_.declaration.destinations.size()] = seen_text(destination);
        draft_.declaration.destinations.push_back(std::move(entry));
    }

    const Observations& observations_;
    Draft draft_;
    std::set<std::string> known_;
};

}  // namespace

Draft draft_declaration(const Observations& observations) { return Drafter(observations).draft(); }

}  // namespace cambench
