#include "harness/core/digest.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <span>

#include "harness/core/file.hpp"

namespace cambench {
namespace {

std::string hex_digits(std::span<const unsigned char> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteView bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

std::string Sha256::finish() {
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
    return hex_digits(digest);
}

std::string sha256_of(ByteView bytes) {
    Sha256 digest;
    digest.update(bytes);
    return digest.finish();
}

std::string md5_of(ByteView bytes) {
    std::array<unsigned char, 16> digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_md5(), nullptr) != 1) return {};
    return hex_digits(digest);
}

Result<std::string> sha256_of_file(const std::filesystem::path& file) {
    TRY_ASSIGN(const auto handle, open_regular_file(file, Links::refused));
    Sha256 digest;
    Bytes buffer(1 << 16);
    while (true) {
        const auto count = ::read(handle.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("read " + file.string(), errno);
        if (count == 0) return digest.finish();
        digest.update(ByteView(buffer).first(static_cast<std::size_t>(count)));
    }
}

}  // namespace cambench
