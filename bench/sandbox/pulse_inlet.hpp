#pragma once

#include "bench/sandbox/layout.hpp"
#include "harness/core/file.hpp"

namespace cambench::sandbox {

/// What is for this address is for this host, by whatever interface it comes in.
inline constexpr auto pulse_inlet_mac = "02:63:62:00:00:02";

/// The camera's side of the wire for one more sender, the bench itself: what goes in here comes in over the
/// camera's wire as the camera's own frames do, past the recorder and the firewall to the fake internet.
/// Nothing that the bench sends to the camera gets here.
class PulseInlet {
public:
    /// In the namespace of the camera's wire, after its interface and rules are there; in the process that
    /// has the right to do so.
    [[nodiscard]] static Result<PulseInlet> open(const Layout& layout);
    PulseInlet() = default;

    /// For the engine: each message it sends there is one frame.
    [[nodiscard]] const FileHandle& engines_end() const { return engines_end_; }
    /// Becomes readable when the engine has sent one; -1: it will not any more.
    [[nodiscard]] int awaits() const { return end_.get(); }
    /// Puts what the engine has sent onto the wire.
    void pass();
    /// The engine has its end.
    void close_engines_end() { engines_end_.close(); }

private:
    FileHandle tap_, end_, engines_end_;
};

}  // namespace cambench::sandbox
