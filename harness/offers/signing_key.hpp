#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

struct evp_pkey_st;

namespace cambench::offers {

/// An Ed25519 key that signs firmware. Movable.
class SigningKey {
public:
    /// The private key in a PEM text, wherever it stands in it.
    [[nodiscard]] static Result<SigningKey> read(std::string_view pem);
    /// A new one, which nobody trusts.
    [[nodiscard]] static Result<SigningKey> create();
    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;
    ~SigningKey();

    /// 64 bytes.
    [[nodiscard]] Result<Bytes> sign(ByteView content) const;
    [[nodiscard]] bool made(ByteView signature, ByteView content) const;

private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    explicit SigningKey(evp_pkey_st* key) : key_(key) {}
    std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace cambench::offers
