#include "harness/analysis/flows/content.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t most_marks = 64;  ///< more than there are: one must not hide behind others

/// Sixteen bytes at a time, since few of the bytes that are looked at begin a mark.
using ByteBlock = unsigned char __attribute__((vector_size(16)));

ByteBlock block_at(const std::byte* bytes) {
    ByteBlock block;
    std::memcpy(&block, bytes, sizeof block);
    return block;
}

/// The same byte sixteen times.
ByteBlock all(char byte) {
    ByteBlock block;
    std::memset(&block, static_cast<unsigned char>(byte), sizeof block);
    return block;
}

struct Pair {
    ByteBlock first, next;
};
const std::array<Pair, 24> pairs = [] {
    constexpr std::array texts{"\xff\xd8"sv,
                               "\x7f"
                               "E"sv,
                               "#!"sv,
                               "DH"sv,
                               "FL"sv,
                               "ft"sv,
                               "f0"sv,
                               "RI"sv,
                               "Og"sv,
                               "IM"sv,
                               "U\xaa"sv,
                               "\x89P"sv,
                               "\x1a\x45"sv,
                               "/9"sv,
                               "AA"sv,
                               "\x01\x40"sv,
                               "\x01\x42"sv,
                               "\x01\xba"sv,
                               "g\x42"sv,
                               "g\x4d"sv,
                               "g\x64"sv,
                               "\x40\x01"sv,
                               "MZ"sv,
                               "de"sv};
    std::array<Pair, texts.size()> made{};
    for (std::size_t i = 0; i < texts.size(); ++i) made[i] = {all(texts[i][0]), all(texts[i][1])};
    return made;
}();

/// All bits of a byte where a mark may begin, or its anchor (the 01 of a start code, the 47 of a transport
/// stream): told by that byte and the next.
ByteBlock anchors_in(ByteBlock first, ByteBlock next) {
    auto found = (first == 0x47) & ((next & 0x80) == 0);
    found |= (first == 0x01) & ((next & 0x9f) == 0x07);
    for (const auto& pair : pairs) found |= (first == pair.first) & (next == pair.next);
    return reinterpret_cast<ByteBlock>(found);
}

bool is_any(ByteBlock block) {
    std::array<std::uint64_t, 2> halves;
    std::memcpy(halves.data(), &block, sizeof block);
    return (halves[0] | halves[1]) != 0;
}

constexpr std::string_view jpeg = "JPEG picture", h264 = "H.264 video", h265 = "H.265 video",
                           program_stream = "MPEG program stream", transport_stream = "MPEG transport stream",
                           flash_video = "FLV video", mp4 = "MP4 video", dav = "DHAV video",
                           pppp_video = "PPPP video frame", png = "PNG picture", riff_audio = "WAVE audio",
                           riff_video = "AVI video", webp = "WebP picture", matroska = "Matroska video",
                           ogg = "Ogg audio", amr = "AMR audio", hik_video = "Hikvision media file",
                           elf = "ELF program", script = "shell script", windows = "Windows program",
                           android = "Android program";

/// Bytes with safe access: zero beyond the end.
class Peek {
public:
    explicit Peek(ByteView bytes) : bytes_(bytes) {}
    [[nodiscard]] unsigned operator()(std::size_t index) const {
        return index < bytes_.size() ? std::to_integer<unsigned>(bytes_[index]) : 0;
    }
    [[nodiscard]] bool has(std::size_t index, std::string_view text) const {
        return index <= bytes_.size() && as_text(bytes_.subspan(index)).starts_with(text);
    }

private:
    ByteView bytes_;
};

bool is_jpeg(const Peek& at, std::size_t i) {
    if (!at.has(i, "\xff\xd8\xff"sv)) return false;
    if (at(i + 3) == 0xe0) return at.has(i + 6, "JFIF\0"sv) || at.has(i + 6, "AVI1"sv);
    if (at(i + 3) == 0xe1) return at.has(i + 6, "Exif\0"sv) || at.has(i + 6, "http:"sv);
    if (at(i + 3) == 0xdb)
        return at(i + 4) == 0 && (at(i + 5) == 0x43 || at(i + 5) == 0x84 || at(i + 5) == 0xc5);
    if (at(i + 3) == 0xfe) return at(i + 4) == 0 && at(i + 5) >= 4;
    return at(i + 3) == 0xc0 && at(i + 4) == 0 && at(i + 5) == 17 && at(i + 6) == 8;
}

