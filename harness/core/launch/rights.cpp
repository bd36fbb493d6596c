#include "harness/core/launch/rights.hpp"

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <memory>
#include <type_traits>

namespace cambench {
namespace {

using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)>;

/// The capabilities outlive the change of the user, so that the bounding set can be emptied after it.
Status become(const Caller& caller) {
    if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 ||
        ::setgroups(caller.groups.size(), caller.groups.data()) != 0 ||
        ::setresgid(caller.group, caller.group, caller.group) != 0 ||
        ::setresuid(caller.user, caller.user, caller.user) != 0)
        return system_error("become the user who called sudo", errno);
    const Capabilities held(::cap_get_proc(), ::cap_free);
    constexpr cap_value_t needed = CAP_SETPCAP;
    if (!held || ::cap_set_flag(held.get(), CAP_EFFECTIVE, 1, &needed, CAP_SET) != 0 ||
        ::cap_set_proc(held.get()) != 0)
        return system_error("become the user who called sudo", errno);
    return {};
}

}  // namespace

bool has_rights() {
    const Capabilities held(::cap_get_proc(), ::cap_free), none(::cap_init(), ::cap_free);
    return held && none && CAP_DIFFERS(::cap_compare(held.get(), none.get()), CAP_PERMITTED);
}

Status keep_capabilities(const std::vector<cap_value_t>& kept) {
    const auto is_kept = [&](int capability) {
        return std::find(kept.begin(), kept.end(), capability) != kept.end();
    };
    (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
        if (!is_kept(capability) && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
            return system_error("drop a capability", errno);
    const Capabilities capabilities(::cap_init(), ::cap_free);
    if (!capabilities) return system_error("drop capabilities", errno);
    const auto number = static_cast<int>(kept.size());
    for (const auto flag : {CAP_EFFECTIVE, CAP_PERMITTED})
        if (number > 0 && ::cap_set_flag(capabilities.get(), flag, number, kept.data(), CAP_SET) != 0)
            return system_error("drop capabilities", errno);
    if (::cap_set_proc(capabilities.get()) != 0) return system_error("drop capabilities", errno);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("forbid new privileges", errno);
    return {};
}

Status give_up_rights(const std::optional<Caller>& caller) {
    if (caller) TRY(become(*caller));
    return keep_capabilities({});
}

Status give_up_rights_of_process(const std::optional<Caller>& caller) {
    std::error_code code;
    const std::filesystem::directory_iterator threads("/proc/self/task", code);
    if (code || std::distance(begin(threads), end(threads)) != 1)
        return bench_error("rights are given up before the first thread is made, or not at all");
    return give_up_rights(caller);
}

}  // namespace cambench
