#include "harness/documents/bench_file_drivers.hpp"

#include "drivers/console/console_driver.hpp"
#include "drivers/power/power_driver.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;

std::vector<markup::Variant> power_variants() {
    std::vector<markup::Variant> variants;
    for (const auto* driver : power_drivers()) variants.push_back({driver->name, &driver->element});
    return variants;
}

std::vector<markup::Variant> console_variants() {
    std::vector<markup::Variant> variants;
    for (const auto* driver : console_drivers()) variants.push_back({driver->name, &driver->element});
    return variants;
}

markup::Attribute capture_buffer() {
    return {.name = "capture-buffer",
            .kind = Kind::volume,
            .doc =
                "Memory for frames not yet on disk; what does not fit in is counted as dropped. 8MB when "
                "absent."};
}

const Element& emulated_network() {
    static const Element element{
        .name = "network", .doc = "The emulated camera's wire.", .attributes = {capture_buffer()}};
    return element;
}

const Element& interface_network() {
    static const Element element{
        .name = "network",
        .doc =
            "An interface of this host, moved into the sandbox while a scenario runs and given back "
            "afterwards.",
        .attributes = {{.name = "interface",
                        .kind = Kind::word,
                        .doc = "Its name: a network card, a USB adapter, one end of a veth pair.",
                        .required = true},
                       capture_buffer()}};
    return element;
}

}  // namespace

const Element& power_element() {
    static const Element element{.name = "power",
                                 .doc = "What switches the unit's supply.",
                                 .attributes = {{.name = "driver",
                                                 .kind = Kind::word,
                                                 .doc = "What kind of switch it is.",
                                                 .required = true}},
                                 .selector = "driver",
                                 .variants = power_variants()};
    return element;
}

const Element& console_element() {
    static const Element element{.name = "console",
                                 .doc = "Where the unit's boot log comes from.",
                                 .attributes = {{.name = "driver",
                                                 .kind = Kind::word,
                                                 .doc = "How it is connected.",
                                                 .required = true}},
                                 .selector = "driver",
                                 .variants = console_variants()};
    return element;
}

const Element& network_element() {
    static const Element element{
        .name = "network",
        .doc = "The unit's network port.",
        .attributes = {{.name = "driver",
                        .kind = Kind::word,
                        .doc = "How it is connected; an interface of this host when absent.",
                        .fallback = "interface"}},
        .selector = "driver",
        .variants = {{"emulated", &emulated_network()}, {"interface", &interface_network()}}};
    return element;
}

}  // namespace cambench
