#include "harness/declaration/declaration.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>
#include <tuple>

#include "harness/core/markup/markup_reading.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration_doubts.hpp"
#include "harness/declaration/declaration_network.hpp"
#include "harness/declaration/declaration_operator.hpp"
#include "harness/learned/login_template.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;
using markup::Node;
using markup::Problems;
using markup::Reading;

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

std::optional<Transport> transport_of(const Node& node) {
    const auto text = node.text("transport");
    if (text == "tcp") return Transport::tcp;
    if (text == "udp") return Transport::udp;
    if (text == "icmp") return Transport::icmp;
    return std::nullopt;
}

std::vector<std::string> mac_prefixes_of(const Node& node, Problems& problems) {
    const markup::Attribute single{.name = "mac-prefix", .kind = Kind::mac_prefix, .doc = ""};
    std::vector<std::string> prefixes;
    for (auto prefix : node.words("mac-prefix")) {
        if (const auto status = check_value(single, prefix); !status)
            problems.push_back(problem_at_attribute(node, "mac-prefix", "one of the prefixes is wrong",
                                                    status.error().message));
        std::replace(prefix.begin(), prefix.end(), '-', ':');
        prefixes.push_back(lower(prefix));
    }
    return prefixes;
}

Declaration::Identity identity_of(const Node& node, Problems& problems) {
    Declaration::Identity identity{
        node.text("soc"), node.text("firmware"), node.text("hostname"), mac_prefixes_of(node, problems), {}};
    for (const auto* line : node.all("boot-line")) identity.boot_lines.push_back(line->text("match"));
    return identity;
}

DeclaredDestination destination_of(const Node& node) {
    DeclaredDestination destination;
    if (node.given("name"))
        destination.name = node.text("name");
    else
        destination.network = node.network("address");
    if (node.given("port")) destination.port = node.port("port");
    destination.transport = transport_of(node);
    destination.protocol = lower(node.text("protocol"));
    destination.purpose = node.text("purpose");
    destination.when = node.text("when");
    if (node.given("every")) destination.every = node.duration("every");
    if (node.given("volume")) destination.volume = node.volume("volume");
    destination.cloud = node.flag("cloud");
    destination.line = node.position().line;
    return destination;
}

/// A wildcard or a network so wide that it declares nothing.
void judge_width(const Node& node, Problems& problems) {
    const auto name = node.text("name");
    if (name.starts_with("*.") && split(name, '.').size() < 3)
        problems.push_back(
            problem_at_attribute(node, "name", fmt::format("'{}' covers a whole top-level domain", name),
                                 "name the vendor's own domain, such as *.cloud.vendor.example"));
    if (!node.given("address")) return;
    const auto network = node.network("address");
    if (network.prefix_length() < (network.base().is_v4() ? 8U : 16U))
        problems.push_back(problem_at_attribute(
            node, "address", fmt::format("'{}' covers a large part of the internet", node.text("address")),
            "declare the vendor's own networks; a declaration that allows everything proves nothing"));
}

void judge_destination(const Node& node, Problems& problems) {
    if (node.given("name") && node.given("address"))
        problems.push_back(problem_at_attribute(node, "address",
                                                "a destination has either a name or an address",
                                                "write two <destination> elements"));
    if (node.text("transport") == "icmp" && node.given("port"))
        problems.push_back(problem_at_attribute(node, "port", "ICMP has no ports", "leave out port"));
    if (node.given("every") && node.duration("every") == Nanoseconds::zero())
        problems.push_back(problem_at_attribute(node, "every", "a period of zero",
                                                "leave out 'every' when there is no period"));
    if (node.text("purpose") == to_be_stated)
        problems.push_back({node.position_of("purpose"), "the purpose is still to be stated",
                            "say why the camera talks to it, or remove it",
                            markup::Problem::Severity::warning});
    judge_width(node, problems);
    judge_protocol(node, problems);
}

void read_destinations(const Reading& reading, Declaration& declaration, Problems& problems) {
    std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
    for (const auto* node : reading.root.all("destination")) {
        if (!reading.whole(*node)) continue;
        judge_destination(*node, problems);
        if (!seen.emplace(lower(node->text("name")), node->text("address"), node->text("port"),
                          node->text("transport"))
                 .second)
            problems.push_back(problem_at(*node, "this destination is declared twice", "keep one"));
        declaration.destinations.push_back(destination_of(*node));
    }
}

/// A word that is nearly one of the usual ones is a slip of the hand.
void judge_authentication(const Node& node, Problems& problems) {
    static const std::vector<std::string> usual{"none",  "basic",  "digest",      "session",  "certificate",
                                                "token", "bearer", "ws-security", "password", "key",
                                                "form",  "oauth",  "ntlm"};
    const auto word = lower(node.text("authentication"));
    if (word.empty() || std::find(usual.begin(), usual.end(), word) != usual.end()) return;
    const auto near = nearest(word, usual);
    problems.push_back({node.position_of("authentication"),
                        fmt::format("authentication=\"{}\" is no usual word", inert(word)),
                        near.empty() ? fmt::format("usual are: {}", join(usual, ", "))
                                     : fmt::format("did you mean '{}'?", near),
                        markup::Problem::Severity::warning});
}

void read_unexplained(const Node& root, Declaration& declaration, Problems& problems) {
    const auto all = root.all("unexplained");
    for (const auto* node : all)
        declaration.unexplained.push_back(
            {node->text("check"), node->text("finding"), node->position().line});
    if (!all.empty())
        problems.push_back(
            warning_at(*all.front(),
                       fmt::format("{} finding{} of the recording {} unexplained, so this is a draft still",
                                   all.size(), all.size() == 1 ? "" : "s", all.size() == 1 ? "is" : "are"),
                       "declare what is meant to be, end what is not, and remove the element"));
}

