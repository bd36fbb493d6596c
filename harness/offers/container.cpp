#include "harness/offers/container.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"
#include "harness/offers/haneul_package.hpp"
#include "harness/offers/package.hpp"
#include "harness/offers/versions.hpp"

namespace cambench::offers {
namespace {

constexpr std::size_t most_inside = 16, longest_text = 48;

std::string clean(std::string_view field) {
    return inert(field.substr(0, std::min(field.find('\0'), longest_text)));
}

bool begins(ByteView bytes, std::string_view magic) {
    return as_text(bytes.first(std::min(bytes.size(), magic.size()))) == magic;
}

void describe_haneul(ByteView bytes, Container& found) {
    const auto package = parse_haneul_package(bytes);
    if (!package) {
        found.facts.push_back(package.error().message);
        return;
    }
    found.model = clean(package->model);
    found.version = clean(package->version);
    found.facts.push_back(fmt::format("hardware {}, released {}, needs {} or later", clean(package->hardware),
                                      clean(package->released), clean(package->minimum)));
    for (const auto& part : package->parts)
        found.facts.push_back(
            fmt::format("part {} {}, {} bytes", clean(part.name), clean(part.version), part.content.size()));
    if (!package->signature.empty())
        found.signature = fmt::format("Ed25519, {} bytes at the end", package->signature.size());
}

/// U-Boot's legacy header: 64 bytes, big endian (include/image.h).
void describe_uimage(ByteView bytes, Container& found) {
    ByteReader reader(bytes);
    reader.skip(8);
    const auto time = reader.u32(), size = reader.u32(), load = reader.u32(), entry = reader.u32();
    reader.skip(4);
    const auto system = reader.u8(), architecture = reader.u8(), type = reader.u8(),
               compression = reader.u8();
    const auto name = reader.take(32);
    if (reader.failed()) {
        found.facts.push_back("its header is cut short");
        return;
    }
    found.facts.push_back(fmt::format("name '{}', {} bytes of data, made at {}, load 0x{:x}, entry 0x{:x}",
                                      clean(as_text(name)), size, time, load, entry));
    found.facts.push_back(fmt::format("os {}, architecture {}, type {}, compression {}", system, architecture,
                                      type, compression));
    if (size + 64ULL > bytes.size()) found.facts.push_back("it is shorter than its header says");
}

/// The magic is at 0 of squashfs's superblock; sizes as in Linux's fs/squashfs.
void describe_squashfs(ByteView bytes, Container& found) {
    const bool little = begins(bytes, "hsqs");
    ByteReader reader(bytes);
    reader.skip(4);
    const auto inodes = little ? reader.u32_le() : reader.u32();
    reader.seek(40);
    const auto used = little ? reader.u64_le() : reader.u64();
    if (!reader.failed())
        found.facts.push_back(
            fmt::format("{} inodes, {} bytes used, {} endian", inodes, used, little ? "little" : "big"));
    const auto package = open_squashfs(bytes);
    if (!package || package->parts.size() < 2) return;
    const auto& behind = package->parts.back();
    if (package->format == "rauc") {
        found.format = "rauc";
        found.title = "RAUC bundle (SquashFS with CMS behind it)";
        found.signature = fmt::format("CMS, {} bytes at the end", behind.content.size());
    } else {
        found.facts.push_back(fmt::format("{} bytes of something else behind it", behind.content.size()));
    }
}

void describe_fit(ByteView bytes, Container& found) {
    ByteReader reader(bytes);
    reader.skip(4);
    const auto size = reader.u32();
    if (!reader.failed()) found.facts.push_back(fmt::format("device tree of {} bytes", size));
    const auto text = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 1U << 20)));
    if (text.find("signature") != std::string_view::npos &&
        text.find("key-name-hint") != std::string_view::npos)
        found.signature = "a signature node (key-name-hint)";
}

/// Names of the first entries of a ZIP file; damaged ones end the list.
std::vector<std::string> zip_names(ByteView bytes) {
    std::vector<std::string> names;
    std::size_t at = 0;
    while (names.size() < 64 && at + 30 <= bytes.size()) {
        ByteReader reader(bytes.subspan(at));
        const auto magic = as_text(reader.take(4));
        if (magic != std::string_view("PK\x03\x04", 4) &&
            !(at == 0 && magic == std::string_view("DH\x03\x04", 4)))
            break;
        reader.skip(14);
        const auto size = reader.u32_le();
        reader.skip(4);
        const auto name = reader.u16_le(), extra = reader.u16_le();
        const auto text = as_text(reader.take(name));
        if (reader.failed()) break;
        names.push_back(clean(text));
        at += 30ULL + name + extra + size;
    }
    return names;
}

