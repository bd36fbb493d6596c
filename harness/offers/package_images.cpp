// Images: U-Boot's legacy image, TRX, Reolink's pak, SquashFS with what stands behind it, and anything with a
// digest of the rest.
#include <algorithm>
#include <array>
#include <boost/crc.hpp>

#include "harness/core/checksum.hpp"
#include "harness/core/text.hpp"
#include "harness/offers/package.hpp"
#include "harness/offers/package_bytes.hpp"

namespace cambench::offers {
namespace {

using Crc = boost::crc_optimal<32, 0x04C11DB7, 0xffffffff, 0, true, true>;

void put_u32(Bytes& bytes, std::size_t at, std::uint32_t value, bool big) {
    for (std::size_t i = 0; i < 4; ++i)
        bytes[at + i] = static_cast<std::byte>(value >> (big ? 24 - 8 * i : 8 * i) & 0xff);
}
Part content_part(std::string_view name, ByteView bytes) { return {std::string(name), copy_of(bytes)}; }
bool begins_with(ByteView bytes, std::string_view magic) { return as_text(bytes).starts_with(magic); }

// U-Boot's legacy header (include/image.h): big endian, CRC-32 of itself with that field zero, and of the
// data.
constexpr std::size_t uimage_header = 64, uimage_sum_at = 4, uimage_size_at = 12, uimage_data_sum_at = 24;

std::uint32_t uimage_sum(Bytes head) {
    put_u32(head, uimage_sum_at, 0, true);
    return crc32_of(head);
}

// TRX (Broadcom, OpenWrt): "HDR0", length, CRC-32 without the last complement from offset 12 on, little
// endian.
constexpr std::size_t trx_header = 28, trx_length_at = 4, trx_sum_at = 8, trx_summed_from = 12;

std::uint32_t trx_sum(ByteView summed) {
    Crc crc;
    crc.process_bytes(summed.data(), summed.size());
    return crc.checksum();
}

// Reolink's pak (vmallet/pakler): a CRC-32 that begins with 0 and has no last complement, of all sections,
// the number 2 and the table of sections.
struct PakShape {
    std::size_t header, sum_at, section, start_at, partition;
};
constexpr PakShape pak32{12, 4, 64, 56, 76}, pak64{24, 8, 72, 56, 76};

std::uint64_t little(ByteView bytes, std::size_t at, std::size_t width) {
    ByteReader reader(bytes);
    reader.seek(at);
    return width == 8 ? reader.u64_le() : reader.u32_le();
}

std::uint32_t pak_sum(ByteView bytes, const PakShape& shape, std::size_t first, std::size_t sections) {
    boost::crc_optimal<32, 0x04C11DB7, 0, 0, true, true> crc;
    constexpr std::array<unsigned char, 4> two{2, 0, 0, 0};
    crc.process_bytes(bytes.data() + first, bytes.size() - first);
    crc.process_bytes(two.data(), two.size());
    crc.process_bytes(bytes.data() + shape.header, sections * shape.section);
    return crc.checksum();
}

// SquashFS: how much of the file it uses stands at 40.
constexpr std::size_t squashfs_header = 96, squashfs_used_at = 40;

std::size_t squashfs_size(ByteView bytes) {
    const bool little = begins_with(bytes, "hsqs");
    if (bytes.size() < squashfs_header || (!little && !begins_with(bytes, "sqsh"))) return 0;
    ByteReader reader(bytes);
    reader.seek(squashfs_used_at);
    const auto used = little ? reader.u64_le() : reader.u64();
    return used >= squashfs_header && used <= bytes.size() ? used : 0;
}

bool is_filler(std::byte byte) { return byte == std::byte{0} || byte == std::byte{0xff}; }

/// RAUC: CMS behind the file system, its length in the last 8 bytes, big endian. 0: it is none.
std::size_t cms_size(ByteView bytes, std::size_t used) {
    if (bytes.size() < used + 8) return 0;
    ByteReader reader(bytes.last(8));
    const auto size = reader.u64();
    const bool fits = size >= 64 && size <= bytes.size() - used - 8;
    return fits && bytes[bytes.size() - 8 - size] == std::byte{0x30} ? size : 0;
}

Package rauc_package(ByteView bytes, std::size_t cms) {
    Package package{.format = "rauc", .opaque = true};
    package.parts.push_back(content_part("file system", bytes.first(bytes.size() - 8 - cms)));
    package.parts.push_back(
        {"CMS", copy_of(bytes.subspan(bytes.size() - 8 - cms, cms)), Part::Role::signature});
    package.close = [](const std::vector<Part>& parts) {
        return ByteWriter()
            .bytes(parts[0].content)
            .bytes(parts[1].content)
            .u64(parts[1].content.size())
            .take();
    };
    return package;
}

struct Digest {
    std::string_view name;
    std::size_t size;       ///< as it is written
    bool reversed = false;  ///< a CRC-32 in little endian
    bool as_hex = false;
};
constexpr std::array digests{Digest{"sha256", 32},
                             Digest{"sha512", 64},
                             Digest{"sha1", 20},
                             Digest{"md5", 16},
                             Digest{"crc32", 4},
                             Digest{"crc32", 4, true},
                             Digest{"sha256", 64, false, true},
                             Digest{"sha1", 40, false, true},
                             Digest{"md5", 32, false, true}};

std::string written(const Digest& digest, ByteView content) {
    auto raw = checksum_of(digest.name, content);
    if (digest.reversed) std::reverse(raw.begin(), raw.end());
    return digest.as_hex ? written_checksum(raw, "") : raw;
}

/// Where `frame` holds a digest of `content`, and which one.
struct Held {
    Digest digest;
    std::size_t at;
};
std::optional<Held> held_digest(ByteView frame, ByteView content) {
    for (const auto& digest : digests) {
        if (digest.size > frame.size()) continue;
        const auto text = written(digest, content);
        if (text.size() != digest.size) continue;
        const auto at = as_text(frame).find(text);
        if (at != std::string_view::npos) return Held{digest, at};
    }
    return std::nullopt;
}

enum class Side { before, behind };

std::optional<Package> framed_package(ByteView frame, ByteView content, Side side) {
    const auto held = held_digest(frame, content);
    if (!held) return std::nullopt;
    Package package{.format = "framed"};
    package.parts.push_back(content_part("content", content));
    package.close = [frame = copy_of(frame), held = *held, side](const std::vector<Part>& parts) {
        auto made = frame;
        const auto text = written(held.digest, parts[0].content);
        std::copy_n(as_bytes(text).begin(), text.size(), made.begin() + static_cast<std::ptrdiff_t>(held.at));
        ByteWriter writer;
        return side == Side::before ? writer.bytes(made).bytes(parts[0].content).take()
                                    : writer.bytes(parts[0].content).bytes(made).take();
    };
    return package;
}

}  // namespace

std::optional<Package> open_uimage(ByteView bytes) {
    ByteReader reader(bytes);
    if (reader.u32() != 0x27051956) return std::nullopt;
    const auto sum = reader.u32();
    reader.skip(4);
    const auto size = reader.u32();
    reader.skip(8);
    const auto data_sum = reader.u32();
    reader.skip(36);
    if (reader.failed() || size == 0 || size > bytes.size() - uimage_header) return std::nullopt;
    const auto data = bytes.subspan(uimage_header, size);
    if (uimage_sum(copy_of(bytes.first(uimage_header))) != sum || crc32_of(data) != data_sum)
        return std::nullopt;
    Package package{.format = "uimage"};
    package.parts.push_back(content_part("image", data));
    package.parts.push_back({"header", copy_of(bytes.first(uimage_header)), Part::Role::manifest});
    if (bytes.size() > uimage_header + size)
        package.parts.push_back(content_part("what follows the image", bytes.subspan(uimage_header + size)));
    package.close = [](const std::vector<Part>& parts) {
        auto head = parts[1].content;
        put_u32(head, uimage_size_at, static_cast<std::uint32_t>(parts[0].content.size()), true);
        put_u32(head, uimage_data_sum_at, crc32_of(parts[0].content), true);
        put_u32(head, uimage_sum_at, uimage_sum(head), true);
        append(head, parts[0].content);
        if (parts.size() > 2) append(head, parts[2].content);
        return head;
    };
    return package;
}

std::optional<Package> open_trx(ByteView bytes) {
    if (!begins_with(bytes, "HDR0") || bytes.size() <= trx_header) return std::nullopt;
    const auto length = little(bytes, trx_length_at, 4);
    if (length <= trx_header || length > bytes.size()) return std::nullopt;
    const auto sum = little(bytes, trx_sum_at, 4),
               own = std::uint64_t{trx_sum(bytes.subspan(trx_summed_from, length - trx_summed_from))};
    const bool complemented = sum == (~own & 0xffffffff);  // some tools leave it so
    if (sum != own && !complemented) return std::nullopt;
    Package package{.format = "trx"};
    package.parts.push_back(content_part("image", bytes.subspan(trx_header, length - trx_header)));
    package.close = [head = copy_of(bytes.first(trx_header)), rest = copy_of(bytes.subspan(length)),
                     complemented](const std::vector<Part>& parts) {
        auto out = head;
        append(out, parts[0].content);
        put_u32(out, trx_length_at, static_cast<std::uint32_t>(out.size()), false);
        const auto made = trx_sum(ByteView(out).subspan(trx_summed_from));
        put_u32(out, trx_sum_at, complemented ? ~made : made, false);
        append(out, rest);
        return out;
    };
    return package;
}

std::optional<Package> open_reolink_pak(ByteView bytes) {
    if (!begins_with(bytes, std::string_view("\x13\x59\x72\x32", 4)) || bytes.size() < 256)
        return std::nullopt;
    const auto shape = little(bytes, 4, 4) == 0 && little(bytes, 12, 4) == 0 ? pak64 : pak32;
    const std::size_t width = shape.section == pak64.section ? 8 : 4;
    const auto first = little(bytes, shape.header + shape.start_at, width);
    const auto count = first < shape.header ? 0 : (first - shape.header) / (shape.section + shape.partition);
    if (count == 0 || count > 256 || first > bytes.size() ||
        pak_sum(bytes, shape, first, count) != little(bytes, shape.sum_at, 4))
        return std::nullopt;
    Package package{.format = "reolink-pak", .fixed_sizes = true};
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = shape.header + i * shape.section;
        const auto start = little(bytes, at + shape.start_at, width),
                   size = little(bytes, at + shape.start_at + width, width);
        if (size == 0) continue;
        if (start > bytes.size() || size > bytes.size() - start) return std::nullopt;
        const auto name = as_text(bytes.subspan(at, 32));
        package.parts.push_back(
            content_part(inert(name.substr(0, name.find('\0'))), bytes.subspan(start, size)));
        starts.push_back(start);
    }
    if (starts.empty()) return std::nullopt;
    package.close = [genuine = copy_of(bytes), starts, shape, first, count](const std::vector<Part>& parts) {
        auto out = genuine;
        for (std::size_t i = 0; i < starts.size(); ++i)
            std::copy_n(parts[i].content.begin(), std::min(parts[i].content.size(), out.size() - starts[i]),
                        out.begin() + static_cast<std::ptrdiff_t>(starts[i]));
        put_u32(out, shape.sum_at, pak_sum(out, shape, first, count), false);
        return out;
    };
    return package;
}

