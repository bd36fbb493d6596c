#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/core/file.hpp"
#include "harness/core/launch/child.hpp"
#include "harness/core/launch/process.hpp"

namespace cambench {

/// A process that keeps the rights this one gives up, and starts with them the few programs that need them
/// (launcher_order.hpp). Thread-safe.
class Launcher {
public:
    /// Call it first of all, before the first thread is made and anybody's bytes are read.
    [[nodiscard]] static Result<std::unique_ptr<Launcher>> start();
    Launcher(const Launcher&) = delete;
    Launcher& operator=(const Launcher&) = delete;
    ~Launcher();  ///< ends it, and with it all that it has started

    /// What the bench file names: commands, word for word, and interfaces of the host. Not any more once it
    /// is sealed; nothing is started before.
    [[nodiscard]] Status allow_command(const std::string& command);
    [[nodiscard]] Status allow_interface(const std::string& interface);
    [[nodiscard]] Status seal();

    /// The descriptors of `launch` have the numbers from 3 on, in order.
    [[nodiscard]] Result<std::unique_ptr<Child>> launch(const Launch& launch, int input, int output);

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    Launcher(FileHandle control, pid_t pid) : control_(std::move(control)), pid_(pid) {}
    struct Answer {
        std::vector<std::string> words;
        std::vector<FileHandle> descriptors;
    };
    [[nodiscard]] Result<Answer> ask(const std::vector<std::string>& words,
                                     const std::vector<int>& descriptors = {});
    [[nodiscard]] Status tell(const std::vector<std::string>& words);

    std::mutex mutex_;
    FileHandle control_;
    pid_t pid_;
};

}  // namespace cambench
