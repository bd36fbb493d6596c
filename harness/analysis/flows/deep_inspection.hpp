#pragma once

#include <string>

#include "harness/analysis/flows/protocol.hpp"

namespace cambench::analysis {

/// The protocol by nDPI's dissectors ("bittorrent", "modbus", ...), from the first bytes each way; "" when
/// none recognises them. For what detect_protocol() does not know: protocols that it does know are never
/// taken from here, since declarations are held against them and nDPI is content with less. Content alone
/// counts: neither ports nor addresses are guessed from. Takes turns with itself when called from several
/// threads.
[[nodiscard]] std::string inspect_deeply(const Heads& heads);

}  // namespace cambench::analysis
