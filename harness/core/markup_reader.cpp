#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "harness/core/markup.hpp"
#include "harness/core/text.hpp"

namespace cambench::markup {
namespace {

constexpr unsigned deepest = 64;

/// Where a byte of the source stands.
Position position_of(std::string_view source, std::string_view file, std::size_t offset) {
    offset = std::min(offset, source.size());
    const auto before = source.substr(0, offset);
    const auto last_newline = before.rfind('\n');
    return {std::string(file), static_cast<unsigned>(std::count(before.begin(), before.end(), '\n') + 1),
            static_cast<unsigned>(last_newline == std::string_view::npos ? offset + 1 : offset - last_newline)};
}

/// The offset of an attribute inside its start tag (pugixml keeps none), or the tag's own.
std::size_t attribute_offset(std::string_view source, std::size_t tag, std::string_view attribute) {
    char quote = 0;
    for (std::size_t i = tag; i < source.size(); ++i) {
        const char c = source[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            break;
        } else if (source.substr(i).starts_with(attribute) && i > tag && std::isspace(static_cast<unsigned char>(source[i - 1]))) {
            const auto after = source.find_first_not_of(" \t\r\n", i + attribute.size());
            if (after != std::string_view::npos && source[after] == '=') return i;
        }
    }
    return tag;
}

std::vector<std::string> names_of_children(const Element& element) {
    std::vector<std::string> names;
    for (const auto& child : element.children) names.push_back(child.element->name);
    return names;
}

std::vector<std::string> names_of_attributes(const Element& element) {
    std::vector<std::string> names;
    for (const auto& attribute : element.attributes) names.push_back(attribute.name);
    return names;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known, std::string_view of_what) {
    if (known.empty()) return fmt::format("it takes no {}", of_what);
    const auto near = nearest(word, known);
    return near.empty() ? fmt::format("known {}: {}", of_what, join(known, ", ")) : fmt::format("did you mean '{}'?", near);
}

Result<std::string> slurp(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream || std::filesystem::is_directory(file)) return usage_error(fmt::format("{}: cannot be read; give the path of an XML file", file.string()));
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

}  // namespace

std::string Problem::to_string() const {
    return fmt::format("{}:{}:{}: {}{}{}", where.file, where.line, where.column, what, better.empty() ? "" : "; ", better);
}

Problem problem_at(const Node& node, std::string what, std::string better) { return {node.position(), std::move(what), std::move(better)}; }

const Element& parameter_element() {
    static const Element element{.name = "parameter",
                                 .doc = "A value that a suite or the command line may set; written ${name} in attributes.",
                                 .attributes = {{.name = "name", .kind = Kind::word, .doc = "The name used between ${ and }.", .required = true},
                                                {.name = "default", .kind = Kind::text, .doc = "The value when nobody sets one.", .required = true},
                                                {.name = "doc", .kind = Kind::text, .doc = "What it does."}}};
    return element;
}

/// Walks the parsed tree beside its table.
class Reader {
public:
    Reader(std::string_view source, std::string_view file, Problems& problems, const Parameters& overrides)
        : source_(source), file_(file), problems_(problems), overrides_(overrides) {}

    Result<Node> read(const Element& root) {
        const auto before = problems_.size();
        pugi::xml_document document;
        const auto outcome = document.load_buffer(source_.data(), source_.size());
        if (!outcome) {
            report(static_cast<std::size_t>(outcome.offset), fmt::format("not well-formed XML: {}", lower(outcome.description())), "");
            return failure(before);
        }
        const auto top = document.document_element();
        if (top.name() != root.name) {
            report(offset_of(top), fmt::format("the document is a <{}>", top.name()), fmt::format("a <{}> was expected", root.name));
            return failure(before);
        }
        collect_parameters(top);
        Node node = visit(top, root, 0);
        if (problems_.size() > before) return failure(before);
        return node;
    }

private:
    void report(std::size_t offset, std::string what, std::string better) {
        problems_.push_back({position_of(source_, file_, offset), std::move(what), std::move(better)});
    }

    Error failure(std::size_t first) const { return usage_error(problems_[first].to_string()); }

