#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/time.hpp"

namespace cambench::sandbox {

/// Whether the bench's end of the camera's wire is switched on.
enum class Wire { down, up };

/// The state of a network card's link.
struct Link {
    bool carrier = false;
    bool negotiates = false;  ///< with the far end, for some seconds, before there is a carrier
};

/// Asks the kernel for the link of `interface` in the namespace that `socket` was made in. nullopt: it does
/// not say.
[[nodiscard]] std::optional<Link> read_link(int socket, const std::string& interface);

/// One address that frames came from.
struct Sender {
    MacAddress mac;
    std::uint64_t frames = 0;
    Monotonic::time_point last{};  ///< when the newest was recorded
    Nanoseconds longest_pause{};   ///< between two of them
};

/// Who sends on a slot's wire. Of a camera that invents addresses the first ones are kept. Thread-safe.
class Senders {
public:
    /// A frame from the camera's side; what is too short for an address, or comes from a group, is left out.
    void hear(ByteView frame, Monotonic::time_point now);
    [[nodiscard]] std::vector<Sender> list() const;

private:
    mutable std::mutex mutex_;
    std::vector<Sender> senders_;
};

}  // namespace cambench::sandbox
