#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <istream>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <set>

#include "harness/core/file.hpp"
#include "harness/core/markup/markup.hpp"
#include "harness/core/markup/markup_internal.hpp"
#include "harness/core/markup/markup_reading.hpp"
#include "harness/core/text.hpp"

namespace cambench::markup {

/// Finds line and column of a byte of the source.
class Places {
public:
    Places(std::string_view source, std::string_view file) : size_(source.size()), file_(file) {
        for (auto at = source.find('\n'); at != std::string_view::npos; at = source.find('\n', at + 1))
            begins_.push_back(at + 1);
    }

    [[nodiscard]] Position at(std::size_t offset) const {
        offset = std::min(offset, size_);
        const auto next = std::upper_bound(begins_.begin(), begins_.end(), offset);
        return {file_, static_cast<unsigned>(next - begins_.begin()),
                static_cast<unsigned>(offset - *(next - 1) + 1)};
    }

private:
    std::size_t size_;
    std::string file_;
    std::vector<std::size_t> begins_{0};  ///< where each line begins
};

namespace {

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
        } else if (source.substr(i).starts_with(attribute) && i > tag &&
                   std::isspace(static_cast<unsigned char>(source[i - 1]))) {
            const auto after = source.find_first_not_of(" \t\r\n", i + attribute.size());
            if (after != std::string_view::npos && source[after] == '=') return i;
        }
    }
    return tag;
}

template <typename Item, typename Name>
std::vector<std::string> names_of(const std::vector<Item>& items, Name name) {
    std::vector<std::string> names;
    for (const auto& item : items) names.push_back(std::invoke(name, item));
    return names;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known,
                       std::string_view of_what) {
    if (known.empty()) return fmt::format("it takes no {}", of_what);
    const auto near = nearest(word, known);
    return near.empty() ? fmt::format("known {}: {}", of_what, join(known, ", "))
                        : fmt::format("did you mean '{}'?", near);
}

Result<std::string> slurp(const std::filesystem::path& file) {
    const auto unreadable = [&] {
        return usage_error(fmt::format("{}: cannot be read; give the path of an XML file", file.string()));
    };
    const auto opened = open_regular_stream(file);
    if (!opened) return unreadable();
    auto& stream = **opened;
    std::string content;
    std::array<char, 1 << 16> buffer;
    while (content.size() <= longest && (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0))
        content.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
    if (stream.bad()) return unreadable();
    return content;
}

/// Parses what find_flaw let pass.
std::optional<Flaw> parse(std::string_view source, pugi::xml_document& document) {
    if (auto flaw = find_flaw(source)) return flaw;
    const auto outcome =
        document.load_buffer(source.data(), source.size(), pugi::parse_default, pugi::encoding_utf8);
    if (outcome) return std::nullopt;
    return Flaw{static_cast<std::size_t>(std::max<std::ptrdiff_t>(outcome.offset, 0)),
                fmt::format("not well-formed XML: {}", lower(outcome.description())), ""};
}

}  // namespace

/// Walks the parsed tree beside its table.
class Reader {
public:
    Reader(std::string_view source, std::string_view file, Problems& problems, const Parameters& overrides)
        : source_(source), places_(source, file), problems_(problems), overrides_(overrides) {}

    Result<Node> read(const Element& root) {
        const auto before = problems_.size();
        auto reading = read_what_is_right(root);
        if (auto status = first_error(problems_, before); !status) return std::move(status).error();
        return std::move(reading->root);
    }

    /// Fails only when it is no document of this kind.
    Result<Reading> read_what_is_right(const Element& root) {
        const auto before = problems_.size();
        pugi::xml_document document;
        if (auto flaw = parse(source_, document)) {
            report(flaw->offset, std::move(flaw->what), std::move(flaw->better));
            return first_error(problems_, before).error();
        }
        root_ = &root;
        const auto top = document.document_element();
        if (top.name() != root.name) {
            report(offset_of(top), fmt::format("the document is a <{}>", top.name()),
                   fmt::format("a <{}> was expected", root.name));
            return first_error(problems_, before).error();
        }
        collect_parameters(top);
        reading_.root = visit(top, root);
        warn_of_unused_parameters();
        return std::move(reading_);
    }

private:
    void report(std::size_t offset, std::string what, std::string better) {
        problems_.push_back({places_.at(offset), std::move(what), std::move(better)});
    }

