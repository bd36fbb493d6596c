#pragma once

#include "bench/sandbox/layout.hpp"
#include "harness/core/file.hpp"

namespace cambench::sandbox {

/// The sockets of the fake internet, opened while there are privileges (see bench/internet for what each is
/// for).
struct OpenSockets {
    FileHandle tcp4, tcp6, udp4, udp6, raw4, raw6, packet;
    std::vector<FileHandle> calling4, calling6;
};
[[nodiscard]] Result<OpenSockets> open_sockets(const Layout& layout);

/// A TAP device that stays when QEMU ends: its carrier falls with the camera's power.
[[nodiscard]] Status make_tap(const std::string& name);
/// An open end of it for one QEMU.
[[nodiscard]] Result<FileHandle> open_tap(const std::string& name);

/// The recorder's socket: an AF_PACKET ring (TPACKET_V3) of `bytes`, promiscuous, on `interface`.
[[nodiscard]] Result<FileHandle> open_capture(const std::string& interface, std::size_t bytes);

/// Size of one block of the capture ring; a ring is at least two.
constexpr std::size_t capture_block_bytes = 1 << 17;

}  // namespace cambench::sandbox
