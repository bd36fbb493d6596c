#include <array>

#include "bench/internet/services/names/discovery.hpp"
#include "harness/core/json.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t ws_discovery_port = 3702, sadp_port = 37020, dahua_port = 37810,
                        older_dahua_port = 5050, xiongmai_port = 34569;
constexpr std::size_t most_scopes = 32, longest_text = 512;

/// Where the text of the first element of that name stands, whatever its prefix; "" without it.
std::string_view element_text(std::string_view xml, std::string_view name) {
    for (auto at = xml.find(name); at != std::string_view::npos; at = xml.find(name, at + 1)) {
        const auto behind = at + name.size();
        const bool opens = at > 0 && (xml[at - 1] == '<' || xml[at - 1] == ':') && behind < xml.size() &&
                           (xml[behind] == '>' || xml[behind] == ' ');
        const auto end = opens ? xml.find('>', behind) : std::string_view::npos;
        const auto close = end == std::string_view::npos ? end : xml.find("</", end);
        if (close == std::string_view::npos || xml[end - 1] == '/') continue;
        return trim(xml.substr(end + 1, std::min(close - end - 1, longest_text)));
    }
    return {};
}

/// "onvif://www.onvif.org/hardware/HV-2100" -> "HV-2100"
std::string_view scope_value(const std::vector<std::string>& scopes, std::string_view kind) {
    for (const auto& scope : scopes)
        if (const auto at = scope.find(kind); at != std::string::npos)
            return std::string_view(scope).substr(at + kind.size());
    return {};
}

/// What of WS-Discovery a message is, by the element its body holds.
std::string_view ws_message(std::string_view xml) {
    const auto body = xml.find("Body");
    if (body == std::string_view::npos) return {};
    static constexpr std::array kinds{"ProbeMatches"sv, "ResolveMatches"sv, "Probe"sv,
                                      "Resolve"sv,      "Hello"sv,          "Bye"sv};
    for (const auto kind : kinds)
        for (auto at = xml.find(kind, body); at != std::string_view::npos; at = xml.find(kind, at + 1))
            if (xml[at - 1] == ':' || xml[at - 1] == '<') return kind;
    return {};
}

bool add_ws_discovery(JsonText& fields, std::string_view xml) {
    const auto message = ws_message(xml);
    if (message.empty() || xml.find("/discovery") == std::string_view::npos) return false;
    auto scopes = split(element_text(xml, "Scopes"), ' ');
    if (scopes.size() > most_scopes) scopes.resize(most_scopes);
    fields.text("by", protocol::ws_discovery)
        .text("message", message)
        .text("types", element_text(xml, "Types"))
        .texts("scopes", scopes);
    fields.text("device_name", scope_value(scopes, "/name/"))
        .text("hardware", scope_value(scopes, "/hardware/"));
    fields.text("country", scope_value(scopes, "/location/country/"))
        .text("addresses", element_text(xml, "XAddrs"));
    return true;
}

bool add_sadp(JsonText& fields, std::string_view xml) {
    const bool probe = xml.find("<Probe>") != std::string_view::npos,
               match = xml.find("<ProbeMatch>") != std::string_view::npos;
    if (!probe && !match) return false;
    fields.text("by", protocol::sadp)
        .text("message", element_text(xml, "Types"))
        .text("types", match ? "ProbeMatch" : "Probe")
        .text("id", element_text(xml, "Uuid"));
    fields.text("device_name", element_text(xml, "DeviceDescription"))
        .text("serial", element_text(xml, "DeviceSN"))
        .text("mac", element_text(xml, "MAC"));
    return true;
}

/// DHIP: a header of 32 bytes, then JSON. The older one is a header alone.
bool add_dahua(JsonText& fields, ByteView datagram) {
    const auto text = as_text(datagram);
    constexpr std::size_t header = 32;
    if (text.starts_with("\xa3\x01\0\x01"sv)) {
        fields.text("by", "dahua").text("message", "legacy search");
        return true;
    }
    if (!text.starts_with("\x20\0\0\0DHIP"sv) || text.size() < header) return false;
    auto json = text.substr(header);
    while (!json.empty() && (json.back() == '\0' || json.back() == '\n')) json.remove_suffix(1);
    const auto message = parse_json(json);
    fields.text("by", "dahua")
        .text("message", message.is_object() && message.contains("method") && message["method"].is_string()
                             ? message["method"].get<std::string>().substr(0, longest_text)
                             : std::string());
    return true;
}

/// A header of 20 bytes whose message is 1530, the search, or 1531, its answer.
bool add_xiongmai(JsonText& fields, ByteView datagram) {
    constexpr unsigned search = 1530, answer = 1531;
    ByteReader reader(datagram);
    const auto magic = reader.u8();
    reader.skip(13);
    const unsigned message = reader.u16_le();
    if (reader.failed() || magic != 0xff || (message != search && message != answer)) return false;
    fields.text("by", "xiongmai").text("message", message == search ? "search" : "answer");
    return true;
}

}  // namespace

bool record_discovery(World& world, const Flow& flow, ByteView datagram) {
    const auto port = flow.destination.port;
    auto fields = flow_fields(world, flow,
                              port == ws_discovery_port ? "ws-discovery"
                              : port == sadp_port       ? "sadp"
                                                        : "discovery");
    const auto text = as_text(datagram);
    const bool known = (port == ws_discovery_port && add_ws_discovery(fields, text)) ||
                       (port == sadp_port && add_sadp(fields, text)) ||
                       ((port == dahua_port || port == older_dahua_port) && add_dahua(fields, datagram)) ||
                       (port == xiongmai_port && add_xiongmai(fields, datagram));
    if (!known) return false;
    world.record("discovery", fields, datagram);
    return true;
}

}  // namespace cambench::internet
