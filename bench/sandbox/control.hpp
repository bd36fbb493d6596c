#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "harness/core/event.hpp"
#include "harness/core/file.hpp"
#include "harness/core/time.hpp"

namespace cambench::sandbox {

/// One message between the engine and the sandbox's keeper: JSON, and open files that travel with it.
struct Message {
    Json body;
    std::vector<FileHandle> descriptors;
};

/// A SOCK_SEQPACKET socket that keeps messages whole; what is over 64 kB travels as a file in memory.
class ControlSocket {
public:
    explicit ControlSocket(FileHandle handle) : handle_(std::move(handle)) {}
    [[nodiscard]] static Result<std::pair<ControlSocket, ControlSocket>> make_pair();

    [[nodiscard]] int descriptor() const { return handle_.get(); }
    [[nodiscard]] Status send(const Json& body, std::span<const int> descriptors = {});
    /// nullopt: the other side is gone.
    [[nodiscard]] Result<std::optional<Message>> receive(Deadline deadline);

private:
    FileHandle handle_;
};

}  // namespace cambench::sandbox
