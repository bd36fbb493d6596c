#include "harness/offers/alteration.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "harness/core/checksum.hpp"
#include "harness/core/text.hpp"
#include "harness/offers/package.hpp"

namespace cambench::offers {
namespace {

constexpr std::size_t more_content = 65536, longest_mended = 256U << 10, most_depth = 4, other_bytes = 4096;

/// A content before and after; digests of the one become digests of the other.
struct Exchange {
    Bytes before, after;
};
struct Outcome {
    Bytes bytes;
    Sums sums = Sums::right;
    std::vector<Exchange> exchanges;
    std::string what;
};

void flip_bit(Bytes& bytes, std::size_t at) { bytes[at] ^= std::byte{0x01}; }

/// The place nearest to `wanted` that is not amid padding.
std::size_t place_near(ByteView bytes, std::size_t wanted) {
    constexpr std::size_t window = 32;
    wanted = std::min(wanted, bytes.size() - 1);
    const auto is_padding = [&](std::size_t at) {
        const auto around = bytes.subspan(at, std::min(window, bytes.size() - at));
        return std::all_of(around.begin(), around.end(),
                           [&](std::byte byte) { return byte == around.front(); });
    };
    for (std::size_t apart = 0; apart < bytes.size(); apart += window) {
        if (apart <= wanted && !is_padding(wanted - apart)) return wanted - apart;
        if (wanted + apart < bytes.size() && !is_padding(wanted + apart)) return wanted + apart;
    }
    return wanted;
}

enum class Size { free, fixed };

bool is_squashfs(ByteView bytes) {
    return as_text(bytes).starts_with("hsqs") || as_text(bytes).starts_with("sqsh");
}

/// Three fifths; a file system says that this is all there is.
void truncate(Bytes& bytes) {
    constexpr std::size_t used_at = 40, used_size = 8;
    bytes.resize(bytes.size() * 3 / 5);
    if (!is_squashfs(bytes) || bytes.size() < used_at + used_size) return;
    const bool little = as_text(bytes).starts_with("hsqs");
    for (std::size_t i = 0; i < used_size; ++i)
        bytes[used_at + i] =
            static_cast<std::byte>(bytes.size() >> (8 * (little ? i : used_size - 1 - i)) & 0xff);
}

/// Bytes of no format that is known.
Bytes changed_bytes(ByteView genuine, Change change, Size size) {
    Bytes bytes(genuine.begin(), genuine.end());
    const auto squashfs = is_squashfs(genuine);
    constexpr std::size_t squashfs_time = 8;
    const auto end = bytes.size();
    if (change == Change::header)
        flip_bit(bytes, squashfs && end > squashfs_time ? squashfs_time : place_near(genuine, end / 8));
    else if (change == Change::body)
        flip_bit(bytes, place_near(genuine, end / 2));
    else if (change == Change::signature)
        flip_bit(bytes, place_near(genuine, end - std::min<std::size_t>(end, 20)));
    else if (change == Change::truncated && size == Size::free && end > 4)
        truncate(bytes);
    else if (change == Change::truncated)
        std::for_each(bytes.begin() + static_cast<std::ptrdiff_t>(end * 3 / 5), bytes.end(),
                      [](std::byte& byte) { byte = byte == std::byte{0} ? std::byte{0xff} : std::byte{0}; });
    else if (change == Change::oversized && size == Size::free)
        bytes.resize(end + more_content, std::byte{0x5a});
    else {
        const auto middle = place_near(genuine, end / 2);
        std::for_each_n(bytes.begin() + static_cast<std::ptrdiff_t>(middle),
                        std::min(other_bytes, end - middle),
                        [](std::byte& byte) { byte ^= std::byte{0xa5}; });
    }
    return bytes;
}

/// A bit of a signature: near the end, where CMS, too, has the value itself. A letter of a text becomes
/// another one.
void spoil_signature(Bytes& bytes) {
    const auto at = bytes.size() -
                    std::min<std::size_t>(
                        bytes.size(), std::max<std::size_t>(1, std::min<std::size_t>(20, bytes.size() / 2)));
    const auto letter = std::to_integer<unsigned char>(bytes[at]);
    const bool text = std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) {
        return byte == std::byte{'\n'} || byte == std::byte{'\r'} ||
               (byte >= std::byte{0x20} && byte < std::byte{0x7f});
    });
    if (text && std::isalnum(letter) != 0)
        bytes[at] = std::byte{static_cast<unsigned char>(letter == 'A' ? 'B' : 'A')};
    else
        flip_bit(bytes, at);
}

