#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

/// XML as tables: every element of every cambench file is described once, by an `Element`. From that one
/// table come the parser, the errors for unknown words, the XSD, `cambench list` and the reference pages.
namespace cambench::markup {

/// What an attribute's text must be. Units are always written out.
enum class Kind {
    text,        ///< anything
    word,        ///< letters, digits, '-', '_', '.'
    integer,     ///< a whole number >= 0
    number,      ///< a decimal number >= 0
    port,        ///< 1..65535
    duration,    ///< 500ms, 2s, 5m, 3h, 30d
    timestamp,   ///< 2026-11-21T09:00:00Z
    flag,        ///< yes or no
    choice,      ///< one of `choices`
    address,     ///< 192.0.2.1 or 2001:db8::1
    network,     ///< 192.0.2.0/24 or an address
    mac,         ///< 02:4b:52:00:00:01
    mac_prefix,  ///< 02:4b:52
    host,        ///< a DNS name; a leading "*." stands for any labels
    volume,      ///< 200B, 2kB, 3MB, 1GB (powers of ten)
    path,        ///< a file, relative to the document
    words,       ///< words separated by blanks
    pattern,     ///< a regular expression in RE2's syntax
};

struct Attribute {
    std::string name;
    Kind kind = Kind::text;
    std::string doc;  ///< one sentence
    bool required = false;
    std::string fallback = {};  ///< the text assumed when absent; "" means no value
    std::vector<std::string> choices = {};
};

/// What people call a kind: "duration", "DNS name"; and an example of it.
[[nodiscard]] std::string_view kind_name(Kind kind);
[[nodiscard]] std::string_view kind_example(Kind kind);

struct Element;

/// An allowed child and how often it may stand there.
struct Child {
    const Element* element = nullptr;
    unsigned least = 0;
    unsigned most = 0;  ///< 0: any number
};

/// One of several tables of one element, chosen by the value of its `selector` attribute.
struct Variant {
    std::string value;
    const Element* element = nullptr;
};

struct Element {
    std::string name;
    std::string doc;  ///< one sentence; the first line of its reference page
    std::vector<Attribute> attributes = {};
    std::vector<Child> children = {};
    enum class Content { none, text } content = Content::none;
    /// At least one of each group must be given, e.g. {{"name", "address"}}.
    std::vector<std::vector<std::string>> one_of = {};
    /// The attribute that chooses a table of `variants`, e.g. "driver": each driver has attributes of its
    /// own. The selector itself stands in `attributes` here and not in the variants'; a node's element() is
    /// then the variant.
    std::string selector = {};
    std::vector<Variant> variants = {};
};

struct Position {
    std::string file;
    unsigned line = 0;    ///< from 1
    unsigned column = 0;  ///< from 1, in bytes
};

/// "library/sleeper.xml:7:19: unknown attribute 'fro' of <observe>; did you mean 'for'?"
/// A warning reads "library/sleeper.xml:7:19: warning: ...": the document can be used, but hardly says what
/// was meant.
struct Problem {
    enum class Severity { error, warning };
    Position where;
    std::string what;
    std::string better;  ///< what would be right
    Severity severity = Severity::error;
    [[nodiscard]] std::string to_string() const;
};
using Problems = std::vector<Problem>;

/// The first problem from `begin` on that is not a warning, as an Error; success when there is none.
[[nodiscard]] Status first_error(const Problems& problems, std::size_t begin = 0);

/// One element of a document that passed its table: every getter below is safe for attributes the table
/// names.
class Node {
public:
    [[nodiscard]] const Element& element() const { return *element_; }
    [[nodiscard]] const std::string& name() const { return element_->name; }
    [[nodiscard]] const Position& position() const { return position_; }
    /// Where the attribute stands, or the element itself when the attribute is not given.
    [[nodiscard]] const Position& position_of(std::string_view attribute) const;

    /// Given in the file, or by the table's fallback.
    [[nodiscard]] bool has(std::string_view attribute) const;
    /// Given in the file itself.
    [[nodiscard]] bool given(std::string_view attribute) const;
    /// "" when it has no value.
    [[nodiscard]] std::string text(std::string_view attribute) const;
    [[nodiscard]] std::int64_t integer(std::string_view attribute) const;
    [[nodiscard]] double number(std::string_view attribute) const;
    [[nodiscard]] std::uint16_t port(std::string_view attribute) const;
    [[nodiscard]] Nanoseconds duration(std::string_view attribute) const;
    [[nodiscard]] WallTime timestamp(std::string_view attribute) const;
    [[nodiscard]] bool flag(std::string_view attribute) const;
    [[nodiscard]] IpAddress address(std::string_view attribute) const;
    [[nodiscard]] Cidr network(std::string_view attribute) const;
    [[nodiscard]] MacAddress mac(std::string_view attribute) const;
    [[nodiscard]] std::uint64_t volume(std::string_view attribute) const;  ///< bytes
    /// Absolute: resolved against the folder of the document.
    [[nodiscard]] std::filesystem::path path(std::string_view attribute) const;
    [[nodiscard]] std::vector<std::string> words(std::string_view attribute) const;

    [[nodiscard]] const std::vector<Node>& children() const { return children_; }
    [[nodiscard]] std::vector<const Node*> all(std::string_view child) const;
    [[nodiscard]] const Node* first(std::string_view child) const;         ///< nullptr when there is none
    [[nodiscard]] const std::string& content() const { return content_; }  ///< text between the tags, trimmed

    /// "<observe for="20s"/>" as it stands in the file after parameters were put in; one line of valid XML.
    [[nodiscard]] std::string to_string() const;

private:
    friend class Reader;
    const Element* element_ = nullptr;
    Position position_;
    std::map<std::string, std::string, std::less<>> values_;
    std::map<std::string, Position, std::less<>> positions_;
    std::vector<Node> children_;
    std::string content_;
};

/// Values for "${name}" in attributes; "$${" stands for a plain "${". A document declares them with
/// <parameter name="" default=""/> under its root.
using Parameters = std::map<std::string, std::string, std::less<>>;

/// The element that declares a parameter; put it among the root's children to allow "${name}" in the
/// document.
[[nodiscard]] const Element& parameter_element();

/// Reads and validates a document: UTF-8, no document type, at most 8 MiB. On failure the problems found are
/// appended to `problems` (all of them, not only the first) and the error is the first problem's text.
[[nodiscard]] Result<Node> read_file(const std::filesystem::path& file, const Element& root,
                                     Problems& problems, const Parameters& overrides = {});
[[nodiscard]] Result<Node> read_text(std::string_view xml, std::string_view name, const Element& root,
                                     Problems& problems, const Parameters& overrides = {});

/// The root element of a document, for choosing its table.
struct Root {
    std::string name;
    Position where;
};
[[nodiscard]] Result<Root> find_root(const std::filesystem::path& file, Problems& problems);

/// For checks beyond the table: a problem at a node, or at one of its attributes.
[[nodiscard]] Problem problem_at(const Node& node, std::string what, std::string better = {});
[[nodiscard]] Problem problem_at_attribute(const Node& node, std::string_view attribute, std::string what,
                                           std::string better = {});
[[nodiscard]] Problem warning_at(const Node& node, std::string what, std::string better = {});

/// An XML Schema 1.0 document for these roots and all they contain.
[[nodiscard]] std::string to_xsd(const std::vector<const Element*>& roots);

/// Whether `text` is of the kind; the error says what would be right.
[[nodiscard]] Status check_value(const Attribute& attribute, std::string_view text);

}  // namespace cambench::markup