bool is_h264_profile(unsigned profile) {
    return profile == 0x42 || profile == 0x4d || profile == 0x58 || profile == 0x64 || profile == 0x6e ||
           profile == 0x7a || profile == 0xf4;
}

/// A start code 00 00 01 whose last byte is at `i`: parameter sets of video, or the packs of a program
/// stream.
std::string_view behind_start_code(const Peek& at, std::size_t i) {
    const auto type = at(i + 1);
    if ((type & 0x9f) == 0x07 && is_h264_profile(at(i + 2)) && (at(i + 3) & 3) == 0 && at(i + 4) >= 9 &&
        at(i + 4) <= 62 && at(i + 5) != 0)
        return h264;
    if (type == 0x40 && at(i + 2) == 1 && at(i + 3) == 0x0c) return h265;
    if (type == 0x42 && at(i + 2) == 1 && at(i + 3) == 0x01 && (at(i + 4) & 0xc0) == 0) return h265;
    if (type != 0xba) return {};
    const bool second = (at(i + 2) & 0xc4) == 0x44, first = (at(i + 2) & 0xf1) == 0x21;
    const auto next = second ? i + 12 + (at(i + 11) & 7) : i + 10;
    if ((!second && !first) || !at.has(next, "\0\0\1"sv)) return {};
    const auto id = at(next + 3);
    return id == 0xbb || id == 0xbc || id == 0xbd || (id >= 0xc0 && id <= 0xef) ? program_stream
                                                                                : std::string_view();
}

/// Parameter sets one behind the other, each behind its length in four bytes (ISO/IEC 14496-15), the first
/// one at `i`.
std::string_view behind_length(const Peek& at, std::size_t i) {
    constexpr std::size_t length_size = 4, longest_set = 255;
    if (i < length_size || at(i - 4) != 0 || at(i - 3) != 0 || at(i - 2) != 0) return {};
    const std::size_t length = at(i - 1);
    const auto next = i + length + length_size;
    if (length < 8 || at(next - 4) != 0 || at(next - 3) != 0 || at(next - 2) != 0 || at(next - 1) < 2 ||
        at(next - 1) > longest_set)
        return {};
    if (at(i) == 0x67)
        return is_h264_profile(at(i + 1)) && (at(i + 2) & 3) == 0 && at(i + 3) >= 9 && at(i + 3) <= 62 &&
                       (at(next) & 0x9f) == 0x08
                   ? h264
                   : std::string_view();
    return at(i + 1) == 0x01 && at(i + 2) == 0x0c && at(next) == 0x42 && at(next + 1) == 0x01
               ? h265
               : std::string_view();
}

bool is_transport_stream(const Peek& at, std::size_t i) {
    for (const std::size_t packet : {0U, 188U, 376U, 564U, 752U}) {
        if (at(i + packet) != 0x47 || (at(i + packet + 1) & 0x80) != 0 || (at(i + packet + 3) & 0x30) == 0)
            return false;
    }
    return true;
}

bool is_mp4_brand(const Peek& at, std::size_t i) {
    for (const auto brand :
         {"isom"sv, "iso2"sv, "iso4"sv, "iso5"sv, "iso6"sv, "mp41"sv, "mp42"sv, "avc1"sv, "dash"sv, "qt  "sv,
          "M4V "sv, "MSNV"sv, "3gp4"sv, "3gp5"sv, "3gp6"sv, "hvc1"sv}) {
        if (at.has(i, brand)) return true;
    }
    return false;
}

bool is_elf(const Peek& at, std::size_t i) {
    return at.has(i,
                  "\x7f"
                  "ELF"sv) &&
           (at(i + 4) == 1 || at(i + 4) == 2) && (at(i + 5) == 1 || at(i + 5) == 2) && at(i + 6) == 1;
}

/// The head that DOS sees, which says where the other one begins (PE/COFF).
bool is_windows_program(const Peek& at, std::size_t i) {
    constexpr std::size_t place = 0x3c, furthest = 0x400;
    if (!at.has(i, "MZ"sv) || at(i + place + 2) != 0 || at(i + place + 3) != 0) return false;
    const std::size_t head = at(i + place) | at(i + place + 1) << 8;
    return head >= place && head <= furthest && at.has(i + head, "PE\0\0"sv);
}