    static std::size_t offset_of(const pugi::xml_node& node) {
        return static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug() - 1, 0));
    }

    /// The first character of a text that is no blank.
    std::size_t offset_of_text(const pugi::xml_node& node) const {
        const auto begin = static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0));
        return std::min(source_.find_first_not_of(" \t\r\n", begin), source_.size());
    }

    void collect_parameters(const pugi::xml_node& top) {
        for (const auto& child : top.children("parameter")) {
            const std::string name = child.attribute("name").value(),
                              value = child.attribute("default").value();
            const auto offset = offset_of(child);
            if (!parameters_.emplace(name, value).second)
                report(offset, fmt::format("the parameter '{}' is declared twice", name), "keep one");
            if (value.find("${") != std::string::npos)
                report(offset, fmt::format("the default of '{}' refers to a parameter", name),
                       "write the value itself");
            unused_.emplace(name, offset);
        }
        for (const auto& [name, value] : overrides_) {
            if (parameters_.contains(name))
                parameters_[name] = value;
            else
                report(offset_of(top), fmt::format("there is no parameter '{}' to set", name),
                       suggestion(name, parameter_names(), "parameters"));
        }
    }

    void warn_of_unused_parameters() {
        for (const auto& [name, offset] : unused_)
            problems_.push_back({places_.at(offset), fmt::format("the parameter '{}' is never used", name),
                                 fmt::format("write ${{{}}} in an attribute, or remove it", name),
                                 Problem::Severity::warning});
    }

    std::vector<std::string> parameter_names() const {
        std::vector<std::string> names;
        for (const auto& [name, value] : parameters_) names.push_back(name);
        return names;
    }

    std::string substituted(std::string text, std::size_t offset) {
        std::size_t from = 0;
        for (std::size_t open; (open = text.find("${", from)) != std::string::npos;) {
            if (open > from && text[open - 1] == '$') {
                text.erase(open - 1, 1);
                from = open + 1;
                continue;
            }
            const auto close = text.find('}', open);
            if (close == std::string::npos) {
                report(offset, fmt::format("'{}' has no closing brace", text),
                       "write ${name}, or $${ for a plain ${");
                return text;
            }
            const auto name = text.substr(open + 2, close - open - 2);
            const auto found = parameters_.find(name);
            if (found == parameters_.end()) {
                report(offset, fmt::format("there is no parameter '{}'", name),
                       suggestion(name, parameter_names(), "parameters"));
                return text;
            }
            unused_.erase(name);
            text.replace(open, close - open + 1, found->second);
            from = open + found->second.size();
        }
        return text;
    }

    /// Takes one attribute's value into the node, checked against its table.
    void visit_attribute(const pugi::xml_attribute& xml, const Attribute& known, const Element& table,
                         std::size_t offset, Node& node) {
        const auto& name = known.name;
        if (node.values_.contains(name))
            report(offset, fmt::format("attribute '{}' of <{}> is given twice", name, table.name),
                   "keep one");
        const auto problems = problems_.size();
        auto value =
            &table == &parameter_element() ? std::string(xml.value()) : substituted(xml.value(), offset);
        const bool from_parameter = value != xml.value();
        const auto status = check_value(known, value);
        if (problems == problems_.size() && !status)
            report(offset,
                   from_parameter ? fmt::format("{}=\"{}\", that is \"{}\"", name, xml.value(), inert(value))
                                  : fmt::format("{}=\"{}\"", name, inert(value)),
                   status.error().message);
        else if (known.required && trim(value).empty())
            report(offset, fmt::format("{}=\"\" of <{}> is empty", name, table.name), known.doc);
        node.positions_[name] = places_.at(offset);
        node.values_[name] = std::move(value);
        if (problems != problems_.size()) wrong_.push_back(name);
    }

    /// `base` is the table that names the selector; `table` the variant it selected, or the same.
    void visit_attributes(const pugi::xml_node& xml, const Element& base, const Element& table, Node& node) {
        const auto tag = offset_of(xml);
        const auto problems = problems_.size();
        wrong_.clear();
        for (const auto& attribute : xml.attributes()) {
            const std::string name = attribute.name();
            if (name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xsi:")) continue;
            const auto offset = attribute_offset(source_, tag, name);
            const auto* known = find_attribute(table, name);
            if (known == nullptr && &base != &table) known = find_attribute(base, name);
            if (known == nullptr)
                report_unknown_attribute(name, offset, base, table, node);
            else
                visit_attribute(attribute, *known, table, offset, node);
        }
        for (const auto& known : table.attributes)
            if (known.required && !node.values_.contains(known.name))
                report(tag, fmt::format("<{}> lacks the attribute '{}'", table.name, known.name), known.doc);
        for (const auto& group : table.one_of)
            if (std::none_of(group.begin(), group.end(),
                             [&](const auto& name) { return node.values_.contains(name); }))
                report(tag, fmt::format("<{}> lacks one of the attributes {}", table.name, join(group, ", ")),
                       "give one of them");
        for (const auto& name : wrong_) node.values_.erase(name);
        note_errors_since(problems, node);
    }

    void note_errors_since(std::size_t begin, const Node& node) {
        if (!first_error(problems_, begin).ok()) reading_.wrong_.insert(Reading::place_of(node));
    }

    void report_unknown_attribute(const std::string& name, std::size_t offset, const Element& base,
                                  const Element& table, const Node& node) {
        auto names = names_of(table.attributes, &Attribute::name);
        if (&base == &table)
            return report(offset, fmt::format("unknown attribute '{}' of <{}>", name, table.name),
                          suggestion(name, names, "attributes"));
        names.insert(names.begin(), base.selector);
        report(offset,
               fmt::format("unknown attribute '{}' of <{} {}=\"{}\">", name, table.name, base.selector,
                           node.text(base.selector)),
               suggestion(name, names, "attributes"));
    }

    static const Attribute* find_attribute(const Element& table, std::string_view name) {
        const auto known = std::find_if(table.attributes.begin(), table.attributes.end(),
                                        [&](const auto& a) { return a.name == name; });
        return known == table.attributes.end() ? nullptr : &*known;
    }

    /// The table that the selector's value chooses, or nullptr and a problem.
    const Element* variant_of(const pugi::xml_node& xml, const Element& base, Node& node) {
        const auto given = xml.attribute(base.selector.c_str());
        const auto* selector = find_attribute(base, base.selector);
        const auto offset = given ? attribute_offset(source_, offset_of(xml), base.selector) : offset_of(xml);
        // Values of parameters are put in here without being judged: visit_attribute does that once.
        auto value = given ? substituted(given.value(), offset) : selector->fallback;
        for (const auto& variant : base.variants) {
            if (variant.value != value) continue;
            if (!given) node.values_[base.selector] = std::move(value);
            return variant.element;
        }
        if (given)
            report(offset,
                   fmt::format("{}=\"{}\" of <{}> is not known", base.selector, inert(value), base.name),
                   suggestion(value, names_of(base.variants, &Variant::value), base.selector + "s"));
        else
            report(offset, fmt::format("<{}> lacks the attribute '{}'", base.name, base.selector),
                   selector->doc);
        return nullptr;
    }

    Node visit(const pugi::xml_node& xml, const Element& base) {
        Node node;
        node.element_ = &base;
        node.position_ = places_.at(offset_of(xml));
        if (!base.variants.empty()) {
            const auto* variant = variant_of(xml, base, node);
            if (variant == nullptr) {
                reading_.wrong_.insert(Reading::place_of(node));
                return node;
            }
            node.element_ = variant;
        }
        visit_attributes(xml, base, *node.element_, node);
        visit_children(xml, *node.element_, node);
        return node;
    }

    void visit_children(const pugi::xml_node& xml, const Element& table, Node& node) {
        const auto problems = problems_.size();
        for (const auto& child : xml.children()) {
            if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
                if (table.content == Element::Content::text)
                    node.content_ += child.value();
                else
                    report(offset_of_text(child), fmt::format("text inside <{}>", table.name),
                           "only elements may stand here");
                continue;
            }
            if (child.type() != pugi::node_element) continue;
            const auto known = std::find_if(table.children.begin(), table.children.end(),
                                            [&](const auto& c) { return c.element->name == child.name(); });
            if (known == table.children.end()) {
                report_unknown_element(child, table);
                reading_.lacking_.insert(Reading::place_of(node));
                continue;
            }
            node.children_.push_back(visit(child, *known->element));
        }
        node.content_ = std::string(trim(node.content_));
        for (const auto& child : table.children)
            check_count(xml, table, child, node.all(child.element->name).size());
        note_errors_since(problems, node);
    }

    void report_unknown_element(const pugi::xml_node& xml, const Element& table) {
        if (const auto homes = homes_of(xml.name(), *root_); !homes.empty())
            return report(offset_of(xml), fmt::format("<{}> cannot stand in <{}>", xml.name(), table.name),
                          fmt::format("it belongs in {}", homes));
        report(offset_of(xml), fmt::format("unknown element <{}> in <{}>", xml.name(), table.name),
               suggestion(xml.name(),
                          names_of(table.children, [](const Child& child) { return child.element->name; }),
                          "elements"));
    }

    void check_count(const pugi::xml_node& xml, const Element& table, const Child& child, std::size_t count) {
        const auto& name = child.element->name;
        if (count < child.least)
            report(offset_of(xml),
                   child.least == 1 ? fmt::format("<{}> needs a <{}>", table.name, name)
                                    : fmt::format("<{}> needs {} <{}>", table.name, child.least, name),
                   child.element->doc);
        if (child.most != 0 && count > child.most)
            report(offset_of(last_child(xml, name)), fmt::format("<{}> has {} <{}>", table.name, count, name),
                   child.most == 1 ? "one is allowed" : fmt::format("{} are allowed", child.most));
    }

    static pugi::xml_node last_child(const pugi::xml_node& xml, const std::string& name) {
        pugi::xml_node last;
        for (const auto& child : xml.children(name.c_str())) last = child;
        return last;
    }

    std::string_view source_;
    Places places_;
    Problems& problems_;
    const Parameters& overrides_;
    const Element* root_ = nullptr;
    Reading reading_;
    Parameters parameters_;
    std::vector<std::string> wrong_;  ///< attributes of the element being read whose values are left out
    std::map<std::string, std::size_t>
        unused_;  ///< parameters nobody referred to yet, and where they are declared
};