Part* largest(Package& package, Part::Role role) {
    Part* found = nullptr;
    for (auto& part : package.parts)
        if (part.role == role && !part.content.empty() &&
            (found == nullptr || part.content.size() > found->content.size()))
            found = &part;
    return found;
}

Part* named(Package& package, std::string_view name) {
    const auto found = std::find_if(package.parts.begin(), package.parts.end(),
                                    [&](const Part& part) { return part.name == name; });
    return found == package.parts.end() ? nullptr : &*found;
}

Part* signature_of(Package& package) { return largest(package, Part::Role::signature); }

/// The manifest that the package's signature signs, by its name.
Part* signed_manifest(Package& package) {
    for (const auto& part : package.parts)
        if (part.role == Part::Role::signature)
            if (auto* manifest = named(package, signed_name(part.name));
                manifest != nullptr && manifest->role == Part::Role::manifest && !package.fixed_sizes)
                return manifest;
    return nullptr;
}

/// Digests of a content as texts write them.
std::vector<std::string> written_digests(ByteView content) {
    std::vector<std::string> written;
    for (const auto name : checksum_names) {
        const auto raw = checksum_of(name, content);
        for (const auto* form : {"", "upper", "base64"})
            if (auto text = written_checksum(raw, form); !text.empty()) written.push_back(std::move(text));
        if (raw.size() >= 16) written.push_back(raw);
    }
    return written;
}

/// Puts the digests of `after` where those of `before` stand. False: there are none.
bool exchange_digests(Bytes& bytes, const Exchange& exchange) {
    const auto before = written_digests(exchange.before), after = written_digests(exchange.after);
    bool found = false;
    for (std::size_t i = 0; i < before.size(); ++i) {
        for (auto at = as_text(bytes).find(before[i]); at != std::string_view::npos;
             at = as_text(bytes).find(before[i], at + 1)) {
            found = true;
            std::copy_n(as_bytes(after[i]).begin(), after[i].size(),
                        bytes.begin() + static_cast<std::ptrdiff_t>(at));
        }
    }
    return found;
}

/// Makes the digests right that other parts state; whether there are such that must stay as they are.
bool mend_digests(Package& package, std::vector<Exchange>& exchanges, bool allowed) {
    bool held = false;
    for (std::size_t i = 0; i < exchanges.size() && exchanges.size() < 64; ++i) {
        for (auto& part : package.parts) {
            if (part.role == Part::Role::signature || part.content.size() > longest_mended ||
                part.content == exchanges[i].after)
                continue;
            auto mended = part.content;
            if (!exchange_digests(mended, exchanges[i])) continue;
            if (!allowed) {
                held = true;
                continue;
            }
            exchanges.push_back({part.content, mended});
            part.content = std::move(mended);
            part.changed = true;
        }
    }
    return held;
}

void gather_digests(const Package& package, std::size_t depth, std::set<std::string>& digests) {
    for (const auto& part : package.parts) {
        for (auto& text : written_digests(part.content)) digests.insert(lower(text));
        if (depth == 0 || package.opaque || part.role != Part::Role::content) continue;
        if (const auto inner = open_package(part.content)) gather_digests(*inner, depth - 1, digests);
    }
}

/// Whether a manifest states a checksum that is of nothing in the package: one that cannot be made right.
bool states_unknown_sum(const Package& package) {
    static const RE2 stated(
        R"re((?i)(?:\b(?:crc|check_?sum|md5|sha-?\d+|hash|digest)\w*"?\s*[:=]\s*"?(?:0x)?([0-9a-f]{4,128})\b|(?:^|\n)([0-9a-f]{32,128}) [ *]\S))re",
        RE2::Latin1);
    std::set<std::string> known;
    for (const auto& part : package.parts) {
        if (part.role != Part::Role::manifest || part.content.size() > longest_mended) continue;
        re2::StringPiece text(as_text(part.content).data(), part.content.size());
        for (std::string one, other; RE2::FindAndConsume(&text, stated, &one, &other);) {
            if (known.empty()) gather_digests(package, most_depth, known);
            if (!known.contains(lower(one.empty() ? other : one))) return true;
        }
    }
    return false;
}

Outcome change_content(ByteView bytes, Change change, Size size, std::size_t depth);

/// Changes one part, deeper where it is a package itself.
std::string change_part(const Package& package, Part& part, Change change, std::size_t depth,
                        Outcome& outcome) {
    const auto size = package.fixed_sizes ? Size::fixed : Size::free;
    auto inner = package.opaque ? Outcome{changed_bytes(part.content, change, size), Sums::right, {}, ""}
                                : change_content(part.content, change, size, depth + 1);
    if (package.fixed_sizes && inner.bytes.size() != part.content.size())
        inner = {changed_bytes(part.content, change, Size::fixed), Sums::unknown, {}, ""};
    outcome.sums = std::max(outcome.sums, inner.sums);
    outcome.exchanges = std::move(inner.exchanges);
    outcome.exchanges.push_back({part.content, inner.bytes});
    part.content = std::move(inner.bytes);
    part.changed = true;
    return fmt::format("'{}'{}", inert(part.name), inner.what.empty() ? "" : ": " + inner.what);
}

