#include "harness/core/launch/caller.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "harness/core/file.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr int most_groups = 256;

template <typename Id>
std::optional<Id> id_from(const char* variable) {
    const char* text = std::getenv(variable);
    return text == nullptr ? std::nullopt : whole_number<Id>(text);
}

}  // namespace

std::optional<Caller> sudo_caller() {
    const auto user = id_from<uid_t>("SUDO_UID");
    const auto group = id_from<gid_t>("SUDO_GID");
    if (::geteuid() != 0 || !user || !group || *user == 0) return std::nullopt;
    Caller caller{*user, *group, {}, {*group}};
    if (const auto* entry = ::getpwuid(*user); entry != nullptr) {
        caller.name = entry->pw_name;
        int count = most_groups;
        std::vector<gid_t> groups(most_groups);
        if (::getgrouplist(entry->pw_name, *group, groups.data(), &count) >= 0)
            caller.groups.assign(groups.begin(), groups.begin() + count);
    }
    return caller;
}

std::string missing_group(const std::filesystem::path& device) {
    struct stat found {};
    constexpr mode_t by_group = S_IRGRP | S_IWGRP;
    if (::stat(device.c_str(), &found) != 0 || (found.st_mode & by_group) != by_group) return "";
    if (::group_member(found.st_gid) != 0) return "";
    const auto* user = ::getpwuid(::geteuid());
    const auto* group = ::getgrgid(found.st_gid);
    const auto who = user != nullptr ? std::string(user->pw_name) : fmt::format("user {}", ::geteuid());
    const auto which = group != nullptr ? std::string(group->gr_name) : fmt::format("{}", found.st_gid);
    return fmt::format("; {0} is not in its group {1}: adduser {0} {1}", who, which);
}

bool caller_may_read(const std::filesystem::path& file) {
    if (::geteuid() != 0 && id_from<uid_t>("SUDO_UID") == ::geteuid()) return open_regular_file(file).ok();
    const auto caller = sudo_caller();
    if (!caller) return true;
    bool may = false;
    // The kernel keeps these ids for each thread: this one has the caller's, and with them no power over
    // files.
    std::thread([&] {
        if (::syscall(SYS_setgroups, caller->groups.size(), caller->groups.data()) != 0) return;
        ::setfsgid(caller->group);
        ::setfsuid(caller->user);
        if (static_cast<uid_t>(::setfsuid(static_cast<uid_t>(-1))) != caller->user) return;
        may = open_regular_file(file).ok();
    }).join();
    return may;
}

}  // namespace cambench
