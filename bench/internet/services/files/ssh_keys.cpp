#include "bench/internet/services/files/ssh_keys.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <map>

#include "bench/internet/services/files/ssh_wire.hpp"

namespace cambench::internet {
namespace {

using KeyHandle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_clear_free)>;

constexpr std::string_view p256_point_prefix = "\x04";
constexpr std::size_t group_random_bits = 512;

unsigned char* raw(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Bytes number_bytes(const BIGNUM* number) {
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    (void)BN_bn2bin(number, raw(bytes));
    return bytes;
}

Bytes encoded_public(EVP_PKEY* key) {
    unsigned char* point = nullptr;
    const auto size = EVP_PKEY_get1_encoded_public_key(key, &point);
    auto bytes = to_bytes({reinterpret_cast<const char*>(point), size});
    OPENSSL_free(point);
    return bytes;
}

KeyHandle make_ssh_key(std::string_view kind) {
    if (kind == "x25519") return {EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), EVP_PKEY_free};
    if (kind == "ssh-ed25519") return {EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free};
    if (kind == "ssh-rsa") return {EVP_RSA_gen(2048), EVP_PKEY_free};
    return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

Result<Bytes> derive(EVP_PKEY* own, EVP_PKEY* theirs) {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(own, nullptr),
                                                                              EVP_PKEY_CTX_free);
    std::size_t size = 0;
    if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), theirs) != 1 ||
        EVP_PKEY_derive(context.get(), nullptr, &size) != 1)
        return dut_error("ssh: a public value that is none");
    Bytes secret(size);
    if (EVP_PKEY_derive(context.get(), raw(secret), &size) != 1)
        return dut_error("ssh: a public value that is none");
    secret.resize(size);
    return secret;
}

Result<SshShared> agree_on_curve(std::string_view kind, ByteView theirs) {
    const auto own = make_ssh_key(kind);
    if (!own) return bench_error("ssh: no key to be had");
    KeyHandle peer(nullptr, EVP_PKEY_free);
    if (kind == "x25519") {
        peer.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, raw(theirs), theirs.size()));
    } else {
        peer.reset(EVP_PKEY_new());
        const bool taken = as_text(theirs).starts_with(p256_point_prefix) &&
                           EVP_PKEY_copy_parameters(peer.get(), own.get()) == 1 &&
                           EVP_PKEY_set1_encoded_public_key(peer.get(), raw(theirs), theirs.size()) == 1;
        if (!taken) peer.reset();
    }
    if (!peer) return dut_error("ssh: a public value that is none");
    TRY_ASSIGN(auto secret, derive(own.get(), peer.get()));
    return SshShared{encoded_public(own.get()), std::move(secret), false};
}

