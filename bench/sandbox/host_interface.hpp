#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/event.hpp"
#include "harness/core/file.hpp"

namespace cambench::sandbox {

/// A host interface lent to a slot: moved into the slot's namespace, and back with its name, addresses,
/// routes, settings and state.
///
/// While it is away a record under the runtime directory keeps the namespace alive (a bind mount) and says
/// what to put back, so that the next start can bring it home after even the keeper was killed.
class LentInterface {
public:
    /// Call in the home namespace, before the process enters its own.
    [[nodiscard]] static Result<LentInterface> prepare(const std::string& interface);
    LentInterface(LentInterface&&) noexcept = default;
    LentInterface& operator=(LentInterface&&) noexcept = default;

    /// Call inside the new namespace.
    [[nodiscard]] Status move_in();
    [[nodiscard]] Status move_back();
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    LentInterface() = default;
    [[nodiscard]] Status keep_record();

    std::string name_;
    Json configuration_;  ///< {"name", "mac", "up", "master", "addresses": [...], "routes": [...],
                          ///< "settings": [...]}
    FileHandle home_;
    FileHandle away_;
    std::filesystem::path record_;
};

/// Brings home every interface whose keeper is gone. Returns one line for each, for people.
[[nodiscard]] std::vector<std::string> recover_lent_interfaces();

/// Where records of lent interfaces are kept: $CAMBENCH_RUNTIME_DIR, or /run/cambench.
[[nodiscard]] std::filesystem::path runtime_directory();

/// `ip -batch` lines that give an interface its addresses, routes and state back.
[[nodiscard]] std::string restore_commands(const Json& configuration);

}  // namespace cambench::sandbox
