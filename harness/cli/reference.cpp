#include "harness/cli/reference.hpp"

#include <fmt/format.h>

#include <set>

#include "harness/checks/check.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/documents.hpp"
#include "harness/steps/step.hpp"

namespace cambench::cli {
namespace {

using markup::Attribute;
using markup::Element;

/// "duration, default 20s" or "one of tcp, udp; required".
std::string type_of(const Attribute& attribute) {
    auto text = attribute.kind == markup::Kind::choice ? "one of " + join(attribute.choices, ", ")
                                                       : std::string(kind_name(attribute.kind));
    if (attribute.required) text += "; required";
    if (!attribute.fallback.empty()) text += fmt::format("; default {}", attribute.fallback);
    return text;
}

/// Text of a table's cell: a bar would end it.
std::string cell(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '|') result += '\\';
        result += c;
    }
    return result;
}

std::string rule_of(const Element& element) {
    std::string text;
    for (const auto& group : element.one_of)
        text += fmt::format("One of {} is required.\n\n", join(group, ", "));
    return text;
}

std::string attributes_table(const Element& element) {
    if (element.attributes.empty()) return "";
    std::string text = "| attribute | value | |\n|---|---|---|\n";
    for (const auto& attribute : element.attributes)
        text += fmt::format("| `{}` | {} | {} |\n", attribute.name, cell(type_of(attribute)),
                            cell(attribute.doc));
    return text + "\n" + rule_of(element);
}

std::string count_of(const markup::Child& child) {
    if (child.least == 1 && child.most == 1) return "once";
    if (child.most == 1) return "at most once";
    return child.least == 0 ? "any number" : fmt::format("{} or more", child.least);
}

std::string children_list(const Element& element) {
    std::string text;
    for (const auto& child : element.children)
        text += fmt::format("- `<{}>` ({}): {}\n", child.element->name, count_of(child), child.element->doc);
    return text.empty() ? text : "Holds, in any order:\n\n" + text + "\n";
}

std::string section(const Element& element, std::string_view level, const std::string& title) {
    return fmt::format("{} {}\n\n{}{}\n\n", level, title, element.doc,
                       element.content == Element::Content::text ? " Holds text." : "") +
           attributes_table(element);
}

std::string steps_section() {
    std::string text = "## Steps\n\nThey stand in `<setup>`, `<steps>` and `<teardown>` of a scenario.\n\n";
    for (const auto* type : step_types()) {
        text += section(type->element, "###", fmt::format("`<{}>`", type->element.name));
        if (type->holds == StepType::Children::steps) text += "Holds steps.\n\n";
    }
    return text;
}

std::string checks_section() {
    std::string text = "## Checks\n\nThey stand in `<checks>` of a scenario.\n\n";
    for (const auto* type : check_types()) {
        text += section(type->element, "###", fmt::format("`<{}>`", type->element.name));
        text += type->why + "\n\n";
        if (type->when == CheckType::When::always) text += "Judged in every run, listed or not.\n\n";
        if (!type->requirements.empty())
            text += fmt::format("Requirements: {}.\n\n", join(type->requirements, ", "));
    }
    return text;
}

/// Writes the elements below a document's root, each once, without steps and checks: those have sections of
/// their own.
class DocumentSections {
public:
    DocumentSections() {
        for (const auto* type : check_types()) elsewhere_.insert(&type->element);
        for (const auto& child : step_children()) elsewhere_.insert(child.element);
    }

    std::string of(const Element& root) {
        std::string text =
            section(root, "##", fmt::format("Document `<{}>`", root.name)) + children_list(root);
        for (const auto& child : root.children) text += below(*child.element);
        return text;
    }

private:
    std::string below(const Element& element) {
        if (elsewhere_.contains(&element) || !seen_.insert(&element).second) return "";
        if (element.attributes.empty() && element.children.empty() && element.variants.empty()) return "";
        auto text = section(element, "###", fmt::format("`<{}>`", element.name));
        for (const auto& variant : element.variants)
            text += section(*variant.element, "####",
                            fmt::format("`<{} {}=\"{}\">`", element.name, element.selector, variant.value));
        const bool holds_others =
            std::any_of(element.children.begin(), element.children.end(),
                        [&](const auto& child) { return !elsewhere_.contains(child.element); });
        if (!holds_others) return text;
        text += children_list(element);
        for (const auto& child : element.children) text += below(*child.element);
        return text;
    }

    std::set<const Element*> elsewhere_, seen_;
};

}  // namespace

std::string describe(const Element& element, const std::string& name) {
    auto text = fmt::format("{}\n    {}\n", name, element.doc);
    std::size_t width = 0;
    for (const auto& attribute : element.attributes) width = std::max(width, attribute.name.size());
    for (const auto& attribute : element.attributes)
        text +=
            fmt::format("    {:<{}}  {} ({})\n", attribute.name, width, attribute.doc, type_of(attribute));
    for (const auto& group : element.one_of)
        text += fmt::format("    one of {} is required\n", join(group, ", "));
    return text;
}

nlohmann::json to_json(const Element& element) {
    using Json = nlohmann::json;
    Json attributes = Json::array();
    for (const auto& attribute : element.attributes)
        attributes.push_back({{"name", attribute.name},
                              {"kind", kind_name(attribute.kind)},
                              {"example", kind_example(attribute.kind)},
                              {"required", attribute.required},
                              {"default", attribute.fallback.empty() ? Json() : Json(attribute.fallback)},
                              {"choices", attribute.choices},
                              {"doc", attribute.doc}});
    return {{"name", element.name},
            {"doc", element.doc},
            {"attributes", std::move(attributes)},
            {"one_of", element.one_of}};
}

std::string reference_page() {
    std::string text =
        "# Reference\n\nGenerated by `cambench list reference` from the tables of the program.\n\n";
    text +=
        "Values: durations carry a unit (`500ms`, `20s`, `5min`, `3h`, `30d`), amounts of data too (`200B`, "
        "`2kB`, `3MB`, `1GB`), times are in UTC\n"
        "(`2026-11-21T09:00:00Z`), regular expressions are in RE2's syntax. `${name}` in an attribute of a "
        "scenario is replaced by the parameter's "
        "value.\n\n";
    DocumentSections documents;
    for (const auto& kind : document_kinds()) text += documents.of(*kind.element);
    text += steps_section() + checks_section();
    while (text.ends_with("\n\n")) text.pop_back();
    return text;
}

}  // namespace cambench::cli
