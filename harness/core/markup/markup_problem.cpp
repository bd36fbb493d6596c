#include <fmt/format.h>

#include "harness/core/markup/markup.hpp"

namespace cambench::markup {

std::string Problem::to_string() const {
    return fmt::format("{}:{}:{}: {}{}{}{}", where.file, where.line, where.column,
                       severity == Severity::warning ? "warning: " : "", what, better.empty() ? "" : "; ",
                       better);
}

Status first_error(const Problems& problems, std::size_t begin) {
    for (std::size_t i = begin; i < problems.size(); ++i)
        if (problems[i].severity == Problem::Severity::error) return usage_error(problems[i].to_string());
    return {};
}

Problem problem_at(const Node& node, std::string what, std::string better) {
    return {node.position(), std::move(what), std::move(better)};
}

Problem problem_at_attribute(const Node& node, std::string_view attribute, std::string what,
                             std::string better) {
    return {node.position_of(attribute), std::move(what), std::move(better)};
}

Problem warning_at(const Node& node, std::string what, std::string better) {
    return {node.position(), std::move(what), std::move(better), Problem::Severity::warning};
}

const Element& parameter_element() {
    static const Element element{
        .name = "parameter",
        .doc = "A value that a suite or the command line may set; written ${name} in attributes.",
        .attributes = {
            {.name = "name", .kind = Kind::word, .doc = "The name used between ${ and }.", .required = true},
            {.name = "default", .kind = Kind::text, .doc = "The value when nobody sets one."},
            {.name = "doc", .kind = Kind::text, .doc = "What it does."}}};
    return element;
}

}  // namespace cambench::markup