void describe_zip(ByteView bytes, Container& found) {
    const auto names = zip_names(bytes);
    found.facts.push_back(fmt::format(
        "entries: {}", join(std::span(names).first(std::min<std::size_t>(names.size(), 12)), ", ")));
    const auto has = [&](std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (has("InstallDesc")) {
        found.format = "xiongmai-zip";
        found.title = "Xiongmai update (ZIP with InstallDesc)";
    }
    for (const auto* name : {"sign.img", "META-INF/CERT.RSA", "signature"})
        if (has(name)) found.signature = fmt::format("an entry {}", name);
}

/// Hikvision's digicap.dav: the first 108 bytes are XORed with a rolling key (hiktools, fmod/digicap.py).
std::optional<std::string> decoded_digicap(ByteView bytes) {
    constexpr std::array<unsigned char, 16> key{0xBA, 0xCD, 0xBC, 0xFE, 0xD6, 0xCA, 0xDD, 0xD3,
                                                0xBA, 0xB9, 0xA3, 0xAB, 0xBF, 0xCB, 0xB5, 0xBE};
    constexpr std::size_t header = 0x6C;
    if (bytes.size() < header) return std::nullopt;
    std::string decoded;
    for (std::size_t i = 0; i < header; ++i)
        decoded += static_cast<char>(std::to_integer<unsigned char>(bytes[i]) ^ key[(i + (i >> 4)) & 0xF]);
    const bool known = decoded.starts_with("SWKH") || decoded.starts_with("HKWS");
    return known ? std::optional(decoded) : std::nullopt;
}

void describe_digicap(ByteView bytes, Container& found) {
    const auto decoded = decoded_digicap(bytes);
    if (!decoded) return;
    ByteReader reader(as_bytes(*decoded));
    reader.skip(4);
    const auto checksum = reader.u32_le(), header = reader.u32_le(), files = reader.u32_le(),
               language = reader.u32_le(), device = reader.u32_le();
    found.facts.push_back(
        fmt::format("{} files, header {} bytes, checksum 0x{:08x}, language {}, device class {}", files,
                    header, checksum, language, device));
}

/// SWUpdate's package is a cpio archive whose first entry is sw-description.
constexpr std::string_view swu_description = "sw-description";
constexpr std::size_t cpio_head_size = 110;
bool is_swu(ByteView bytes) {
    return as_text(bytes).substr(std::min(cpio_head_size, bytes.size())).starts_with(swu_description);
}

void describe_cpio(ByteView bytes, Container& found) {
    if (!is_swu(bytes)) return;
    found.format = "swu";
    found.title = "SWUpdate package (cpio)";
    const auto package = open_cpio(bytes);
    if (!package) return;
    for (const auto& part : package->parts) {
        found.facts.push_back(fmt::format("entry {}, {} bytes", clean(part.name), part.content.size()));
        if (part.name == swu_description)
            found.version = clean(version_of_description(as_text(part.content)));
        if (part.role == Part::Role::signature)
            found.signature = fmt::format("an entry {}", clean(part.name));
    }
}

constexpr std::size_t ustar_at = 257;
bool is_tar(ByteView bytes) {
    return as_text(bytes).substr(std::min(ustar_at, bytes.size())).starts_with("ustar");
}

void describe_tar(ByteView bytes, Container& found) {
    const auto package = open_tar(bytes);
    if (!package) return;
    if (package->format == "mender") {
        found.format = "mender";
        found.title = "Mender artifact (tar)";
    }
    for (const auto& part : package->parts) {
        if (found.facts.size() < 12)
            found.facts.push_back(fmt::format("entry {}, {} bytes", clean(part.name), part.content.size()));
        if (part.role == Part::Role::signature)
            found.signature = fmt::format("an entry {}", clean(part.name));
    }
}

struct Format {
    std::string_view name, title, magic;
    void (*describe)(ByteView, Container&) = nullptr;
    bool nested = true;  ///< worth looking for further on in a file
    enum class Holds { firmware, anything } holds = Holds::firmware;
};
const std::array formats{
    Format{"haneul", "package of the sample product", std::string_view("HVFW\r\n\x1a\n", 8), describe_haneul,
           false},
    Format{"dahua-zip", "Dahua update (ZIP that begins with DH)", std::string_view("DH\x03\x04", 4),
           describe_zip, false},
    Format{"zip", "ZIP", std::string_view("PK\x03\x04", 4), describe_zip, false, Format::Holds::anything},
    Format{"uimage", "U-Boot legacy image", std::string_view("\x27\x05\x19\x56", 4), describe_uimage},
    Format{"squashfs", "SquashFS", "hsqs", describe_squashfs},
    Format{"squashfs", "SquashFS", "sqsh", describe_squashfs},
    Format{"ubi", "UBI", std::string_view("UBI#\x01", 5)},
    Format{"cramfs", "cramfs", std::string_view("\x28\xcd\x3d\x45", 4)},
    Format{"cramfs", "cramfs", std::string_view("\x45\x3d\xcd\x28", 4)},
    Format{"jffs2", "JFFS2", std::string_view("\x85\x19\x01\xe0", 4)},
    Format{"jffs2", "JFFS2", std::string_view("\x19\x85\xe0\x01", 4)},
    Format{"fit", "device tree or FIT image", std::string_view("\xd0\x0d\xfe\xed", 4), describe_fit},
    Format{"elf", "ELF program",
           std::string_view("\x7f"
                            "ELF",
                            4),
           nullptr, true, Format::Holds::anything},
    Format{"gzip", "gzip", std::string_view("\x1f\x8b\x08", 3), nullptr, false, Format::Holds::anything},
    Format{"xz", "xz",
           std::string_view("\xfd"
                            "7zXZ\x00",
                            6),
           nullptr, false, Format::Holds::anything},
    Format{"reolink-pak", "Reolink pak", std::string_view("\x13\x59\x72\x32", 4), nullptr, false},
    Format{"trx", "TRX image", "HDR0", nullptr, false},
    Format{"cpio", "cpio archive", "070701", describe_cpio, false, Format::Holds::anything},
    Format{"cpio", "cpio archive", "070702", describe_cpio, false, Format::Holds::anything},
};

void look_inside(ByteView bytes, Container& found) {
    const auto text = as_text(bytes);
    for (const auto& format : formats) {
        if (!format.nested) continue;
        for (auto at = text.find(format.magic, 1);
             at != std::string_view::npos && found.inside.size() < most_inside;
             at = text.find(format.magic, at + format.magic.size()))
            found.inside.push_back(fmt::format("{} at {}", format.name, at));
    }
}

}  // namespace

