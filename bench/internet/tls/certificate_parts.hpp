#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

/// What certificates are put together from.
namespace cambench::internet {

struct KeyDeleter {
    void operator()(EVP_PKEY* key) const;
};
struct CertificateDeleter {
    void operator()(X509* certificate) const;
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
using Certificate = std::unique_ptr<X509, CertificateDeleter>;

/// "what: the library's words", a bench fault. Empties the library's queue of errors.
[[nodiscard]] Error openssl_error(std::string_view what);

[[nodiscard]] Result<Key> make_elliptic_key();  ///< on P-256
[[nodiscard]] Result<Key> make_rsa_key(unsigned bits);

/// `value` in the words of OpenSSL's configuration files: never foreign text.
[[nodiscard]] bool add_extension(X509* certificate, X509* issuer, int id, const std::string& value);
/// Subject alternative name from foreign text, put together without a configuration language that would
/// interpret it.
[[nodiscard]] bool add_alternative_name(X509* certificate, std::string_view name);

/// Common to roots and leaves; unsigned, valid from 2000 to 2049. `issuer` is nullptr for one that issues
/// itself. nullptr when there is no memory.
[[nodiscard]] Certificate begin_certificate(std::string_view name, EVP_PKEY* key, X509* issuer);
/// When it is valid instead.
[[nodiscard]] bool set_validity(X509* certificate, WallTime from, WallTime until);
/// What every server's certificate has: its name, no right to issue, its purpose.
[[nodiscard]] bool add_server_extensions(X509* certificate, X509* issuer, std::string_view name);

}  // namespace cambench::internet
