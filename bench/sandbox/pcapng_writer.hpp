#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/file.hpp"
#include "harness/core/time.hpp"

namespace cambench::sandbox {

/// Which way a frame went, seen from the bench.
enum class Direction { from_camera, to_camera };

/// Writes one interface's frames as pcapng (nanoseconds, Ethernet, direction flags).
///
/// What was appended is in the file after every flush(): a killed bench leaves a capture that opens.
class PcapngWriter {
public:
    [[nodiscard]] static Result<PcapngWriter> create(const std::filesystem::path& file,
                                                     const std::string& interface);
    PcapngWriter(PcapngWriter&&) noexcept = default;
    PcapngWriter& operator=(PcapngWriter&&) noexcept = default;

    /// `head` and `tail` are parts of one frame, `length` its length on the wire.
    void append(WallTime time, Direction direction, std::size_t length, ByteView head, ByteView tail);
    /// TLS secrets in NSS key log format (a Decryption Secrets Block).
    void append_secrets(std::string_view key_log);
    /// Counts of the interface, at the end.
    void append_statistics(WallTime time, std::uint64_t received, std::uint64_t dropped);
    /// A full disk leaves whole blocks only: the torn one is cut off again.
    [[nodiscard]] Status flush();

    [[nodiscard]] std::uint64_t frames() const { return frames_; }
    [[nodiscard]] std::uint64_t bytes() const { return written_ + pending_.size(); }

private:
    PcapngWriter() = default;

    FileHandle handle_;
    std::filesystem::path file_;
    ByteWriter pending_;
    std::uint64_t written_ = 0;
    std::uint64_t frames_ = 0;
};

/// Rewrites a capture with its secrets in front of all frames, where a one-pass reader needs them. Frame
/// numbers stay.
[[nodiscard]] Status put_secrets_first(const std::filesystem::path& file, const std::string& key_log);

}  // namespace cambench::sandbox
