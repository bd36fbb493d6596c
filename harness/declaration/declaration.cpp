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
