#include "bench/internet/link/pulse.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::string_view mark = "cambench";
constexpr std::size_t key_bytes = 32, number_bytes = 8, proof_digits = 64;
constexpr std::uint16_t pulse_port = 9;

/// The key's length is fixed and the number's, too, so that a digest over both is as good as an HMAC.
std::string proof_of(const std::string& key, std::uint64_t number) {
    Sha256 digest;
    digest.update(as_bytes(key));
    digest.update(ByteWriter().u64(number).view());
    return digest.finish();
}

}  // namespace

Endpoint pulse_source() { return {IpAddress::v4(0xc0000008), pulse_port}; }
Endpoint pulse_destination() { return {IpAddress::v4(0xc0000009), pulse_port}; }

std::string make_pulse_key() {
    std::array<std::byte, key_bytes> bytes{};
    for (std::size_t got = 0; got < bytes.size();) {
        const auto count = ::getrandom(bytes.data() + got, bytes.size() - got, 0);
        if (count > 0) got += static_cast<std::size_t>(count);
    }
    return hex(bytes);
}

Bytes pulse_payload(const std::string& key, std::uint64_t number) {
    return ByteWriter().text(mark).u64(number).text(proof_of(key, number)).take();
}

std::optional<std::uint64_t> PulseEar::take(const Endpoint& from, const Endpoint& to, ByteView payload) {
    if (key_.empty() || payload.size() != mark.size() + number_bytes + proof_digits ||
        from != pulse_source() || to != pulse_destination())
        return std::nullopt;
    ByteReader reader(payload);
    if (as_text(reader.take(mark.size())) != mark) return std::nullopt;
    const auto number = reader.u64();
    if (number <= last_ || as_text(reader.rest()) != proof_of(key_, number)) return std::nullopt;
    last_ = number;
    return number;
}

}  // namespace cambench::internet
