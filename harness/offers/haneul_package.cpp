#include "harness/offers/haneul_package.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/crc.hpp>

#include "harness/core/digest.hpp"
#include "harness/core/event.hpp"
#include "harness/core/json.hpp"

namespace cambench::offers {
namespace {

constexpr std::string_view haneul_magic("HVFW\r\n\x1a\n", 8);
constexpr std::size_t checksum_at = 20, longest_manifest = 16384, largest_haneul_package = 64U << 20;

std::uint32_t crc_of(ByteView bytes) {
    boost::crc_32_type checksum;
    checksum.process_bytes(bytes.data(), bytes.size());
    return checksum.checksum();
}

/// Of the sizes in a header only what fits the bytes there are.
struct Sizes {
    std::size_t manifest = 0, body = 0, signature = 0;
};

Result<Sizes> read_sizes(ByteView bytes) {
    ByteReader reader(bytes);
    const auto magic = as_text(reader.take(haneul_magic.size()));
    const auto format = reader.u16(), header = reader.u16();
    Sizes sizes;
    sizes.manifest = reader.u32();
    sizes.body = reader.u32();
    reader.u32();
    reader.u16();
    sizes.signature = reader.u16();
    if (reader.failed() || magic != haneul_magic) return usage_error("not a package of this format");
    if (format != 1 || header != haneul_header_size)
        return usage_error(fmt::format("format {} of the package is not known", format));
    if (sizes.manifest > longest_manifest || sizes.body > largest_haneul_package)
        return usage_error("the header's sizes are out of range");
    const auto whole = haneul_header_size + sizes.manifest + sizes.body + sizes.signature;
    if (bytes.size() != whole)
        return usage_error(fmt::format("the package has {} bytes, its header says {}", bytes.size(), whole));
    return sizes;
}

/// The checksum is of what comes behind the header, and not signed itself.
Bytes without_checksum(ByteView region) {
    Bytes content(region.begin(), region.end());
    std::fill_n(content.begin() + checksum_at, 4, std::byte{0});
    return content;
}

std::string text_field(ByteReader& reader, std::size_t width) {
    const auto text = as_text(reader.take(width));
    return std::string(text.substr(0, text.find('\0')));
}

void put_field(ByteWriter& writer, std::string_view text, std::size_t width) {
    text = text.substr(0, width - 1);
    writer.text(text).zeros(width - text.size());
}

Status read_manifest(std::string_view text, ByteView body, HaneulPackage& package) {
    const auto json = parse_json(text);
    try {
        package.released = json.at("released").get<std::string>();
        for (const auto& entry : json.at("parts")) {
            HaneulPackage::Part part{entry.at("name").get<std::string>(), entry.value("version", ""), {}};
            part.stated_sha256 = entry.at("sha256").get<std::string>();
            const auto size = entry.at("size").get<std::size_t>();
            if (size > body.size())
                return usage_error(fmt::format("part {} is larger than what there is", part.name));
            part.content.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
            body = body.subspan(size);
            package.parts.push_back(std::move(part));
        }
    } catch (const Json::exception&) {
        return usage_error("the manifest is not one");
    }
    if (!body.empty()) return usage_error("there is more behind the last part");
    return {};
}

std::string manifest_of(const HaneulPackage& package) {
    Json parts = Json::array();
    for (const auto& part : package.parts)
        parts.push_back(
            {{"name", part.name},
             {"version", part.version},
             {"size", part.stated_size.value_or(part.content.size())},
             {"sha256", part.stated_sha256.empty() ? sha256_of(part.content) : part.stated_sha256}});
    return Json{{"model", package.model},
                {"version", package.version},
                {"released", package.released},
                {"parts", std::move(parts)}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

const HaneulPackage::Part* HaneulPackage::part(std::string_view name) const {
    const auto found =
        std::find_if(parts.begin(), parts.end(), [&](const Part& one) { return one.name == name; });
    return found == parts.end() ? nullptr : &*found;
}

bool is_haneul_package(ByteView bytes) {
    return as_text(bytes.first(std::min(bytes.size(), haneul_magic.size()))) == haneul_magic;
}

Result<HaneulPackage> parse_haneul_package(ByteView bytes) {
    TRY_ASSIGN(const auto sizes, read_sizes(bytes));
    ByteReader reader(bytes.subspan(32));
    HaneulPackage package;
    package.model = text_field(reader, 24);
    package.hardware = text_field(reader, 24);
    package.version = text_field(reader, 16);
    package.minimum = text_field(reader, 16);
    const auto body = bytes.subspan(haneul_header_size + sizes.manifest, sizes.body);
    TRY(read_manifest(as_text(bytes.subspan(haneul_header_size, sizes.manifest)), body, package));
    const auto signature = bytes.last(sizes.signature);
    package.signature.assign(signature.begin(), signature.end());
    return package;
}

Result<Bytes> encode(const HaneulPackage& package, const SigningKey* key) {
    const auto manifest = manifest_of(package);
    ByteWriter content;
    content.text(manifest);
    for (const auto& part : package.parts) content.bytes(part.content);
    const bool is_signed = key != nullptr || !package.signature.empty();
    ByteWriter writer;
    writer.text(haneul_magic).u16(1).u16(haneul_header_size).u32(static_cast<std::uint32_t>(manifest.size()));
    writer.u32(static_cast<std::uint32_t>(content.size() - manifest.size())).u32(crc_of(content.view()));
    writer.u16(is_signed ? 1 : 0).u16(is_signed ? haneul_signature_size : 0).u32(0);
    put_field(writer, package.model, 24);
    put_field(writer, package.hardware, 24);
    put_field(writer, package.version, 16);
    put_field(writer, package.minimum, 16);
    writer.zeros(haneul_header_size - writer.size()).bytes(content.view());
    auto signature = package.signature;
    if (key != nullptr) {
        TRY_ASSIGN(signature,
                   key->sign(without_checksum(writer.view().first(haneul_header_size + manifest.size()))));
    }
    return writer.bytes(signature).take();
}

Bytes signed_region(ByteView encoded) {
    const auto sizes = read_sizes(encoded);
    return sizes ? without_checksum(encoded.first(haneul_header_size + sizes->manifest)) : Bytes();
}

void mend_checksum(Bytes& encoded) {
    const auto sizes = read_sizes(encoded);
    if (!sizes) return;
    const auto checksum =
        crc_of(ByteView(encoded).subspan(haneul_header_size, sizes->manifest + sizes->body));
    for (std::size_t i = 0; i < 4; ++i)
        encoded[checksum_at + i] = static_cast<std::byte>(checksum >> (24 - 8 * i) & 0xff);
}

}  // namespace cambench::offers
