#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "drivers/transport/usb_tree.hpp"
#include "tests/catch.hpp"

using namespace cambench;
namespace fs = std::filesystem;

namespace {

/// A piece of /sys and /dev as the kernel lays it out.
class Tree {
public:
    Tree() {
        std::string pattern = (fs::temp_directory_path() / "cambench-sysfs-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        root_ = pattern;
    }
    ~Tree() { fs::remove_all(root_); }

    void file(const fs::path& path, const std::string& content) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << content << '\n';
    }
    void link(const fs::path& path, const fs::path& target) const {
        fs::create_directories((root_ / path).parent_path());
        fs::create_symlink(target, root_ / path);
    }
    void device(const std::string& port, const std::string& vendor, const std::string& product,
                const std::string& name, const std::string& speed = "12",
                const std::string& device_class = "00") const {
        const auto directory = fs::path("sys/devices/pci/usb1") / port;
        for (const auto& [key, value] :
             std::initializer_list<std::pair<const char*, std::string>>{{"idVendor", vendor},
                                                                        {"idProduct", product},
                                                                        {"product", name},
                                                                        {"busnum", "1"},
                                                                        {"devnum", "4"},
                                                                        {"speed", speed},
                                                                        {"bDeviceClass", device_class},
                                                                        {"serial", "S1"}})
            file(directory / key, value);
        link(fs::path("sys/bus/usb/devices") / port, root_ / directory);
    }
    [[nodiscard]] fs::path sys() const { return root_ / "sys"; }
    [[nodiscard]] fs::path dev() const { return root_ / "dev"; }
    [[nodiscard]] const fs::path& root() const { return root_; }

private:
    fs::path root_;
};

}  // namespace

TEST_CASE("USB devices are read from sysfs with their ports", "[drivers]") {
    const Tree tree;
    tree.device("1-1.4", "16c0", "05df", "USBRelay2");
    tree.device("1-1", "05e3", "0610", "USB2.1 Hub", "480", "09");
    tree.device("2-1", "05e3", "0620", "USB3.1 Hub", "5000", "09");
    tree.file("sys/devices/pci/usb1/idVendor", "1d6b");
    tree.link("sys/bus/usb/devices/usb1", tree.root() / "sys/devices/pci/usb1");
    fs::create_directories(tree.sys() / "bus/usb/devices/1-1.4:1.0");
    const auto all = list_usb_devices(tree.sys());
    REQUIRE(all.size() == 3);
    CHECK(all[0].port == "1-1");
    CHECK(all[0].device_class == 9);
    CHECK_FALSE(all[0].is_superspeed);
    CHECK(all[1].port == "1-1.4");
    CHECK(all[1].vendor == 0x16c0);
    CHECK(all[1].product == 0x05df);
    CHECK(all[1].name == "USBRelay2");
    CHECK(all[1].serial == "S1");
    CHECK(all[1].bus == 1);
    CHECK(all[1].address == 4);
    CHECK(all[2].is_superspeed);
    CHECK(list_usb_devices(tree.root() / "nowhere").empty());
}

TEST_CASE("the kernel knows which ports of a USB 3 hub are one socket", "[drivers]") {
    const Tree tree;
    tree.device("1-1", "05e3", "0610", "Hub", "480", "09");
    tree.link("sys/devices/pci/usb1/1-1/1-1:1.0/1-1-port4/peer", "../../../../usb2/2-1/2-1:1.0/2-1-port2");
    const auto hub = list_usb_devices(tree.sys()).at(0);
    const auto peer = peer_of_hub_port(hub, 4);
    REQUIRE(peer.has_value());
    CHECK(peer->hub == "2-1");
    CHECK(peer->port == 2);
    CHECK_FALSE(peer_of_hub_port(hub, 3).has_value());
}

TEST_CASE("serial ports are listed with their adapters and lasting names", "[drivers]") {
    const Tree tree;
    tree.device("1-1.3", "0403", "6001", "FT232R USB UART");
    tree.file("sys/devices/pci/usb1/1-1.3/1-1.3:1.0/ttyUSB0/keep", "");
    tree.file("sys/bus/usb-serial/drivers/ftdi_sio/keep", "");
    tree.link("sys/devices/pci/usb1/1-1.3/1-1.3:1.0/ttyUSB0/driver",
              tree.root() / "sys/bus/usb-serial/drivers/ftdi_sio");
    tree.link("sys/class/tty/ttyUSB0/device", tree.root() / "sys/devices/pci/usb1/1-1.3/1-1.3:1.0/ttyUSB0");
    fs::create_directories(tree.sys() / "class/tty/tty1");  // a terminal
    tree.file("dev/ttyUSB0", "");
    tree.link("dev/serial/by-id/usb-FTDI_FT232R_S1-if00-port0", "../../ttyUSB0");
    tree.link("dev/serial/by-path/pci-usb-0:1.3:1.0-port0", "../../ttyUSB0");
    const auto ports = list_serial_ports(tree.sys(), tree.dev());
    REQUIRE(ports.size() == 1);
    CHECK(ports[0].device == (tree.dev() / "ttyUSB0").string());
    CHECK(ports[0].driver == "ftdi_sio");
    CHECK(ports[0].usb_port == "1-1.3");
    CHECK(ports[0].vendor == 0x0403);
    CHECK(ports[0].name == "FT232R USB UART");
    CHECK(ports[0].by_id == (tree.dev() / "serial/by-id/usb-FTDI_FT232R_S1-if00-port0").string());
    CHECK(ports[0].by_path == (tree.dev() / "serial/by-path/pci-usb-0:1.3:1.0-port0").string());
    CHECK(list_serial_ports(tree.root() / "nowhere", tree.dev()).empty());
}
