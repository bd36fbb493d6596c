#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <random>

#include "harness/core/checksum.hpp"
#include "harness/core/digest.hpp"
#include "harness/offers/alteration.hpp"
#include "harness/offers/container.hpp"
#include "harness/offers/package.hpp"

/// Packages of many formats, made from their published layouts.
namespace cambench::offers::recreated {

inline Bytes noise(unsigned seed, std::size_t size) {
    std::minstd_rand random(seed + 1);
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random() >> 8 & 0xff);
    return bytes;
}

inline Bytes uimage(std::string_view name, ByteView data, std::uint8_t type = 2) {
    const auto head = [&](std::uint32_t sum) {
        ByteWriter writer;
        writer.u32(0x27051956)
            .u32(sum)
            .u32(1700000000)
            .u32(static_cast<std::uint32_t>(data.size()))
            .u32(0x80008000)
            .u32(0x80008000)
            .u32(crc32_of(data));
        writer.u8(5).u8(2).u8(type).u8(0).text(name).zeros(32 - name.size());
        return writer.take();
    };
    return ByteWriter().bytes(head(crc32_of(head(0)))).bytes(data).take();
}

inline Bytes squashfs(unsigned seed, std::size_t used = 8192, ByteView behind = {}) {
    ByteWriter writer;
    writer.text("hsqs")
        .u32_le(10)
        .u32_le(1700000000)
        .u32_le(131072)
        .u32_le(0)
        .u16_le(4)
        .u16_le(17)
        .u16_le(0)
        .u16_le(1)
        .u16_le(4)
        .u16_le(0)
        .u64_le(0)
        .u64_le(used);
    writer.bytes(noise(seed, used - writer.size()));
    return writer.zeros((4096 - used % 4096) % 4096).bytes(behind).take();
}

using Entries = std::vector<std::pair<std::string, Bytes>>;

inline Bytes cpio(const Entries& entries, std::string_view magic) {
    ByteWriter out;
    const auto add = [&](std::string_view name, ByteView content) {
        std::uint32_t sum = 0;
        for (const auto byte : content) sum += std::to_integer<std::uint32_t>(byte);
        std::string head(magic);
        for (const std::size_t value :
             {std::size_t{1}, std::size_t{0100644}, std::size_t{0}, std::size_t{0}, std::size_t{1},
              std::size_t{1700000000}, content.size(), std::size_t{0}, std::size_t{0}, std::size_t{0},
              std::size_t{0}, name.size() + 1, magic == "070702" ? std::size_t{sum} : std::size_t{0}})
            head += fmt::format("{:08X}", value);
        out.text(head)
            .text(name)
            .u8(0)
            .zeros((4 - out.size() % 4) % 4)
            .bytes(content)
            .zeros((4 - out.size() % 4) % 4);
    };
    for (const auto& [name, content] : entries) add(name, content);
    add("TRAILER!!!", {});
    return out.zeros((512 - out.size() % 512) % 512).take();
}

inline Bytes tar(const Entries& entries) {
    ByteWriter out;
    for (const auto& [name, content] : entries) {
        std::string head = name;
        head.resize(100);
        head += fmt::format("{:07o}", 0644) + '\0' + fmt::format("{:07o}", 0) + '\0' +
                fmt::format("{:07o}", 0) + '\0' + fmt::format("{:011o}", content.size()) + '\0' +
                fmt::format("{:011o}", 1700000000) + '\0' + "        0";
        head.resize(257);
        head += std::string(
            "ustar\0"
            "00",
            8);
        head.resize(512);
        unsigned sum = 0;
        for (const unsigned char c : head) sum += c;
        head.replace(148, 8, fmt::format("{:06o}", sum) + '\0' + ' ');
        out.text(head).bytes(content).zeros((512 - out.size() % 512) % 512);
    }
    return out.zeros(1024).take();
}

enum class Packing { stored, deflated };

