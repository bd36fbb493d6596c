#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

/// The keys of an SSH server (RFC 4253, 5656, 8332, 8709, 8731): its host keys, made when first asked for,
/// and the exchange of one connection.
namespace cambench::internet {

[[nodiscard]] std::string ssh_exchange_names();
[[nodiscard]] std::string ssh_host_key_names();

struct SshHostKey {
    Bytes blob;  ///< the public half
    /// The signature of `text` by an algorithm of ssh_host_key_names().
    [[nodiscard]] Result<Bytes> sign(std::string_view algorithm, ByteView text) const;
    std::shared_ptr<void> key;
};
/// One key of each kind for the whole process.
[[nodiscard]] Result<const SshHostKey*> ssh_host_key(std::string_view algorithm);

/// What comes of a client's public value: ours, and the secret both share.
struct SshShared {
    Bytes ours, secret;
    bool integers = false;  ///< public values are hashed as integers, not as strings
};
[[nodiscard]] Result<SshShared> ssh_agree(std::string_view exchange, ByteView theirs);
/// The hash an exchange goes with.
[[nodiscard]] Bytes ssh_hash(std::string_view exchange, ByteView text);

}  // namespace cambench::internet