    static std::size_t offset_of(const pugi::xml_node& node) { return static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug() - 1, 0)); }

    void collect_parameters(const pugi::xml_node& top) {
        for (const auto& child : top.children("parameter")) parameters_[child.attribute("name").value()] = child.attribute("default").value();
        for (const auto& [name, value] : overrides_) {
            if (parameters_.contains(name)) parameters_[name] = value;
            else report(offset_of(top), fmt::format("there is no parameter '{}' to set", name), suggestion(name, parameter_names(), "parameters"));
        }
    }

    std::vector<std::string> parameter_names() const {
        std::vector<std::string> names;
        for (const auto& [name, value] : parameters_) names.push_back(name);
        return names;
    }

    std::string substituted(std::string text, std::size_t offset) {
        std::size_t from = 0;
        for (std::size_t open; (open = text.find("${", from)) != std::string::npos;) {
            const auto close = text.find('}', open);
            if (close == std::string::npos) {
                report(offset, fmt::format("'{}' has no closing brace", text), "write ${name}");
                return text;
            }
            const auto name = text.substr(open + 2, close - open - 2);
            const auto found = parameters_.find(name);
            if (found == parameters_.end()) {
                report(offset, fmt::format("there is no parameter '{}'", name), suggestion(name, parameter_names(), "parameters"));
                return text;
            }
            text.replace(open, close - open + 1, found->second);
            from = open + found->second.size();
        }
        return text;
    }

    void visit_attributes(const pugi::xml_node& xml, const Element& table, Node& node) {
        const auto tag = offset_of(xml);
        for (const auto& attribute : xml.attributes()) {
            const std::string name = attribute.name();
            if (name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xsi:")) continue;
            const auto known = std::find_if(table.attributes.begin(), table.attributes.end(), [&](const auto& a) { return a.name == name; });
            const auto offset = attribute_offset(source_, tag, name);
            if (known == table.attributes.end()) {
                report(offset, fmt::format("unknown attribute '{}' of <{}>", name, table.name), suggestion(name, names_of_attributes(table), "attributes"));
                continue;
            }
            if (node.values_.contains(name)) report(offset, fmt::format("attribute '{}' of <{}> is given twice", name, table.name), "keep one");
            auto value = substituted(attribute.value(), offset);
            if (const auto status = check_value(*known, value); !status) report(offset, fmt::format("{}=\"{}\"", name, value), status.error().message);
            node.values_[name] = std::move(value);
        }
        for (const auto& known : table.attributes)
            if (known.required && !node.values_.contains(known.name))
                report(tag, fmt::format("<{}> lacks the attribute '{}'", table.name, known.name), known.doc);
        for (const auto& group : table.one_of)
            if (std::none_of(group.begin(), group.end(), [&](const auto& name) { return node.values_.contains(name); }))
                report(tag, fmt::format("<{}> lacks one of the attributes {}", table.name, join(group, ", ")), "give one of them");
    }

    Node visit(const pugi::xml_node& xml, const Element& table, unsigned depth) {
        Node node;
        node.element_ = &table;
        node.position_ = position_of(source_, file_, offset_of(xml));
        if (depth > deepest) {
            report(offset_of(xml), "elements are nested too deeply", fmt::format("{} levels are allowed", deepest));
            return node;
        }
        visit_attributes(xml, table, node);
        visit_children(xml, table, node, depth);
        return node;
    }

    void visit_children(const pugi::xml_node& xml, const Element& table, Node& node, unsigned depth) {
        for (const auto& child : xml.children()) {
            if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
                if (table.content == Element::Content::text) node.content_ += child.value();
                else report(offset_of(child), fmt::format("text inside <{}>", table.name), "only elements may stand here");
                continue;
            }
            if (child.type() != pugi::node_element) continue;
            const auto known = std::find_if(table.children.begin(), table.children.end(), [&](const auto& c) { return c.element->name == child.name(); });
            if (known == table.children.end()) {
                report(offset_of(child), fmt::format("unknown element <{}> in <{}>", child.name(), table.name),
                       suggestion(child.name(), names_of_children(table), "elements"));
                continue;
            }
            node.children_.push_back(visit(child, *known->element, depth + 1));
        }
        node.content_ = std::string(trim(node.content_));
        for (const auto& child : table.children) check_count(xml, table, child, node.all(child.element->name).size());
    }

    void check_count(const pugi::xml_node& xml, const Element& table, const Child& child, std::size_t count) {
        if (count < child.least)
            report(offset_of(xml), fmt::format("<{}> needs {} <{}>", table.name, child.least == 1 ? "a" : fmt::format("{} times", child.least), child.element->name),
                   child.element->doc);
        if (child.most != 0 && count > child.most)
            report(offset_of(xml), fmt::format("<{}> has {} <{}>", table.name, count, child.element->name), fmt::format("{} allowed", child.most));
    }

    std::string_view source_;
    std::string_view file_;
    Problems& problems_;
    const Parameters& overrides_;
    Parameters parameters_;
};

Result<Node> read_text(std::string_view xml, std::string_view name, const Element& root, Problems& problems, const Parameters& overrides) {
    return Reader(xml, name, problems, overrides).read(root);
}

Result<Node> read_file(const std::filesystem::path& file, const Element& root, Problems& problems, const Parameters& overrides) {
    auto source = slurp(file);
    if (!source) {
        problems.push_back({{file.string(), 1, 1}, "cannot be read", "give the path of an XML file"});
        return std::move(source).error();
    }
    return read_text(*source, file.string(), root, problems, overrides);
}

Result<std::string> root_name(const std::filesystem::path& file) {
    TRY_ASSIGN(const auto source, slurp(file));
    pugi::xml_document document;
    const auto outcome = document.load_buffer(source.data(), source.size());
    if (!outcome) {
        const Problem problem{position_of(source, file.string(), static_cast<std::size_t>(outcome.offset)),
                              fmt::format("not well-formed XML: {}", lower(outcome.description())), ""};
        return usage_error(problem.to_string());
    }
    return std::string(document.document_element().name());
}

}  // namespace cambench::markup
