#pragma once

#include <cstdint>
#include <string_view>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// What a line says of how far a boot has come. Boot loaders speak of kernels before one runs: "Uncompress
/// Ok!" of a first stage, "Starting kernel" of a loader that starts another loader.
enum class BootSign {
    none,
    banner,     ///< a boot loader begins
    countdown,  ///< it says that it can be stopped
    announced,  ///< a kernel is to be started, or unpacks itself
    kernel,     ///< a kernel runs
    userland,   ///< init
    login,      ///< somebody asks for a name: user land, or a boot loader
};
[[nodiscard]] BootSign boot_sign(std::string_view line);

/// Follows one boot line by line and tells where its boot loader was over. A kernel line that a boot loader's
/// banner follows was none, unless user land came between: then the unit has started anew by itself. A login
/// that a kernel follows was the loader's.
class BootProgress {
public:
    void take(std::string_view line);

    /// A kernel or user land shows, and no boot loader since.
    [[nodiscard]] bool loader_over() const { return over_; }
    /// The line just taken is the one with which it was over, as far as is known by now.
    [[nodiscard]] bool just_over() const { return just_over_; }
    /// A kernel or init showed since the last boot loader, and not only somebody who asks for a name.
    [[nodiscard]] bool kernel_ran() const { return kernel_ran_; }
    /// How far the boot has come since its last boot loader.
    [[nodiscard]] BootSign furthest() const { return furthest_; }
    /// With the line just taken the unit, whose kernel and user land had run, started anew by itself: another
    /// boot begins.
    [[nodiscard]] bool started_anew() const { return started_anew_; }

private:
    bool over_ = false, just_over_ = false, kernel_ran_ = false, started_anew_ = false;
    BootSign furthest_ = BootSign::none;
};

/// The line of the stretch with which its boot loader was over; nullptr: there is none, or a boot loader came
/// after it.
[[nodiscard]] const ConsoleLine* end_of_loader(const Console& console, std::uint64_t from, std::uint64_t to);

/// The stretch's last banner of a boot loader before `end`; nullptr: it has none.
[[nodiscard]] const ConsoleLine* last_banner(const Console& console, std::uint64_t from, std::uint64_t end);

}  // namespace cambench::analysis