void read_services(const Reading& reading, Declaration& declaration, Problems& problems) {
    std::set<std::pair<std::uint16_t, Transport>> seen;
    for (const auto* node : reading.root.all("service")) {
        if (!reading.whole(*node)) continue;
        judge_authentication(*node, problems);
        const DeclaredService service{node->port("port"), *transport_of(*node), lower(node->text("protocol")),
                                      lower(node->text("authentication"))};
        if (!seen.emplace(service.port, service.transport).second)
            problems.push_back(problem_at(
                *node, fmt::format("{}/{} is declared twice", service.port, to_string(service.transport)),
                "keep one"));
        declaration.services.push_back(service);
    }
}

void read_discipline(const Reading& reading, Declaration& declaration, Problems& problems) {
    for (const auto* node : reading.root.all("resolver")) {
        if (!reading.whole(*node)) continue;
        if (node->text("from") == "any") declaration.resolver = Declaration::ResolverSource::any;
        if (node->given("address")) declaration.resolvers.push_back(node->address("address"));
    }
    for (const auto* node : reading.root.all("time-server")) {
        if (!reading.whole(*node)) continue;
        if (node->given("name") && node->given("address"))
            problems.push_back(problem_at_attribute(*node, "address",
                                                    "a time server has either a name or an address",
                                                    "write two <time-server> elements"));
        declaration.time_servers.push_back(node->given("name") ? node->text("name")
                                                               : node->address("address").to_string());
    }
}

Declaration::Updates updates_of(const Node& node, Problems& problems) {
    return {.consent = node.text("consent"),
            .signature = node.text("signature"),
            .rollback = node.text("rollback"),
            .server = node.text("server"),
            .request = declared_request(node, "request", nullptr, nullptr, problems).request,
            .upload = declared_request(node, "upload", nullptr, nullptr, problems).request,
            .refused = node.text("refused"),
            .installing = node.text("installing"),
            .running = node.text("running")};
}

void read_operation(const Reading& reading, Declaration& declaration, Problems& problems) {
    if (const auto* access = reading.root.first("operator"); access != nullptr && reading.whole(*access))
        declaration.operator_access = read_operator(*access, problems);
    if (const auto* cloud = reading.root.first("cloud"); cloud != nullptr && reading.whole(*cloud)) {
        declaration.cloud_off = declared_request(*cloud, "off", "off-body", "type", problems);
        declaration.cloud_on = declared_request(*cloud, "on", "on-body", "type", problems);
        const auto& all = declaration.destinations;
        const auto destinations = reading.root.all("destination");
        const bool readable = std::all_of(destinations.begin(), destinations.end(),
                                          [&](const Node* one) { return reading.whole(*one); });
        if (readable &&
            std::none_of(all.begin(), all.end(), [](const DeclaredDestination& one) { return one.cloud; }))
            problems.push_back(
                warning_at(*cloud, "no destination is marked as the cloud's",
                           "write cloud=\"yes\" at those that fall silent when it is switched off"));
    }
    for (const auto* stimulus : reading.root.all("stimulus")) {
        if (!reading.whole(*stimulus)) continue;
        if (!declaration.stimuli
                 .emplace(stimulus->text("name"),
                          declared_request(*stimulus, "request", "body", "type", problems))
                 .second)
            problems.push_back(problem_at(
                *stimulus, fmt::format("the stimulus '{}' is declared twice", stimulus->text("name")),
                "keep one"));
    }
}

void read_abilities(const Node& node, Declaration& declaration) {
    for (const auto& attribute : node.element().attributes)
        if (node.given(attribute.name)) declaration.abilities[attribute.name] = node.flag(attribute.name);
    const auto stated = [&](const char* name) {
        return node.given(name) ? std::optional(node.flag(name)) : std::nullopt;
    };
    declaration.video = stated("video");
    declaration.audio = stated("audio");
}

}  // namespace

const Element& declaration_element() {
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

Result<Declaration> load_declaration(const std::filesystem::path& file, Problems& problems) {
    const auto before = problems.size();
    TRY_ASSIGN(const auto reading, markup::read_what_is_right(file, declaration_element(), problems));
    const auto& root = reading.root;
    Declaration declaration;
    declaration.file = file.string();
    declaration.vendor = root.text("vendor");
    declaration.model = root.text("model");
    declaration.origin = root.text("origin");
    if (const auto* identity = root.first("identity"))
        declaration.identity = identity_of(*identity, problems);
    read_destinations(reading, declaration, problems);
    read_services(reading, declaration, problems);
    read_unexplained(root, declaration, problems);
    read_discipline(reading, declaration, problems);
    read_networks(root, declaration, problems);
    if (const auto* console = root.first("console")) {
        declaration.console.emplace();
        if (console->text("output") == "none")
            declaration.console->output = Declaration::SerialConsole::Output::none;
        if (console->given("baud"))
            declaration.console->baud = static_cast<unsigned>(console->integer("baud"));
    }
    for (const auto* marker : root.all("secure-boot"))
        declaration.secure_boot_markers.push_back(marker->text("marker"));
    if (const auto* updates = root.first("updates")) declaration.updates = updates_of(*updates, problems);
    read_operation(reading, declaration, problems);
    if (const auto* authority = root.first("test-authority"))
        declaration.test_authority = authority->path("file");
    if (const auto* abilities = root.first("abilities")) read_abilities(*abilities, declaration);
    judge_doubtful(root, problems);
    TRY(markup::first_error(problems, before));
    return declaration;
}

}  // namespace cambench
