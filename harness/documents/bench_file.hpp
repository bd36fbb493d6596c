#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/markup/markup.hpp"

namespace cambench {

/// One place for a camera, as the bench file describes it. The nodes' element() is the driver's own table, so
/// all of a driver's attributes can be read with their defaults.
struct SlotDescription {
    std::string name;
    markup::Node power, console, network;

    /// The name of the driver of `part`, e.g. power_driver: "emulated", "command", "none".
    [[nodiscard]] std::string power_driver() const { return power.text("driver"); }
    [[nodiscard]] std::string console_driver() const { return console.text("driver"); }
    [[nodiscard]] std::string network_driver() const {
        return network.text("driver");
    }  ///< "emulated" or "interface"
    /// Whether the camera is the emulated one.
    [[nodiscard]] bool is_emulated() const { return power_driver() == "emulated"; }
};

/// One host and the slots on it.
struct BenchFile {
    std::filesystem::path file;
    std::string name;
    std::vector<SlotDescription> slots;

    [[nodiscard]] const SlotDescription* find(std::string_view slot) const;  ///< nullptr when there is none
    [[nodiscard]] std::vector<std::string> slot_names() const;
};

/// The table of <bench>.
[[nodiscard]] const markup::Element& bench_element();

/// Reads and validates. Beyond the table: names of slots are unique, no two slots share a contact, an
/// interface or a console, and an emulated camera has power, console and network of its own.
[[nodiscard]] Result<BenchFile> load_bench_file(const std::filesystem::path& file,
                                                markup::Problems& problems);

}  // namespace cambench
