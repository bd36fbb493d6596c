#include "harness/documents/bench_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "drivers/console/console_driver.hpp"
#include "drivers/power/power_driver.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/bench_file_drivers.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;
using markup::Node;
using markup::Problems;

/// The kernel's limit for the name of an interface.
constexpr std::size_t longest_interface_name = 15;

const Element& slot_element() {
    static const Element element{
        .name = "slot",
        .doc = "One place for a camera.",
        .attributes = {{.name = "name",
                        .kind = Kind::word,
                        .doc = "Its name on the command line and in reports.",
                        .required = true}},
        .children = {{&power_element(), 1, 1}, {&console_element(), 1, 1}, {&network_element(), 1, 1}}};
    return element;
}

/// What two slots cannot both own: "interface eth1" -> the slot that has it.
using Owners = std::map<std::string, std::string>;

/// The contact that a <power> uses alone; "" when its driver knows none.
std::string power_contact(const Node& power) {
    const auto* driver = find_power_driver(power.text("driver"));
    return driver != nullptr && driver->contact != nullptr ? driver->contact(power) : "";
}

void judge_channel(const Node& power, Problems& problems) {
    const auto* driver = find_power_driver(power.text("driver"));
    if (driver == nullptr || driver->last_channel == 0) return;
    const auto channel = power.integer("channel");
    if (channel < driver->first_channel || channel > driver->last_channel)
        problems.push_back(problem_at_attribute(
            power, "channel", fmt::format("{} has no channel {}", driver->name, channel),
            fmt::format("its channels are {} to {}", driver->first_channel, driver->last_channel)));
}

/// What is exclusively used by this part of a slot; "" when nothing is.
std::string resource_of(const Node& part) {
    if (part.name() == "power") return power_contact(part);
    if (part.name() == "network" && part.has("interface")) return "the interface " + part.text("interface");
    if (part.name() == "console" && part.has("path")) return "the console " + part.path("path").string();
    if (part.name() == "console" && part.has("port") && !part.has("host"))
        return "the console " + part.path("port").string();
    if (part.name() == "console" && part.has("port"))
        return fmt::format("the console {}:{}", lower(part.text("host")), part.text("port"));
    return "";
}

void judge_ownership(const Node& part, const std::string& slot, Owners& owners, Problems& problems) {
    const auto resource = resource_of(part);
    if (resource.empty()) return;
    if (const auto [owner, is_new] = owners.emplace(resource, slot); !is_new)
        problems.push_back(problem_at(part, fmt::format("slot '{}' uses {} already", owner->second, resource),
                                      "each slot needs its own"));
}

/// The emulated camera is one process with its own wire and UART: none of them can be somewhere else.
void judge_emulation(const SlotDescription& slot, Problems& problems) {
    for (const auto* part : {&slot.console, &slot.network}) {
        const bool part_emulated = part->text("driver") == "emulated";
        if (slot.is_emulated() && !part_emulated && part->text("driver") != "none")
            problems.push_back(problem_at(
                *part,
                fmt::format("the emulated camera of slot '{}' has a {} of its own", slot.name, part->name()),
                fmt::format("write <{} driver=\"emulated\"/>", part->name())));
        if (!slot.is_emulated() && part_emulated)
            problems.push_back(
                problem_at(*part, fmt::format("slot '{}' has no emulated camera", slot.name),
                           "write <power driver=\"emulated\"/> too, or describe what is connected"));
    }
}

void judge_interface_name(const Node& network, Problems& problems) {
    const auto name = network.text("interface");
    if (name.size() > longest_interface_name)
        problems.push_back(problem_at_attribute(network, "interface",
                                                fmt::format("'{}' is too long for an interface", name),
                                                "see the names with: ip link"));
    if (name == "lo")
        problems.push_back(problem_at_attribute(network, "interface",
                                                "the loopback interface cannot be moved",
                                                "name the interface the camera is plugged into"));
}

void add_slot(const Node& node, Owners& owners, BenchFile& bench, Problems& problems) {
    SlotDescription slot{node.text("name"), *node.first("power"), *node.first("console"),
                         *node.first("network")};
    if (bench.find(slot.name) != nullptr)
        problems.push_back(problem_at_attribute(node, "name",
                                                fmt::format("there are two slots '{}'", slot.name),
                                                "each slot needs a name of its own"));
    judge_emulation(slot, problems);
    judge_channel(slot.power, problems);
    if (const auto* driver = find_console_driver(slot.console_driver());
        driver != nullptr && driver->validate != nullptr)
        driver->validate(slot.console, problems);
    judge_interface_name(slot.network, problems);
    for (const auto* part : {&slot.power, &slot.console, &slot.network})
        judge_ownership(*part, slot.name, owners, problems);
    bench.slots.push_back(std::move(slot));
}

}  // namespace

const SlotDescription* BenchFile::find(std::string_view slot) const {
    const auto found = std::find_if(slots.begin(), slots.end(),
                                    [&](const auto& candidate) { return candidate.name == slot; });
    return found == slots.end() ? nullptr : &*found;
}

std::vector<std::string> BenchFile::slot_names() const {
    std::vector<std::string> names;
    for (const auto& slot : slots) names.push_back(slot.name);
    return names;
}

const Element& bench_element() {
    static const Element element{
        .name = "bench",
        .doc = "One host and the slots on it: where things are, no test logic.",
        .attributes = {{.name = "name", .kind = Kind::word, .doc = "Its name in reports.", .required = true}},
        .children = {{&slot_element(), 1}}};
    return element;
}

Result<BenchFile> load_bench_file(const std::filesystem::path& file, Problems& problems) {
    const auto before = problems.size();
    TRY_ASSIGN(const auto root, markup::read_file(file, bench_element(), problems));
    BenchFile bench{file, root.text("name"), {}};
    Owners owners;
    for (const auto* node : root.all("slot")) add_slot(*node, owners, bench, problems);
    TRY(markup::first_error(problems, before));
    return bench;
}

}  // namespace cambench
