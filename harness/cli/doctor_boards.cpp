#include "harness/cli/doctor_boards.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "drivers/power/board_lock.hpp"
#include "drivers/power/power_driver.hpp"
#include "drivers/transport/usb_tree.hpp"
#include "harness/core/file.hpp"
#include "harness/core/shipped.hpp"
#include "harness/core/text.hpp"

namespace cambench::cli {
namespace {

using State = Diagnosis::State;

constexpr auto rules_name = "60-cambench.rules";
constexpr auto rules_folders = {"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
                                "/usr/lib/udev/rules.d", "/lib/udev/rules.d"};

std::string install_rules() {
    return fmt::format(
        "sudo cp {} /etc/udev/rules.d/ && sudo udevadm control --reload && sudo udevadm trigger; then join "
        "the groups plugdev and dialout",
        (shipped_folder() / "bench/udev" / rules_name).string());
}

Diagnosis diagnose_rules() {
    const std::string what = "udev rules (relay boards for ordinary users)";
    std::error_code code;
    if (!std::filesystem::exists("/sys/bus/usb/devices", code))
        return {State::good, what, "not needed: this host has no USB", ""};
    const auto shipped = read_text_file(shipped_folder() / "bench/udev" / rules_name);
    for (const auto* folder : rules_folders) {
        const auto file = std::filesystem::path(folder) / rules_name;
        if (!std::filesystem::exists(file, code)) continue;
        const auto installed = read_text_file(file);
        if (installed && shipped && *installed == *shipped) return {State::good, what, file.string(), ""};
        return {State::limited, what, file.string() + " is not the one of this version", install_rules()};
    }
    if (::geteuid() == 0) return {State::good, what, "not installed; root needs none", ""};
    return {State::limited, what, "not installed", install_rules()};
}

Diagnosis diagnose_locks() {
    const std::string what = "locks of relay boards";
    // Root's first run makes it.
    const auto directory = ::geteuid() == 0 ? std::filesystem::path("/run/cambench/locks") : lock_directory();
    const bool shared = directory == "/run/cambench/locks" || std::getenv("CAMBENCH_RUNTIME_DIR") != nullptr;
    std::error_code code;
    if (shared || !std::filesystem::exists("/sys/bus/usb/devices", code))
        return {State::good, what, directory.string(), ""};
    return {State::limited, what,
            directory.string() + ": this user's runs alone are kept apart from each other",
            fmt::format("sudo cp {} /etc/tmpfiles.d/cambench.conf && sudo systemd-tmpfiles --create",
                        (shipped_folder() / "bench/udev/cambench-tmpfiles.conf").string())};
}

Diagnosis diagnose_board(const FoundBoard& board) {
    const auto what = fmt::format("{} {} at {}", board.driver, inert(board.name), board.port);
    if (!board.trouble.empty())
        return {State::limited, what, inert(board.trouble),
                ::geteuid() == 0 ? "unplug it and plug it in again" : install_rules()};
    return {State::good, what, board.channels == 0 ? "present" : fmt::format("{} channels", board.channels),
            ""};
}

Diagnosis diagnose_port(const TtyEntry& port) {
    const auto what = "serial port " + port.device;
    if (::access(port.device.c_str(), R_OK | W_OK) == 0) return {State::good, what, port.driver, ""};
    return {State::limited, what, "may not be opened by this user",
            "sudo adduser $USER dialout; then log in again"};
}

}  // namespace

std::vector<Diagnosis> diagnose_boards() {
    std::vector<Diagnosis> all{diagnose_rules(), diagnose_locks()};
    for (const auto* driver : power_drivers()) {
        if (driver->find == nullptr) continue;
        for (const auto& board : driver->find()) all.push_back(diagnose_board(board));
    }
    for (const auto& port : list_serial_ports())
        if (!port.usb_port.empty()) all.push_back(diagnose_port(port));
    return all;
}

}  // namespace cambench::cli
