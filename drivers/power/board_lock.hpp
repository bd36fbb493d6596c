#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "harness/core/file.hpp"
#include "harness/core/time.hpp"

namespace cambench {

/// Where the locks of boards and channels are: $CAMBENCH_RUNTIME_DIR; /run/cambench/locks where that can be
/// written (root makes it, for everybody); else below $XDG_RUNTIME_DIR; else a directory of the user's own
/// under /tmp.
[[nodiscard]] std::filesystem::path lock_directory();

/// Makes the shared one for a process that is about to become an ordinary user.
void make_lock_directory();

/// The right to talk to a board, for one command. Processes and slots that share a board wait for each other,
/// so that nobody's reading of a mask is outdated when it is written.
///
/// A lock ends with its process, however that ends. The file stays, and can keep a note about the board: some
/// cannot be asked what was sent to them before.
class BoardLock {
public:
    /// `key` names the board, e.g. "usb-1-1.4". Fails when the board is still busy at the deadline.
    [[nodiscard]] static Result<BoardLock> take(const std::string& key, Deadline deadline);

    /// What was noted last for this instance of the board; "" when nothing was. An instance lasts from
    /// plugging in to unplugging and ends with the host's start: what was noted about an earlier one is void.
    [[nodiscard]] std::string note(const std::string& instance) const;
    [[nodiscard]] Status set_note(const std::string& instance, const std::string& note);

private:
    BoardLock(FileHandle file, std::filesystem::path path) : file_(std::move(file)), path_(std::move(path)) {}
    FileHandle file_;
    std::filesystem::path path_;
};

/// The ownership of one channel for as long as the object lives, e.g. a whole run. Fails at once when another
/// owns it.
class ChannelClaim {
public:
    [[nodiscard]] static Result<ChannelClaim> take(const std::string& key, unsigned channel);

private:
    explicit ChannelClaim(FileHandle file) : file_(std::move(file)) {}
    FileHandle file_;
};

/// Channels that are owned for as long as this object lives. Not thread-safe.
class ChannelClaims {
public:
    /// A channel that is among these already stays so.
    [[nodiscard]] Status take(const std::string& key, unsigned channel);

private:
    std::map<std::pair<std::string, unsigned>, ChannelClaim> claims_;
};

}  // namespace cambench
