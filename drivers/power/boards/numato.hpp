#pragma once

#include <memory>
#include <string>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"

/// Numato Lab's USB relay modules: lines of text over CDC ACM, whatever the baud rate; each answer ends with
/// the prompt '>'. Sources: numato/samplecode, pdudaemon numatousb.py.
namespace cambench::numato {

constexpr std::uint16_t vendor = 0x2a19;

/// How a module counts its relays, from 0: up to 32 relays by one digit or letter (0..9, A..V), larger ones
/// by two digits. Firmwares of 32 relays exist with both.
enum class Index { letter, two_digits };
[[nodiscard]] Index usual_index(unsigned channels);
[[nodiscard]] std::string index_text(unsigned channel, Index index);

/// "relay on 3" and the like, without the carriage return.
[[nodiscard]] std::string command_text(unsigned channel, PowerSwitch::State wanted, Index index);
[[nodiscard]] std::string query_text(unsigned channel, Index index);

/// What stands between the echo of `command` and the prompt: "on", "" for a command that says nothing.
[[nodiscard]] Result<std::string> parse_reply(std::string_view reply, std::string_view command);
[[nodiscard]] Result<PowerSwitch::State> parse_state(std::string_view word);

[[nodiscard]] std::unique_ptr<RelayBoard> make_board(StreamOpener open, Index index);

}  // namespace cambench::numato