bool is_digit(unsigned byte) { return byte >= '0' && byte <= '9'; }

/// "dex\n035\0": Dalvik bytecode.
bool is_android_program(const Peek& at, std::size_t i) {
    return at.has(i, "dex\n"sv) && is_digit(at(i + 4)) && is_digit(at(i + 5)) && is_digit(at(i + 6)) &&
           at(i + 7) == 0;
}

bool is_script(const Peek& at, std::size_t i) {
    if (!at.has(i, "#!"sv)) return false;
    const auto path = i + 2 + (at(i + 2) == ' ' ? 1 : 0);
    return at.has(path, "/bin/sh"sv) || at.has(path, "/bin/bash"sv) || at.has(path, "/bin/ash"sv) ||
           at.has(path, "/bin/busybox"sv) || at.has(path, "/usr/bin/"sv) || at.has(path, "/system/bin/sh"sv);
}

std::string_view riff(const Peek& at, std::size_t i) {
    if (!at.has(i, "RIFF"sv)) return {};
    if (at.has(i + 8, "WAVEfmt"sv)) return riff_audio;
    if (at.has(i + 8, "AVI LIST"sv)) return riff_video;
    return at.has(i + 8, "WEBPVP8"sv) ? webp : std::string_view();
}

/// Behind the head of an HTTP message, or behind the size of its first chunk.
bool begins_body(const Peek& at, std::size_t i) {
    if (i < 4 || !at.has(i - 2, "\r\n"sv)) return false;
    constexpr std::size_t most_digits = 8;
    auto begin = i - 2;
    while (begin > 0 && i - 2 - begin < most_digits && std::isxdigit(static_cast<int>(at(begin - 1))) != 0)
        --begin;
    return begin >= 2 && at.has(begin - 2, "\r\n"sv) &&
           (begin == i - 2 || (begin >= 4 && at.has(begin - 4, "\r\n"sv)));
}

/// Media and programs written in base64: the same marks as their three-byte groups come out.
std::string_view in_base64(const Peek& at, std::size_t i) {
    if (at.has(i, "/9j/4AAQSkZJRg"sv) || at.has(i, "/9j/2wBD"sv) || at.has(i, "/9j/2wCE"sv) ||
        (at.has(i, "/9j/4"sv) && at.has(i + 8, "RXhpZg"sv)))
        return jpeg;
    if (at.has(i, "AAAAAWdC"sv) || at.has(i, "AAAAAWdN"sv) || at.has(i, "AAAAAWdk"sv)) return h264;
    if (at.has(i, "AAAAAUABDA"sv)) return h265;
    return {};
}

std::optional<Mark> mark_at(const Peek& at, std::size_t i, bool at_start) {
    const auto media = [&](std::string_view what, std::size_t begin) {
        return Mark{ContentKind::media, what, begin};
    };
    switch (at(i)) {
        case 0xff:
            if (is_jpeg(at, i)) return media(jpeg, i);
            break;
        case 0x01:
            if (i < 2 || at(i - 1) != 0 || at(i - 2) != 0) break;
            if (const auto what = behind_start_code(at, i); !what.empty()) return media(what, i - 2);
            break;
        case 0x47:
            if (is_transport_stream(at, i)) return media(transport_stream, i);
            break;
        case 'g':
        case 0x40:
            if (const auto what = behind_length(at, i); !what.empty()) return media(what, i - 4);
            break;
        case 0x7f:
            if (is_elf(at, i)) return Mark{ContentKind::code, elf, i};
            break;
        case 'M':
            if (is_windows_program(at, i)) return Mark{ContentKind::code, windows, i};
            break;
        case 'd':
            if (is_android_program(at, i)) return Mark{ContentKind::code, android, i};
            break;
        case '#':
            if (is_script(at, i) && (at_start || begins_body(at, i)))
                return Mark{ContentKind::code, script, i};
            if (at_start && at.has(i, "#!AMR"sv)) return media(amr, i);
            break;
        case 'D':
            if (at.has(i, "DHAV"sv) && (at(i + 4) >= 0xf0)) return media(dav, i);
            break;
        case 'F':
            if (at.has(i, "FLV\1"sv) && (at(i + 4) & 0xfa) == 0 && at.has(i + 5, "\0\0\0\x09"sv))
                return media(flash_video, i);
            break;
        case 'f':
            if (i >= 4 && at.has(i, "ftyp"sv) && at(i - 4) == 0 && is_mp4_brand(at, i + 4))
                return media(mp4, i - 4);
            if (at.has(i, "f0VMRgEB"sv) || at.has(i, "f0VMRgIB"sv) || at.has(i, "f0VMRgEC"sv))
                return Mark{ContentKind::code, elf, i};
            break;
        case 'R':
            if (const auto what = riff(at, i); !what.empty()) return media(what, i);
            break;
        case 'O':
            if (at.has(i, "OggS\0\2"sv)) return media(ogg, i);
            break;
        case 'I':
            if (at_start && at.has(i, "IMKH\1\1"sv)) return media(hik_video, i);
            break;
        case 'U':
            if ((i == 0 || i == 8) && at.has(i, "\x55\xaa\x15\xa8"sv)) return media(pppp_video, i);
            break;
        case 0x89:
            if (at.has(i, "\x89PNG\r\n\x1a\n"sv)) return media(png, i);
            break;
        case 0x1a:
            if (at.has(i, "\x1a\x45\xdf\xa3"sv) && at_start) return media(matroska, i);
            break;
        case '/':
        case 'A':
            if (const auto what = in_base64(at, i); !what.empty()) return media(what, i);
            break;
        default:
            break;
    }
    return std::nullopt;
}