/// What describes the content and can be changed without harm to whoever reads it; "": nothing of that kind.
std::string change_description(Package& package, Outcome& outcome) {
    constexpr std::size_t uimage_time = 11;
    auto* manifest = package.format == "uimage" ? named(package, "header") : signed_manifest(package);
    if (manifest == nullptr) return "";
    const auto before = manifest->content;
    if (package.format == "uimage")
        flip_bit(manifest->content, uimage_time);
    else
        manifest->content.push_back(std::byte{'\n'});
    manifest->changed = true;
    outcome.exchanges.push_back({before, manifest->content});
    return fmt::format("'{}'", inert(manifest->name));
}

std::string change_signature(Package& package) {
    auto* signature = signature_of(package);
    if (signature == nullptr) return "";
    spoil_signature(signature->content);
    signature->changed = true;
    return fmt::format("'{}'", inert(signature->name));
}

Outcome change_package(Package& package, Change change, std::size_t depth) {
    Outcome outcome;
    if (change == Change::header) outcome.what = change_description(package, outcome);
    if (change == Change::signature) outcome.what = change_signature(package);
    if (outcome.what.empty()) {
        auto* part = largest(package, Part::Role::content);
        if (part == nullptr) part = largest(package, Part::Role::manifest);
        if (part == nullptr) return outcome;
        outcome.what = change_part(package, *part, change, depth, outcome);
    }
    const bool is_signed = signature_of(package) != nullptr;
    if (mend_digests(package, outcome.exchanges, !is_signed || change == Change::other_content))
        outcome.sums = std::max(outcome.sums, Sums::held);
    if (package.sums_unknown ||
        (!outcome.exchanges.empty() && outcome.sums == Sums::right && states_unknown_sum(package)))
        outcome.sums = Sums::unknown;
    outcome.bytes = package.close(package.parts);
    return outcome;
}

Outcome change_content(ByteView bytes, Change change, Size size, std::size_t depth) {
    auto package = depth < most_depth ? open_package(bytes) : std::nullopt;
    const bool whole =
        package && package->parts.size() == 1 && package->parts.front().content.size() == bytes.size();
    if (package && !whole) {
        auto outcome = change_package(*package, change, depth);
        const bool differs = !outcome.bytes.empty() && !std::equal(outcome.bytes.begin(), outcome.bytes.end(),
                                                                   bytes.begin(), bytes.end());
        if (differs) return outcome;
    }
    return {changed_bytes(bytes, change, size), Sums::right, {}, ""};
}

std::string_view words_of(Change change) {
    switch (change) {
        case Change::header:
            return "a bit of what describes the content, or of where it begins, in";
        case Change::body:
            return "a bit amid";
        case Change::other_content:
            return "other content in";
        case Change::signature:
            return "a bit near the end of";
        case Change::truncated:
            return "two fifths are gone of";
        case Change::oversized:
            break;
    }
    return "64 KiB more of";
}

/// A file of a format that is not known: whether checksums fit, and whether a signature covers ends and
/// beginnings, nobody knows.
Altered altered_unknown(ByteView genuine, Change change) {
    const bool amid =
        change == Change::body || change == Change::other_content || change == Change::truncated;
    return {changed_bytes(genuine, change, Size::free), Sums::unknown, amid,
            fmt::format("{} a file of a format that is not known", words_of(change))};
}

}  // namespace

std::string_view to_string(Sums sums) {
    switch (sums) {
        case Sums::bound:
            return "bound";
        case Sums::right:
            return "right";
        case Sums::held:
            return "held";
        case Sums::unknown:
            break;
    }
    return "unknown";
}

Altered altered(ByteView genuine, Change change) {
    auto package = open_package(genuine);
    if (!package) package = open_framed(genuine);
    if (!package || (package->fixed_sizes && change == Change::oversized))
        return altered_unknown(genuine, change);
    auto outcome = change_package(*package, change, 0);
    if (outcome.bytes.empty() ||
        std::equal(outcome.bytes.begin(), outcome.bytes.end(), genuine.begin(), genuine.end()))
        return altered_unknown(genuine, change);
    return {std::move(outcome.bytes), outcome.sums, true,
            fmt::format("{} {} ({})", words_of(change), outcome.what, package->format)};
}

}  // namespace cambench::offers
