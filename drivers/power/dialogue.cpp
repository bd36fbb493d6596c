#include "drivers/power/dialogue.hpp"

#include <fmt/format.h>

#include <array>

#include "harness/core/text.hpp"

namespace cambench {

Result<Bytes> read_exactly(ByteStream& stream, std::size_t count, Deadline deadline) {
    Bytes bytes(count);
    std::size_t have = 0;
    while (have < count) {
        auto got = stream.read(std::span(bytes).subspan(have), deadline);
        if (!got) return std::move(got).error().in(fmt::format("{} of {} bytes of an answer", have, count));
        have += *got;
    }
    return bytes;
}

Result<std::string> read_until(ByteStream& stream, char end, std::size_t most, Deadline deadline) {
    std::string text;
    std::array<std::byte, 1> one{};
    while (text.size() < most) {
        auto got = stream.read(one, deadline);
        if (!got)
            return std::move(got).error().in(fmt::format("waiting for '{}' after '{}'", end, inert(text)));
        if (*got == 0) continue;
        text += static_cast<char>(one[0]);
        if (text.back() == end) return text;
    }
    return bench_error(fmt::format("no '{}' in {} bytes; it is another device", end, most));
}

}  // namespace cambench
