#include "harness/core/markup/markup.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/declaration/declaration_network.hpp"
#include "harness/declaration/declaration_operator.hpp"
#include "harness/learned/login_template.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;

const Element& boot_line_element() {
    static const Element element{.name = "boot-line",
                                 .doc = "A line every boot log of this product shows.",
                                 .attributes = {{.name = "match",
                                                 .kind = Kind::pattern,
                                                 .doc = "Regular expression that some console line fits.",
                                                 .required = true},
                                                {.name = "doc", .doc = "What the line proves."}}};
    return element;
}

const Element& identity_element() {
    static const Element element{
        .name = "identity",
        .doc = "What makes a unit this product: as the console or the network shows it.",
        .attributes =
            {{.name = "soc", .doc = "The system on chip, as the boot log prints it."},
             {.name = "firmware", .doc = "The firmware version, as the unit states it."},
             {.name = "mac-prefix",
              .kind = Kind::words,
              .doc = "How the unit's MAC addresses begin, one or several."},
             {.name = "hostname",
              .doc =
                  "The host name in DHCP requests; '*' stands for any characters, such as a serial number."}},
        .children = {{&boot_line_element()}}};
    return element;
}

const Element& destination_element() {
    static const Element element{
        .name = "destination",
        .doc = "An endpoint the camera talks to; every other one is undeclared.",
        .attributes = {{.name = "name",
                        .kind = Kind::host,
                        .doc = "Its DNS name; *.vendor.example stands for all names below vendor.example."},
                       {.name = "address",
                        .kind = Kind::network,
                        .doc = "Its address or network, for endpoints without a name."},
                       {.name = "port", .kind = Kind::port, .doc = "Its port; any when absent."},
                       {.name = "transport",
                        .kind = Kind::choice,
                        .doc = "How it is reached; any when absent.",
                        .choices = {"tcp", "udp", "icmp"}},
                       {.name = "protocol",
                        .kind = Kind::word,
                        .doc = "What is spoken there: ntp, tls, http, mqtt, ..."},
                       {.name = "purpose", .doc = "Why the camera talks to it.", .required = true},
                       {.name = "when",
                        .doc = "On what occasion, in words: at boot, on motion, when the operator asks, ..."},
                       {.name = "every", .kind = Kind::duration, .doc = "How often at most."},
                       {.name = "volume",
                        .kind = Kind::volume,
                        .doc = "How much is sent at most: each period of 'every', or in all without it."},
                       {.name = "cloud",
                        .kind = Kind::flag,
                        .doc = "Silent while the operator has switched the cloud off (<cloud>).",
                        .fallback = "no"}},
        .one_of = {{"name", "address"}}};
    return element;
}

const Element& service_element() {
    static const Element element{
        .name = "service",
        .doc = "A port the camera listens on.",
        .attributes = {
            {.name = "port", .kind = Kind::port, .doc = "Its port.", .required = true},
            {.name = "transport",
             .kind = Kind::choice,
             .doc = "TCP or UDP.",
             .fallback = "tcp",
             .choices = {"tcp", "udp"}},
            {.name = "protocol",
             .kind = Kind::word,
             .doc = "What is spoken there: http, rtsp, ws-discovery, ...",
             .required = true},
            {.name = "authentication",
             .kind = Kind::word,
             .doc = "How a client proves who it is: none, basic, digest, session, certificate, ..."}}};
    return element;
}

const Element& resolver_element() {
    static const Element element{
        .name = "resolver",
        .doc = "Where the camera resolves names: by default only at the resolvers the network gives it.",
        .attributes = {{.name = "from",
                        .kind = Kind::choice,
                        .doc = "dhcp: only those the network gives; any: whichever it likes.",
                        .choices = {"dhcp", "any"}},
                       {.name = "address", .kind = Kind::address, .doc = "A further resolver it asks."}},
        .one_of = {{"from", "address"}}};
    return element;
}

const Element& time_server_element() {
    static const Element element{
        .name = "time-server",
        .doc = "A time server the camera asks besides those the network gives it.",
        .attributes = {{.name = "name", .kind = Kind::host, .doc = "Its DNS name."},
                       {.name = "address", .kind = Kind::address, .doc = "Its address."}},
        .one_of = {{"name", "address"}}};
    return element;
}

const Element& updates_element() {
    static const Element element{
        .name = "updates",
        .doc = "How the firmware is replaced.",
        .attributes = {
            {.name = "consent",
             .kind = Kind::choice,
             .doc = "Who starts an update.",
             .choices = {"operator", "automatic", "none"}},
            {.name = "signature",
             .kind = Kind::word,
             .doc = "What an update is signed with: ed25519, rsa-2048, ...; none."},
            {.name = "rollback",
             .kind = Kind::choice,
             .doc = "Whether older versions are taken.",
             .choices = {"refused", "allowed"}},
            {.name = "server", .kind = Kind::host, .doc = "The server the unit asks for updates."},
            {.name = "request", .doc = "How the operator agrees to an update over HTTP: METHOD PATH."},
            {.name = "upload", .doc = "Where an operator puts a package of his own over HTTP: METHOD PATH."},
            {.name = "refused",
             .kind = Kind::pattern,
             .doc = "A line of the console that says a package was refused."},
            {.name = "installing",
             .kind = Kind::pattern,
             .doc = "A line of the console while a package is being written."},
            {.name = "running",
             .kind = Kind::pattern,
             .doc = "A line of the console at each start: the firmware's version is the first group, its "
                    "slot the second."}}};
    return element;
}

