#include "harness/analysis/run/console_boot.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "harness/analysis/run/console_dialogue.hpp"

namespace cambench::analysis {
namespace {

RE2::Options ignoring_case() {
    RE2::Options chosen(RE2::Latin1);
    chosen.set_log_errors(false);
    chosen.set_case_sensitive(false);
    return chosen;
}

struct Sign {
    BootSign meaning;
    RE2 words;
};

/// From boot logs of many makers; the first that fits counts. Banners begin their line, where at most noise
/// of the rising supply or a colour precedes them: command lines of kernels and tables of partitions name
/// boot loaders, too.
const std::array<Sign, 6>& signs() {
    static const std::array<Sign, 6> table{{
        {BootSign::banner,
         {R"(^[\x00-\x20]*([^=":]{0,24}[\x00-\x08\x0e-\x1f\x7f-\xff])?(\[[0-9;]*m)?\s*)"
          R"(((das )?u-boot( (spl|tpl))?[ -]v?\d{1,4}\.\d|u-boot [st]pl board init|barebox 20\d\d|redboot\b.{0,24}\bbootstrap|cfe version|amboot\b|dh-?boot|system startup|bootrom\b|)"
          R"(ipl(_cust)?[ g][0-9a-f]{4}|load ipl_cust|runuboot|rom: +use |neutral bootloader|ti ubl version|loader nvt|nvt (boot)?loader|ld_ver |esp-rom:|ets [a-z]{3} +\d|)"
          R"(rst:0x|[iwe] \(\d+\) boot: |notice: +bl\d|ddr v\d|coreboot-\d|mcuboot))",
          ignoring_case()}},
        {BootSign::countdown,
         {R"((stop|interrupt|abort|cancel|skip|halt) auto ?-?boot|^\s*auto ?-?boot(ing)?( in)?:? *\d|(press|hit) .{1,24} to (enter|stop) (u-?boot|boot ?loader|the boot))",
          ignoring_case()}},
        {BootSign::userland, {R"(init started: busybox|welcome to hilinux)", ignoring_case()}},
        {BootSign::login, {R"(login:)", ignoring_case()}},
        {BootSign::kernel,
         {R"(booting linux on|linux version \d|hello huawei liteos|booting zephyr os|^\s*threadx\b|rt-thread operating system|[iwe] \(\d+\) cpu_start: |^\[ *\d+\.\d{6}\] )",
          ignoring_case()}},
        {BootSign::announced,
         {R"(starting kernel|uncompress(ing|ed)? linux|transferring control to linux|booting the kernel)",
          ignoring_case()}},
    }};
    return table;
}

}  // namespace

BootSign boot_sign(std::string_view line) {
    for (const auto& sign : signs())
        if (RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), sign.words)) return sign.meaning;
    return BootSign::none;
}

void BootProgress::take(std::string_view line) {
    just_over_ = started_anew_ = false;
    const auto sign = boot_sign(line);
    if (sign == BootSign::none) return;
    if (sign <= BootSign::countdown) {
        started_anew_ = kernel_ran_ && furthest_ >= BootSign::userland;
        over_ = kernel_ran_ = false;
        furthest_ = BootSign::none;
        return;
    }
    const bool loaders_login = furthest_ == BootSign::login && !kernel_ran_ && sign != BootSign::login;
    if (!over_ || loaders_login) {
        over_ = just_over_ = true;
        furthest_ = sign;
    }
    furthest_ = std::max(furthest_, sign);
    kernel_ran_ = kernel_ran_ || sign != BootSign::login;
}

const ConsoleLine* end_of_loader(const Console& console, std::uint64_t from, std::uint64_t to) {
    BootProgress progress;
    const ConsoleLine* found = nullptr;
    for (const auto* line : lines_between(console, from, to)) {
        if (line->offset < from) continue;  // the last words of the boot before
        progress.take(line->text);
        if (progress.started_anew()) return found;
        if (progress.just_over()) found = line;
    }
    return progress.loader_over() ? found : nullptr;
}

const ConsoleLine* last_banner(const Console& console, std::uint64_t from, std::uint64_t end) {
    const ConsoleLine* found = nullptr;
    for (const auto* line : lines_between(console, from, end))
        if (line->offset < end && boot_sign(line->text) == BootSign::banner) found = line;
    return found;
}

}  // namespace cambench::analysis