Result<SshShared> agree_in_group(bool group14, ByteView theirs) {
    const Number prime(group14 ? BN_get_rfc3526_prime_2048(nullptr) : BN_get_rfc2409_prime_1024(nullptr),
                       BN_clear_free);
    const Number peer(BN_bin2bn(raw(theirs), static_cast<int>(theirs.size()), nullptr), BN_clear_free),
        own(BN_new(), BN_clear_free), ours(BN_new(), BN_clear_free), secret(BN_new(), BN_clear_free),
        two(BN_new(), BN_clear_free);
    const std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> context(BN_CTX_new(), BN_CTX_free);
    if (theirs.size() > 512 || BN_cmp(peer.get(), BN_value_one()) <= 0 ||
        BN_cmp(peer.get(), prime.get()) >= 0)
        return dut_error("ssh: a public value that is none");
    const bool done = BN_set_word(two.get(), 2) == 1 &&
                      BN_rand(own.get(), group_random_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                      BN_mod_exp(ours.get(), two.get(), own.get(), prime.get(), context.get()) == 1 &&
                      BN_mod_exp(secret.get(), peer.get(), own.get(), prime.get(), context.get()) == 1;
    if (!done) return bench_error("ssh: no key to be had");
    return SshShared{number_bytes(ours.get()), number_bytes(secret.get()), true};
}

Bytes number_parameter(EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
    auto bytes = number_bytes(number);
    BN_free(number);
    return bytes;
}

Bytes public_blob(std::string_view kind, EVP_PKEY* key) {
    SshWriter writer;
    writer.text(kind);
    if (kind == "ssh-rsa") {
        writer.integer(number_parameter(key, OSSL_PKEY_PARAM_RSA_E))
            .integer(number_parameter(key, OSSL_PKEY_PARAM_RSA_N));
    } else if (kind == "ssh-ed25519") {
        Bytes point(32);
        auto size = point.size();
        (void)EVP_PKEY_get_raw_public_key(key, raw(point), &size);
        writer.string(point);
    } else {
        writer.text("nistp256").string(encoded_public(key));
    }
    return writer.take();
}

/// The numbers of an ECDSA signature as SSH writes them.
Result<Bytes> ecdsa_numbers(ByteView der) {
    const auto* at = raw(der);
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parsed(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    if (!parsed) return bench_error("ssh: no signature to be had");
    return SshWriter()
        .integer(number_bytes(ECDSA_SIG_get0_r(parsed.get())))
        .integer(number_bytes(ECDSA_SIG_get0_s(parsed.get())))
        .take();
}

std::string_view kind_of(std::string_view algorithm) {
    return algorithm.starts_with("rsa-sha2-") ? "ssh-rsa" : algorithm;
}

}  // namespace

std::string ssh_exchange_names() {
    return "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,diffie-hellman-group14-sha256,"
           "diffie-hellman-group14-sha1,diffie-hellman-group1-sha1";
}

std::string ssh_host_key_names() {
    return "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa";
}

Result<Bytes> SshHostKey::sign(std::string_view algorithm, ByteView text) const {
    const auto* digest = algorithm == "ssh-ed25519"    ? nullptr
                         : algorithm == "rsa-sha2-512" ? EVP_sha512()
                         : algorithm == "ssh-rsa"      ? EVP_sha1()
                                                       : EVP_sha256();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::size_t size = 0;
    const bool begun =
        context &&
        EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, static_cast<EVP_PKEY*>(key.get())) == 1 &&
        EVP_DigestSign(context.get(), nullptr, &size, raw(text), text.size()) == 1;
    Bytes signature(size);
    if (!begun || EVP_DigestSign(context.get(), raw(signature), &size, raw(text), text.size()) != 1)
        return bench_error("ssh: no signature to be had");
    signature.resize(size);
    if (algorithm == "ecdsa-sha2-nistp256") {
        TRY_ASSIGN(signature, ecdsa_numbers(signature));
    }
    return SshWriter().text(algorithm).string(signature).take();
}

Result<const SshHostKey*> ssh_host_key(std::string_view algorithm) {
    static std::map<std::string, SshHostKey, std::less<>> made;  // one thread
    const auto kind = kind_of(algorithm);
    auto found = made.find(kind);
    if (found == made.end()) {
        auto key = make_ssh_key(kind);
        if (!key) return bench_error("ssh: no host key to be had");
        auto blob = public_blob(kind, key.get());
        found = made.emplace(std::string(kind),
                             SshHostKey{std::move(blob),
                                        std::shared_ptr<void>(
                                            key.release(),
                                            [](void* gone) { EVP_PKEY_free(static_cast<EVP_PKEY*>(gone)); })})
                    .first;
    }
    return &found->second;
}

Result<SshShared> ssh_agree(std::string_view exchange, ByteView theirs) {
    if (exchange.starts_with("curve25519-")) return agree_on_curve("x25519", theirs);
    if (exchange.starts_with("ecdh-")) return agree_on_curve("p256", theirs);
    return agree_in_group(exchange.find("group14") != std::string_view::npos, theirs);
}

Bytes ssh_hash(std::string_view exchange, ByteView text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size,
               exchange.ends_with("sha1") ? EVP_sha1() : EVP_sha256(), nullptr);
    return to_bytes({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace cambench::internet