double entropy_of(ByteView bytes) {
    if (bytes.empty()) return 0;
    std::array<std::uint64_t, 256> counts{};
    for (const auto byte : bytes) ++counts[std::to_integer<std::size_t>(byte)];
    double entropy = 0;
    for (const auto count : counts) {
        if (count == 0) continue;
        const double share = static_cast<double>(count) / static_cast<double>(bytes.size());
        entropy -= share * std::log2(share);
    }
    return entropy;
}

std::string_view format_of(ByteView first_bytes) {
    const auto found = std::find_if(formats.begin(), formats.end(),
                                    [&](const Format& format) { return begins(first_bytes, format.magic); });
    if (found != formats.end()) return found->name;
    if (is_tar(first_bytes)) return "tar";
    return decoded_digicap(first_bytes) ? "hikvision-dav" : "";
}

std::string_view format_title(std::string_view format) {
    const auto found =
        std::find_if(formats.begin(), formats.end(), [&](const Format& one) { return one.name == format; });
    if (found != formats.end()) return found->title;
    return format == "hikvision-dav" ? "Hikvision digicap.dav"
           : format == "tar"         ? "tar archive"
                                     : std::string_view();
}

bool holds_firmware_only(std::string_view format) {
    const auto found =
        std::find_if(formats.begin(), formats.end(), [&](const Format& one) { return one.name == format; });
    return found != formats.end() ? found->holds == Format::Holds::firmware : format == "hikvision-dav";
}

Container recognise(ByteView bytes) {
    Container found;
    found.size = bytes.size();
    found.sha256 = sha256_of(bytes);
    found.md5 = md5_of(bytes);
    found.entropy = entropy_of(bytes);
    for (const auto& format : formats) {
        if (!begins(bytes, format.magic)) continue;
        found.format = format.name;
        found.title = format.title;
        if (format.describe != nullptr) format.describe(bytes, found);
        break;
    }
    if (found.format.empty() && decoded_digicap(bytes)) {
        found.format = "hikvision-dav";
        found.title = "Hikvision digicap.dav";
        describe_digicap(bytes, found);
    }
    if (found.format.empty() && is_tar(bytes)) {
        found.format = "tar";
        found.title = format_title("tar");
        describe_tar(bytes, found);
    }
    if (found.format.empty())
        found.title = found.entropy > 7.9 ? "unknown, encrypted or compressed as a whole" : "unknown";
    look_inside(bytes, found);
    found.versions = version_words(bytes);
    // Of archives whose parts are packed, words in between are of file names and of chance.
    const bool packed =
        found.format == "mender" || found.format == "tar" || found.format == "gzip" || found.format == "xz";
    if (found.version.empty() && !found.versions.empty() && found.format != "haneul" && !packed)
        found.version = found.versions.front();
    return found;
}

}  // namespace cambench::offers