const Element& cloud_element() {
    static const Element element{
        .name = "cloud",
        .doc =
            "How the operator switches everything the unit does with its maker's cloud off and on, over "
            "HTTP.",
        .attributes = {
            {.name = "off", .doc = "METHOD PATH.", .required = true},
            {.name = "off-body", .doc = "What is sent."},
            {.name = "on", .doc = "METHOD PATH.", .required = true},
            {.name = "on-body", .doc = "What is sent."},
            {.name = "type", .kind = Kind::text, .doc = "The content type of both.", .fallback = form_type}}};
    return element;
}

const Element& stimulus_element() {
    static const Element element{
        .name = "stimulus",
        .doc =
            "How something is brought about at the unit for a test, over HTTP with the operator's account: "
            "motion, an alarm, ...",
        .attributes = {
            {.name = "name",
             .kind = Kind::word,
             .doc = "What <trigger> calls it, such as motion.",
             .required = true},
            {.name = "request", .doc = "METHOD PATH.", .required = true},
            {.name = "body", .doc = "What is sent."},
            {.name = "type", .kind = Kind::text, .doc = "Its content type.", .fallback = form_type}}};
    return element;
}

const Element& test_authority_element() {
    static const Element element{
        .name = "test-authority",
        .doc =
            "An authority that the unit trusts for the tests, so that the bench can be its server and show "
            "it certificates with a single defect.",
        .attributes = {{.name = "file",
                        .kind = Kind::path,
                        .doc = "PEM with its certificate and its private key, unencrypted.",
                        .required = true}}};
    return element;
}

const Element& console_element() {
    static const Element element{
        .name = "console",
        .doc = "The serial console on the board; a unit without this element has none.",
        .attributes = {{.name = "output",
                        .kind = Kind::choice,
                        .doc = "What it says: the boot log, or nothing.",
                        .required = true,
                        .choices = {"boot-log", "none"}},
                       {.name = "baud", .kind = Kind::integer, .doc = "Its rate; any when absent."}}};
    return element;
}

const Element& secure_boot_element() {
    static const Element element{
        .name = "secure-boot",
        .doc = "The boot ROM and the boot loader check signatures; a line of every boot says so.",
        .attributes = {{.name = "marker",
                        .kind = Kind::pattern,
                        .doc = "Regular expression that a console line of every boot fits.",
                        .required = true}}};
    return element;
}

const Element& abilities_element() {
    static const Element element{
        .name = "abilities",
        .doc = "What the unit can sense and do; an ability that is not stated is not declared.",
        .attributes = {
            {.name = "video", .kind = Kind::flag, .doc = "It gives video."},
            {.name = "audio", .kind = Kind::flag, .doc = "It hears."},
            {.name = "speaker", .kind = Kind::flag, .doc = "It speaks."},
            {.name = "motion", .kind = Kind::flag, .doc = "It detects motion."},
            {.name = "faces", .kind = Kind::flag, .doc = "It detects or recognises faces."},
            {.name = "plates", .kind = Kind::flag, .doc = "It reads number plates."},
            {.name = "infrared", .kind = Kind::flag, .doc = "It has infrared light."},
            {.name = "pan-tilt", .kind = Kind::flag, .doc = "It can be turned."},
            {.name = "recording", .kind = Kind::flag, .doc = "It keeps recordings of its own."},
            {.name = "wireless", .kind = Kind::flag, .doc = "It has a radio: Wi-Fi, Bluetooth, cellular."}}};
    return element;
}

const Element& unexplained_element() {
    static const Element element{
        .name = "unexplained",
        .doc =
            "A finding in the recording that a draft was learnt from, as 'cambench learn' notes it: in a "
            "recording it "
            "is INCONCLUSIVE until it is declared, explained or ended and this element removed. In a run it "
            "excuses "
            "nothing.",
        .attributes = {
            {.name = "check", .kind = Kind::word, .doc = "The check that found it.", .required = true},
            {.name = "finding", .doc = "The finding's title; whatever the check finds when absent."}}};
    return element;
}

}  // namespace

const markup::Element& declaration_element() {
    static const Element element{
        .name = "declaration",
        .doc =
            "What the vendor states of a product; the bench compares what it sees with it (ETSI TS 103 701: "
            "ICS and IXIT).",
        .attributes = {{.name = "vendor", .doc = "Who sells it.", .required = true},
                       {.name = "model", .doc = "Its model designation.", .required = true},
                       {.name = "origin",
                        .kind = Kind::word,
                        .doc = "The country it is made in, as ISO 3166 code."},
                       {.name = "title", .doc = "Which revision or document this is."}},
        .children = {{&identity_element(), 1, 1},
                     {&destination_element()},
                     {&service_element()},
                     {&unexplained_element()},
                     {&unit_network_element()},
                     {&resolver_element()},
                     {&time_server_element()},
                     {&console_element(), 0, 1},
                     {&secure_boot_element()},
                     {&updates_element(), 0, 1},
                     {&abilities_element(), 0, 1},
                     {&operator_element(), 0, 1},
                     {&cloud_element(), 0, 1},
                     {&stimulus_element()},
                     {&test_authority_element(), 0, 1}}};
    return element;
}

}  // namespace cambench
