#include "bench/internet/name_directory.hpp"

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

}  // namespace

std::string canonical_name(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return lower(name);
}

NameDirectory::NameDirectory(Cidr pool, Cidr pool6) : pool_(pool), pool6_(pool6) {}

std::optional<NameDirectory::Own> NameDirectory::next_free() {
    // x.x.x.0 and x.x.x.255 look like networks and broadcasts to some cameras.
    do ++next_;
    while ((next_ & 0xff) == 0 || (next_ & 0xff) == 0xff);
    const auto room = [](const Cidr& pool, unsigned bits) { return std::min(31U, bits - pool.prefix_length()); };
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
    addresses_.emplace(entry.own.v4, &entry.name);
    addresses_.emplace(entry.own.v6, &entry.name);
    return entry.own;
}

void NameDirectory::bind(const IpAddress& address, std::string_view name) {
    const auto [place, fresh] = bound_.try_emplace(address, canonical_name(name));
    if (fresh) addresses_.try_emplace(address, &place->second);
}

const std::string* NameDirectory::name_of(const IpAddress& address) const {
    const auto found = addresses_.find(address);
    return found == addresses_.end() ? nullptr : found->second;
}

}  // namespace cambench::internet
