#pragma once

#include <string>
#include <string_view>

/// What tells a shell that somebody gives away over a network: to whom, and over what, does not matter.
namespace cambench {

/// Without what terminals exchange beside the text: telnet's options (RFC 854), colours and titles, carriage
/// returns.
[[nodiscard]] std::string without_terminal_codes(std::string_view said);

/// The greeting or the prompt with which a shell (BusyBox, bash, dash, Windows, those of camera makers)
/// begins and waits for an order; "" when it is neither. `said` is all that was said before the first order.
[[nodiscard]] std::string_view shell_greeting(std::string_view said);

/// What only somebody who carries out orders says: what `id` or `ver` print, the sum in shell_order, a
/// shell's complaint about something in `heard` that is no order to it; "" when there is none of it.
[[nodiscard]] std::string_view shell_output(std::string_view said, std::string_view heard);

/// A line of `said` that begins with the prompt with which it begins itself: each time an order was carried
/// out.
[[nodiscard]] bool repeats_prompt(std::string_view said);

/// Harmless orders that draw a shell out, one after the other; each with its line's end. "" after the last.
[[nodiscard]] std::string_view shell_order(unsigned number);

}  // namespace cambench
