#include <fmt/format.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>

#include "harness/declaration/mud.hpp"

namespace cambench::mud {
namespace {

using Json = nlohmann::ordered_json;

constexpr int cache_hours = 48;

enum class Family { v4, v6 };

const char* family_name(Family family) { return family == Family::v4 ? "ipv4" : "ipv6"; }

int protocol_number(Transport transport, Family family) {
    if (transport == Transport::tcp) return IPPROTO_TCP;
    if (transport == Transport::udp) return IPPROTO_UDP;
    return family == Family::v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
}

class Writer {
public:
    explicit Writer(const Declaration& declaration) : declaration_(declaration) {}

    Exported write(const std::string& url, WallTime updated) {
        for (const auto family : {Family::v4, Family::v6}) write_family(family);
        tell_limits();
        Json mud{{"mud-version", 1},
                 {"mud-url", url},
                 {"last-update",
                  format_timestamp(std::chrono::floor<std::chrono::seconds>(updated)).substr(0, 19) + "Z"},
                 {"cache-validity", cache_hours},
                 {"is-supported", true},
                 {"systeminfo", (declaration_.vendor + " " + declaration_.model).substr(0, 60)},
                 {"mfg-name", declaration_.vendor},
                 {"model-name", declaration_.model}};
        if (!declaration_.identity.firmware.empty()) mud["firmware-rev"] = declaration_.identity.firmware;
        mud["from-device-policy"] = {{"access-lists", {{"access-list", from_}}}};
        mud["to-device-policy"] = {{"access-lists", {{"access-list", to_}}}};
        const Json document{{"ietf-mud:mud", mud}, {"ietf-access-control-list:acls", {{"acl", acls_}}}};
        return {document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n", std::move(left_out_)};
    }

private:
    void write_family(Family family) {
        Json from = Json::array(), to = Json::array();
        if (declaration_.resolver == Declaration::ResolverSource::dhcp)
            from.push_back(controller_entry("dns", family, 53));
        for (const auto& destination : declaration_.destinations) {
            if (!speaks(destination, family)) continue;
            for (const auto& entry : with_transport(destination)) {
                from.push_back(
                    destination_entry(entry, family, "destination-port", "dst-dnsname", "destination"));
                to.push_back(destination_entry(entry, family, "source-port", "src-dnsname", "source"));
            }
        }
        for (const auto& service : declaration_.services) to.push_back(service_entry(service, family));
        add_list(fmt::format("from-{}", family_name(family)), family, std::move(from), from_);
        add_list(fmt::format("to-{}", family_name(family)), family, std::move(to), to_);
    }

    static bool speaks(const DeclaredDestination& entry, Family family) {
        if (entry.name) return !entry.name->starts_with("*.");
        return entry.network && entry.network->base().is_v4() == (family == Family::v4);
    }

    /// A port belongs to a transport in MUD: one without stands for both.
    static std::vector<DeclaredDestination> with_transport(const DeclaredDestination& entry) {
        if (!entry.port || entry.transport) return {entry};
        std::vector<DeclaredDestination> both(2, entry);
        both[0].transport = Transport::tcp;
        both[1].transport = Transport::udp;
        return both;
    }

    void add_list(const std::string& name, Family family, Json entries, Json& policy) {
        if (entries.empty()) return;
        policy.push_back({{"name", name}});
        acls_.push_back({{"name", name},
                         {"type", fmt::format("{}-acl-type", family_name(family))},
                         {"aces", {{"ace", std::move(entries)}}}});
    }

    std::string next_name(const std::string& what) { return fmt::format("{} ({})", what, ++entries_); }

    Json accept(const std::string& what, Json matches) {
        return {{"name", next_name(what)},
                {"matches", std::move(matches)},
                {"actions", {{"forwarding", "accept"}}}};
    }

    Json controller_entry(const std::string& role, Family family, std::uint16_t port) {
        return accept(role, {{"ietf-mud:mud", {{"controller", "urn:ietf:params:mud:" + role}}},
                             {family_name(family), {{"protocol", IPPROTO_UDP}}},
                             {"udp", {{"destination-port", {{"operator", "eq"}, {"port", port}}}}}});
    }

    Json destination_entry(const DeclaredDestination& entry, Family family, const char* port_member,
                           const char* name_member, const char* side) {
        Json layer = Json::object();
        if (entry.transport) layer["protocol"] = protocol_number(*entry.transport, family);
        if (entry.name)
            layer[std::string("ietf-acldns:") + name_member] = *entry.name;
        else
            layer[fmt::format("{}-{}-network", side, family_name(family))] = entry.network->to_string();
        Json matches{{family_name(family), std::move(layer)}};
        if (entry.transport == Transport::tcp || entry.transport == Transport::udp) {
            Json transport = Json::object();
            if (*entry.transport == Transport::tcp) transport["ietf-mud:direction-initiated"] = "from-device";
            if (entry.port) transport[port_member] = {{"operator", "eq"}, {"port", *entry.port}};
            if (!transport.empty()) matches[std::string(to_string(*entry.transport))] = std::move(transport);
        }
        return accept(entry.purpose, std::move(matches));
    }

    Json service_entry(const DeclaredService& service, Family family) {
        return accept(service.protocol,
                      {{"ietf-mud:mud", {{"local-networks", Json::array({nullptr})}}},
                       {family_name(family), {{"protocol", protocol_number(service.transport, family)}}},
                       {std::string(to_string(service.transport)),
                        {{"destination-port", {{"operator", "eq"}, {"port", service.port}}}}}});
    }

    void tell_limits() {
        for (const auto& entry : declaration_.destinations) {
            if (entry.name && entry.name->starts_with("*."))
                left_out_.push_back(fmt::format("{}: MUD has no wildcard names", *entry.name));
            else if (entry.every || entry.volume)
                left_out_.push_back(fmt::format("{}: MUD has no periods and volumes",
                                                entry.name ? *entry.name : entry.network->to_string()));
        }
        if (!declaration_.resolvers.empty() || declaration_.resolver == Declaration::ResolverSource::any)
            left_out_.push_back("own resolvers: declare them as destinations");
        const auto& identity = declaration_.identity;
        if (!identity.soc.empty() || !identity.hostname.empty() || !identity.mac_prefixes.empty() ||
            !identity.boot_lines.empty())
            left_out_.push_back("identity: MUD knows vendor, model and firmware only");
        if (declaration_.console || !declaration_.secure_boot_markers.empty() ||
            !declaration_.abilities.empty())
            left_out_.push_back("console, secure boot, updates and abilities");
    }

    const Declaration& declaration_;
    Json acls_ = Json::array(), from_ = Json::array(), to_ = Json::array();
    std::vector<std::string> left_out_;
    unsigned entries_ = 0;
};

}  // namespace

Exported write(const Declaration& declaration, const std::string& url, WallTime updated) {
    return Writer(declaration).write(url, updated);
}

}  // namespace cambench::mud
