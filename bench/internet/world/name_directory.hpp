#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "harness/core/ip.hpp"

namespace cambench::internet {

/// Gives every DNS name an address of its own, so that any later flow can be told by name and an address that
/// was never given out is a literal. Names are compared without case and trailing dot. Nothing is reused
/// within a run.
class NameDirectory {
public:
    NameDirectory(Cidr pool, Cidr pool6);

    struct Own {
        IpAddress v4, v6;
        bool shared =
            false;  ///< the pool is used up: all further names share these, and name_of() does not know them
    };
    /// The name's own addresses; the same ones every time.
    const Own& own(std::string_view name);

    /// Lets `address` (given by the scenario) stand for `name`. The first name keeps it.
    void bind(const IpAddress& address, std::string_view name);

    /// The name `address` was given out for, or nullptr.
    [[nodiscard]] const std::string* name_of(const IpAddress& address) const;
    [[nodiscard]] std::size_t size() const { return names_.size(); }

private:
    [[nodiscard]] std::optional<Own> next_free();

    Cidr pool_, pool6_;
    std::uint32_t next_ = 0;
    std::optional<Own> overflow_;
    struct Entry {
        std::string name;
        Own own;
    };
    std::deque<Entry> entries_;  ///< in order of their addresses, which follow each other
    std::unordered_map<std::string_view, const Entry*> names_;  ///< keys point into entries_
    std::unordered_map<IpAddress, std::string> bound_;
};

/// Lower case, no trailing dot.
[[nodiscard]] std::string canonical_name(std::string_view name);

}  // namespace cambench::internet
