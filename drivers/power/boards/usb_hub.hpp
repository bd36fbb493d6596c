#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"

/// USB hubs that switch the power of each port, by the requests of USB 2.0 section 11.24 and USB 3.2
/// section 10.16, as uhubctl does. Many hubs claim it and only cut the data lines: the unit's silence tells.
namespace cambench::usb_hub {

enum class Speed { high, super };

struct Descriptor {
    unsigned ports = 0;
    bool switches_each_port = false;  ///< wHubCharacteristics, bits 0 and 1 = 01
};
[[nodiscard]] Result<Descriptor> parse_descriptor(ByteView bytes, Speed speed);
[[nodiscard]] UsbSetup descriptor_request(Speed speed);
constexpr std::size_t descriptor_size = 15;

[[nodiscard]] UsbSetup power_request(unsigned port, PowerSwitch::State wanted);
[[nodiscard]] UsbSetup status_request(unsigned port);
constexpr std::size_t status_size = 4;
[[nodiscard]] Result<PowerSwitch::State> parse_status(ByteView bytes, Speed speed);

[[nodiscard]] Result<Descriptor> read_descriptor(UsbDevice& device, Speed speed);

/// One of the two hubs in a USB 3 hub. `port`: what the socket is called there.
struct Half {
    UsbOpener open;
    Speed speed = Speed::high;
    unsigned port = 0;
};
/// One socket: on while either half gives power.
[[nodiscard]] std::unique_ptr<RelayBoard> make_board(std::vector<Half> halves);

}  // namespace cambench::usb_hub
