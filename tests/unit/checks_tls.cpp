#include "harness/analysis/run/tls_trials.hpp"
#include "harness/checks/judgement.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"

using namespace cambench;

namespace {

/// What the timeline of a run says of a camera's TLS.
class TlsRun {
public:
    explicit TlsRun(std::vector<std::string> certificates, bool authority_given = true) {
        add("tls-trials", {{"certificates", certificates}, {"authority_given", authority_given}});
    }
    TlsRun() = default;

    TlsRun& add(const std::string& kind, Json fields) {
        reader_.take({now_ += std::chrono::seconds(1), "network", kind, std::move(fields)});
        return *this;
    }
    TlsRun& attempt(const std::string& certificate, const std::string& outcome, Json more = Json::object()) {
        Json fields{{"server", "a.example:443"},
                    {"destination", "198.18.0.1:443"},
                    {"name", "a.example"},
                    {"transport", "tcp"},
                    {"connection", ++connection_},
                    {"certificate", certificate},
                    {"issuer", "given"},
                    {"outcome", outcome},
                    {"round", 1}};
        if (outcome == "alert") fields.update({{"alert", "bad_certificate"}, {"alert_number", 42}});
        fields.update(more);
        return add("tls-attempt", std::move(fields));
    }
    TlsRun& http(const std::string& name, const std::string& destination, Json more = Json::object()) {
        Json fields{{"destination", destination},
                    {"name", name},
                    {"transport", "tcp"},
                    {"connection", ++connection_},
                    {"protocol", "http"}};
        fields.update(more);
        return add("http-request", std::move(fields));
    }
    TlsRun& later(std::chrono::seconds by) {
        now_ += by;
        return *this;
    }
    [[nodiscard]] analysis::Observations observations() {
        analysis::Observations seen;
        seen.camera.frames_sent = 1;
        seen.run.present = true;
        seen.run.length = now_;
        auto& destination = seen.destinations.emplace_back();
        destination.name = "a.example";
        destination.addresses = {IpAddress::parse("198.18.0.1").value()};
        destination.port = 80;
        destination.resolution = analysis::Resolution::dns;
        analysis::ReachedBounds bounds;
        reader_.finish(seen.tls_trials, seen.plain_contacts, bounds);
        return seen;
    }
    [[nodiscard]] CheckResult judged(const std::string& check, const Declaration* declaration = nullptr) {
        return cambench::judged(check, observations(), declaration);
    }

private:
    analysis::TlsTrialReader reader_;
    Nanoseconds now_{};
    std::int64_t connection_ = 0;
};

Verdict tls_verdict(TlsRun run, const std::string& check) { return run.judged(check).verdict; }

const std::vector<std::string> two_certificates{"self-signed", "expired"};

}  // namespace

TEST_CASE("who refuses every defective certificate and takes the given authority's, verifies") {
    TlsRun run(two_certificates);
    run.attempt("self-signed", "alert").attempt("expired", "closed").attempt("given-authority", "data");
    const auto seen = TlsRun(run).observations();
    const auto postures = tls_postures(seen);
    REQUIRE(postures.size() == 1);
    const auto& posture = postures.front();
    CHECK(posture.stance == analysis::TlsStance::verifies);
    CHECK(posture.certificates.size() == 3);
    CHECK(posture.certificates.at(0).telling->alert == "bad_certificate");
    const auto result = run.judged("tls-verified");
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.findings.at(0).title == "refuses every defective certificate of a.example:443");
    CHECK_FALSE(result.findings.at(0).evidence.empty());
}

TEST_CASE("data under a bad certificate fails, whatever was refused besides") {
    const auto result = TlsRun(two_certificates).attempt("self-signed", "data").judged("tls-verified");
    CHECK(result.verdict == Verdict::fail);
    CHECK(result.title == "gives data to a.example:443 whatever certificate it shows");
    const auto some = TlsRun(two_certificates)
                          .attempt("self-signed", "alert")
                          .attempt("expired", "data")
                          .judged("tls-verified");
    CHECK(some.verdict == Verdict::fail);
    CHECK(some.title == "gives data to a.example:443 under certificates it must refuse: expired");
    CHECK(some.findings.at(0).detail.find("refused self-signed (bad_certificate)") != std::string::npos);
}

