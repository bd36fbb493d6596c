#include <zlib.h>

#include "harness/offers/package.hpp"

namespace cambench::offers {
namespace {

constexpr int raw_window = -15;
constexpr std::size_t unpacked_at_once = 65536;

}  // namespace

Bytes deflated(ByteView bytes) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    Bytes out(deflateBound(&stream, bytes.size()));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool done = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(done ? stream.total_out : 0);
    deflateEnd(&stream);
    return out;
}

std::optional<Bytes> inflated(ByteView bytes, std::size_t most, std::size_t* used) {
    z_stream stream{};
    if (inflateInit2(&stream, raw_window) != Z_OK) return std::nullopt;
    Bytes out;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int result = Z_OK;
    while (result == Z_OK && out.size() <= most) {
        const auto at = out.size();
        out.resize(at + unpacked_at_once);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + at);
        stream.avail_out = unpacked_at_once;
        result = ::inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
        if (result == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) break;  // torn
    }
    if (used != nullptr) *used = stream.total_in;
    inflateEnd(&stream);
    return result == Z_STREAM_END && out.size() <= most ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace cambench::offers
