// Archives: cpio (SWUpdate's .swu), tar (Mender), ZIP (Dahua, Xiongmai, others), gzip around any of them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/core/checksum.hpp"
#include "harness/offers/package.hpp"
#include "harness/offers/package_bytes.hpp"

namespace cambench::offers {
namespace {

constexpr std::size_t most_entries = 4096;

void pad_to(Bytes& bytes, std::size_t unit) { bytes.resize((bytes.size() + unit - 1) / unit * unit); }
void put_text(Bytes& bytes, std::size_t at, std::string_view text) {
    std::copy_n(as_bytes(text).begin(), text.size(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}
void put_le(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
}

std::optional<std::uint64_t> digits_of(std::string_view text, int base) {
    std::uint64_t value = 0;
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value, base);
    return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
}

Part part_of(std::string_view name, ByteView content) {
    return {std::string(name), copy_of(content), role_of(name, content)};
}

/// Whether what was taken apart is the same when it is put together unchanged: only then is all of it
/// understood.
std::optional<Package> proven(Package package, ByteView bytes) {
    if (package.parts.empty()) return std::nullopt;
    const auto again = package.close(package.parts);
    return std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())
               ? std::optional(std::move(package))
               : std::nullopt;
}

/// A piece of an archive as it stood: the bytes before a part's content, and which part that is.
struct Entry {
    Bytes head;
    std::optional<std::size_t> part;
    Bytes other;  ///< the content of an entry that is no part
};

// cpio "newc": 110 characters, the name, the content, each padded to 4 (SWUpdate takes 070701 and 070702,
// whose sum of bytes it checks).
constexpr std::size_t cpio_header = 110, cpio_size_at = 54, cpio_name_size_at = 94, cpio_check_at = 102;
constexpr std::string_view cpio_end = "TRAILER!!!";

std::uint32_t sum_of(ByteView bytes) {
    std::uint32_t sum = 0;
    for (const auto byte : bytes) sum += std::to_integer<std::uint32_t>(byte);
    return sum;
}

Bytes close_cpio(const std::vector<Entry>& entries, const Bytes& rest, const std::vector<Part>& parts) {
    Bytes out;
    for (const auto& entry : entries) {
        auto head = entry.head;
        const auto& content = entry.part ? parts[*entry.part].content : entry.other;
        if (entry.part && parts[*entry.part].changed) {
            put_text(head, cpio_size_at, fmt::format("{:08X}", content.size()));
            if (as_text(head).starts_with("070702"))
                put_text(head, cpio_check_at, fmt::format("{:08X}", sum_of(content)));
        }
        append(out, head);
        pad_to(out, 4);
        append(out, content);
        pad_to(out, 4);
    }
    append(out, rest);
    return out;
}

// tar: 512 bytes with octal numbers, the content padded to 512.
constexpr std::size_t tar_block = 512, tar_size_at = 124, tar_sum_at = 148, tar_type_at = 156;

std::optional<std::uint64_t> octal_of(std::string_view field) {
    const auto first = field.find_first_not_of(' ');
    if (first == std::string_view::npos) return std::nullopt;
    field = field.substr(first);
    return digits_of(field.substr(0, field.find_first_of(std::string_view("\0 ", 2))), 8);
}

std::uint32_t tar_sum(ByteView head) { return sum_of(head) - sum_of(head.subspan(tar_sum_at, 8)) + 8 * ' '; }

Bytes close_tar(const std::vector<Entry>& entries, const Bytes& rest, const std::vector<Part>& parts) {
    Bytes out;
    for (const auto& entry : entries) {
        auto head = entry.head;
        const auto& content = entry.part ? parts[*entry.part].content : entry.other;
        if (entry.part && parts[*entry.part].changed) {
            put_text(head, tar_size_at, fmt::format("{:011o}", content.size()));
            put_text(head, tar_sum_at, fmt::format("{:06o}", tar_sum(head)));
        }
        append(out, head);
        append(out, content);
        pad_to(out, tar_block);
    }
    append(out, rest);
    return out;
}

// ZIP (PKWARE APPNOTE): local headers with their data, the central directory, its end.
struct ZipEntry {
    Bytes local, data, descriptor, central;
    std::optional<std::size_t> part;
    bool deflates = false;
};

Bytes close_zip(const std::vector<ZipEntry>& entries, const Bytes& end, const std::vector<Part>& parts) {
    Bytes out, directory;
    for (const auto& entry : entries) {
        auto local = entry.local, data = entry.data, descriptor = entry.descriptor, central = entry.central;
        if (entry.part && parts[*entry.part].changed) {
            const auto& content = parts[*entry.part].content;
            data = entry.deflates ? deflated(content) : content;
            const auto crc = crc32_of(content);
            const auto put = [&](Bytes& bytes, std::size_t at) {
                put_le(bytes, at, crc, 4);
                put_le(bytes, at + 4, data.size(), 4);
                put_le(bytes, at + 8, content.size(), 4);
            };
            if (descriptor.empty())
                put(local, 14);
            else
                put(descriptor, descriptor.size() - 12);
            put(central, 16);
        }
        put_le(central, 42, out.size(), 4);
        append(directory, central);
        for (const auto* piece : {&local, &data, &descriptor}) append(out, *piece);
    }
    auto tail = end;
    put_le(tail, 12, directory.size(), 4);
    put_le(tail, 16, out.size(), 4);
    append(out, directory);
    append(out, tail);
    return out;
}

std::optional<std::size_t> end_of_central_directory(ByteView bytes) {
    const auto text = as_text(bytes);
    const auto at = text.rfind(std::string_view("PK\x05\x06", 4));
    return at == std::string_view::npos || bytes.size() - at < 22 ? std::nullopt : std::optional(at);
}

/// What of the local side belongs to an entry of the central directory; false when it is not understood.
bool read_local(ByteView bytes, std::size_t at, std::size_t until, ByteReader central, ZipEntry& entry,
                Package& package, std::size_t& budget) {
    central.skip(8);
    const auto flags = central.u16_le(), method = central.u16_le();
    central.skip(8);
    const auto packed = central.u32_le(), size = central.u32_le();
    const auto name_length = central.u16_le();
    central.seek(46);
    const auto name = as_text(central.take(name_length));
    ByteReader local(bytes.subspan(at));
    local.skip(26);
    const auto local_name = local.u16_le(), local_extra = local.u16_le();
    if (central.failed() || local.failed() || until < at) return false;
    const std::size_t head = 30ULL + local_name + local_extra, room = until - at;
    if (head > room || packed > room - head) return false;
    entry.local = copy_of(bytes.subspan(at, head));
    entry.data = copy_of(bytes.subspan(at + head, packed));
    entry.descriptor = copy_of(bytes.subspan(at + head + packed, room - head - packed));
    const bool described = (flags & 8) != 0;
    if (described ? entry.descriptor.size() != 12 && entry.descriptor.size() != 16
                  : !entry.descriptor.empty())
        return false;
    if ((flags & 1) != 0 || name.ends_with('/') || (method != 0 && method != 8))
        return true;  // no part of ours
    entry.deflates = method == 8;
    if (size > budget) return false;
    budget -= size;
    const auto content = entry.deflates ? inflated(entry.data, size) : std::optional(entry.data);
    if (!content || content->size() != size) return false;
    entry.part = package.parts.size();
    package.parts.push_back(part_of(name, *content));
    return true;
}

}  // namespace

std::optional<Package> open_cpio(ByteView bytes) {
    Package package{.format = "cpio"};
    std::vector<Entry> entries;
    std::size_t at = 0;
    for (bool more = true; more;) {
        const auto text = as_text(bytes).substr(std::min(at, bytes.size()));
        if (text.size() < cpio_header || entries.size() == most_entries ||
            (!text.starts_with("070701") && !text.starts_with("070702")))
            return std::nullopt;
        const auto size = digits_of(text.substr(cpio_size_at, 8), 16),
                   name_size = digits_of(text.substr(cpio_name_size_at, 8), 16);
        if (!size || !name_size || *name_size == 0 || *name_size > text.size() - cpio_header)
            return std::nullopt;
        const auto name = text.substr(cpio_header, *name_size - 1);
        const auto begin = (cpio_header + *name_size + 3) / 4 * 4;
        if (begin > text.size() || *size > text.size() - begin) return std::nullopt;
        const auto content = as_bytes(text.substr(begin, *size));
        Entry entry{copy_of(as_bytes(text.substr(0, cpio_header + *name_size))), {}, {}};
        more = name != cpio_end;
        if (more && *size > 0) {
            entry.part = package.parts.size();
            package.parts.push_back(part_of(name, content));
            if (name == "sw-description") package.format = "swu";
        } else {
            entry.other = copy_of(content);
        }
        entries.push_back(std::move(entry));
        at = std::min(bytes.size(), (at + begin + *size + 3) / 4 * 4);
    }
    package.close = [entries = std::move(entries), rest = copy_of(bytes.subspan(at))](
                        const std::vector<Part>& parts) { return close_cpio(entries, rest, parts); };
    return proven(std::move(package), bytes);
}

std::optional<Package> open_tar(ByteView bytes) {
    Package package{.format = "tar"};
    std::vector<Entry> entries;
    std::size_t at = 0;
    while (bytes.size() - at >= tar_block &&
           std::any_of(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                       bytes.begin() + static_cast<std::ptrdiff_t>(at + tar_block),
                       [](auto byte) { return byte != std::byte{0}; })) {
        const auto head = bytes.subspan(at, tar_block);
        const auto text = as_text(head);
        const auto size = octal_of(text.substr(tar_size_at, 12)), sum = octal_of(text.substr(tar_sum_at, 8));
        if (entries.size() == most_entries || !size || !sum || *sum != tar_sum(head) ||
            *size > bytes.size() - at - tar_block)
            return std::nullopt;
        const auto name = text.substr(0, std::min<std::size_t>(text.find('\0'), 100));
        const auto content = bytes.subspan(at + tar_block, *size);
        Entry entry{copy_of(head), {}, {}};
        const auto type = text[tar_type_at];
        if ((type == '0' || type == '\0' || type == '7') && *size > 0) {
            entry.part = package.parts.size();
            package.parts.push_back(part_of(name, content));
            if (entries.empty() && name == "version" &&
                as_text(content).find("\"mender\"") != std::string_view::npos)
                package.format = "mender";
        } else {
            entry.other = copy_of(content);
        }
        entries.push_back(std::move(entry));
        at = std::min<std::size_t>(bytes.size(),
                                   at + tar_block + (*size + tar_block - 1) / tar_block * tar_block);
    }
    if (entries.empty()) return std::nullopt;
    package.close = [entries = std::move(entries), rest = copy_of(bytes.subspan(at))](
                        const std::vector<Part>& parts) { return close_tar(entries, rest, parts); };
    return proven(std::move(package), bytes);
}

std::optional<Package> open_zip(ByteView bytes) {
    const auto text = as_text(bytes);
    const bool dahua = text.starts_with(std::string_view("DH\x03\x04", 4));
    if (!dahua && !text.starts_with(std::string_view("PK\x03\x04", 4))) return std::nullopt;
    const auto end_at = end_of_central_directory(bytes);
    if (!end_at) return std::nullopt;
    ByteReader end(bytes.subspan(*end_at));
    end.skip(10);
    const auto count = end.u16_le();
    const auto size = end.u32_le(), offset = end.u32_le();
    if (count == 0 || count > most_entries || offset > *end_at || size != *end_at - offset)
        return std::nullopt;
    Package package{.format = dahua ? "dahua-zip" : "zip"};
    std::vector<ZipEntry> entries;
    std::vector<std::size_t> locals;
    auto directory = bytes.subspan(offset, size);
    for (std::size_t i = 0; i < count; ++i) {
        ByteReader reader(directory);
        if (as_text(reader.take(4)) != std::string_view("PK\x01\x02", 4)) return std::nullopt;
        reader.skip(24);
        const std::size_t length = 46ULL + reader.u16_le() + reader.u16_le() + reader.u16_le();
        reader.skip(8);
        locals.push_back(reader.u32_le());
        if (reader.failed() || length > directory.size() || (i > 0 && locals[i] < locals[i - 1]))
            return std::nullopt;
        entries.push_back({{}, {}, {}, copy_of(directory.first(length)), {}, false});
        directory = directory.subspan(length);
    }
    if (!directory.empty()) return std::nullopt;
    locals.push_back(offset);
    std::size_t budget = most_unpacked;
    for (std::size_t i = 0; i < count; ++i)
        if (!read_local(bytes, locals[i], locals[i + 1], ByteReader(entries[i].central), entries[i], package,
                        budget))
            return std::nullopt;
    for (const auto& part : package.parts)
        if (part.name == "InstallDesc") package.format = "xiongmai-zip";
    package.close = [entries = std::move(entries), rest = copy_of(bytes.subspan(*end_at))](
                        const std::vector<Part>& parts) { return close_zip(entries, rest, parts); };
    return proven(std::move(package), bytes);
}

std::optional<Package> open_gzip(ByteView bytes) {
    ByteReader reader(bytes);
    if (as_text(reader.take(3)) != std::string_view("\x1f\x8b\x08", 3)) return std::nullopt;
    const auto flags = reader.u8();
    reader.skip(6);
    if ((flags & 4) != 0) reader.skip(reader.u16_le());
    for (const int flag : {8, 16})
        while ((flags & flag) != 0 && !reader.failed() && reader.u8() != 0) {
        }
    if ((flags & 2) != 0) reader.skip(2);
    if (reader.failed()) return std::nullopt;
    const auto begin = reader.position();
    std::size_t used = 0;
    const auto content = inflated(bytes.subspan(begin), most_unpacked, &used);
    if (!content || content->empty() || bytes.size() - begin - used < 8) return std::nullopt;
    reader.skip(used);
    const auto crc = reader.u32_le();
    if (crc != crc32_of(*content)) return std::nullopt;
    Package package{.format = "gzip"};
    package.parts.push_back({"content", *content, Part::Role::content});
    package.close = [genuine = copy_of(bytes), begin, used](const std::vector<Part>& parts) {
        if (!parts[0].changed) return genuine;
        const auto& made = parts[0].content;
        Bytes out = copy_of(ByteView(genuine).first(begin));
        append(out, deflated(made));
        out.resize(out.size() + 8);
        put_le(out, out.size() - 8, crc32_of(made), 4);
        put_le(out, out.size() - 4, made.size(), 4);
        append(out, ByteView(genuine).subspan(begin + used + 8));
        return out;
    };
    return package;
}

}  // namespace cambench::offers