Result<Node> read_text(std::string_view xml, std::string_view name, const Element& root, Problems& problems,
                       const Parameters& overrides) {
    return Reader(xml, name, problems, overrides).read(root);
}

namespace {

/// As slurp, with a problem for the caller's list.
Result<std::string> slurp(const std::filesystem::path& file, Problems& problems) {
    auto source = slurp(file);
    if (!source)
        problems.push_back({{file.string(), 1, 1}, "cannot be read", "give the path of an XML file"});
    return source;
}

}  // namespace

Result<Node> read_file(const std::filesystem::path& file, const Element& root, Problems& problems,
                       const Parameters& overrides) {
    TRY_ASSIGN(const auto source, slurp(file, problems));
    return read_text(source, file.string(), root, problems, overrides);
}

bool Reading::holds_none_of(const Places& places, const Node& node) {
    return places.empty() || (!places.contains(place_of(node)) &&
                              std::all_of(node.children().begin(), node.children().end(),
                                          [&](const Node& child) { return holds_none_of(places, child); }));
}

Result<Reading> read_what_is_right(const std::filesystem::path& file, const Element& root, Problems& problems,
                                   const Parameters& overrides) {
    TRY_ASSIGN(const auto source, slurp(file, problems));
    return Reader(source, file.string(), problems, overrides).read_what_is_right(root);
}

Result<Root> find_root(const std::filesystem::path& file, Problems& problems) {
    TRY_ASSIGN(const auto source, slurp(file, problems));
    pugi::xml_document document;
    if (auto flaw = parse(source, document)) {
        problems.push_back(
            {Places(source, file.string()).at(flaw->offset), std::move(flaw->what), std::move(flaw->better)});
        return usage_error(problems.back().to_string());
    }
    const auto top = document.document_element();
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(top.offset_debug() - 1, 0));
    return Root{top.name(), Places(source, file.string()).at(offset)};
}

}  // namespace cambench::markup
