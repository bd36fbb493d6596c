#pragma once

#include "harness/core/markup.hpp"

namespace cambench {

/// The tables of <power>, <console> and <network>: their attribute `driver` chooses one of the variants. A new driver is
/// one more Element in bench_file_drivers.cpp, listed in the table of its part.
[[nodiscard]] const markup::Element& power_element();
[[nodiscard]] const markup::Element& console_element();
[[nodiscard]] const markup::Element& network_element();

}  // namespace cambench
