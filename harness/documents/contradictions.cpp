#include "harness/documents/contradictions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

/// Attributes of which only one can be meant.
struct Contradiction {
    std::string_view element;
    std::vector<std::string_view> attributes;
};

const std::vector<Contradiction>& contradictions() {
    static const std::vector<Contradiction> all{
        {"offer-update", {"cut-at", "cut-on", "cut-after"}},
        {"answer", {"body", "file"}},
        {"answer", {"ahead", "behind"}},
        {"ntp", {"gains", "loses"}},
    };
    return all;
}

/// Numbers of which zero means that nothing happens at all.
struct Count {
    std::string_view element, attribute, better;
};
constexpr std::array counts{
    Count{"repeat", "times", "1 or more, or remove the element"},
    Count{"tls", "attempts", "1 or more"},
    Count{"tls", "rounds", "1 or more"},
    Count{"still-a-camera", "frames", "1 or more"},
};

void judge_group(const markup::Node& node, const Contradiction& group, markup::Problems& problems) {
    std::vector<std::string> given;
    for (const auto name : group.attributes)
        if (node.given(name)) given.emplace_back(name);
    if (given.size() < 2) return;
    const auto last = given.back();
    given.pop_back();
    problems.push_back(problem_at_attribute(
        node, last,
        fmt::format("<{}> has {} and {}, which contradict each other", node.name(), join(given, ", "), last),
        "keep one of them"));
}

}  // namespace

void judge_contradictions(const markup::Node& node, markup::Problems& problems) {
    for (const auto& group : contradictions())
        if (group.element == node.name()) judge_group(node, group, problems);
    for (const auto& count : counts)
        if (count.element == node.name() && node.given(count.attribute) && node.integer(count.attribute) == 0)
            problems.push_back(problem_at_attribute(
                node, count.attribute,
                fmt::format("{}=\"0\" of <{}> does nothing", count.attribute, node.name()),
                std::string(count.better)));
    for (const auto& child : node.children()) judge_contradictions(child, problems);
}

}  // namespace cambench