TEST_CASE("a camera that gives way after failures is caught doing so") {
    const auto result = TlsRun(two_certificates, false)
                            .attempt("self-signed", "alert")
                            .attempt("expired", "alert")
                            .attempt("self-signed", "data")
                            .judged("tls-verified");
    CHECK(result.verdict == Verdict::fail);
    CHECK(result.findings.at(0).detail.find("make it give way") != std::string::npos);
}

TEST_CASE("a list not walked to its end tells nothing, and says what is open") {
    CHECK(tls_verdict(TlsRun(), "tls-verified") == Verdict::inconclusive);
    CHECK(tls_verdict(TlsRun(two_certificates), "tls-verified") == Verdict::inconclusive);
    const auto result = TlsRun(two_certificates).attempt("self-signed", "alert").judged("tls-verified");
    CHECK(result.verdict == Verdict::inconclusive);
    CHECK(result.title == "what a.example:443 may show was not tried to the end: expired open");
    const auto silent = TlsRun(two_certificates)
                            .attempt("self-signed", "alert")
                            .later(std::chrono::seconds(600))
                            .judged("tls-verified");
    CHECK(silent.findings.at(0).detail.find("it gave up") != std::string::npos);
    CHECK(
        tls_verdict(TlsRun(two_certificates).attempt("self-signed", "unfinished").attempt("expired", "alert"),
                    "tls-verified") == Verdict::inconclusive);
}

TEST_CASE("leaving without a word is a refusal only where the camera does speak to a server it trusts") {
    TlsRun run(two_certificates);
    run.attempt("self-signed", "alert").attempt("expired", "no-data");
    CHECK(tls_verdict(run, "tls-verified") == Verdict::inconclusive);
    CHECK(tls_verdict(run.attempt("given-authority", "data"), "tls-verified") == Verdict::pass);
}

TEST_CASE("without an authority given a PASS says what that means") {
    const auto result = TlsRun(two_certificates, false)
                            .attempt("self-signed", "alert")
                            .attempt("expired", "alert")
                            .judged("tls-verified");
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.findings.at(0).detail.find("gives no authority") != std::string::npos);
}

TEST_CASE("who agrees to an old version fails, be it that the certificate is refused afterwards") {
    const std::vector<std::string> old{"old-version"};
    const auto alert = [](unsigned number, const char* name) {
        return Json{{"version", "TLS 1.1"}, {"alert", name}, {"alert_number", number}};
    };
    CHECK(tls_verdict(TlsRun(old).attempt("old-version", "data", {{"version", "TLS 1.0"}}), "no-old-tls") ==
          Verdict::fail);
    CHECK(tls_verdict(TlsRun(old).attempt("old-version", "alert", alert(48, "unknown_ca")), "no-old-tls") ==
          Verdict::fail);
    CHECK(tls_verdict(TlsRun(old).attempt("old-version", "alert", alert(70, "protocol_version")),
                      "no-old-tls") == Verdict::pass);
    CHECK(tls_verdict(TlsRun(old).attempt("old-version", "not-offered"), "no-old-tls") == Verdict::pass);
    CHECK(tls_verdict(TlsRun(two_certificates).attempt("self-signed", "alert"), "no-old-tls") ==
          Verdict::inconclusive);
    // and an old version is no defect of the certificate
    CHECK(tls_verdict(TlsRun(old).attempt("old-version", "data", {{"version", "TLS 1.0"}}), "tls-verified") ==
          Verdict::pass);
}