inline Bytes zip(const Entries& entries, std::string_view first_letters, Packing packing = Packing::deflated,
                 bool described = false) {
    ByteWriter out, directory;
    for (const auto& entry : entries) {
        const auto& name = entry.first;
        const auto& content = entry.second;
        const auto data = packing == Packing::deflated ? deflated(content) : content;
        const auto offset = static_cast<std::uint32_t>(out.size());
        const auto crc = crc32_of(content), packed = static_cast<std::uint32_t>(data.size()),
                   size = static_cast<std::uint32_t>(content.size());
        const auto fields = [&](ByteWriter& to, bool blank) {
            to.u16_le(20)
                .u16_le(described ? 8 : 0)
                .u16_le(packing == Packing::deflated ? 8 : 0)
                .u32_le(0x5a000000);
            to.u32_le(blank ? 0 : crc)
                .u32_le(blank ? 0 : packed)
                .u32_le(blank ? 0 : size)
                .u16_le(static_cast<std::uint16_t>(name.size()))
                .u16_le(0);
        };
        out.text(offset == 0 ? first_letters : "PK").u8(3).u8(4);
        fields(out, described);
        out.text(name).bytes(data);
        if (described) out.text("PK").u8(7).u8(8).u32_le(crc).u32_le(packed).u32_le(size);
        directory.text("PK").u8(1).u8(2).u16_le(20);
        fields(directory, false);
        directory.zeros(10).u32_le(offset).text(name);
    }
    const auto begin = static_cast<std::uint32_t>(out.size());
    const auto count = static_cast<std::uint16_t>(entries.size());
    out.bytes(directory.view())
        .text("PK")
        .u8(5)
        .u8(6)
        .zeros(4)
        .u16_le(count)
        .u16_le(count)
        .u32_le(static_cast<std::uint32_t>(directory.size()))
        .u32_le(begin)
        .u16_le(0);
    return out.take();
}

inline Bytes gzip(ByteView content) {
    return ByteWriter()
        .text(std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10))
        .bytes(deflated(content))
        .u32_le(crc32_of(content))
        .u32_le(static_cast<std::uint32_t>(content.size()))
        .take();
}

inline std::uint32_t crc_from(std::uint32_t state, ByteView bytes) {
    for (const auto byte : bytes) {
        state ^= std::to_integer<std::uint32_t>(byte);
        for (int bit = 0; bit < 8; ++bit) state = (state & 1) != 0 ? state >> 1 ^ 0xedb88320U : state >> 1;
    }
    return state;
}

inline Bytes trx(ByteView content, bool complemented) {
    const auto rest = ByteWriter().u32_le(0x10000).u32_le(28).u32_le(0).u32_le(0).bytes(content).take();
    const auto sum = crc_from(0xffffffffU, rest);
    return ByteWriter()
        .text("HDR0")
        .u32_le(static_cast<std::uint32_t>(rest.size() + 12))
        .u32_le(complemented ? ~sum : sum)
        .bytes(rest)
        .take();
}

inline Bytes reolink_pak(std::size_t width) {
    const std::size_t header = width == 8 ? 24 : 12, section = width == 8 ? 72 : 64,
                      first = header + 2 * (section + 76);
    const auto put = [&](ByteWriter& to, std::uint64_t value) {
        width == 8 ? to.u64_le(value) : to.u32_le(static_cast<std::uint32_t>(value));
    };
    ByteWriter table;
    const std::size_t sizes[]{3000, 9000};
    std::size_t at = first;
    for (const auto size : sizes) {
        table.text("part").zeros(28).text("v1.0.0.1").zeros(16);
        put(table, at);
        put(table, size);
        at += size;
    }
    const auto content = noise(9, 12000);
    const auto sum =
        crc_from(crc_from(crc_from(0, content), as_bytes(std::string_view("\2\0\0\0", 4))), table.view());
    ByteWriter out;
    out.u32_le(0x32725913).zeros(width - 4);
    put(out, sum);
    put(out, 0x2302);
    return out.bytes(table.view()).zeros(2 * 76).bytes(content).take();
}

