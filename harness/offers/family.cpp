#include "harness/offers/family.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "harness/core/event.hpp"
#include "harness/core/json.hpp"
#include "harness/core/text.hpp"

namespace cambench::offers {
namespace {

constexpr std::size_t surplus = 65536;
constexpr std::string_view never_released = "99.9.9";

void flip(Bytes& bytes, std::size_t at) { bytes[at] ^= std::byte{0x01}; }

/// The package taken apart; an error for formats cambench does not write.
Result<HaneulPackage> taken_apart(const Firmware& firmware, std::string_view kind) {
    auto package = parse_haneul_package(firmware.bytes);
    if (!package)
        return usage_error(
            fmt::format("offer {}: {} is of a format cambench cannot write, so only changed, truncated, "
                        "oversized and older files can be offered",
                        kind, firmware.file.string()));
    return package;
}

Result<const SigningKey*> key_of(const Firmware& firmware, std::string_view kind) {
    if (!firmware.key)
        return usage_error(
            fmt::format("offer {}: needs the key that signs {}", kind, firmware.file.string()));
    return &*firmware.key;
}

Result<Bytes> with_other_key(const Firmware& newer) {
    TRY_ASSIGN(const auto package, taken_apart(newer, "other-key"));
    TRY_ASSIGN(const auto key, SigningKey::create());
    return encode(package, &key);
}

Result<Bytes> without_signature(const Firmware& newer) {
    TRY_ASSIGN(auto package, taken_apart(newer, "unsigned"));
    package.signature.clear();
    return encode(package, nullptr);
}

/// Header, manifest and signature of the new package, the last part of the old one.
Result<Bytes> mixed(const Firmware& newer, const Firmware& older) {
    TRY_ASSIGN(auto package, taken_apart(newer, "mixed-parts"));
    TRY_ASSIGN(const auto old, taken_apart(older, "mixed-parts"));
    auto& part = package.parts.back();
    const auto* same = old.part(part.name);
    if (same == nullptr || same->content == part.content)
        return usage_error("offer mixed-parts: the two packages have no part in which they differ");
    part.stated_size = part.content.size();
    const auto size = part.content.size();
    part.content = same->content;
    part.content.resize(size);
    return encode(package, nullptr);
}

Result<Bytes> resigned(const Firmware& newer, std::string_view kind, const std::string& model,
                       const std::string& version) {
    TRY_ASSIGN(auto package, taken_apart(newer, kind));
    TRY_ASSIGN(const auto* key, key_of(newer, kind));
    if (!model.empty()) package.model = model;
    if (!version.empty()) {
        package.version = version;
        for (auto& part : package.parts) {
            part.version = version;
            if (part.name != "application") continue;
            auto application = parse_json(as_text(part.content));
            if (application.is_object()) application["version"] = version;
            part.content = to_bytes(application.dump(-1, ' ', false, Json::error_handler_t::replace));
            part.stated_sha256.clear();
        }
    }
    return encode(package, key);
}

/// Another last part, and every digest right that needs no key.
Result<Bytes> with_other_content(const Firmware& newer) {
    TRY_ASSIGN(auto package, taken_apart(newer, "other-content"));
    auto& part = package.parts.back();
    for (auto& byte : part.content) byte ^= std::byte{0xa5};
    part.stated_sha256.clear();
    return encode(package, nullptr);
}

/// The sample product's format, whose checksum is of what comes behind the header.
Bytes altered_haneul(const Firmware& newer, std::string_view kind) {
    constexpr std::size_t version_at = 81;
    auto bytes = newer.bytes;
    if (kind == "truncated")
        bytes.resize(bytes.size() * 3 / 5);
    else if (kind == "oversized")
        bytes.resize(bytes.size() + surplus, std::byte{0x5a});
    else if (kind == "flipped-header")
        flip(bytes, std::min(version_at, bytes.size() - 1));
    else if (kind == "flipped-signature")
        flip(bytes, bytes.size() - std::min<std::size_t>(bytes.size(), 20));
    else
        flip(bytes, bytes.size() / 2);
    if (kind == "flipped-body") mend_checksum(bytes);
    return bytes;
}

constexpr std::pair<std::string_view, Change> changes[]{
    {"flipped-header", Change::header},       {"flipped-body", Change::body},
    {"other-content", Change::other_content}, {"flipped-signature", Change::signature},
    {"truncated", Change::truncated},         {"oversized", Change::oversized}};

/// Whether the kind is the genuine package changed; then the offer holds it.
bool is_altered(const Firmware& newer, std::string_view kind, Offer& offer) {
    const auto found = std::find_if(std::begin(changes), std::end(changes),
                                    [&](const auto& one) { return one.first == kind; });
    if (found == std::end(changes) || is_haneul_package(newer.bytes)) return false;
    auto made = altered(newer.bytes, found->second);
    offer.bytes = std::move(made.bytes);
    offer.sums = made.sums;
    offer.covered = made.covered;
    offer.change = std::move(made.what);
    return true;
}

Result<Bytes> bytes_of(const OfferKind& kind, const Ancestors& from) {
    const auto& newer = *from.newer;
    if (kind.name == "newer" || kind.name == "stale-list" || kind.name == "redirected") return newer.bytes;
    if (kind.name == "same") {
        if (from.running.empty()) return usage_error("offer same: the version the camera runs is not known");
        return resigned(newer, kind.name, "", from.running);
    }
    if (kind.name == "older" || kind.name == "version-lie") return from.older->bytes;
    if (kind.name == "unsigned") return without_signature(newer);
    if (kind.name == "other-key") return with_other_key(newer);
    if (kind.name == "mixed-parts") return mixed(newer, *from.older);
    if (kind.name == "other-model") return resigned(newer, kind.name, "XX-9999", "");
    if (kind.name == "other-content") return with_other_content(newer);
    return altered_haneul(newer, kind.name);
}

}  // namespace

const std::vector<OfferKind>& offer_kinds() {
    static const std::vector<OfferKind> kinds{
        {"newer", "The genuine update, as the vendor made it.", true, false, false, ""},
        {"same", "The version that runs, signed by the vendor.", false, true, false, "UPD-05"},
        {"older", "A genuine package that is older than what runs.", false, false, true, "UPD-05"},
        {"unsigned", "The update with its signature taken out and every checksum right.", false, true, false,
         "UPD-03"},
        {"other-key", "The update signed by a key nobody knows.", false, true, false, "UPD-03"},
        {"flipped-header",
         "One bit of the header or of a signed manifest is another; checksums are right where cambench knows "
         "the format.",
         false, false, false, "UPD-03"},
        {"flipped-body",
         "One bit amid the largest content is another; checksums are right where cambench knows the format.",
         false, false, false, "UPD-03"},
        {"other-content",
         "Some of the content is another, and every checksum and digest is right that needs no key.", false,
         false, false, "UPD-03"},
        {"flipped-signature",
         "One bit of the signature is another, or of the content's end where no signature is found.", false,
         false, false, "UPD-03"},
        {"truncated",
         "Three fifths of the update, with sizes and checksums right where cambench knows the format.", false,
         false, false, "UPD-03"},
        {"oversized", "The update and 64 KiB more, of its content where cambench knows the format.", false,
         false, false, "UPD-03"},
        {"mixed-parts", "The update's header and signature, and a part of the older package.", false, true,
         true, "UPD-04"},
        {"other-model", "An update for another model, signed by the vendor.", false, true, false, "UPD-04"},
        {"stale-list", "The genuine update, from a list of updates that is out of date.", false, false, false,
         "UPD-01"},
        {"version-lie", "The older package under the number of a version that never was.", false, false, true,
         "UPD-05"},
        {"redirected", "The genuine update, but the server sends the camera to another one.", false, false,
         false, "UPD-01"},
    };
    return kinds;
}

const OfferKind* find_offer_kind(std::string_view name) {
    const auto& kinds = offer_kinds();
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const OfferKind& kind) { return kind.name == name; });
    return found == kinds.end() ? nullptr : &*found;
}

Result<Offer> make_offer(std::string_view name, const Ancestors& ancestors) {
    const auto* kind = find_offer_kind(name);
    if (kind == nullptr) return usage_error(fmt::format("'{}' is not a kind of offer", name));
    if (ancestors.newer == nullptr || ancestors.newer->bytes.size() < 64)
        return usage_error(fmt::format("offer {}: there is no package to make it of", name));
    if (kind->needs_older && ancestors.older == nullptr)
        return usage_error(fmt::format("offer {}: needs an older genuine package", name));
    const auto& base = name == "older" ? *ancestors.older : *ancestors.newer;
    const auto container = recognise(base.bytes);
    Offer offer{kind, {}, container.model, container.version, name == "stale-list", name == "redirected"};
    if (const auto& stated = name == "older" ? ancestors.older_version : ancestors.newer_version;
        !stated.empty())
        offer.version = stated;
    if (name == "same") offer.version = ancestors.running;
    if (name == "version-lie") offer.version = never_released;
    if (name == "other-model") offer.model = "XX-9999";
    if (is_altered(*ancestors.newer, name, offer)) return offer;
    TRY_ASSIGN(offer.bytes, bytes_of(*kind, ancestors));
    return offer;
}

}  // namespace cambench::offers
