#include "bench/internet/world/name_directory.hpp"

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

IpAddress offset(const Cidr& pool, std::uint32_t by) {
    std::array<std::byte, 16> bytes{};
    const auto base = pool.base().bytes();
    std::copy(base.begin(), base.end(), bytes.begin());
    std::uint64_t carry = by;
    for (std::size_t i = base.size(); i-- > 0 && carry > 0; carry >>= 8) {
        carry += std::to_integer<std::uint64_t>(bytes[i]);
        bytes[i] = static_cast<std::byte>(carry & 0xff);
    }
    return pool.base().is_v4() ? IpAddress::v4(ByteView(bytes).first(4)) : IpAddress::v6(bytes);
}

/// What offset() added to the pool's base; nullopt for what it cannot have made.
std::optional<std::uint32_t> distance(const Cidr& pool, const IpAddress& address) {
    if (address.family() != pool.base().family()) return std::nullopt;
    const auto bytes = address.bytes(), base = pool.base().bytes();
    const auto low = [](ByteView all) {
        std::uint64_t value = 0;
        for (const auto byte : all.last(std::min<std::size_t>(8, all.size())))
            value = value << 8 | std::to_integer<std::uint64_t>(byte);
        return value;
    };
    const auto high = bytes.size() - std::min<std::size_t>(8, bytes.size());
    const auto by = low(bytes) - low(base);
    if (by >> 32 != 0 ||
        !std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(high), base.begin()))
        return std::nullopt;
    return static_cast<std::uint32_t>(by);
}

/// x.x.x.0 and x.x.x.255 look like networks and broadcasts to some cameras.
bool looks_special(std::uint32_t number) { return (number & 0xff) == 0 || (number & 0xff) == 0xff; }

/// The place in order of the number that was given out, without those left out.
std::size_t place_of(std::uint32_t number) { return std::size_t{number >> 8} * 254 + (number & 0xff) - 1; }

}  // namespace

std::string canonical_name(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return lower(name);
}

NameDirectory::NameDirectory(Cidr pool, Cidr pool6) : pool_(pool), pool6_(pool6) {}

std::optional<NameDirectory::Own> NameDirectory::next_free() {
    do ++next_;
    while (looks_special(next_));
    const auto room = [](const Cidr& pool, unsigned bits) {
        return std::min(31U, bits - pool.prefix_length());
    };
    const auto bits = std::min(room(pool_, 32), room(pool6_, 128));
    if (next_ >> bits != 0) return std::nullopt;
    return Own{offset(pool_, next_), offset(pool6_, next_)};
}

const NameDirectory::Own& NameDirectory::own(std::string_view name) {
    const auto key = canonical_name(name);
    if (const auto found = names_.find(key); found != names_.end()) return found->second->own;
    if (overflow_) return *overflow_;
    const auto free = next_free();
    if (!free) {
        overflow_ = Own{offset(pool_, 0), offset(pool6_, 0), true};
        return *overflow_;
    }
    const auto& entry = entries_.emplace_back(Entry{key, *free});
    names_.emplace(entry.name, &entry);
    return entry.own;
}

void NameDirectory::bind(const IpAddress& address, std::string_view name) {
    if (name_of(address) == nullptr) bound_.try_emplace(address, canonical_name(name));
}

const std::string* NameDirectory::name_of(const IpAddress& address) const {
    if (!bound_.empty())
        if (const auto found = bound_.find(address); found != bound_.end()) return &found->second;
    const auto number = distance(address.is_v4() ? pool_ : pool6_, address);
    if (!number || looks_special(*number) || place_of(*number) >= entries_.size()) return nullptr;
    return &entries_[place_of(*number)].name;
}

}  // namespace cambench::internet
