#include <algorithm>

#include "drivers/power/power_driver.hpp"
#include "harness/documents/bench_file_drivers.hpp"
#include "tests/catch.hpp"

using namespace cambench;

TEST_CASE("every kind of power switch is in the table of <power>, with words for its contact", "[drivers]") {
    CHECK(power_drivers().size() == power_element().variants.size());
    for (const auto* driver : power_drivers()) {
        INFO(driver->name);
        CHECK(driver->element.name == "power");
        CHECK(driver->open != nullptr);
        CHECK(find_power_driver(driver->name) == driver);
        const bool has_channel =
            std::any_of(driver->element.attributes.begin(), driver->element.attributes.end(),
                        [](const auto& a) { return a.name == "channel"; });
        CHECK(has_channel == (driver->last_channel > 0));
        CHECK(has_channel == (driver->contact != nullptr));
    }
    CHECK(find_power_driver("relay") == nullptr);
}