inline Bytes fit(ByteView data, bool is_signed) {
    ByteWriter structure;
    std::string strings;
    const auto begin = [&](std::string_view name) {
        structure.u32(1).text(name).u8(0).zeros((4 - structure.size() % 4) % 4);
    };
    const auto property = [&](std::string_view name, ByteView value) {
        structure.u32(3)
            .u32(static_cast<std::uint32_t>(value.size()))
            .u32(static_cast<std::uint32_t>(strings.size()))
            .bytes(value)
            .zeros((4 - structure.size() % 4) % 4);
        strings += std::string(name) + '\0';
    };
    const auto end = [&] { structure.u32(2); };
    begin("");
    property("timestamp", ByteWriter().u32(1700000000).take());
    begin("images");
    begin("kernel-1");
    property("data", data);
    for (const auto* algorithm : {"sha256", "crc32"}) {
        begin(fmt::format("hash-{}", algorithm));
        property("algo", as_bytes(std::string(algorithm) + '\0'));
        property("value", as_bytes(checksum_of(algorithm, data)));
        end();
    }
    if (is_signed) {
        begin("signature-1");
        property("value", noise(77, 256));
        end();
    }
    for (int i = 0; i < 3; ++i) end();
    structure.u32(9);
    const auto total = static_cast<std::uint32_t>(40 + structure.size() + strings.size());
    ByteWriter out;
    out.u32(0xd00dfeed)
        .u32(total)
        .u32(40)
        .u32(static_cast<std::uint32_t>(40 + structure.size()))
        .u32(16)
        .u32(17)
        .u32(16)
        .u32(0)
        .u32(static_cast<std::uint32_t>(strings.size()))
        .u32(static_cast<std::uint32_t>(structure.size()));
    return out.bytes(structure.view()).text(strings).take();
}

inline Bytes rauc() {
    const auto cms = ByteWriter().u8(0x30).u8(0x82).u16(1276).bytes(noise(5, 1276)).take();
    return ByteWriter().bytes(squashfs(4)).bytes(cms).u64(cms.size()).take();
}

inline std::string description(ByteView image) {
    return fmt::format(
        "software =\n{{\n  version = \"2.4.1\";\n  images: ( {{ filename = \"rootfs.squashfs\"; sha256 = "
        "\"{}\"; }} );\n}};\n",
        sha256_of(image));
}

inline Bytes swu(std::string_view magic, bool is_signed) {
    const auto image = squashfs(1);
    Entries entries{{"sw-description", to_bytes(description(image))}};
    if (is_signed) entries.emplace_back("sw-description.sig", noise(2, 256));
    entries.emplace_back("rootfs.squashfs", image);
    return cpio(entries, magic);
}

inline Bytes mender(bool is_signed) {
    const auto image = noise(11, 6000);
    const auto data = gzip(tar({{"rootfs.ext4", image}})),
               version = to_bytes(R"({"format":"mender","version":3})"),
               header = gzip(tar({{"header-info", to_bytes("{}")}}));
    const auto manifest = to_bytes(fmt::format("{}  data/0000/rootfs.ext4\n{}  header.tar.gz\n{}  version\n",
                                               sha256_of(image), sha256_of(header), sha256_of(version)));
    Entries entries{{"version", version}, {"manifest", manifest}};
    if (is_signed)
        entries.emplace_back("manifest.sig", to_bytes("MEUCIQDk3v5x1Ys0Zl8m8G1k4q7b0qj8k1h2g3f4d5s6a7AIgTq8r9"
                                                      "w0e1r2t3y4u5i6o7p8a9s0d1f2g3h4j5k6l7=\n"));
    entries.emplace_back("header.tar.gz", header);
    entries.emplace_back("data/0000.tar.gz", data);
    return tar(entries);
}

struct Sample {
    std::string what;
    Bytes bytes;
    bool is_signed = false;  ///< a manifest in it is: digests stay as they are but for a forger
    bool sums_known = true;
};

