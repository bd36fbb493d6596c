#pragma once

#include <set>
#include <utility>

#include "harness/core/markup/markup.hpp"

namespace cambench::markup {

/// A document as far as it is right: what is wrong in it is left out, so that further judgement finds what
/// else is wrong in the same round, without mistaking what was left out for missing.
class Reading {
public:
    Node root;

    /// Whether nothing in the node, at any depth, was wrong and left out.
    [[nodiscard]] bool whole(const Node& node) const {
        return holds_none_of(wrong_, node) && has_all_elements(node);
    }
    /// Whether no element in the node was left out; attributes may have been.
    [[nodiscard]] bool has_all_elements(const Node& node) const { return holds_none_of(lacking_, node); }

private:
    friend class Reader;
    using Places = std::set<std::pair<unsigned, unsigned>>;  ///< line and column of elements

    static std::pair<unsigned, unsigned> place_of(const Node& node) {
        return {node.position().line, node.position().column};
    }
    static bool holds_none_of(const Places& places, const Node& node);

    Places wrong_;    ///< with a wrong or missing attribute or part
    Places lacking_;  ///< with a child that is unknown
};

/// Reads and validates as read_file does. Fails only when it is no document of this kind at all; whoever
/// reads on asks first_error() in the end.
[[nodiscard]] Result<Reading> read_what_is_right(const std::filesystem::path& file, const Element& root,
                                                 Problems& problems, const Parameters& overrides = {});

}  // namespace cambench::markup