TEST_CASE(
    "plaintext to the same server after a refusal is a fallback; before it, elsewhere or inside TLS it is "
    "none") {
    const auto refused = [] { return TlsRun(two_certificates).attempt("self-signed", "alert"); };
    const auto judged = [](TlsRun run) { return run.judged("no-plaintext-fallback"); };
    const auto result = judged(refused().http("a.example", "198.18.0.1:80"));
    CHECK(result.verdict == Verdict::fail);
    CHECK(result.title == "speaks http in clear to a.example:80/tcp after TLS with a.example:443 has failed");
    CHECK(judged(refused().http("", "198.18.0.1:80")).verdict == Verdict::fail);
    CHECK(judged(refused().http("b.example", "198.18.0.2:80")).verdict == Verdict::pass);
    CHECK(judged(refused().http("a.example", "198.18.0.1:443", {{"inside", "tls"}})).verdict ==
          Verdict::pass);
    CHECK(judged(TlsRun(two_certificates)
                     .http("a.example", "198.18.0.1:80")
                     .attempt("self-signed", "alert")
                     .http("a.example", "198.18.0.1:80"))
              .verdict == Verdict::pass);
    CHECK(judged(refused()).verdict == Verdict::pass);
    CHECK(judged(TlsRun(two_certificates).attempt("self-signed", "data").http("a.example", "198.18.0.1:80"))
              .verdict == Verdict::inconclusive);
    CHECK(judged(refused().add("tcp-payload", {{"destination", "198.18.0.1:9000"},
                                               {"name", "a.example"},
                                               {"transport", "tcp"},
                                               {"connection", 99}}))
              .verdict == Verdict::inconclusive);
}

TEST_CASE(
    "plaintext to another host of the same domain after a refusal leaves the matter open, unless it is "
    "declared or older") {
    const auto refused = [] { return TlsRun(two_certificates).attempt("self-signed", "alert"); };
    const auto result = refused().http("backup.a.example", "198.18.0.2:80").judged("no-plaintext-fallback");
    CHECK(result.verdict == Verdict::inconclusive);
    CHECK(result.title.find("backup.a.example:80/tcp, of the same domain") != std::string::npos);
    CHECK(TlsRun(two_certificates)
              .http("backup.a.example", "198.18.0.2:80")
              .attempt("self-signed", "alert")
              .judged("no-plaintext-fallback")
              .verdict == Verdict::pass);
}

TEST_CASE("what is said before STARTTLS is no fallback") {
    TlsRun run(two_certificates);
    run.attempt("self-signed", "alert");
    const Json greeting{{"destination", "198.18.0.1:587"},
                        {"name", "a.example"},
                        {"transport", "tcp"},
                        {"connection", 77},
                        {"protocol", "smtp"}};
    run.add("smtp", greeting).add("tls", {{"connection", 77}});
    CHECK(run.judged("no-plaintext-fallback").verdict == Verdict::pass);
}

TEST_CASE("a fallback that is declared is noted") {
    Declaration declaration;
    declaration.destinations.push_back({.name = "a.example",
                                        .port = 80,
                                        .transport = Transport::tcp,
                                        .protocol = "http",
                                        .purpose = "status"});
    auto run = TlsRun(two_certificates).attempt("self-signed", "alert").http("a.example", "198.18.0.1:80");
    CHECK(run.judged("no-plaintext-fallback", &declaration).verdict == Verdict::pass);
}

TEST_CASE("the JSON of a run has the matrix of servers and certificates") {
    TlsRun run(two_certificates);
    run.attempt("self-signed", "alert")
        .attempt("expired", "data", {{"version", "TLS 1.3"}})
        .http("a.example", "198.18.0.1:80");
    const auto seen = run.observations();
    const auto json = to_json(seen, nullptr, judge(seen, nullptr, {}));
    const auto& server = json.at("tls").at("servers").at(0);
    CHECK(server.at("stance") == "takes-some");
    CHECK(server.at("certificates").at(0).at("result") == "refused");
    CHECK(server.at("certificates").at(0).at("alert_number") == 42);
    CHECK(server.at("certificates").at(1).at("version") == "TLS 1.3");
    CHECK(server.at("certificates").at(2).at("result") == "not-shown");
    CHECK(server.at("fallbacks").at(0).at("destination") == "198.18.0.1:80");
    CHECK(to_json(TlsRun().observations(), nullptr, {}).at("tls").is_null());
}

TEST_CASE("events of trials that are no such thing are passed over") {
    TlsRun run;
    run.add("tls-trials", {{"certificates", "none"}})
        .add("tls-trials", {{"certificates", {1, nullptr}}})
        .add("tls-attempt", Json::object());
    run.add("tls-attempt", {{"destination", "nowhere"}}).add("http-request", {{"destination", 5}});
    const auto seen = run.observations();
    CHECK(seen.tls_trials.attempts.empty());
    CHECK(seen.plain_contacts.empty());
}
