#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cambench::reports {

/// Foreign text made visible: control bytes, escapes, invalid UTF-8, and every character that reorders or
/// hides others become
/// "\x1b"-like notation. Newlines and tabs too.
[[nodiscard]] std::string visible(std::string_view foreign);

/// Foreign text for an HTML page, in text and in quoted attributes alike: visible(), then markup characters
/// as references.
[[nodiscard]] std::string html(std::string_view foreign);

/// Foreign text for SVG or XML, in text and in quoted attributes alike; nothing in it that XML 1.0 forbids.
[[nodiscard]] std::string xml(std::string_view foreign);

/// The same with line breaks and tabs kept, for the text of XML elements.
[[nodiscard]] std::string xml_lines(std::string_view foreign);

/// At most `limit` bytes of text and a note of how much was left out of its middle: the ending of a host name
/// matters most. Cuts between characters.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t limit);

}  // namespace cambench::reports