bool is_known_ntp_extension(std::uint16_t type) {
    // RFC 7822, RFC 8915 (network time security), RFC 5906 (autokey) and the checksum complement.
    const auto low = type & 0xff;
    return type == 0x0104 || type == 0x0204 || type == 0x0304 || type == 0x0404 || type == 0x2005 ||
           (low == 0x02 && type >> 8 <= 0x88) || type == 0x2000 || type == 0x0000;
}

}  // namespace

std::vector<Mark> find_marks(ByteView bytes, Position position) {
    std::vector<Mark> found;
    const Peek at(bytes);
    const auto look = [&](std::size_t i) {
        const auto mark = mark_at(at, i, position == Position::start && i == 0);
        if (!mark) return;
        const bool known =
            std::any_of(found.begin(), found.end(), [&](const Mark& one) { return one.what == mark->what; });
        if (!known && found.size() < most_marks) found.push_back(*mark);
    };
    std::size_t i = 0;
    for (; i + sizeof(ByteBlock) < bytes.size(); i += sizeof(ByteBlock)) {
        const auto anchors = anchors_in(block_at(bytes.data() + i), block_at(bytes.data() + i + 1));
        if (!is_any(anchors)) continue;
        for (std::size_t lane = 0; lane < sizeof(ByteBlock); ++lane)
            if (anchors[lane] != 0) look(i + lane);
    }
    for (; i < bytes.size(); ++i) look(i);
    return found;
}

bool is_odd_echo(ByteView payload) {
    constexpr std::size_t shortest = 16;
    if (payload.size() < echo_stamp + shortest) return false;
    const auto body = payload.subspan(echo_stamp);
    std::array<std::size_t, 256> steps{};
    for (std::size_t i = 1; i < body.size(); ++i)
        ++steps[(std::to_integer<unsigned>(body[i]) - std::to_integer<unsigned>(body[i - 1])) & 0xff];
    if (*std::max_element(steps.begin(), steps.end()) * 10 >= (body.size() - 1) * 8)
        return false;  // constant or counting
    for (std::size_t period = 2; period <= std::min<std::size_t>(32, body.size() / 2); ++period) {
        std::size_t same = 0;
        for (std::size_t i = period; i < body.size(); ++i) same += body[i] == body[i - period];
        if (same * 10 >= (body.size() - period) * 9) return false;
    }
    return true;
}

