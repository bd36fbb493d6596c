#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "bench/internet/world/personality.hpp"

namespace cambench::internet {

/// What the scenario says about names: the exact name goes first, then the longest "*." pattern above it.
class ResolverPolicy {
public:
    struct Verdict {
        DnsAnswer answer = DnsAnswer::address;
        std::optional<IpAddress> v4, v6;
        std::string text, service;
        unsigned fails_first = 0;  ///< questions still to fail
        DnsAnswer failure = DnsAnswer::silent;
        /// Whether it says where the name is; otherwise the name has addresses of its own.
        [[nodiscard]] bool has_address() const { return v4 || v6; }
    };

    /// A later rule for the same name replaces an earlier refusal; addresses of both families stand together.
    void add(const DnsRule& rule);
    /// `name` is canonical. nullptr: nothing is said about it.
    [[nodiscard]] const Verdict* find(std::string_view name) const;
    [[nodiscard]] Verdict* find(std::string_view name) {
        return const_cast<Verdict*>(std::as_const(*this).find(name));
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    using Table = std::unordered_map<std::string, Verdict, Hash, std::equal_to<>>;
    Table exact_;
    Table below_;
};

}  // namespace cambench::internet
