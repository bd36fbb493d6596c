#include <cstddef>
#include <cstdint>

#include "drivers/power/boards/dcttech.hpp"
#include "drivers/power/boards/devantech.hpp"
#include "drivers/power/boards/ft245r.hpp"
#include "drivers/power/boards/icstation.hpp"
#include "drivers/power/boards/numato.hpp"
#include "drivers/power/boards/usb_hub.hpp"
#include "drivers/power/boards/ykush.hpp"

using namespace cambench;

/// One byte of choice, then what a board answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    const unsigned channel = 1 + data[0] / 8 % 32;
    switch (data[0] % 8) {
        case 0:
            (void)dcttech::parse_report(bytes);
            break;
        case 1:
            (void)ykush::parse_status(bytes, channel);
            break;
        case 2:
            (void)usb_hub::parse_descriptor(bytes,
                                            channel % 2 == 0 ? usb_hub::Speed::high : usb_hub::Speed::super);
            break;
        case 3:
            (void)usb_hub::parse_status(bytes, usb_hub::Speed::high);
            break;
        case 4:
            if (const auto word = numato::parse_reply(as_text(bytes), "relay read 0"))
                (void)numato::parse_state(*word);
            break;
        case 5:
            for (const std::uint8_t id : {18, 19, 20, 21})
                (void)devantech::parse_outputs(bytes, *devantech::model_of(id), channel);
            break;
        case 6:
            if (const auto outputs = icstation::Outputs::from_note(std::string(as_text(bytes))))
                (void)outputs->with(channel, PowerSwitch::State::on);
            break;
        default:
            (void)ft245r::parse_pins(bytes);
            break;
    }
    return 0;
}
