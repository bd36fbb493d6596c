// Offers in formats of other makers: what a refusal proves, and what it does not.
#include "harness/analysis/run/upgrades.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"

using namespace cambench;
using namespace std::chrono_literals;

namespace {

/// One offer of a run and what the unit made of it.
struct Offered {
    const char* kind;
    const char* checksums = "right";
    bool covered = true;
    std::vector<const char*> says;        ///< after it asked and fetched
    std::vector<const char*> says_early;  ///< before it asked
    const char* starts = "";              ///< the version that starts afterwards; "": none
    bool asks = true, fetches = true;
};

CheckResult judged_offers(const std::vector<Offered>& offers, const char* version = "2.4.0",
                          const char* genuine_starts = "2.4.0") {
    analysis::UpgradeReader reader;
    analysis::Observations seen;
    Nanoseconds now{};
    std::uint64_t number = 0;
    const auto event = [&](const std::string& lane, const std::string& kind, Json fields) {
        reader.take({now += 1s, lane, kind, std::move(fields)});
    };
    const auto line = [&](const std::string& text) {
        auto& one = seen.console.lines.emplace_back();
        one.number = seen.console.lines.size();
        one.time = now += 1s;
        one.text = text;
    };
    const auto offer = [&](const Offered& one, bool genuine) {
        event("scenario", "offer",
              {{"number", ++number},
               {"offer", one.kind},
               {"genuine", genuine},
               {"objection", ""},
               {"way", "request"},
               {"certificates", "given"},
               {"version", version},
               {"bytes", 1000},
               {"payload", "ab"},
               {"checksums", one.checksums},
               {"covered", one.covered}});
        for (const auto* text : one.says_early) line(text);
        if (one.asks)
            event("network", "http-request",
                  {{"offer", number}, {"update", "list"}, {"host", "u.v.example"}, {"inside", "tls"}});
        if (one.fetches) {
            event("network", "http-request",
                  {{"offer", number}, {"update", "package"}, {"host", "u.v.example"}, {"inside", "tls"}});
            event("network", "update-delivery",
                  {{"offer", number}, {"bytes", 1000}, {"of", 1000}, {"whole", true}});
        }
        for (const auto* text : one.says) line(text);
        const std::string starts = one.starts;
        if (!starts.empty()) line("Firmware version: " + starts);
        event("scenario", "offer-end",
              {{"number", number}, {"outcome", starts.empty() ? "refused" : "restarted"}});
    };
    line("Firmware version: 1.9.3");
    for (const auto& one : offers) offer(one, false);
    offer({"newer", "right", true, {"update: writing to mtd4"}, {}, genuine_starts}, true);
    seen.camera.frames_sent = 1;
    seen.run.present = true;
    seen.captures.emplace_back().file = "capture.pcapng";
    seen.destinations.emplace_back().addresses = {IpAddress::parse("198.18.0.1").value()};
    seen.upgrade_offers = reader.finish();
    static const Declaration declaration = [] {
        Declaration made;
        made.updates.refused = "update: (refused|nothing newer)";
        made.updates.installing = "update: writing";
        made.updates.running = "Firmware version: ([0-9.]+)";
        return made;
    }();
    return judged("updates-verified", seen, &declaration);
}

struct Case {
    const char* what;
    std::vector<Offered> offers;
    Verdict right;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> list{
        {"a forged package is refused",
         {{"flipped-body", "right", true, {"update: refused"}}},
         Verdict::pass},
        {"for its signature, in so many words",
         {{"flipped-body",
           "right",
           true,
           {"update: refused, RSA signature over the SHA-256 digest is wrong"}}},
         Verdict::pass},
        {"a checksum of which nobody knew",
         {{"flipped-body", "right", true, {"update: refused, wrong data checksum"}}},
         Verdict::inconclusive},
        {"a CRC", {{"flipped-body", "right", true, {"update: refused, CRC error"}}}, Verdict::inconclusive},
        {"an MD5",
         {{"other-content", "right", true, {"update: refused: md5sum mismatch md5 1234"}}},
         Verdict::inconclusive},
        {"a size", {{"truncated", "right", true, {"update: refused, bad size"}}}, Verdict::inconclusive},
        {"a hash mismatch",
         {{"flipped-body", "right", true, {"update: refused, hash mismatch"}}},
         Verdict::inconclusive},
        {"checksums that cambench cannot make right",
         {{"flipped-body", "unknown", true, {"update: refused"}}},
         Verdict::inconclusive},
        {"all of them",
         {{"flipped-header", "unknown", false},
          {"flipped-body", "unknown"},
          {"flipped-signature", "unknown", false},
          {"truncated", "unknown"},
          {"oversized", "unknown", false}},
         Verdict::inconclusive},
        {"a digest in a signed manifest alone",
         {{"flipped-body", "held", true, {"update: refused"}}},
         Verdict::inconclusive},
        {"beside a manifest whose signature is wrong",
         {{"flipped-body", "held", true, {"update: refused"}},
          {"flipped-header", "right", true, {"update: refused"}}},
         Verdict::pass},
        {"a wrong checksum beside a wrong signature",
         {{"truncated", "unknown", true, {"update: refused, bad size"}},
          {"other-content", "right", true, {"update: refused"}}},
         Verdict::pass},
        {"other signs that a signature is read",
         {{"flipped-body", "unknown", true, {"update: refused"}},
          {"other-key", "right", true, {"update: refused"}}},
         Verdict::pass},
        {"it is taken",
         {{"flipped-body", "right", true, {"update: writing to mtd4"}, {}, "2.4.0"}},
         Verdict::fail},
        {"it is taken although its checksums were open",
         {{"flipped-body", "unknown", true, {"update: writing to mtd4"}, {}, "2.4.0"}},
         Verdict::fail},
        {"it is written and not started",
         {{"other-content", "right", true, {"update: writing to mtd4"}}},
         Verdict::fail},
        {"taken, and nobody knows whether a signature covers the change",
         {{"flipped-header", "unknown", false, {"update: writing to mtd4"}, {}, "2.4.0"},
          {"flipped-body", "right", true, {"update: refused"}}},
         Verdict::inconclusive},
        {"one is taken, another refused",
         {{"flipped-body", "right", true, {"update: refused"}},
          {"flipped-header", "right", true, {"update: writing to mtd4"}, {}, "2.4.0"}},
         Verdict::fail},
        {"a version starts that nobody expected",
         {{"flipped-body", "right", true, {}, {}, "2.3.9"}},
         Verdict::inconclusive},
        {"it never asked",
         {{"flipped-body", "right", true, {}, {}, "", false, false}},
         Verdict::inconclusive},
        {"it never asked, and a refusal of before is late",
         {{"flipped-header", "right", true, {"update: refused"}},
          {"flipped-body", "right", true, {}, {"update: refused, signature"}, "", false, false}},
         Verdict::inconclusive},
        {"a late refusal by checksum is of the offer before",
         {{"flipped-header", "right", true, {"update: refused"}},
          {"flipped-body", "right", true, {"update: refused"}, {"update: refused, wrong checksum"}}},
         Verdict::pass},
    };
    return list;
}

}  // namespace

