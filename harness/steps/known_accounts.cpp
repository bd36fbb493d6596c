#include "harness/steps/known_accounts.hpp"

#include <array>

namespace cambench {
namespace {

// Published by those who opened their own cameras (OpenIPC's wiki, boot logs in forums, the list of the Mirai
// worm).
constexpr std::array<std::string_view, 22> accounts{"root:",         "root:root",     "root:xmhdipc",
                                                    "root:xc3511",   "root:hichiphx", "root:hiklinux",
                                                    "root:vizxv",    "root:klv123",   "root:jvbzd",
                                                    "root:juantech", "root:12345",    "root:123456",
                                                    "root:admin",    "root:20170912", "root:pass",
                                                    "admin:",        "admin:admin",   "admin:12345",
                                                    "user:user",     "default:",      "vstarcam2017:20170912",
                                                    "root:alpha168"};

constexpr std::array<std::string_view, 5> boot_passwords{"alpha168", "pps_password", "#Ux6@9V&4_Rz",
                                                         "HI2105CHIP", "20170912"};

}  // namespace

std::span<const std::string_view> known_accounts() { return accounts; }
std::span<const std::string_view> known_boot_passwords() { return boot_passwords; }

}  // namespace cambench
