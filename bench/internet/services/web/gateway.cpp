#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/internet/services/web/gateway.hpp"
#include "bench/internet/world/whereabouts.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint16_t control_port = 5000;
constexpr std::string_view device_type = "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
                           service_type = "urn:schemas-upnp-org:service:WANIPConnection:1",
                           uuid = "uuid:6a2f7c1e-5b1d-4c55-9a35-02000000770a",
                           description_path = "/rootDesc.xml", control_path = "/ctl/IPConn";
constexpr std::size_t most_mappings = 1024;

constexpr std::string_view description = R"(<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><friendlyName>Router</friendlyName><manufacturer>Router</manufacturer>
<modelName>Router</modelName><UDN>uuid:6a2f7c1e-5b1d-4c55-9a35-02000000770a</UDN><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><friendlyName>WANDevice</friendlyName><manufacturer>Router</manufacturer>
<modelName>WAN</modelName><UDN>uuid:6a2f7c1e-5b1d-4c55-9a35-02000000770b</UDN><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType><serviceId>urn:upnp-org:serviceId:WANCommonIFC1</serviceId>
<controlURL>/ctl/CmnIfCfg</controlURL><eventSubURL>/evt/CmnIfCfg</eventSubURL><SCPDURL>/WANCfg.xml</SCPDURL></service></serviceList><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType><friendlyName>WANConnectionDevice</friendlyName>
<manufacturer>Router</manufacturer><modelName>WAN</modelName><UDN>uuid:6a2f7c1e-5b1d-4c55-9a35-02000000770c</UDN><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId>
<controlURL>/ctl/IPConn</controlURL><eventSubURL>/evt/IPConn</eventSubURL><SCPDURL>/WANIPCn.xml</SCPDURL></service></serviceList></device></deviceList>
</device></deviceList></device></root>
)";

/// The text of the first element of that name, whatever its prefix; "" without it.
std::string element(std::string_view xml, std::string_view name) {
    for (std::size_t at = xml.find(name); at != std::string_view::npos; at = xml.find(name, at + 1)) {
        const bool opens = at > 0 && (xml[at - 1] == '<' || xml[at - 1] == ':');
        const auto end = xml.find('>', at);
        const auto close = end == std::string_view::npos ? end : xml.find("</", end);
        if (!opens || close == std::string_view::npos || xml[end - 1] == '/') continue;
        if (const auto after = xml[at + name.size()]; after != '>' && after != ' ') continue;
        return std::string(trim(xml.substr(end + 1, close - end - 1)));
    }
    return {};
}

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char letter : text) {
        if (letter == '<')
            safe += "&lt;";
        else if (letter == '&')
            safe += "&amp;";
        else
            safe += letter;
    }
    return safe;
}

WebAnswer soap(unsigned status, std::string_view content) {
    return {
        {status,
         {{"Content-Type", "text/xml; charset=\"utf-8\""}, {"EXT", ""}},
         fmt::format(
             "<?xml version=\"1.0\"?>\r\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
             "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>{}</s:Body></"
             "s:Envelope>\r\n",
             content)},
        "upnp"};
}

WebAnswer soap_fault(unsigned code, std::string_view text) {
    return soap(
        500,
        fmt::format(
            "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError "
            "xmlns=\"urn:schemas-upnp-org:control-1-0\"><errorCode>{}</errorCode><errorDescription>{}</"
            "errorDescription></UPnPError>"
            "</detail></s:Fault>",
            code, text));
}

/// What AddPortMapping and its kin ask for.
struct Asked {
    std::string action, transport, external, client, internal, lease, text;
    [[nodiscard]] std::string key() const { return fmt::format("{} {}", transport, external); }
};

Asked asked_by(std::string_view action, std::string_view body) {
    return {std::string(action),
            element(body, "NewProtocol"),
            element(body, "NewExternalPort"),
            element(body, "NewInternalClient"),
            element(body, "NewInternalPort"),
            element(body, "NewLeaseDuration"),
            element(body, "NewPortMappingDescription")};
}

void record_mapping(World& world, const Flow& flow, const Asked& asked) {
    auto fields = flow_fields(world, flow, "upnp");
    fields.text("by", "upnp")
        .text("action", asked.action)
        .text("mapped_transport", asked.transport)
        .text("external_port", asked.external);
    fields.text("internal", fmt::format("{}:{}", asked.client, asked.internal))
        .text("lifetime_s", asked.lease)
        .text("description", asked.text);
    fields.flag("answered", true);
    world.recorder.event(world.now(), "port-mapping", fields);
}

std::string mapping_entry(const std::string& target) {
    const auto colon = target.rfind(':');
    return fmt::format(
        "<NewInternalPort>{}</NewInternalPort><NewInternalClient>{}</NewInternalClient><NewEnabled>1</"
        "NewEnabled>"
        "<NewPortMappingDescription>mapping</NewPortMappingDescription><NewLeaseDuration>0</"
        "NewLeaseDuration>",
        escaped(target.substr(colon + 1)), escaped(target.substr(0, colon)));
}

