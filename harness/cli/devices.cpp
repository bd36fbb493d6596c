#include "harness/cli/devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "drivers/power/power_driver.hpp"
#include "drivers/transport/usb_tree.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"

namespace cambench::cli {
namespace {

using Json = nlohmann::json;
using Path = std::filesystem::path;

/// One kind of device, in both forms.
struct Section {
    std::string title;
    std::string text;
    Json json = Json::array();
};

std::string states_of(const FoundBoard& board) {
    if (!board.trouble.empty()) return "cannot be asked: " + inert(board.trouble);
    if (board.states.empty()) return "cannot be read back";
    std::string text;
    for (std::size_t i = 0; i < board.states.size(); ++i)
        text += fmt::format("{}{}:{}", i == 0 ? "" : " ", board.first_channel + i,
                            board.states[i] ? to_string(*board.states[i]) : "unknown");
    return text;
}

void add(Section& section, const FoundBoard& board) {
    const auto line = fmt::format("<power driver=\"{}\" {} channel=\"{}\"/>", board.driver, board.choice,
                                  board.first_channel);
    section.text +=
        fmt::format("  {:<16} {} {} at {}, {}; {}\n    {}\n", board.driver, inert(board.name),
                    board.serial.empty() ? "without serial" : "'" + inert(board.serial) + "'", board.port,
                    board.channels == 0 ? "channels unknown" : fmt::format("{} channels", board.channels),
                    states_of(board), inert(line));
    Json states = Json::array();
    for (const auto& state : board.states) states.push_back(state ? Json(to_string(*state)) : Json());
    section.json.push_back({{"driver", board.driver},
                            {"name", to_utf8(board.name)},
                            {"serial", to_utf8(board.serial)},
                            {"port", board.port},
                            {"channels", board.channels == 0 ? Json() : Json(board.channels)},
                            {"first_channel", board.first_channel},
                            {"states", std::move(states)},
                            {"trouble", to_utf8(board.trouble)},
                            {"line", to_utf8(line)}});
}

Section list_boards() {
    Section section{"power", "", Json::array()};
    for (const auto* driver : power_drivers()) {
        if (driver->find == nullptr) continue;
        for (const auto& board : driver->find()) add(section, board);
    }
    return section;
}

/// What may stand behind a serial adapter that does not say what it is.
std::string hint_for(const TtyEntry& port) {
    constexpr std::uint16_t wch = 0x1a86, prolific = 0x067b;
    if (port.vendor == wch) return "a CH340: a console, or an lcus-relay or icstation-relay board";
    if (port.vendor == prolific) return "a PL2303: a console, or an icstation-relay board";
    return "";
}

Section list_ports() {
    Section section{"serial ports", "", Json::array()};
    for (const auto& port : list_serial_ports()) {
        const auto& lasting = !port.by_id.empty() && !port.serial.empty() ? port.by_id
                              : !port.by_path.empty()                     ? port.by_path
                                                                          : port.device;
        const auto line = fmt::format("<console driver=\"serial\" port=\"{}\" baud=\"115200\"/>", lasting);
        const auto hint = hint_for(port);
        section.text += fmt::format("  {:<16} {}{}{}{}\n    {}\n", port.device, port.driver,
                                    port.name.empty() ? "" : ", " + inert(port.name),
                                    port.usb_port.empty() ? "" : " at USB port " + port.usb_port,
                                    hint.empty() ? "" : "; " + hint, inert(line));
        section.json.push_back({{"device", port.device},
                                {"driver", port.driver},
                                {"name", to_utf8(port.name)},
                                {"serial", to_utf8(port.serial)},
                                {"usb_port", port.usb_port},
                                {"by_id", to_utf8(port.by_id)},
                                {"by_path", port.by_path},
                                {"hint", hint},
                                {"line", to_utf8(line)}});
    }
    return section;
}

std::string attribute(const Path& directory, const char* name) {
    const auto text = read_kernel_file(directory / name);
    return text ? std::string(trim(*text)) : "";
}

/// Interfaces that carry a default route: to lend one would cut the host off.
std::set<std::string> uplinks() {
    std::set<std::string> names;
    const auto v4 = read_kernel_file("/proc/net/route");
    for (const auto& line : split(v4 ? *v4 : "", '\n')) {
        const auto words = split(line, '\t');
        if (words.size() > 2 && words[1] == "00000000") names.insert(words[0]);
    }
    const auto v6 = read_kernel_file("/proc/net/ipv6_route");
    for (const auto& line : split(v6 ? *v6 : "", '\n')) {
        const auto words = split(line, ' ');
        if (words.size() > 9 && words[0] == std::string(32, '0') && words[1] == "00" && words.back() != "lo")
            names.insert(words.back());
    }
    return names;
}

Section list_cards() {
    Section section{"network cards", "", Json::array()};
    std::vector<Path> interfaces;
    std::error_code code;
    for (std::filesystem::directory_iterator entry("/sys/class/net", code), end; !code && entry != end;
         entry.increment(code))
        interfaces.push_back(entry->path());
    std::sort(interfaces.begin(), interfaces.end());
    const auto used = uplinks();
    for (const auto& interface : interfaces) {
        if (!std::filesystem::exists(interface / "device", code)) continue;  // bridges, tunnels, loopback
        const auto name = interface.filename().string();
        const auto driver = std::filesystem::canonical(interface / "device/driver", code).filename().string();
        const bool uplink = used.contains(name);
        const auto state = attribute(interface, "operstate");
        const auto line = uplink ? "" : fmt::format("<network interface=\"{}\"/>", name);
        section.text += fmt::format("  {:<16} {}, {}, link {}{}\n{}", name, attribute(interface, "address"),
                                    driver, state, uplink ? "; this host's way out: do not lend it" : "",
                                    uplink ? "" : "    " + line + "\n");
        section.json.push_back({{"interface", name},
                                {"mac", attribute(interface, "address")},
                                {"driver", driver},
                                {"link", state},
                                {"uplink", uplink},
                                {"line", line}});
    }
    return section;
}

}  // namespace

int devices_command(OutputFormat format, std::ostream& out) {
    const auto boards = list_boards();
    const auto ports = list_ports();
    const auto cards = list_cards();
    if (format == OutputFormat::json) {
        out << Json{{"power", boards.json}, {"serial_ports", ports.json}, {"network_cards", cards.json}}.dump(
                   2)
            << '\n';
        return 0;
    }
    for (const auto* section : {&boards, &ports, &cards})
        out << section->title << ":\n" << (section->text.empty() ? "  none found\n" : section->text);
    out << "Switches on the network, and boards behind serial adapters, do not say what they are: see "
           "cambench list drivers\n";
    return 0;
}

}  // namespace cambench::cli