bool is_ntp_control(ByteView datagram) {
    constexpr std::size_t longest_digest = 24;
    ByteReader in(datagram);
    const auto mode = in.u8() & 7;
    if (mode == 6) {  // RFC 9327: what ntpq says; text of as many bytes as its header states
        constexpr std::size_t header = 12, most = 468;
        in.skip(9);
        const std::size_t count = in.u16();
        const auto text = in.take(count);
        const auto plain = [](std::byte one) {
            const auto c = std::to_integer<unsigned char>(one);
            return (c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n' || c == '\t';
        };
        return !in.failed() && count <= most && std::all_of(text.begin(), text.end(), plain) &&
               datagram.size() <= header + (count + 7) / 8 * 8 + longest_digest;
    }
    if (mode != 7) return false;
    // What ntpdc says: so many items of such a size, requests filled up with zeros
    constexpr std::size_t header = 8, data_of_request = 176;
    in.skip(3);
    const std::size_t items = in.u16() & 0xfff, size = in.u16() & 0xfff;
    if (in.failed() || items * size > in.remaining()) return false;
    const bool answer = (std::to_integer<unsigned>(datagram[0]) & 0x80) != 0;
    if (answer) return datagram.size() <= header + items * size + longest_digest;
    const auto behind = in.rest().subspan(items * size);
    const auto filling =
        behind.first(std::min(behind.size(), data_of_request - std::min(data_of_request, items * size)));
    return datagram.size() <= header + data_of_request + longest_digest && items * size <= 64 &&
           std::all_of(filling.begin(), filling.end(), [](std::byte one) { return one == std::byte{0}; });
}

std::size_t odd_ntp_bytes(ByteView datagram) {
    const auto mode = datagram.empty() ? 0U : std::to_integer<unsigned>(datagram[0]) & 7;
    if ((mode == 6 || mode == 7) && is_ntp_control(datagram)) return 0;
    if (datagram.size() <= 48) return 0;
    if (mode == 6 || mode == 7) return datagram.size() - 12;
    ByteReader in(datagram.subspan(48));
    while (in.remaining() > 24) {
        const auto type = in.u16();
        const std::size_t length = in.u16();
        if (!is_known_ntp_extension(type) || length < 16 || length % 4 != 0 || length - 4 > in.remaining())
            return datagram.size() - 48;
        in.skip(length - 4);
    }
    const auto rest = in.remaining();  // a key number, alone or with an MD5 or SHA-1 digest
    return rest == 0 || rest == 4 || rest == 20 || rest == 24 ||
                   (rest >= 16 && rest % 4 == 0 && datagram.size() > 72)
               ? 0
               : datagram.size() - 48;
}

bool is_tutk(ByteView datagram) {
    // The scrambling works on blocks of 16 bytes: rotate words, move bytes, mix with a constant text, rotate
    // again.
    static constexpr std::array<std::uint8_t, 16> from{11, 9, 8, 15, 13, 10, 12, 14, 2, 1, 5, 0, 6, 4, 7, 3};
    static constexpr std::string_view key = "Charlie is the designer of P2P!!";
    if (datagram.size() < 20) return false;
    const auto rotated = [](std::uint32_t word, unsigned by) { return word << by | word >> (32 - by); };
    std::array<std::uint8_t, 16> block{}, moved{};
    ByteReader in(datagram);
    for (unsigned word = 0; word < 16; word += 4) {
        const auto value = rotated(in.u32_le(), word + 3);
        for (unsigned i = 0; i < 4; ++i) block[word + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    for (unsigned i = 0; i < 16; ++i)
        moved[i] = static_cast<std::uint8_t>(block[from[i]] ^ static_cast<unsigned char>(key[i]));
    const auto word = [&](unsigned i) {
        return rotated(static_cast<std::uint32_t>(moved[i] | moved[i + 1] << 8 | moved[i + 2] << 16) |
                           static_cast<std::uint32_t>(moved[i + 3]) << 24,
                       i + 1);
    };
    const auto first = word(0), second = word(4);
    return (first & 0xffff) == 0x0204 && (first >> 16 & 0xf0) == 0x10 &&
           (second & 0xffff) == datagram.size() - 16;
}

void RtpSense::add(ByteView datagram) {
    if (longest_run_ >= needed_run) return;
    ByteReader in(datagram);
    const auto first = in.u8();
    const auto type = in.u8() & 0x7fU;
    const auto number = in.u16();
    in.skip(4);
    const auto source = in.u32();
    const bool plausible =
        !in.failed() && first >> 6 == 2 && (type <= 34 || type >= 96) && datagram.size() > 16;
    if (!plausible) {
        run_ = 0;
        return;
    }
    const auto step = static_cast<std::uint16_t>(number - number_);
    if (run_ > 0 && source == source_ && step == 0)
        return;  // the same once more, as mirrors of switches give it
    run_ = run_ > 0 && source == source_ && step >= 1 && step <= 16 ? run_ + 1 : 1;
    source_ = source;
    number_ = number;
    longest_run_ = std::max(longest_run_, run_);
}

}  // namespace cambench::analysis
