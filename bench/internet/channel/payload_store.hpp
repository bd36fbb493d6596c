#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "harness/core/bytes.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/result.hpp"

namespace cambench::internet {

/// Keeps contents that arrive in pieces, one file each, named by SHA-256; equal contents share a file.
/// Large ones grow on disk, and no file stays open in between, so that thousands can grow at once.
class PayloadStore {
public:
    struct Kept {
        std::string sha256;
        std::uint64_t bytes = 0;
    };

    explicit PayloadStore(std::filesystem::path directory) : directory_(std::move(directory)) {}
    ~PayloadStore();  ///< keeps what has begun under its own hash: nothing recorded is thrown away

    void begin(std::uint64_t id);
    /// A failure is told once, here or by end(); the content is lost from then on, and its end fails.
    [[nodiscard]] Status append(std::uint64_t id, ByteView bytes);
    [[nodiscard]] Result<Kept> end(std::uint64_t id);

private:
    struct Growing {
        Sha256 hash;
        std::uint64_t bytes = 0;
        Bytes pending;  ///< not yet on disk
        bool on_disk = false;
        std::optional<Error> failed;  ///< the first piece that could not be stored; what follows is dropped
    };

    [[nodiscard]] std::filesystem::path partial(std::uint64_t id) const;
    /// Puts what is pending, and `further` after it, into the file.
    [[nodiscard]] Status spill(std::uint64_t id, Growing& growing, ByteView further);

    std::filesystem::path directory_;
    std::unordered_map<std::uint64_t, Growing> growing_;
};

}  // namespace cambench::internet
