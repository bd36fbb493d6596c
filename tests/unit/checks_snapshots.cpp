#include <algorithm>

#include "harness/checks/judgement.hpp"
#include "harness/declaration/declaration.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"

/// A snapshot clears those addresses alone at which somebody looked.
using namespace cambench;

namespace {

Event snapshot(const std::vector<std::string>& looked_at) {
    return {std::chrono::seconds(9),
            "scenario",
            "snapshot",
            {{"label", "up"},
             {"addresses", looked_at},
             {"facts", Json::array({Json::array({"open port", "554/tcp", ""})})}}};
}

struct Case {
    std::vector<std::string> used, looked_at;
    Verdict verdict;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> cases{
        {{"192.168.1.108"}, {"192.168.1.108"}, Verdict::pass},
        {{"10.0.0.7", "2001:db8::7"}, {"10.0.0.7"}, Verdict::inconclusive},
        {{"fd00::9", "10.0.0.7"}, {"10.0.0.7"}, Verdict::inconclusive},
        {{"10.0.0.7", "2001:db8::7"}, {"10.0.0.7", "2001:db8::7"}, Verdict::pass},
        {{"10.0.0.7", "2001:db8::7"}, {"10.0.0.7", "fe80::1%eth0"}, Verdict::pass},
        {{"10.0.0.7", "fe80::1"}, {"10.0.0.7"}, Verdict::pass},
        {{"10.0.0.7", "2001:db8::7"}, {}, Verdict::pass},  // a former run does not say where it looked
    };
    return cases;
}

}  // namespace

TEST_CASE("an address of IPv6 that the unit used and nobody looked at clears nobody", "[checks]") {
    Declaration declaration;
    declaration.services.push_back({.port = 554, .transport = Transport::tcp, .protocol = "rtsp"});
    for (const auto& one : cases()) {
        analysis::Observations observations;
        for (const auto& address : one.used)
            observations.camera.addresses.push_back(IpAddress::parse(address).value());
        observations.run.events = {snapshot(one.looked_at), snapshot(one.looked_at)};
        const auto services = judged("only-declared-services", observations, &declaration);
        INFO(services.title << " " << one.used.back());
        CHECK(services.verdict == one.verdict);
        const auto abilities = judged("abilities-unchanged", observations, &declaration);
        const auto said =
            std::count_if(abilities.findings.begin(), abilities.findings.end(), [](const auto& finding) {
                return finding.verdict == Verdict::inconclusive &&
                       finding.title.starts_with("nobody looked at ");
            });
        CHECK(said == (one.verdict == Verdict::pass ? 0 : 2));
    }
}

TEST_CASE("an open port that nobody declared stays proven where an address was overlooked", "[checks]") {
    Declaration declaration;
    declaration.services.push_back({.port = 80, .transport = Transport::tcp, .protocol = "http"});
    analysis::Observations observations;
    observations.camera.addresses = {IpAddress::parse("2001:db8::7").value()};
    observations.run.events = {snapshot({"10.0.0.7"})};
    CHECK(judged("only-declared-services", observations, &declaration).verdict == Verdict::fail);
}
