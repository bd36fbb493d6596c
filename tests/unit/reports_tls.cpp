#include "reports/html/parts.hpp"
#include "reports/verdict_file.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::reports;

namespace {

ScenarioRun tls_run_of(const char* tls) {
    ScenarioRun run;
    read_statement(Json::parse(std::string("{\"tls\":") + tls + "}"), run);
    return run;
}

bool section_has(const Markup& section, std::string_view text) {
    return section.text().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "the matrix of servers and certificates has a column for each server and tells taken from refused") {
    const auto run = tls_run_of(R"({"authority_given": true, "servers": [
        {"server": "a.example:443", "address": "198.18.0.1", "port": 443, "stance": "takes-some", "attempts": 3, "gave_way": true, "silent_for_s": 90,
         "certificates": [{"certificate": "self-signed", "result": "refused", "outcome": "alert", "alert": "unknown_ca", "version": "TLS 1.3", "attempts": 2},
                          {"certificate": "wrong-name", "result": "accepted", "outcome": "data", "attempts": 1},
                          {"certificate": "given-authority", "result": "not-shown", "attempts": 0}],
         "fallbacks": [{"name": "a.example", "destination": "198.18.0.1:80", "transport": "tcp", "protocol": "http"}]},
        {"server": "b.example:443", "address": "198.18.0.2", "port": 443, "stance": "verifies", "attempts": 1, "certificates": [], "fallbacks": []}]})");
    const auto section = tls_section(run, {"", 2});
    CHECK(section_has(section, "a.example:443"));
    CHECK(section_has(section, "b.example:443"));
    CHECK(section_has(section, "self signed"));
    CHECK(section_has(section, "unknown_ca"));
    CHECK(section_has(section, "&#10003; refused"));
    CHECK(section_has(section, "&#10007; gave data"));
    CHECK(section_has(section, "takes what it must refuse"));
    CHECK(section_has(section, "gave way"));
    CHECK(section_has(section, "http to a.example, 198.18.0.1:80/tcp"));
    CHECK(section_has(section, "not shown"));
}

TEST_CASE("a run that did not put the camera's TLS to the test has no matrix; one without a try says so") {
    CHECK(tls_section(tls_run_of("null"), {"", 2}).empty());
    CHECK(section_has(tls_section(tls_run_of(R"({"authority_given": false, "servers": []})"), {"", 2}),
                      "tried no server"));
}

TEST_CASE("names in the matrix are inert") {
    const auto section = tls_section(
        tls_run_of(
            R"({"servers": [{"server": "<script>x", "stance": "\"><b>", "certificates": [{"certificate": "<i>", "result": "accepted", "alert": "<u>"}],
                                                 "fallbacks": [{"protocol": "<s>"}]}]})"),
        {"", 2});
    for (const auto* tag : {"<script>", "<b>", "<i>", "<u>", "<s>"}) CHECK_FALSE(section_has(section, tag));
}
