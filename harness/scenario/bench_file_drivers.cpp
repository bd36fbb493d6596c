#include "harness/scenario/bench_file_drivers.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;

const Element& emulated_power() {
    static const Element element{.name = "power", .doc = "The emulated camera's: off is a real power cut, on is a cold boot."};
    return element;
}

const Element& command_power() {
    static const Element element{
        .name = "power",
        .doc = "Commands of your own, run by /bin/sh; exit code 0 means done.",
        .attributes = {{.name = "on", .doc = "Closes the contact.", .required = true},
                       {.name = "off", .doc = "Opens the contact.", .required = true},
                       {.name = "state",
                        .doc = "Prints 'on' or 'off' as read back from the device; without it the contact cannot be read."},
                       {.name = "within", .kind = Kind::duration, .doc = "How long one command may take.", .fallback = "10s"}}};
    return element;
}

const Element& no_power() {
    static const Element element{.name = "power", .doc = "Nothing switches the unit: it has power all the time, or somebody plugs it in when asked."};
    return element;
}

const Element& emulated_console() {
    static const Element element{.name = "console", .doc = "The emulated camera's UART."};
    return element;
}

const Element& unix_console() {
    static const Element element{
        .name = "console",
        .doc = "A console behind a Unix socket that somebody listens on.",
        .attributes = {{.name = "path", .kind = Kind::path, .doc = "The socket, relative to the bench file.", .required = true}}};
    return element;
}

const Element& tcp_console() {
    static const Element element{.name = "console",
                                 .doc = "A console server that gives raw bytes over TCP.",
                                 .attributes = {{.name = "host", .doc = "Its name or address.", .required = true},
                                                {.name = "port", .kind = Kind::port, .doc = "Its port.", .required = true}}};
    return element;
}

const Element& no_console() {
    static const Element element{.name = "console", .doc = "No console is connected; checks that need one are INCONCLUSIVE."};
    return element;
}

markup::Attribute capture_buffer() {
    return {.name = "capture-buffer",
            .kind = Kind::volume,
            .doc = "Memory for frames not yet on disk; what does not fit in is counted as dropped. 8MB when absent."};
}

const Element& emulated_network() {
    static const Element element{.name = "network", .doc = "The emulated camera's wire.", .attributes = {capture_buffer()}};
    return element;
}

const Element& interface_network() {
    static const Element element{
        .name = "network",
        .doc = "An interface of this host, moved into the sandbox while a scenario runs and given back afterwards.",
        .attributes = {
            {.name = "interface", .kind = Kind::word, .doc = "Its name: a network card, a USB adapter, one end of a veth pair.", .required = true},
            capture_buffer()}};
    return element;
}

}  // namespace

const Element& power_element() {
    static const Element element{.name = "power",
                                 .doc = "What switches the unit's supply.",
                                 .attributes = {{.name = "driver", .kind = Kind::word, .doc = "What kind of switch it is.", .required = true}},
                                 .selector = "driver",
                                 .variants = {{"command", &command_power()}, {"emulated", &emulated_power()}, {"none", &no_power()}}};
    return element;
}

const Element& console_element() {
    static const Element element{
        .name = "console",
        .doc = "Where the unit's boot log comes from.",
        .attributes = {{.name = "driver", .kind = Kind::word, .doc = "How it is connected.", .required = true}},
        .selector = "driver",
        .variants = {{"emulated", &emulated_console()}, {"none", &no_console()}, {"tcp", &tcp_console()}, {"unix", &unix_console()}}};
    return element;
}

const Element& network_element() {
    static const Element element{.name = "network",
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
