#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/markup/markup.hpp"

namespace cambench {

/// One thing a camera must do or refrain from.
struct Requirement {
    std::string id;     ///< "PHN-05"
    std::string text;   ///< the single observable verdict
    std::string means;  ///< what a bench needs for it: letters of R (relay), U (UART), N (network), O
                        ///< (optics), D (documents)
    std::string en303645, india, other;  ///< clauses of other documents it maps to; "" when none
};

/// The table of <requirements>.
[[nodiscard]] const markup::Element& requirements_element();

/// Requirements by id. Later documents may add to it and replace what an earlier one said.
class RequirementCatalogue {
public:
    /// Adds a file's; the ids of one file are unique.
    Status add(const std::filesystem::path& file, markup::Problems& problems);
    [[nodiscard]] const Requirement* find(std::string_view id) const;  ///< nullptr when there is none
    [[nodiscard]] std::vector<std::string> ids() const;
    [[nodiscard]] const std::map<std::string, Requirement, std::less<>>& all() const { return by_id_; }

private:
    Status add(const markup::Node& root, markup::Problems& problems);
    std::map<std::string, Requirement, std::less<>> by_id_;
};

/// The catalogue for a document: every requirements/*.xml in its folder and in the one above, and those
/// shipped with the program. So a lab's own folder may bring requirements of its own.
[[nodiscard]] Result<RequirementCatalogue> requirements_beside(const std::filesystem::path& document,
                                                               markup::Problems& problems);

/// Problems for the ids of `attribute` that the catalogue does not know.
void judge_requirement_ids(const markup::Node& node, std::string_view attribute,
                           const RequirementCatalogue& catalogue, markup::Problems& problems);

}  // namespace cambench
