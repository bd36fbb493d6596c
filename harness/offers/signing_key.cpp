#include "harness/offers/signing_key.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

namespace cambench::offers {
namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
constexpr std::string_view private_key_begin = "-----BEGIN PRIVATE KEY-----";

}  // namespace

void SigningKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::read(std::string_view pem) {
    const auto begin = pem.find(private_key_begin);
    if (begin == std::string_view::npos) return usage_error("there is no private key in PEM");
    const auto text = pem.substr(begin);
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
    SigningKey key(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!key.key_ || EVP_PKEY_id(key.key_.get()) != EVP_PKEY_ED25519)
        return usage_error("the private key is not one of Ed25519");
    return key;
}

Result<SigningKey> SigningKey::create() {
    SigningKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (!key.key_) return bench_error("cannot make an Ed25519 key");
    return key;
}

Result<Bytes> SigningKey::sign(ByteView content) const {
    const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    Bytes signature(64);
    auto size = signature.size();
    const bool done =
        context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(content.data()), content.size()) == 1;
    if (!done || size != signature.size()) return bench_error("cannot sign with the Ed25519 key");
    return signature;
}

bool SigningKey::made(ByteView signature, ByteView content) const {
    const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(content.data()),
                            content.size()) == 1;
}

}  // namespace cambench::offers
