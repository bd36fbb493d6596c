#include "reports/html/page.hpp"
#include "tests/catch.hpp"

using namespace cambench::reports;

namespace {

ScenarioRun unit(const std::string& slot, const std::string& persona, std::vector<Upgrade> upgrades) {
    ScenarioRun run;
    run.id = "update-offer";
    run.slot = slot;
    run.persona = persona;
    run.finished = true;
    run.verdict = Verdict::pass;
    run.upgrades = std::move(upgrades);
    return run;
}

Upgrade offer(const std::string& kind, bool genuine, bool taken) {
    Upgrade upgrade;
    upgrade.offer = kind;
    upgrade.genuine = genuine;
    upgrade.taken = taken;
    upgrade.offered = 1;
    upgrade.fetched = 2;
    return upgrade;
}

std::string report(std::vector<ScenarioRun> runs) {
    FinishedRun run;
    run.kind = FinishedRun::Kind::suite;
    run.title = "upgrades";
    run.scenarios = std::move(runs);
    return html_report(run, Folding::for_screen);
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("a suite's report has a matrix of offers and units", "[reports]") {
    const auto text = report({unit("a", "sound", {offer("newer", true, true)}),
                              unit("a", "sound", {offer("unsigned", false, false)}),
                              unit("b", "weak", {offer("newer", true, true)}),
                              unit("b", "weak", {offer("unsigned", false, true)})});
    const auto from = text.find("id=\"firmware-matrix\"");
    REQUIRE(from != std::string::npos);
    const auto matrix = text.substr(from, text.find("</section>", from) - from);
    CHECK(count(matrix, "<tr role=\"row\"><td") == 2);
    CHECK(matrix.find("a (sound)") != std::string::npos);
    CHECK(count(matrix, "&#10007; taken") == 1);
    CHECK(count(matrix, "&#10003; refused") == 1);
    CHECK(matrix.find("href=\"#s4\"") != std::string::npos);
}

TEST_CASE("one kind of firmware needs no matrix, and hostile words in it stay words", "[reports]") {
    CHECK(report({unit("a", "", {offer("newer", true, true)})}).find("firmware-matrix") == std::string::npos);
    const auto text =
        report({unit("<script>a", "", {offer("newer", true, true), offer("<script>x", false, false)})});
    CHECK(text.find("firmware-matrix") != std::string::npos);
    CHECK(text.find("<script>") == std::string::npos);
}

TEST_CASE("writing told in words that nobody declared accuses nobody in the table", "[reports]") {
    auto hinted = offer("unsigned", false, false);
    hinted.installed = 3;
    hinted.installed_is_hint = true;
    auto said = hinted;
    said.installed_is_hint = false;
    CHECK(report({unit("a", "", {hinted, offer("newer", true, true)})}).find("? perhaps written") !=
          std::string::npos);
    CHECK(report({unit("a", "", {said, offer("newer", true, true)})}).find("&#10007; written") !=
          std::string::npos);
}
