#include "drivers/transport/usb_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/core/file.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

using Path = std::filesystem::path;

constexpr unsigned superspeed_megabits = 5000;

std::string attribute(const Path& directory, const char* name) {
    std::error_code code;
    if (!std::filesystem::exists(directory / name, code)) return "";
    const auto text = read_kernel_file(directory / name);
    return text ? std::string(trim(*text)) : "";
}

unsigned number(const std::string& text, int base) { return whole_number<unsigned>(text, base).value_or(0); }

/// "1-1.4"; not "usb1" (a root hub) and not "1-1.4:1.0" (an interface).
bool is_port(const std::string& name) {
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) &&
           name.find(':') == std::string::npos;
}

UsbEntry read_entry(const Path& directory) {
    UsbEntry entry;
    entry.port = directory.filename().string();
    entry.vendor = static_cast<std::uint16_t>(number(attribute(directory, "idVendor"), 16));
    entry.product = static_cast<std::uint16_t>(number(attribute(directory, "idProduct"), 16));
    entry.device_class = number(attribute(directory, "bDeviceClass"), 16);
    entry.is_superspeed = number(attribute(directory, "speed"), 10) >= superspeed_megabits;
    entry.bus = number(attribute(directory, "busnum"), 10);
    entry.address = number(attribute(directory, "devnum"), 10);
    entry.manufacturer = attribute(directory, "manufacturer");
    entry.name = attribute(directory, "product");
    entry.serial = attribute(directory, "serial");
    entry.directory = directory;
    return entry;
}

std::vector<Path> entries_of(const Path& directory) {
    std::vector<Path> entries;
    std::error_code code;
    for (std::filesystem::directory_iterator entry(directory, code), end; !code && entry != end;
         entry.increment(code))
        entries.push_back(entry->path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

/// Device file -> the link that names it.
std::map<Path, std::string> links_in(const Path& directory) {
    std::map<Path, std::string> links;
    std::error_code code;
    for (const auto& link : entries_of(directory)) {
        const auto target = std::filesystem::canonical(link, code);
        if (!code) links.emplace(target, link.string());
    }
    return links;
}

std::string link_of(const std::map<Path, std::string>& links, const Path& device) {
    const auto found = links.find(device);
    return found == links.end() ? "" : found->second;
}

/// The USB device above a tty's device directory, if there is one.
std::optional<UsbEntry> usb_above(Path directory) {
    for (; directory.has_parent_path() && directory != directory.root_path();
         directory = directory.parent_path())
        if (is_port(directory.filename().string()) && !attribute(directory, "idVendor").empty())
            return read_entry(directory);
    return std::nullopt;
}

}  // namespace

std::vector<UsbEntry> list_usb_devices(const Path& sysfs) {
    std::vector<UsbEntry> devices;
    for (const auto& directory : entries_of(sysfs / "bus/usb/devices")) {
        if (!is_port(directory.filename().string()) || attribute(directory, "idVendor").empty()) continue;
        devices.push_back(read_entry(directory));
    }
    return devices;
}

std::optional<UsbHubPort> peer_of_hub_port(const UsbEntry& hub, unsigned port) {
    std::error_code code;
    const auto link = hub.directory / (hub.port + ":1.0") / fmt::format("{}-port{}", hub.port, port) / "peer";
    const auto target = std::filesystem::read_symlink(link, code);
    if (code) return std::nullopt;
    const auto name = target.filename().string();  // "2-1-port4"
    const auto cut = name.rfind("-port");
    if (cut == std::string::npos || cut == 0) return std::nullopt;
    const auto peer = number(name.substr(cut + 5), 10);
    if (peer == 0) return std::nullopt;
    return UsbHubPort{name.substr(0, cut), peer};
}

std::vector<TtyEntry> list_serial_ports(const Path& sysfs, const Path& dev) {
    const auto by_id = links_in(dev / "serial/by-id");
    const auto by_path = links_in(dev / "serial/by-path");
    std::vector<TtyEntry> ports;
    for (const auto& tty : entries_of(sysfs / "class/tty")) {
        std::error_code code;
        const auto directory = std::filesystem::canonical(tty / "device", code);
        if (code) continue;  // a terminal without hardware
        TtyEntry entry;
        const auto device = dev / tty.filename();
        entry.device = device.string();
        entry.driver = std::filesystem::canonical(directory / "driver", code).filename().string();
        // The kernel lists legacy ports that may not be there: "type" 0 is an unknown UART.
        if (attribute(tty, "type") == "0") continue;
        if (const auto usb = usb_above(directory)) {
            entry.usb_port = usb->port;
            entry.vendor = usb->vendor;
            entry.product = usb->product;
            entry.name = usb->name;
            entry.serial = usb->serial;
        }
        const auto target = std::filesystem::weakly_canonical(device, code);
        entry.by_id = link_of(by_id, target);
        entry.by_path = link_of(by_path, target);
        ports.push_back(std::move(entry));
    }
    return ports;
}

}  // namespace cambench
