#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/declaration/declaration.hpp"

/// Manufacturer Usage Descriptions (RFC 8520): access lists that say whom a device talks to. Read into
/// declarations and written from them; what one of the two has no words for is told, never dropped in
/// silence.
namespace cambench::mud {

/// A declaration made of a MUD file.
struct Imported {
    Declaration declaration;
    std::string url;                    ///< mud-url
    std::vector<std::string> left_out;  ///< what a declaration cannot say, one clause each
};

/// Reads a MUD file: the ACLs of its from-device policy become destinations, those of its to-device policy
/// services. A usage error says which member is wrong.
[[nodiscard]] Result<Imported> read(std::string_view json);

/// A MUD file made of a declaration.
struct Exported {
    std::string json;
    std::vector<std::string> left_out;  ///< what MUD has no words for
};

/// `url` is where the file will be found (mud-url: https); `updated` becomes last-update.
[[nodiscard]] Exported write(const Declaration& declaration, const std::string& url, WallTime updated);

}  // namespace cambench::mud
