#include "harness/offers/package.hpp"

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::offers {
namespace {

constexpr std::array<std::string_view, 10> signature_ends{".sig", ".sign", ".signature", ".p7s", ".p7b",
                                                          ".cms", ".asc",  ".gpg",       ".rsa", ".ed25519"};
constexpr std::array<std::string_view, 4> signature_names{"signature", "sign.img", "sign.bin", "sign"};
constexpr std::size_t longest_text_entry = 256U << 10;

bool is_text(ByteView bytes) {
    return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) {
        return byte == std::byte{'\n'} || byte == std::byte{'\r'} || byte == std::byte{'\t'} ||
               byte >= std::byte{0x20};
    });
}

std::string_view last_name(std::string_view path) {
    return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

}  // namespace

Part::Role role_of(std::string_view name, ByteView content) {
    const auto small = lower(last_name(name));
    const bool by_end = std::any_of(signature_ends.begin(), signature_ends.end(), [&](std::string_view end) {
        return small.size() > end.size() && small.ends_with(end);
    });
    if (by_end || std::find(signature_names.begin(), signature_names.end(), small) != signature_names.end())
        return Part::Role::signature;
    return content.size() <= longest_text_entry && is_text(content) ? Part::Role::manifest
                                                                    : Part::Role::content;
}

std::string_view signed_name(std::string_view signature) {
    const auto dot = signature.rfind('.');
    return dot == std::string_view::npos || lower(last_name(signature)) == "sign.img"
               ? std::string_view()
               : signature.substr(0, dot);
}

std::optional<Package> open_package(ByteView bytes) {
    for (auto* open : {open_zip, open_cpio, open_tar, open_gzip, open_uimage, open_trx, open_reolink_pak,
                       open_fit, open_squashfs})
        if (auto package = open(bytes)) return package;
    return std::nullopt;
}

}  // namespace cambench::offers
