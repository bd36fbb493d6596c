#include <algorithm>
#include <fmt/format.h>

#include "harness/checks/update_contacts.hpp"
#include "harness/checks/upgrade_findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::updates_transport {
namespace {

using analysis::UpgradeStory;

/// A handshake for updates that the camera broke off: it was there, and did not trust the server.
const analysis::TlsOutcome* refused_handshake(const CheckInput& input, const UpgradeStory& story) {
    const auto& outcomes = input.observations.tls;
    const auto& server = input.declaration != nullptr ? input.declaration->updates.server : story.offer.server;
    const auto found = std::find_if(outcomes.begin(), outcomes.end(), [&](const analysis::TlsOutcome& one) {
        return !one.opened() && one.time >= story.offer.time && one.time < story.end && !server.empty() && one.name == server;
    });
    return found == outcomes.end() ? nullptr : &*found;
}

void judge_one(const CheckInput& input, const UpgradeStory& story, std::vector<Finding>& findings) {
    const auto& offer = story.offer;
    const auto server = inert(offer.server.empty() ? offer.carrier : offer.server);
    if (offer.uploaded || offer.way == "restart") return;
    if (offer.in_clear) findings.push_back(upgrade_finding(story, Verdict::fail, fmt::format("asks {} for updates in clear", server)));
    else if (!offer.trusted && story.offered())
        findings.push_back(upgrade_finding(story, Verdict::fail, fmt::format("asks {} for updates under a certificate no authority of the vendor issued", server)));
    if (!offer.carrier.empty() && !offer.server.empty() && offer.carrier != offer.server)
        findings.push_back(upgrade_finding(story, Verdict::fail, fmt::format("is sent from {} to {} for {} and fetches it there", inert(offer.server), inert(offer.carrier), name_of(story))));
    if (offer.in_clear || story.offered()) return;
    if (const auto* handshake = refused_handshake(input, story); handshake != nullptr && !offer.trusted)
        findings.push_back(upgrade_finding(story, Verdict::pass, fmt::format("breaks off when {} shows a certificate no authority of the vendor issued ({})", inert(handshake->name), inert(handshake->reason()))));
    else
        findings.push_back(upgrade_finding(story, Verdict::inconclusive, fmt::format("did not try to ask for updates while {} was offered", name_of(story))));
}

/// Firmware that came in clear from servers the bench offers nothing at. Requests that only look like such are no ground.
void judge_contacts(const CheckInput& input, const std::vector<UpgradeStory>& stories, std::vector<Finding>& findings) {
    for (const auto& contact : update_contacts_of(input.observations, input.declaration)) {
        const bool known = std::any_of(stories.begin(), stories.end(), [&](const UpgradeStory& story) { return contact.server == story.offer.server || contact.server == story.offer.carrier; });
        if (contact.encrypted || !contact.certain || contact.image.empty() || contact.offered || known) continue;
        findings.push_back({fmt::format("fetches firmware in clear from {}", inert(contact.server)), fmt::format("{}; {}", contact.request, join(contact.grounds, "; ")), Verdict::fail,
                            {{.frame = contact.frame.number, .file = input.observations.captures[contact.frame.capture].file}}});
    }
}

CheckResult judge(const CheckInput& input) {
    const auto stories = stories_of(input);
    std::vector<Finding> findings;
    if (auto nothing = nothing_offered(stories)) findings.push_back(std::move(*nothing));
    for (const auto& story : stories) judge_one(input, story, findings);
    judge_contacts(input, stories, findings);
    return conclude(input, std::move(findings),
                    {"asks for updates over TLS alone, of servers the vendor vouches for, and is not sent elsewhere",
                     "List and package come over TLS from the declared server; its certificate is pinned to the vendor's authority; redirections to other hosts are refused.",
                     "Let the camera ask for updates while they are offered."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "updates-transport", .doc = "Firmware is asked for and fetched over TLS, from servers with a certificate of the vendor's, and nowhere else."},
    .why = "Whoever sits on the way to the server chooses what is offered, sees what runs, and holds back what would mend a hole.",
    .requirements = {"UPD-01", "UPD-02"},
    .judge = judge};

}  // namespace cambench::checks::updates_transport
