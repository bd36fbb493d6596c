#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/matching.hpp"
#include "harness/checks/update_contacts.hpp"
#include "harness/checks/upgrade_findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::updates_transport {
namespace {

using analysis::UpgradeStory;

/// A handshake with `server` ("" : any) that the camera broke off during the offer: it was there, and did not
/// trust the server.
const analysis::TlsOutcome* refused_handshake(const CheckInput& input, const UpgradeStory& story,
                                              const std::string& server) {
    const auto& outcomes = input.observations.tls;
    const auto found = std::find_if(outcomes.begin(), outcomes.end(), [&](const analysis::TlsOutcome& one) {
        return !one.opened() && one.time >= story.offer.time && one.time < story.end && !one.name.empty() &&
               (server.empty() || one.name == server);
    });
    return found == outcomes.end() ? nullptr : &*found;
}

/// One server tells of firmware and another has it: as its maker set it up where the other one is declared,
/// as anybody could where it is not.
void judge_carrier(const CheckInput& input, const UpgradeStory& story, std::vector<Finding>& findings) {
    const auto& offer = story.offer;
    const bool declared = input.declaration != nullptr && is_declared_name(offer.carrier, *input.declaration);
    const bool known = input.declaration != nullptr || offer.kind == "redirected";
    const auto verdict = declared ? Verdict::pass : known ? Verdict::fail : Verdict::inconclusive;
    findings.push_back(
        upgrade_finding(story, verdict,
                        fmt::format("is sent from {} to {}{} for {} and fetches it there",
                                    inert(offer.server), inert(offer.carrier),
                                    declared ? ", which is declared,"
                                    : known  ? ""
                                             : ", and nothing says whether its maker put it there,",
                                    name_of(story))));
}

void judge_one(const CheckInput& input, const UpgradeStory& story, std::vector<Finding>& findings) {
    const auto& offer = story.offer;
    const auto server = inert(offer.server.empty() ? offer.carrier : offer.server);
    if (offer.uploaded || offer.way == "restart") return;
    if (offer.in_clear)
        findings.push_back(
            upgrade_finding(story, Verdict::fail, fmt::format("asks {} for updates in clear", server)));
    else if (!offer.trusted && story.offered())
        findings.push_back(upgrade_finding(
            story, Verdict::fail,
            fmt::format("asks {} for updates under a certificate no authority of the vendor issued",
                        server)));
    if (!offer.carrier.empty() && !offer.server.empty() && offer.carrier != offer.server)
        judge_carrier(input, story, findings);
    if (offer.in_clear || story.offered()) return;
    const auto declared = input.declaration != nullptr ? input.declaration->updates.server : offer.server;
    const auto* handshake = offer.trusted ? nullptr : refused_handshake(input, story, declared);
    if (handshake != nullptr && declared.empty())
        findings.push_back(upgrade_finding(
            story, Verdict::inconclusive,
            fmt::format("breaks off when {} shows a certificate no authority of the vendor issued; whether "
                        "that is its update server, <updates server=\"\"/> of the declaration would say",
                        inert(handshake->name))));
    else if (handshake != nullptr)
        findings.push_back(upgrade_finding(
            story, Verdict::pass,
            fmt::format("breaks off when {} shows a certificate no authority of the vendor issued ({})",
                        inert(handshake->name), inert(handshake->reason()))));
    else
        findings.push_back(upgrade_finding(
            story, Verdict::inconclusive,
            fmt::format("did not try to ask for updates while {} was offered", name_of(story))));
}

/// Firmware that came in clear from servers the bench offers nothing at. Requests that only look like such
/// are no ground.
void judge_contacts(const CheckInput& input, const std::vector<UpgradeStory>& stories,
                    std::vector<Finding>& findings) {
    for (const auto& contact : update_contacts_of(input.observations, input.declaration)) {
        const bool known = std::any_of(stories.begin(), stories.end(), [&](const UpgradeStory& story) {
            return contact.server == story.offer.server || contact.server == story.offer.carrier;
        });
        if (contact.encrypted || !contact.certain || contact.image.empty() || contact.offered || known)
            continue;
        findings.push_back({fmt::format("fetches firmware in clear from {}", inert(contact.server)),
                            fmt::format("{}; {}", contact.request, join(contact.grounds, "; ")),
                            Verdict::fail,
                            {{.frame = contact.frame.number,
                              .file = input.observations.captures[contact.frame.capture].file}}});
    }
}

CheckResult judge(const CheckInput& input) {
    const auto stories = stories_of(input);
    std::vector<Finding> findings;
    if (auto nothing = nothing_offered(stories)) findings.push_back(std::move(*nothing));
    for (const auto& story : stories) judge_one(input, story, findings);
    judge_contacts(input, stories, findings);
    return conclude(
        input, std::move(findings),
        {"asks for updates over TLS alone, of servers the vendor vouches for, and is not sent elsewhere",
         "List and package come over TLS from the declared server; its certificate is pinned to the vendor's "
         "authority; redirections to other hosts are refused.",
         "Let the camera ask for updates while they are offered."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "updates-transport",
                                 .doc = "Firmware is asked for and fetched over TLS, from servers with a "
                                        "certificate of the vendor's, and nowhere else."},
                     .why =
                         "Whoever sits on the way to the server chooses what is offered, sees what runs, and "
                         "holds back what would mend a hole.",
                     .requirements = {"UPD-01", "UPD-02"},
                     .judge = judge};

}  // namespace cambench::checks::updates_transport
