#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/core/markup/markup.hpp"
#include "harness/core/markup/markup_internal.hpp"
#include "harness/core/text.hpp"

namespace cambench::markup {

std::string xml_escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\n':
                result += "&#10;";
                break;
            case '\r':
                result += "&#13;";
                break;
            case '\t':
                result += "&#9;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

namespace {

/// A choice as it stands, for the schema's regular expressions.
std::string pattern_escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (std::string_view("\\|.?*+(){}[]-^").find(c) != std::string_view::npos) result += '\\';
        result += c;
    }
    return result;
}

std::string pattern_of_choices(const std::vector<std::string>& choices) {
    std::vector<std::string> escaped;
    for (const auto& choice : choices) escaped.push_back(pattern_escaped(choice));
    return join(escaped, "|");
}

/// The regular expression of a kind, "" where any text goes; no stricter than check_value. "${name}" is
/// allowed everywhere: parameters are put in before a value is checked.
std::string pattern_of(const Attribute& attribute) {
    switch (attribute.kind) {
        case Kind::text:
        case Kind::path:
        case Kind::words:
        case Kind::pattern:
            return "";
        case Kind::word:
            return "[A-Za-z0-9._\\-]+";
        case Kind::integer:
        case Kind::port:
            return "[0-9]+";
        case Kind::number:
            return "[0-9]+(\\.[0-9]+)?";
        case Kind::duration:
            return "[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|m|h|d)";
        case Kind::timestamp:
            return "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z";
        case Kind::flag:
            return "yes|no";
        case Kind::choice:
            return pattern_of_choices(attribute.choices);
        case Kind::address:
            return "[0-9.]+|[0-9a-fA-F:.]+";
        case Kind::network:
            return "[0-9a-fA-F:.]+(/[0-9]+)?";
        case Kind::mac:
            return "[0-9a-fA-F]{2}([:\\-][0-9a-fA-F]{2}){5}";
        case Kind::mac_prefix:
            return "[0-9a-fA-F]{2}([:\\-][0-9a-fA-F]{2}){0,5}";
        case Kind::host:
            return "(\\*\\.)?[A-Za-z0-9._\\-]+";
        case Kind::volume:
            return "[0-9]+(\\.[0-9]+)?(B|kB|MB|GB)";
    }
    return "";
}

std::string documentation(std::string_view doc, std::string_view indent) {
    return fmt::format("{0}<xs:annotation><xs:documentation>{1}</xs:documentation></xs:annotation>\n", indent,
                       xml_escaped(doc));
}

std::string attribute_xsd(const Attribute& attribute) {
    const auto pattern = pattern_of(attribute);
    auto text = fmt::format("      <xs:attribute name=\"{}\"{}>\n", attribute.name,
                            attribute.required ? " use=\"required\"" : "");
    text += documentation(attribute.doc, "        ");
    text += "        <xs:simpleType><xs:restriction base=\"xs:string\">";
    if (!pattern.empty())
        text +=
            fmt::format("<xs:pattern value=\"{}|.*[$]\\{{[A-Za-z0-9._\\-]+\\}}.*\"/>", xml_escaped(pattern));
    return text + "</xs:restriction></xs:simpleType>\n      </xs:attribute>\n";
}

/// Types are named after the element; two tables with one element name get a number, so contexts stay apart.
class Writer {
public:
    std::string write(const std::vector<const Element*>& roots) {
        std::string top;
        for (const auto* root : roots)
            top += fmt::format("  <xs:element name=\"{}\" type=\"{}\"/>\n", root->name, type_of(*root));
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<!-- Generated from the tables of the program (cambench list xsd); do not edit. -->\n"
               "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
               "elementFormDefault=\"qualified\">\n" +
               top + types_ + "</xs:schema>\n";
    }

private:
    std::string type_of(const Element& element) {
        if (const auto found = names_.find(&element); found != names_.end()) return found->second;
        auto name = element.name + "-type";
        for (int i = 2; used_.contains(name); ++i) name = fmt::format("{}-type-{}", element.name, i);
        used_.insert(name);
        names_[&element] = name;
        types_ += complex_type(element, name);
        return name;
    }

    /// A schema cannot choose by an attribute: what any variant allows is allowed, what all require is
    /// required.
    static std::vector<Attribute> attributes_of(const Element& element) {
        auto attributes = element.attributes;
        for (auto& attribute : attributes)
            if (attribute.name == element.selector) attribute = selector_of(element, attribute);
        for (const auto& variant : element.variants)
            for (const auto& attribute : variant.element->attributes) merge(attributes, attribute, element);
        return attributes;
    }

    static Attribute selector_of(const Element& element, Attribute attribute) {
        attribute.kind = Kind::choice;
        attribute.choices.clear();
        for (const auto& variant : element.variants) attribute.choices.push_back(variant.value);
        return attribute;
    }

    static void merge(std::vector<Attribute>& attributes, Attribute wanted, const Element& element) {
        const auto names = [&](const Attribute& other) { return other.name == wanted.name; };
        const auto known = std::find_if(attributes.begin(), attributes.end(), names);
        wanted.required =
            wanted.required &&
            std::all_of(element.variants.begin(), element.variants.end(), [&](const auto& variant) {
                const auto& theirs = variant.element->attributes;
                const auto found = std::find_if(theirs.begin(), theirs.end(), names);
                return found != theirs.end() && found->required;
            });
        if (known == attributes.end())
            attributes.push_back(std::move(wanted));
        else if (known->kind != wanted.kind || known->choices != wanted.choices)
            known->kind = Kind::text;
    }

    /// Children stand in any order. A schema can count them only when none may be repeated.
    std::string children_of(const Element& element) {
        const bool none_repeated = std::all_of(element.children.begin(), element.children.end(),
                                               [](const auto& child) { return child.most == 1; });
        std::string children;
        for (const auto& child : element.children)
            children += fmt::format("        <xs:element name=\"{}\" type=\"{}\"{}/>\n", child.element->name,
                                    type_of(*child.element),
                                    none_repeated && child.least == 0 ? " minOccurs=\"0\"" : "");
        if (children.empty()) return "";
        if (none_repeated) return "      <xs:all>\n" + children + "      </xs:all>\n";
        return "      <xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">\n" + children +
               "      </xs:choice>\n";
    }

    std::string complex_type(const Element& element, const std::string& name) {
        const auto children = children_of(element);
        auto text = fmt::format("  <xs:complexType name=\"{}\"{}>\n", name,
                                element.content == Element::Content::text ? " mixed=\"true\"" : "");
        text += documentation(element.doc, "    ") + children;
        for (const auto& attribute : attributes_of(element)) text += attribute_xsd(attribute);
        return text + "  </xs:complexType>\n";
    }

    std::map<const Element*, std::string> names_;
    std::set<std::string> used_;
    std::string types_;
};

}  // namespace

std::string to_xsd(const std::vector<const Element*>& roots) { return Writer().write(roots); }

}  // namespace cambench::markup
