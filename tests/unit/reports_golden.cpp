#include "reports/html/page.hpp"
#include "reports/json/run_json.hpp"
#include "reports/junit/junit.hpp"
#include "tests/unit/reports_samples.hpp"

using namespace cambench;
using namespace cambench::reports;

namespace {

/// The style sheet is not what a golden page is about.
std::string without_style(std::string page) {
    const auto begin = page.find("<style>"), end = page.find("</style>");
    REQUIRE(begin != std::string::npos);
    REQUIRE(end > begin);
    return page.replace(begin, end - begin, "<style>");
}

/// With CAMBENCH_UPDATE_GOLDEN=1 the expected text is written anew; read the difference before you commit it.
void compare(const std::string& actual, const samples::fs::path& expected) {
    INFO(expected.string());
    if (std::getenv("CAMBENCH_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << actual;
    CHECK((actual == samples::content_of(expected)));
}

}  // namespace

TEST_CASE("every report of every sample reads as expected", "[reports][golden]") {
    const auto folder = samples::folder();
    for (const auto& name : samples::names()) {
        const auto run = samples::load(name);
        compare(without_style(html_report(run)), folder / (name + ".expected.html"));
        compare(junit_report(run), folder / (name + ".expected.xml"));
        compare(samples::replaced(run_json(run).dump(2) + "\n", folder.string() + "/", ""),
                folder / (name + ".expected.json"));
    }
}

TEST_CASE("the same evidence gives the same bytes", "[reports]") {
    const auto once = html_report(samples::load("sleeper"));
    const samples::Copy elsewhere("sleeper");
    CHECK(html_report(samples::load(elsewhere.path())) == once);
}
