#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace cambench {

/// How deeply foreign JSON may be nested: what walks, copies or prints it goes down one call for every level.
inline constexpr std::size_t deepest_json = 100;

/// Whether objects and lists are nested deeper than `deepest` somewhere in the text, well-formed or not.
[[nodiscard]] bool is_nested_too_deeply(std::string_view text, std::size_t deepest = deepest_json);

/// JSON that somebody else wrote. What is none, or is nested too deeply, is discarded (`is_discarded()`).
[[nodiscard]] nlohmann::json parse_json(std::string_view text);

/// "a text", "a number", "true or false", "a list", "an object", "null"
[[nodiscard]] std::string_view type_name(const nlohmann::json& value);

/// Members of an object that somebody else wrote. One that is absent or null reads as nothing; one of another
/// type does, too, and status() says where: `run.json: "kind" is a number, and a text belongs there`.
class JsonMembers {
public:
    /// `where` begins the sentences: the file's name. The object outlives this.
    JsonMembers(const nlohmann::json& object, std::string where);

    [[nodiscard]] std::string text(const char* name);
    [[nodiscard]] bool flag(const char* name);
    [[nodiscard]] const nlohmann::json& list(const char* name);    ///< an empty one when there is none
    [[nodiscard]] const nlohmann::json& object(const char* name);  ///< an empty one when there is none

    [[nodiscard]] const Status& status() const { return status_; }

private:
    const nlohmann::json* find(const char* name, bool (*fits)(const nlohmann::json&), const char* wanted);

    const nlohmann::json& object_;
    std::string where_;
    Status status_;
};

}  // namespace cambench
