#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/core/result.hpp"

namespace cambench::analysis {

/// Databases in MaxMind's format (.mmdb, maxmind.github.io/MaxMind-DB) that the user has: of countries, of
/// autonomous systems, or of both. Read are the members of GeoLite2 and GeoIP2, and of those that are flat
/// (IPinfo, DB-IP).
class PlaceBook {
public:
    /// Fails when a file cannot be read or is no such database.
    [[nodiscard]] static Result<PlaceBook> open(const std::vector<std::filesystem::path>& files);
    ~PlaceBook();
    PlaceBook(PlaceBook&&) noexcept;
    PlaceBook& operator=(PlaceBook&&) noexcept;

    /// nullopt: no database knows the address.
    [[nodiscard]] std::optional<PlaceOf> place_of(const IpAddress& address) const;

private:
    class Database;
    PlaceBook();
    std::vector<std::unique_ptr<Database>> databases_;
};

}  // namespace cambench::analysis