inline const std::vector<Sample>& samples() {
    static const std::vector<Sample> list{
        {"U-Boot legacy image", uimage("CRC1-2.4.0", noise(1, 20000))},
        {"U-Boot legacy image, firmware type with an image and a file system inside",
         uimage("jz_fw",
                ByteWriter().bytes(uimage("Linux-3.10.14", noise(2, 3000))).bytes(squashfs(3)).take(), 7)},
        {"U-Boot legacy image and a file system behind it",
         ByteWriter().bytes(uimage("Linux-4.9.37", noise(4, 9000))).bytes(squashfs(5)).take()},
        {"SWUpdate, cpio with sums", swu("070702", false)},
        {"SWUpdate, cpio without sums", swu("070701", false)},
        {"SWUpdate, signed", swu("070702", true), true},
        {"SWUpdate, signed, without sums", swu("070701", true), true},
        {"Mender", mender(false)},
        {"Mender, signed", mender(true), true},
        {"RAUC", rauc()},
        {"ZIP, deflated", zip({{"a.txt", to_bytes("note\n")}, {"rootfs.img", noise(6, 9000)}}, "PK")},
        {"ZIP, stored",
         zip({{"rootfs.img", noise(6, 9000)}, {"b.txt", to_bytes("note\n")}}, "PK", Packing::stored)},
        {"ZIP with descriptors",
         zip({{"rootfs.img", noise(7, 9000)}, {"app.img", noise(8, 2000)}}, "PK", Packing::deflated, true)},
        {"Dahua",
         zip({{"Install", to_bytes("{}")}, {"kernel.img", uimage("Linux-4.9.37", noise(9, 9000))}}, "DH")},
        {"Dahua, signed", zip({{"Install", to_bytes("{}")},
                               {"kernel.img", uimage("Linux-4.9.37", noise(9, 9000))},
                               {"sign.img", noise(10, 512)}},
                              "DH", Packing::stored)},
        {"Xiongmai with an MD5 in its description",
         zip({{"InstallDesc", to_bytes(fmt::format(R"({{"Vendor":"General","md5":"{}"}})",
                                                   md5_of(uimage("linux", noise(12, 5000)))))},
              {"u-boot.bin.img", uimage("linux", noise(12, 5000))}},
             "PK")},
        {"Xiongmai with a checksum of a kind of its own",
         zip({{"InstallDesc", to_bytes(R"({"Vendor":"General","CRC":"1ce5"})")},
              {"u-boot.bin.img", uimage("linux", noise(12, 5000))}},
             "PK"),
         false, false},
        {"tar", tar({{"rootfs.img", noise(13, 9000)}, {"install.sh", to_bytes("#!/bin/sh\n")}})},
        {"tar with md5sums", tar({{"md5sums", to_bytes(md5_of(noise(13, 9000)) + "  rootfs.img\n")},
                                  {"rootfs.img", noise(13, 9000)}})},
        {"tar in gzip", gzip(tar({{"rootfs.img", noise(14, 9000)}}))},
        {"gzip", gzip(noise(15, 9000))},
        {"cpio of no updater", cpio({{"rootfs.img", noise(16, 5000)}}, "070701")},
        {"TRX", trx(noise(17, 9000), false)},
        {"TRX whose sum is complemented", trx(noise(18, 9000), true)},
        {"Reolink pak", reolink_pak(4)},
        {"Reolink pak of 64 bits", reolink_pak(8)},
        {"FIT", fit(noise(19, 9000), false)},
        {"FIT, signed", fit(noise(20, 9000), true)},
        {"SquashFS", squashfs(21)},
        {"SquashFS with a SHA-256 behind it",
         squashfs(22, 8000, as_bytes(checksum_of("sha256", squashfs(22, 8000))))},
        {"SquashFS with a trailer of an unknown kind", squashfs(23, 8000, noise(24, 300)), false, false},
        {"a file with its MD5 behind it",
         ByteWriter().bytes(noise(25, 5000)).text(checksum_of("md5", noise(25, 5000))).take()},
        {"a file with a header that has its CRC",
         ByteWriter().text("FWUP").u32_le(crc32_of(noise(26, 5000))).zeros(56).bytes(noise(26, 5000)).take()},
        {"a file of a format nobody knows", noise(27, 5000), false, false},
    };
    return list;
}

constexpr std::pair<Change, const char*> all_changes[]{{Change::header, "header"},
                                                       {Change::body, "body"},
                                                       {Change::other_content, "other content"},
                                                       {Change::signature, "signature"},
                                                       {Change::truncated, "truncated"},
                                                       {Change::oversized, "oversized"}};

}  // namespace cambench::offers::recreated
