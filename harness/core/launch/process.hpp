#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench {

class Launcher;
class Child;

/// Who starts a child: this process with the rights it has, or a launcher (launcher.hpp) with those it has
/// kept.
struct Starter {
    Launcher* launcher = nullptr;
    pid_t sandbox = 0;  ///< the launcher's child whose namespaces it enters; 0: none
};

/// How to start a child process.
struct Launch {
    std::vector<std::string>
        command;  ///< program (searched in PATH, then the sbin directories) and its arguments
    std::vector<std::pair<int, int>> descriptors;  ///< {ours, number in the child}; all others are closed
    std::optional<int> user_namespace;             ///< entered before the program starts
    std::optional<int> network_namespace;          ///< entered before the program starts
    std::filesystem::path output;  ///< standard output and error are appended here; empty: /dev/null
    Starter starter = {};
};

/// A child process of ours: it dies with us, however we end, and it is never left behind.
///
/// Start it from a thread that outlives it: the kernel ends the child when that thread does. A launcher's
/// child dies with the launcher; how it ended is not known then.
class Process {
public:
    [[nodiscard]] static Result<Process> start(const Launch& launch);
    Process(Process&&) noexcept;
    Process& operator=(Process&&) noexcept;
    ~Process();  ///< kills and waits

    [[nodiscard]] pid_t pid() const;
    [[nodiscard]] bool running();
    /// "x exited with 1", "x was killed by signal 9"; "" while it runs.
    [[nodiscard]] std::string ending();
    /// 0..255, or 128 + signal; nullopt while it runs.
    [[nodiscard]] std::optional<int> exit_code();
    /// Whether it ended before the deadline. What a dead launcher started does not count as running, but is
    /// waited for.
    [[nodiscard]] bool wait(Deadline deadline);
    void kill();                        ///< SIGKILL and wait
    void terminate(Nanoseconds grace);  ///< SIGTERM, then SIGKILL after `grace`

private:
    Process(std::unique_ptr<Child> child, std::string program);
    std::unique_ptr<Child> child_;
    std::string program_;
};

/// What a finished command said.
struct CommandOutput {
    int exit_code = 0;
    std::string text;  ///< standard output and error together
};

/// Runs a short command to its end, `input` on its standard input. Fails when it cannot start or outlives the
/// deadline; an exit code other than 0 is for the caller to judge. `meanwhile` is called now and then; the
/// command is ended when it fails.
[[nodiscard]] Result<CommandOutput> run_command(const Launch& launch, const std::string& input,
                                                Deadline deadline,
                                                const std::function<Status()>& meanwhile = {});

/// Where a program is, or nullopt: PATH and the sbin directories.
[[nodiscard]] std::optional<std::filesystem::path> find_program(const std::string& name);

}  // namespace cambench
