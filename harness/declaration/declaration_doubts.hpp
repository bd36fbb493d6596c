#pragma once

#include "harness/core/markup/markup.hpp"

namespace cambench {

/// What a declaration may say and can hardly mean, as warnings at its place: a protocol that is not spoken
/// over the transport beside it, an unknown word, an empty value, a pattern without the group that is read
/// out of it.
void judge_doubtful(const markup::Node& declaration, markup::Problems& problems);

/// A word that stands for no protocol anybody knows, as a warning: nothing spoken could be compared with it.
void judge_protocol(const markup::Node& node, markup::Problems& problems);

/// The method of "METHOD PATH" in `attribute` is one that cameras know, else a warning.
void judge_method(const markup::Node& node, const char* attribute, markup::Problems& problems);

}  // namespace cambench