std::optional<Package> open_squashfs(ByteView bytes) {
    const auto used = squashfs_size(bytes);
    if (used == 0) return std::nullopt;
    if (const auto cms = cms_size(bytes, used); cms != 0) return rauc_package(bytes, cms);
    auto trailer = used;
    while (trailer < bytes.size() && is_filler(bytes[trailer])) ++trailer;
    Package package{.format = "squashfs"};
    if (trailer == bytes.size()) {
        package.parts.push_back(content_part("file system", bytes.first(used)));
        package.close = [rest = copy_of(bytes.subspan(used))](const std::vector<Part>& parts) {
            return ByteWriter().bytes(parts[0].content).bytes(rest).take();
        };
        return package;
    }
    for (const auto end : {used, trailer})
        if (auto framed = framed_package(bytes.subspan(end), bytes.first(end), Side::behind)) {
            framed->format = "squashfs";
            return framed;
        }
    package.sums_unknown = true;
    package.parts.push_back(content_part("file system", bytes.first(trailer)));
    package.parts.push_back({"trailer", copy_of(bytes.subspan(trailer)), Part::Role::signature});
    package.close = [](const std::vector<Part>& parts) {
        return ByteWriter().bytes(parts[0].content).bytes(parts[1].content).take();
    };
    return package;
}

std::optional<Package> open_framed(ByteView bytes) {
    constexpr std::size_t largest = 16U << 20;  // it is read some thirty times
    if (bytes.size() < 128 || bytes.size() > largest) return std::nullopt;
    for (const std::size_t size : {4, 16, 20, 32, 33, 40, 64, 65})
        if (auto package = framed_package(bytes.last(size), bytes.first(bytes.size() - size), Side::behind))
            return package;
    for (const std::size_t size : {4, 16, 20, 32, 48, 64, 128, 256, 512, 1024})
        if (size < bytes.size() / 2)
            if (auto package = framed_package(bytes.first(size), bytes.subspan(size), Side::before))
                return package;
    return std::nullopt;
}

}  // namespace cambench::offers
