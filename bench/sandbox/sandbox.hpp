#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "bench/internet/world/personality.hpp"
#include "bench/sandbox/capture.hpp"
#include "bench/sandbox/own_network.hpp"
#include "harness/core/event.hpp"
#include "harness/core/file.hpp"
#include "harness/core/launch/process.hpp"

namespace cambench::sandbox {

/// What a slot's sandbox is made for.
struct Wishes {
    std::optional<std::string>
        interface;  ///< a host interface to move in; nullopt: a tap for an emulated camera
    std::size_t capture_bytes = 8 << 20;  ///< of the capture ring
    internet::Personality personality;
    std::vector<IpAddress> stated_addresses = {};  ///< of a unit that asks nobody for one, and of its
                                                   ///< neighbours: the bench's own keep clear of them
    std::filesystem::path evidence;  ///< exists; receives capture.pcapng, payloads/ and sandbox.log
    Launcher* launcher =
        nullptr;  ///< starts the keeper and the operator's programs; nullptr: this process does
};

/// The namespace a camera lives in, seen from the engine: capture, fake internet, containment.
class Sandbox {
public:
    struct Closing {
        bool self_test = true;      ///< the leak self-test passed (else start() had failed)
        std::uint64_t escaped = 0;  ///< packets that tried to leave other than by the camera's wire
        bool counted = false;       ///< the counter could be read
        Capture::Totals capture;
        Status status;  ///< the first fault of the sandbox during the run
    };

    /// Recording has begun and everything answers when this returns. The leak self-test has passed.
    [[nodiscard]] static Result<std::unique_ptr<Sandbox>> start(const Wishes& wishes, EventSink& events,
                                                                const RunClock& clock);
    virtual ~Sandbox() = default;

    /// For one QEMU: the camera's end of the emulated wire.
    [[nodiscard]] virtual Result<FileHandle> open_tap() = 0;
    /// For programs that act as the operator's client: how to start them in the camera's network.
    [[nodiscard]] virtual Launch inside(std::vector<std::string> command) const = 0;
    [[nodiscard]] virtual const std::string& interface() const = 0;

    /// A command of bench/internet/README.md: set-clock, advance-clock, dns, http-route, ...
    [[nodiscard]] virtual Status command(const Json& command) = 0;
    /// Nothing but DHCP answers, or all does again.
    [[nodiscard]] virtual Status isolate(internet::Answers answers) = 0;
    [[nodiscard]] virtual Status block(const IpAddress& address) = 0;
    [[nodiscard]] virtual Status unblock(const IpAddress& address) = 0;
    /// Has an address in the subnet of a unit that has chosen its own.
    [[nodiscard]] virtual Status join(const OwnNetwork& network) = 0;
    /// The bench's own LAN: whoever is in it needs no join().
    [[nodiscard]] virtual const Cidr& lan() const = 0;
    [[nodiscard]] virtual const Cidr& lan6() const = 0;
    /// Switches the bench's end of the wire off or on: a card at the other end loses its link.
    [[nodiscard]] virtual Status set_wire(Wire wanted) = 0;

    /// The first fault so far: the fake internet or the keeper died, content could not be stored.
    [[nodiscard]] virtual Status health() = 0;
    [[nodiscard]] virtual std::uint64_t frames() const = 0;
    /// Who has sent frames from the camera's side so far.
    [[nodiscard]] virtual std::vector<Sender> senders() const = 0;
    /// nullopt: the interface does not tell.
    [[nodiscard]] virtual std::optional<Link> link() const = 0;

    /// Ends recording and removes the namespace. Idempotent.
    virtual Closing stop() = 0;
};

}  // namespace cambench::sandbox
