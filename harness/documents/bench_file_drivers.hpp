#pragma once

#include "harness/core/markup/markup.hpp"

namespace cambench {

/// The tables of <power>, <console> and <network>: their attribute `driver` chooses one of the variants.
/// Those of <power> and <console> come from the drivers themselves (drivers/power/kinds/,
/// drivers/console/kinds/).
[[nodiscard]] const markup::Element& power_element();
[[nodiscard]] const markup::Element& console_element();
[[nodiscard]] const markup::Element& network_element();

}  // namespace cambench
