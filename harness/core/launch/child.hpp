#pragma once

#include <sys/types.h>

#include <optional>

namespace cambench {

/// A child process as Process needs it, whoever started it.
class Child {
public:
    virtual ~Child() = default;

    [[nodiscard]] virtual pid_t pid() const = 0;
    /// 0..255, or 128 + signal; nullopt while it runs, and for good when nobody is left who could tell.
    [[nodiscard]] virtual std::optional<int> exit_code() = 0;
    /// Whoever could tell how it ends is gone.
    [[nodiscard]] virtual bool is_lost() const { return false; }
    /// Whether it has ended, whether or not it is known how.
    [[nodiscard]] virtual bool has_ended() { return exit_code().has_value(); }
    /// SIGTERM to it, or SIGKILL to it and its group.
    virtual void signal(int number) = 0;
    /// A descriptor that becomes readable when has_ended() may have changed; -1: there is none.
    [[nodiscard]] virtual int awaits() const = 0;
};

}  // namespace cambench
