#include "drivers/power/boards/command.hpp"
#include "drivers/power/power_driver.hpp"

namespace cambench::power::none_driver {
namespace {

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node&, const PowerSurroundings&) {
    return open_manual_power();
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "none",
        .element =
            {.name = "power",
             .doc =
                 "Nothing switches the unit: it has power all the time, or somebody plugs it in when asked."},
        .open = open};
    return driver;
}

}  // namespace cambench::power::none_driver
