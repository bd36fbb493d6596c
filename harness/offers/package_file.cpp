#include "harness/offers/package_file.hpp"

#include <fmt/format.h>

#include <random>

#include "harness/core/event.hpp"
#include "harness/core/file.hpp"
#include "harness/core/json.hpp"

namespace cambench::offers {
namespace {

using markup::Element;
using markup::Kind;

constexpr std::uint64_t largest_filler = 64'000'000, largest_file = 256U << 20;

/// Bytes that look like code or pictures to whoever measures their entropy; the same for the same version.
Bytes filler(std::string_view version, std::size_t size) {
    std::uint32_t seed = 2166136261U;
    for (const char character : version) seed = (seed ^ static_cast<unsigned char>(character)) * 16777619U;
    std::minstd_rand random(seed);
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random() >> 8 & 0xff);
    return bytes;
}

}  // namespace

const Element& firmware_element() {
    static const Element application{"application",
                                     "What the firmware says of itself, in JSON; its version is added.",
                                     {},
                                     {},
                                     Element::Content::text};
    static const Element firmware{
        "firmware",
        "A firmware package of the sample product, from which cambench makes the file.",
        {{"model", Kind::word, "The model it is for.", true},
         {"hardware", Kind::word, "The board it is for.", true},
         {"version", Kind::word, "Its version.", true},
         {"minimum", Kind::word, "The version a unit must run to take it."},
         {"released", Kind::timestamp, "When it was released.", true},
         {"size", Kind::volume, "Size of its resources.", false, "160kB"},
         {"key", Kind::path, "PEM with the Ed25519 key that signs it; without one it is not signed."}},
        {{&application, 0, 1}}};
    return firmware;
}

Result<Firmware> build_firmware(const std::filesystem::path& description, markup::Problems& problems) {
    TRY_ASSIGN(const auto root, markup::read_file(description, firmware_element(), problems));
    HaneulPackage package{root.text("model"),
                          root.text("hardware"),
                          root.text("version"),
                          root.text("minimum"),
                          root.text("released"),
                          {},
                          {}};
    auto application = Json::object();
    if (const auto* node = root.first("application")) {
        application = parse_json(node->content());
        if (!application.is_object()) {
            problems.push_back(
                markup::problem_at(*node, "this is no JSON object", "{\"build\": \"1a2b3c\"}"));
            return usage_error(problems.back().to_string());
        }
    }
    application["version"] = package.version;
    const auto size = root.volume("size");
    if (size > largest_filler) {
        problems.push_back(markup::problem_at_attribute(root, "size", "more than a package holds", "160kB"));
        return usage_error(problems.back().to_string());
    }
    package.parts.push_back({"application", package.version, to_bytes(application.dump())});
    package.parts.push_back({"resources", package.version, filler(package.version, size)});
    Firmware firmware{description, {}, {}};
    if (root.has("key")) {
        TRY_ASSIGN(const auto pem, read_text_file(root.path("key")));
        auto key = SigningKey::read(pem);
        if (!key) {
            problems.push_back(markup::problem_at_attribute(root, "key", key.error().message));
            return usage_error(problems.back().to_string());
        }
        firmware.key = std::move(*key);
    }
    TRY_ASSIGN(firmware.bytes, encode(package, firmware.key ? &*firmware.key : nullptr));
    return firmware;
}

Result<Firmware> load_firmware(const std::filesystem::path& file) {
    if (file.extension() == ".xml") {
        markup::Problems problems;
        return build_firmware(file, problems);
    }
    std::error_code code;
    if (const auto size = std::filesystem::file_size(file, code); !code && size > largest_file)
        return usage_error(fmt::format("{} is larger than 256 MiB", file.string()));
    TRY_ASSIGN(const auto text, read_text_file(file));
    return Firmware{file, to_bytes(text), {}};
}

}  // namespace cambench::offers
