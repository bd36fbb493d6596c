#include "harness/core/digest.hpp"

#include <openssl/evp.h>

#include <cerrno>
#include <fstream>

namespace cambench {

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) { EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteView bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

std::string Sha256::finish() {
    std::array<std::byte, 32> digest{};
    EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.data()), nullptr);
    std::string text;
    for (const auto byte : digest) {
        static constexpr char digits[] = "0123456789abcdef";
        text += digits[std::to_integer<unsigned>(byte) >> 4];
        text += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

std::string sha256_of(ByteView bytes) {
    Sha256 digest;
    digest.update(bytes);
    return digest.finish();
}

Result<std::string> sha256_of_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return system_error("open " + file.string(), errno);
    Sha256 digest;
    Bytes buffer(1 << 16);
    while (stream.read(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(buffer.size())) || stream.gcount() > 0)
        digest.update(ByteView(buffer).first(static_cast<std::size_t>(stream.gcount())));
    if (stream.bad()) return bench_error("read " + file.string() + " failed");
    return digest.finish();
}

}  // namespace cambench
