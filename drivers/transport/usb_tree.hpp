#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cambench {

/// A USB device as the kernel describes it. Reading it needs no permission and does not touch the device.
struct UsbEntry {
    std::string port;  ///< where it is plugged in: "1-1.4" is bus 1, root port 1, port 4 of the hub there
    std::uint16_t vendor = 0, product = 0;
    unsigned device_class = 0;  ///< bDeviceClass; 9 for hubs
    bool is_superspeed = false;
    unsigned bus = 0, address = 0;
    std::string manufacturer, name, serial;  ///< what the device calls itself; foreign text, "" when absent
    std::filesystem::path directory;         ///< in sysfs
};

/// All USB devices of this host, in order of their ports; root hubs are left out. None where there is no USB.
[[nodiscard]] std::vector<UsbEntry> list_usb_devices(const std::filesystem::path& sysfs = "/sys");

/// The hub port that shares its socket with `port` of `hub`: a USB 3 hub is two hubs, one for each speed.
/// nullopt when the kernel knows none.
struct UsbHubPort {
    std::string hub;
    unsigned port = 0;
};
[[nodiscard]] std::optional<UsbHubPort> peer_of_hub_port(const UsbEntry& hub, unsigned port);

/// A serial port with hardware behind it.
struct TtyEntry {
    std::string device;                     ///< "/dev/ttyUSB0"
    std::string driver;                     ///< of the kernel: "ftdi_sio", "ch341", "cdc_acm"
    std::string usb_port;                   ///< "" when it is no USB adapter
    std::uint16_t vendor = 0, product = 0;  ///< of the USB adapter
    std::string name, serial;               ///< of the USB adapter
    std::string by_id, by_path;             ///< under /dev/serial; "" when there is no such link
};
[[nodiscard]] std::vector<TtyEntry> list_serial_ports(const std::filesystem::path& sysfs = "/sys",
                                                      const std::filesystem::path& dev = "/dev");

}  // namespace cambench
