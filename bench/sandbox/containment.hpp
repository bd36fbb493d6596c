#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/sandbox/layout.hpp"
#include "harness/core/file.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/time.hpp"

namespace cambench::sandbox {

/// Sockets on the host that must never hear from inside a sandbox: the far ends of the leak self-test.
class Canary {
public:
    /// Listens on every address of this namespace, TCP and UDP, for as long as it lives.
    [[nodiscard]] static Result<Canary> open();
    [[nodiscard]] const std::vector<Endpoint>& endpoints() const { return endpoints_; }
    /// Fails when anything arrived by the deadline.
    [[nodiscard]] Status untouched(Deadline deadline) const;

private:
    std::vector<FileHandle> sockets_;
    std::vector<Endpoint> endpoints_;
};

/// Tries from inside to reach each endpoint by TCP and UDP; never waits.
void try_to_leak(const std::vector<Endpoint>& endpoints);

/// Fails when this namespace has any way out: a link that is up besides lo and the camera's wire, forwarding,
/// or the host's own namespace (`host` as network_namespace_of gives it).
[[nodiscard]] Status check_containment(const Layout& layout, const std::string& host);

}  // namespace cambench::sandbox
