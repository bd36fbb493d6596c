#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/core/markup/markup.hpp"

using namespace cambench::markup;

namespace {

/// A table with everything a table can have: nesting, text, variants, parameters and each kind of value.
const Element& document() {
    static const Element leaf = [] {
        Element element{.name = "v", .doc = "", .content = Element::Content::text, .one_of = {{"a", "b"}}};
        for (int kind = 0; kind <= static_cast<int>(Kind::pattern); ++kind)
            element.attributes.push_back({.name = std::string(1, static_cast<char>('a' + kind)),
                                          .kind = static_cast<Kind>(kind),
                                          .doc = "",
                                          .choices = {"x", "y"}});
        return element;
    }();
    static const Element one{.name = "w",
                             .doc = "",
                             .attributes = {{.name = "p", .kind = Kind::path, .doc = "", .required = true}}};
    static const Element two{.name = "w", .doc = "", .children = {{&leaf, 1, 2}}};
    static const Element chosen{.name = "w",
                                .doc = "",
                                .attributes = {{.name = "k", .doc = "", .fallback = "1"}},
                                .selector = "k",
                                .variants = {{"1", &one}, {"2", &two}}};
    static Element nested{.name = "n", .doc = ""};
    if (nested.children.empty()) nested.children = {{&nested}, {&leaf}, {&chosen, 0, 1}};
    static const Element root{
        .name = "r", .doc = "", .children = {{&parameter_element()}, {&nested}, {&leaf}, {&chosen}}};
    return root;
}

void use(const Node& node) {
    for (const auto& attribute : node.element().attributes) {
        (void)node.words(attribute.name);
        (void)node.path(attribute.name);
        (void)node.duration(attribute.name);
        (void)node.timestamp(attribute.name);
        (void)node.network(attribute.name);
        (void)node.volume(attribute.name);
        (void)node.mac(attribute.name);
    }
    (void)node.to_string();
    for (const auto& child : node.children()) use(child);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Problems problems;
    const auto node = read_text({reinterpret_cast<const char*>(data), size}, "fuzz.xml", document(), problems,
                                {{"p", "1s"}});
    // A refusal names its place, and what is accepted has no error.
    if (node.ok() != first_error(problems).ok()) __builtin_trap();
    for (const auto& problem : problems)
        if (problem.where.line == 0 || problem.where.column == 0 || problem.to_string().empty())
            __builtin_trap();
    if (node.ok()) use(node.value());
    return 0;
}