WebAnswer control(World& world, const Flow& flow, std::string_view action, std::string_view body) {
    const auto asked = asked_by(action, body);
    const auto respond = [&](std::string_view content) {
        return soap(200, fmt::format("<u:{0}Response xmlns:u=\"{1}\">{2}</u:{0}Response>", escaped(action),
                                     service_type, content));
    };
    auto& mappings = world.port_mappings;
    if (action == "AddPortMapping" || action == "AddAnyPortMapping") {
        record_mapping(world, flow, asked);
        if (mappings.size() < most_mappings)
            mappings[asked.key()] = fmt::format("{}:{}", asked.client, asked.internal);
        return respond(action == "AddPortMapping"
                           ? ""
                           : fmt::format("<NewReservedPort>{}</NewReservedPort>", escaped(asked.external)));
    }
    if (action == "DeletePortMapping") {
        record_mapping(world, flow, asked);
        return mappings.erase(asked.key()) > 0 ? respond("") : soap_fault(714, "NoSuchEntryInArray");
    }
    if (action == "GetSpecificPortMappingEntry") {
        const auto found = mappings.find(asked.key());
        return found != mappings.end() ? respond(mapping_entry(found->second))
                                       : soap_fault(714, "NoSuchEntryInArray");
    }
    if (action == "GetGenericPortMappingEntry") return soap_fault(713, "SpecifiedArrayIndexInvalid");
    if (action == "GetExternalIPAddress")
        return respond(fmt::format("<NewExternalIPAddress>{}</NewExternalIPAddress>",
                                   public_address(world).to_string()));
    if (action == "GetStatusInfo")
        return respond(
            "<NewConnectionStatus>Connected</NewConnectionStatus><NewLastConnectionError>ERROR_NONE</"
            "NewLastConnectionError><NewUptime>86400</NewUptime>");
    if (action == "GetConnectionTypeInfo")
        return respond(
            "<NewConnectionType>IP_Routed</NewConnectionType><NewPossibleConnectionTypes>IP_Routed</"
            "NewPossibleConnectionTypes>");
    if (action == "GetCommonLinkProperties")
        return respond(
            "<NewWANAccessType>Ethernet</NewWANAccessType><NewLayer1UpstreamMaxBitRate>100000000</"
            "NewLayer1UpstreamMaxBitRate>"
            "<NewLayer1DownstreamMaxBitRate>100000000</"
            "NewLayer1DownstreamMaxBitRate><NewPhysicalLinkStatus>Up</NewPhysicalLinkStatus>");
    return soap_fault(401, "Invalid Action");
}

}  // namespace

std::optional<Bytes> answer_ssdp(World& world, const Flow& flow, ByteView datagram) {
    if (flow.destination.port != 1900) return std::nullopt;
    const auto head = parse_http_head(datagram);
    if (!head || (head->method != "M-SEARCH" && head->method != "NOTIFY")) return std::nullopt;
    const auto wanted = std::string(head->header("ST"));
    static constexpr std::array<std::string_view, 5> ours{
        "ssdp:all", "upnp:rootdevice", "InternetGatewayDevice:", "WANIPConnection:", "WANConnectionDevice:"};
    const bool asked = head->method == "M-SEARCH" && std::any_of(ours.begin(), ours.end(), [&](auto one) {
                           return wanted.find(one) != std::string::npos;
                       });
    const bool answered = asked && world.reachable(flow) && flow.camera.address.is_v4();
    auto fields = flow_fields(world, flow, protocol::ssdp);
    fields.text("method", head->method)
        .text("wanted", wanted)
        .text("user_agent", head->header("User-Agent"))
        .text("server", head->header("Server"));
    fields.text("location", head->header("Location"))
        .text("nt", head->header("NT"))
        .flag("answered", answered);
    world.record("ssdp", fields, datagram);
    if (!answered) return Bytes();
    const auto type =
        wanted == "ssdp:all" ? std::string(device_type) : wanted.substr(0, wanted.find_first_of("\r\n"));
    return to_bytes(
        fmt::format("HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: {0}\r\nUSN: "
                    "{1}::{0}\r\nEXT:\r\nSERVER: Linux UPnP/1.1 Router/1.0\r\n"
                    "LOCATION: http://{2}:{3}{4}\r\n\r\n",
                    type, uuid, world.network.router.to_string(), control_port, description_path));
}

std::optional<WebAnswer> answer_gateway(World& world, const Flow& flow, const HttpHead& head, ByteView body) {
    if (flow.destination.address != world.network.router || flow.destination.port != control_port)
        return std::nullopt;
    if (head.path() == description_path)
        return WebAnswer{{200, {{"Content-Type", "text/xml; charset=\"utf-8\""}}, std::string(description)},
                         "upnp"};
    const auto action = head.header("SOAPAction");
    const auto hash = action.find('#');
    if (hash == std::string_view::npos || (head.path() != control_path && head.path() != "/ctl/CmnIfCfg"))
        return std::nullopt;
    auto name = action.substr(hash + 1);
    name = name.substr(0, name.find('"'));
    return control(world, flow, name, as_text(body));
}

}  // namespace cambench::internet
