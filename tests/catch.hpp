#pragma once

// Debian 12 has Catch2 v2; v3 splits the header. CAMBENCH_CATCH3 is set by CMake.
#ifdef CAMBENCH_CATCH3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