TEST_CASE("what is made of forged packages in many formats", "[checks]") {
    for (const auto& one : cases()) {
        INFO(one.what);
        const auto result = judged_offers(one.offers);
        INFO(result.title);
        CHECK(result.verdict == one.right);
    }
}

TEST_CASE("a package whose version nobody knows is judged by what starts", "[checks]") {
    CHECK(judged_offers({{"flipped-body", "right", true, {"update: refused"}}}, "").verdict == Verdict::pass);
    CHECK(judged_offers({{"flipped-body", "right", true, {}, {}, "2.4.0"}}, "").verdict == Verdict::fail);
    CHECK(judged_offers({{"flipped-body", "right", true, {"update: refused"}}}, "", "1.9.3").verdict ==
          Verdict::inconclusive);
}

TEST_CASE("a refusal counts from the moment on at which the unit asked in this offer", "[checks]") {
    const auto result =
        judged_offers({{"flipped-body", "right", true, {}, {"update: refused, signature is wrong"}}});
    REQUIRE_FALSE(result.findings.empty());
    CHECK(result.findings.front().detail.find("it said") == std::string::npos);
}

TEST_CASE("who runs the offered version already refuses nothing by not fetching it", "[checks]") {
    const auto result = judged_offers(
        {{"flipped-body", "right", true, {"update: nothing newer than 1.9.3"}, {}, "", true, false}},
        "1.9.3");
    CHECK(result.verdict == Verdict::inconclusive);
    CHECK(result.findings.front().title.find("runs 1.9.3 already") != std::string::npos);
}

TEST_CASE("to leave the version that runs is how an offer of that version is refused", "[checks]") {
    const auto result =
        judged_offers({{"same", "right", true, {"update: nothing newer than 1.9.3"}, {}, "", true, false},
                       {"other-key", "right", true, {"update: refused"}}},
                      "1.9.3");
    const auto same = std::find_if(result.findings.begin(), result.findings.end(), [](const Finding& one) {
        return one.title.find("'same'") != std::string::npos;
    });
    REQUIRE(same != result.findings.end());
    CHECK(same->verdict == Verdict::pass);
}
