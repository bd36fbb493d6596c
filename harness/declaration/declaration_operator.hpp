#pragma once

#include "harness/declaration/declaration.hpp"

namespace cambench {

/// The table of <operator>.
[[nodiscard]] const markup::Element& operator_element();

/// What such an element declares: account, login, session, factory reset. What cannot be meant is a problem
/// at its place.
[[nodiscard]] Declaration::Operator read_operator(const markup::Node& node, markup::Problems& problems);

/// The request that `attribute` names, "POST /path", with what is sent and its type, where `body` and `type`
/// (or null) name their attributes; an empty one when it is not given.
[[nodiscard]] DeclaredRequest declared_request(const markup::Node& node, const char* attribute,
                                               const char* body, const char* type,
                                               markup::Problems& problems);

}  // namespace cambench
