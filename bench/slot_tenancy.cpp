#include "bench/slot_tenancy.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "harness/core/digest.hpp"

namespace cambench {
namespace {

/// In the abstract name space: no file, and gone with the last descriptor.
struct AbstractName {
    sockaddr_un address{};
    socklen_t length = 0;
    explicit AbstractName(const std::string& part) {
        const auto name = "cambench-slot-" + sha256_of(as_bytes(part));
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path + 1, name.data(), std::min(name.size(), sizeof address.sun_path - 1));
        length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

std::string owner_of(const AbstractName& name) {
    const FileHandle caller(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::connect(caller.get(), name.get(), name.length) != 0 ||
        ::getsockopt(caller.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return "a process that cannot be told";
    return fmt::format("process {}", peer.pid);
}

}  // namespace

Status SlotTenancy::take_part(const std::string& slot, const std::string& part) {
    if (claims_.contains(part)) return {};
    FileHandle handle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!handle.valid()) return system_error("claim slot " + slot, errno);
    const AbstractName name(part);
    if (::bind(handle.get(), name.get(), name.length) != 0) {
        if (errno != EADDRINUSE) return system_error("claim slot " + slot, errno);
        return bench_error(
            fmt::format("slot {} is in use by another run, {}: it has {}", slot, owner_of(name), part));
    }
    if (::listen(handle.get(), 16) != 0) return system_error("claim slot " + slot, errno);
    claims_.emplace(part, std::move(handle));
    return {};
}

Status SlotTenancy::take(const std::string& slot, const markup::Node& console, const markup::Node& network) {
    if (network.text("driver") == "interface") TRY(take_part(slot, "interface " + network.text("interface")));
    const auto driver = console.text("driver");
    if (driver != "none" && driver != "emulated") TRY(take_part(slot, "console " + console.to_string()));
    return {};
}

}  // namespace cambench
