#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/file.hpp"
#include "harness/core/time.hpp"

namespace cambench {

/// One message of a SOCK_SEQPACKET socket, and the open files that came with it.
struct Packet {
    std::string text;
    std::vector<FileHandle> descriptors;
    bool whole = true;  ///< false: bytes or files did not fit, and were dropped
};

inline constexpr std::size_t longest_packet = 1 << 16;
inline constexpr std::size_t most_packet_descriptors = 8;

/// Two ends that keep messages whole, closed on exec. `whom` names the other side in errors.
[[nodiscard]] Result<std::pair<FileHandle, FileHandle>> make_packet_pair(std::string_view whom);

[[nodiscard]] Status send_packet(int socket, std::string_view text, std::span<const int> descriptors,
                                 std::string_view whom);

/// nullopt: the other side is gone.
[[nodiscard]] Result<std::optional<Packet>> receive_packet(int socket, Deadline deadline,
                                                           std::string_view whom);

}  // namespace cambench
