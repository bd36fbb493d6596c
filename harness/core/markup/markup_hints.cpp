#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "harness/core/markup/markup.hpp"
#include "harness/core/markup/markup_internal.hpp"

namespace cambench::markup {
namespace {

using Level = std::vector<const Element*>;

/// The names of those elements of a level that hold `name`, each once.
std::vector<std::string> holders_of(std::string_view name, const Level& level) {
    std::vector<std::string> names;
    for (const auto* element : level) {
        const bool holds = std::any_of(element->children.begin(), element->children.end(),
                                       [&](const Child& child) { return child.element->name == name; });
        if (holds && std::find(names.begin(), names.end(), element->name) == names.end())
            names.push_back(element->name);
    }
    return names;
}

Level below(const Level& level, std::set<const Element*>& seen) {
    Level next;
    for (const auto* element : level)
        for (const auto& child : element->children)
            if (seen.insert(child.element).second) next.push_back(child.element);
    return next;
}

}  // namespace

std::string homes_of(std::string_view name, const Element& root) {
    std::set<const Element*> seen{&root};
    std::vector<std::string> homes;
    for (Level level{&root}; !level.empty() && homes.empty(); level = below(level, seen))
        homes = holders_of(name, level);
    std::string text;
    for (std::size_t i = 0; i < homes.size(); ++i)
        text += fmt::format("{}<{}>", i == 0 ? "" : i + 1 == homes.size() ? " or " : ", ", homes[i]);
    return text;
}

}  // namespace cambench::markup
