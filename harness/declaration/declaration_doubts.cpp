#include "harness/declaration/declaration_doubts.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/core/text.hpp"
#include "harness/wire/protocol_words.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench {
namespace {

using markup::Node;
using markup::Problems;
using namespace std::string_view_literals;

void doubt(const Node& node, std::string_view attribute, std::string what, std::string better,
           Problems& problems) {
    problems.push_back(problem_at_attribute(node, attribute, std::move(what), std::move(better)));
    problems.back().severity = markup::Problem::Severity::warning;
}

/// Protocols, by their names on the wire, that need the order of a stream, and those that are datagrams.
bool among(const auto& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

void judge_transport(const Node& node, Problems& problems) {
    const auto word = node.text("protocol"), transport = node.text("transport");
    if (word.empty() || transport.empty() || !protocol_word(word).known) return;
    const auto wire = protocol_word(word).wire;
    if (transport == "udp" && protocol::has(wire, protocol::only_tcp)) {
        const auto* better = wire == protocol::tls || wire == protocol::http
                                 ? R"(write transport="tcp"; over UDP it is quic (HTTP/3) or dtls)"
                                 : R"(write transport="tcp")";
        doubt(node, "transport", fmt::format("{} is not spoken over UDP", inert(word)), better, problems);
    }
    if (transport == "tcp" && protocol::has(wire, protocol::only_udp))
        doubt(node, "transport", fmt::format("{} is not spoken over TCP", inert(word)),
              R"(write transport="udp")", problems);
    if (transport == "icmp" && wire != protocol::icmp)
        doubt(node, "transport", fmt::format("{} is not spoken over ICMP", inert(word)), "leave out protocol",
              problems);
}

/// Given and empty: the same as left out, though it looks as if something were stated.
void judge_empty(const Node& node, Problems& problems) {
    for (const auto& attribute : node.element().attributes)
        if (node.given(attribute.name) && node.text(attribute.name).empty())
            doubt(node, attribute.name,
                  fmt::format("{}=\"\" of <{}> states nothing", attribute.name, node.name()),
                  "say what it is, or leave it out", problems);
    for (const auto& child : node.children()) judge_empty(child, problems);
}

void judge_origin(const Node& node, Problems& problems) {
    const auto code = node.text("origin");
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (code.empty() || (code.size() == 2 && std::all_of(code.begin(), code.end(), is_capital))) return;
    doubt(node, "origin", fmt::format("origin=\"{}\" is no code of ISO 3166-1", inert(code)),
          "write its two letters, such as KR", problems);
}

void judge_updates(const Node& node, Problems& problems) {
    const auto running = node.text("running");
    if (running.empty()) return;
    const re2::RE2 pattern(running, re2::RE2::Quiet);
    if (pattern.ok() && pattern.NumberOfCapturingGroups() == 0)
        doubt(node, "running", "the pattern has no group, so no version can be read from the line",
              "put the version into brackets, such as Firmware: ([0-9.]+)", problems);
}

void judge_network(const Node& node, Problems& problems) {
    if (!node.given("address") || !node.given("gateway") ||
        node.text("address").find('/') != std::string::npos)
        return;
    const auto network = node.network("address");
    if (network.base().is_v4() && node.address("gateway").is_v4())
        doubt(node, "address", "the address comes without the length of its subnet's prefix",
              fmt::format("write it behind the address, such as {}/24", network.base().to_string()),
              problems);
}

}  // namespace

void judge_protocol(const Node& node, Problems& problems) {
    const auto word = node.text("protocol");
    if (word.empty() || protocol_word(word).known) return;
    const auto meant = nearest_protocol_word(word);
    doubt(
        node, "protocol",
        fmt::format("no protocol of the name '{}' is known, so nothing spoken there can be found to be right",
                    inert(word)),
        meant.empty()
            ? "write the protocol as it is on the wire, such as tls, http, mqtt or rtsp, or leave it out"
            : fmt::format("did you mean '{}'?", meant),
        problems);
}

void judge_method(const Node& node, const char* attribute, Problems& problems) {
    static const std::vector<std::string> methods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    const auto text = node.text(attribute);
    const auto method = text.substr(0, text.find(' '));
    if (std::find(methods.begin(), methods.end(), method) != methods.end()) return;
    const auto near = nearest(method, methods);
    doubt(node, attribute, fmt::format("'{}' is no usual method of HTTP", inert(method)),
          near.empty() ? fmt::format("usual are: {}", join(methods, ", "))
                       : fmt::format("did you mean '{}'?", near),
          problems);
}

void judge_doubtful(const Node& declaration, Problems& problems) {
    judge_empty(declaration, problems);
    judge_origin(declaration, problems);
    for (const auto* name : {"destination", "service"})
        for (const auto* node : declaration.all(name)) judge_transport(*node, problems);
    for (const auto* node : declaration.all("service")) judge_protocol(*node, problems);
    for (const auto* node : declaration.all("network")) judge_network(*node, problems);
    for (const auto* node : declaration.all("updates")) judge_updates(*node, problems);
}

}  // namespace cambench
