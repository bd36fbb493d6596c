#include "drivers/power/boards/emulated.hpp"

#include "drivers/power/power_driver.hpp"

namespace cambench::power::emulated_driver {
namespace {

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node&, const PowerSurroundings& surroundings) {
    if (!surroundings.emulated_unit)
        return usage_error("an emulated camera has power during a run only: cambench run");
    TRY_ASSIGN(auto unit, surroundings.emulated_unit());
    return open_emulated_power(std::move(unit));
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "emulated",
        .element = {.name = "power",
                    .doc = "The emulated camera's: off is a real power cut, on is a cold boot."},
        .open = open};
    return driver;
}

}  // namespace cambench::power::emulated_driver
