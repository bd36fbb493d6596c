#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>

#include "harness/core/markup.hpp"
#include "harness/core/text.hpp"

namespace cambench::markup {
namespace {

std::string xml_escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            default: result += c;
        }
    }
    return result;
}

/// The regular expression of a kind, "" where any text goes. "${name}" is allowed everywhere: parameters are put in before checking.
std::string pattern_of(const Attribute& attribute) {
    switch (attribute.kind) {
        case Kind::text:
        case Kind::path:
        case Kind::words: return "";
        case Kind::word: return "[A-Za-z0-9._\\-]+";
        case Kind::integer:
        case Kind::port: return "[0-9]+";
        case Kind::number: return "[0-9]+(\\.[0-9]+)?";
        case Kind::duration: return "[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|m|h|d)";
        case Kind::timestamp: return "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z";
        case Kind::flag: return "yes|no";
        case Kind::choice: return join(attribute.choices, "|");
        case Kind::address: return "[0-9.]+|[0-9a-fA-F:.]+";
        case Kind::network: return "[0-9a-fA-F:.]+(/[0-9]+)?";
        case Kind::mac: return "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}";
        case Kind::mac_prefix: return "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){0,5}";
        case Kind::host: return "(\\*\\.)?[A-Za-z0-9._\\-]+";
        case Kind::volume: return "[0-9]+(\\.[0-9]+)?(B|kB|MB|GB)";
    }
    return "";
}

std::string documentation(std::string_view doc, std::string_view indent) {
    return fmt::format("{0}<xs:annotation><xs:documentation>{1}</xs:documentation></xs:annotation>\n", indent, xml_escaped(doc));
}

std::string attribute_xsd(const Attribute& attribute) {
    const auto pattern = pattern_of(attribute);
    auto text = fmt::format("      <xs:attribute name=\"{}\"{}>\n", attribute.name, attribute.required ? " use=\"required\"" : "");
    text += documentation(attribute.doc, "        ");
    text += "        <xs:simpleType><xs:restriction base=\"xs:string\">";
    if (!pattern.empty()) text += fmt::format("<xs:pattern value=\"{}|.*\\$\\{{[A-Za-z0-9._\\-]+\\}}.*\"/>", xml_escaped(pattern));
    return text + "</xs:restriction></xs:simpleType>\n      </xs:attribute>\n";
}

/// Types are named after the element; two tables with one element name get a number, so contexts stay apart.
class Writer {
public:
    std::string write(const std::vector<const Element*>& roots) {
        std::string top;
        for (const auto* root : roots) top += fmt::format("  <xs:element name=\"{}\" type=\"{}\"/>\n", root->name, type_of(*root));
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<!-- Generated from the tables of the program (cambench list xsd); do not edit. -->\n"
               "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" elementFormDefault=\"qualified\">\n" +
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

    std::string complex_type(const Element& element, const std::string& name) {
        std::string children;
        for (const auto& child : element.children)
            children += fmt::format("        <xs:element name=\"{}\" type=\"{}\"/>\n", child.element->name, type_of(*child.element));
        auto text = fmt::format("  <xs:complexType name=\"{}\"{}>\n", name, element.content == Element::Content::text ? " mixed=\"true\"" : "");
        text += documentation(element.doc, "    ");
        if (!children.empty()) text += "      <xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">\n" + children + "      </xs:choice>\n";
        for (const auto& attribute : element.attributes) text += attribute_xsd(attribute);
        return text + "  </xs:complexType>\n";
    }

    std::map<const Element*, std::string> names_;
    std::set<std::string> used_;
    std::string types_;
};

}  // namespace

std::string to_xsd(const std::vector<const Element*>& roots) { return Writer().write(roots); }

}  // namespace cambench::markup
