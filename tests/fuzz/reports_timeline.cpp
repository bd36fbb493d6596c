// The timeline and the page made of it: any bytes give a page, and no bytes get onto it unescaped.
#include <cstdint>
#include <cstdlib>

#include "reports/html/page.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cambench::reports;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    FinishedRun run;
    run.scenarios.emplace_back();
    auto& scenario = run.scenarios[0];
    scenario.finished = true;
    scenario.timeline = parse_timeline(text);
    scenario.reason = scenario.camera.hostname = std::string(text);
    scenario.limits.emplace_back(text);
    const auto page = html_report(run);
    if (page.find("<script") != std::string::npos || page.find('\x1b') != std::string::npos ||
        page.find('\0') != std::string::npos)
        std::abort();
    return 0;
}
