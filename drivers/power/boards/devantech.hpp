#pragma once

#include <memory>
#include <optional>
#include <string>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"

/// Devantech's Ethernet relay boards (ETH002, ETH008, ETH484, ETH8020): binary commands over TCP. Sources:
/// pdudaemon devantech.py, libsigrok devantech-eth008.
namespace cambench::devantech {

constexpr std::uint16_t default_port = 17494;

struct Model {
    const char* name;
    unsigned channels;
    std::size_t
        state_bytes;  ///< of the answer to the query of all outputs, channel 1 in the first byte's lowest bit
};
[[nodiscard]] std::optional<Model> model_of(std::uint8_t id);

[[nodiscard]] Bytes encode_password(const std::string& password);
[[nodiscard]] Bytes encode(unsigned channel, PowerSwitch::State wanted);
[[nodiscard]] Result<PowerSwitch::State> parse_outputs(ByteView bytes, const Model& model, unsigned channel);

/// `password`: "" when the board has none.
[[nodiscard]] std::unique_ptr<RelayBoard> make_board(StreamOpener open, std::string password);

}  // namespace cambench::devantech
