#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// SHA-256 over a stream of bytes.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(ByteView bytes);
    /// 64 lower-case hex characters; call once.
    [[nodiscard]] std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_of(ByteView bytes);
/// 32 lower-case hex characters: for protocols and formats that ask for it, never as a proof. "" where the
/// system forbids MD5.
[[nodiscard]] std::string md5_of(ByteView bytes);
/// Of a regular file; a link is none.
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& file);

}  // namespace cambench
