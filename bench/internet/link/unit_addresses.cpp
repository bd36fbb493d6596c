#include "bench/internet/link/unit_addresses.hpp"

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint16_t ws_search_port = 3702, sadp_search_port = 37020, caller_port = 53702;
constexpr std::uint8_t solicitation_type = 135, ping_type = 128, source_link_option = 1;
constexpr std::size_t most_stated_addresses = 16;
const MacAddress every_station({std::byte{255}, std::byte{255}, std::byte{255}, std::byte{255},
                                std::byte{255}, std::byte{255}});

/// Addresses that makers give cameras in the factory, for those that say nothing by themselves: Dahua,
/// Hikvision (today's and older ones), Axis, Xiongmai, Uniview, Hanwha.
constexpr std::array<std::string_view, 8> factory_addresses{"192.168.1.108", "192.168.1.64", "192.0.0.64",
                                                            "192.168.0.64",  "192.168.0.90", "192.168.1.10",
                                                            "192.168.1.13",  "192.168.1.100"};

constexpr std::string_view ws_probe =
    R"(<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>uuid:6a2f7c1e-5b1d-4c55-9a35-020000000702</w:MessageID><w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To><w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header><e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>)";
constexpr std::string_view sadp_probe =
    R"(<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>6A2F7C1E-5B1D-4C55-9A35-020000000702</Uuid><Types>inquiry</Types></Probe>)";

Bytes arp_question(const World& world, const IpAddress& wanted, const IpAddress& asker) {
    ByteWriter request;
    request.u16(1).u16(ethertype::ipv4).u8(6).u8(4).u16(1);
    request.bytes(world.network.mac.bytes()).bytes(asker.bytes()).zeros(6).bytes(wanted.bytes());
    return ethernet_frame(every_station, world.network.mac, ethertype::arp, request.view());
}

Bytes icmpv6_frame(const World& world, const IpAddress& group, ByteWriter message) {
    const auto& source = world.network.link_local6;
    message.patch_u16(2, transport_checksum(source, group, ip_protocol::icmpv6, message.view()));
    return ethernet_frame(multicast_mac(group), world.network.mac, ethertype::ipv6,
                          ip_packet(source, group, ip_protocol::icmpv6, message.view(), 255));
}

/// RFC 4291, 2.7.1.
IpAddress solicited_node(const IpAddress& address) {
    std::array<std::byte, 16> bytes{std::byte{0xff}, std::byte{0x02}};
    bytes[11] = std::byte{1};
    bytes[12] = std::byte{0xff};
    std::copy_n(address.bytes().begin() + 13, 3, bytes.begin() + 13);
    return IpAddress::v6(bytes);
}

Bytes neighbour_question(const World& world, const IpAddress& wanted) {
    ByteWriter message;
    message.u8(solicitation_type)
        .u8(0)
        .u16(0)
        .u32(0)
        .bytes(wanted.bytes())
        .u8(source_link_option)
        .u8(1)
        .bytes(world.network.mac.bytes());
    return icmpv6_frame(world, solicited_node(wanted), std::move(message));
}

/// All that may make somebody on the wire speak who would not by himself.
std::vector<Bytes> calls(const World& world) {
    const auto& network = world.network;
    std::vector<Bytes> frames;
    for (const auto text : factory_addresses)
        frames.push_back(arp_question(world, IpAddress::parse(text).value(), IpAddress()));
    const auto call = [&](const IpAddress& from, std::uint16_t from_port, std::string_view group_text,
                          std::uint16_t port, std::string_view words) {
        const auto group = IpAddress::parse(group_text).value();
        for (const auto& packet : udp_packets({from, from_port}, {group, port}, as_bytes(words), network.mtu))
            frames.push_back(ethernet_frame(multicast_mac(group), network.mac,
                                            group.is_v4() ? ethertype::ipv4 : ethertype::ipv6, packet));
    };
    call(network.operator_address, caller_port, "239.255.255.250", ws_search_port, ws_probe);
    call(network.operator_address, sadp_search_port, "239.255.255.250", sadp_search_port, sadp_probe);
    call(network.link_local6, caller_port, "ff02::c", ws_search_port, ws_probe);
    ByteWriter ping;
    ping.u8(ping_type).u8(0).u16(0).u16(77).u16(1);
    frames.push_back(icmpv6_frame(world, IpAddress::parse("ff02::1").value(), std::move(ping)));
    return frames;
}

/// "http://192.168.1.108:8000/onvif/device_service" -> its address
std::optional<IpAddress> host_address_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::nullopt;
    url.remove_prefix(scheme + 3);
    auto host = url.substr(0, url.find('/'));
    if (host.starts_with('['))
        host = host.substr(1, host.find_first_of("]%", 1) - 1);
    else
        host = host.substr(0, host.find(':'));
    const auto address = IpAddress::parse(host);
    return address ? std::optional(*address) : std::nullopt;
}

/// Calls `take` with the text of every element of that local name.
template <typename Take>
void each_element_text(std::string_view xml, std::string_view name, Take take) {
    for (auto at = xml.find(name); at != std::string_view::npos; at = xml.find(name, at + 1)) {
        const auto behind = at + name.size();
        const bool opens = at > 0 && (xml[at - 1] == '<' || xml[at - 1] == ':') && behind < xml.size() &&
                           (xml[behind] == '>' || xml[behind] == ' ');
        const auto end = opens ? xml.find('>', behind) : std::string_view::npos;
        const auto close = end == std::string_view::npos ? end : xml.find('<', end);
        if (close != std::string_view::npos) take(trim(xml.substr(end + 1, close - end - 1)));
    }
}

}  // namespace

std::vector<IpAddress> stated_addresses(std::string_view announcement) {
    std::vector<IpAddress> stated;
    const auto add = [&](const IpAddress& address) {
        const bool own = !address.is_unspecified() && !address.is_multicast() && !address.is_loopback() &&
                         !address.is_broadcast();
        if (own && stated.size() < most_stated_addresses &&
            std::find(stated.begin(), stated.end(), address) == stated.end())
            stated.push_back(address);
    };
    each_element_text(announcement, "XAddrs", [&](std::string_view text) {
        for (const auto& url : split(text, ' '))
            if (const auto address = host_address_of(url)) add(*address);
    });
    for (const auto* name : {"IPv4Address", "IPv6Address"})
        each_element_text(announcement, name, [&](std::string_view text) {
            if (const auto address = IpAddress::parse(text)) add(*address);
        });
    return stated;
}

std::optional<Status> UnitAddressBook::obey(const Json& command) {
    if (!command.is_object()) return std::nullopt;
    const auto what = command.value("command", Json());
    if (what != "own-network" && what != "ask-address" && what != "call-units") return std::nullopt;
    try {
        return obey_known(what.get<std::string>(), command);
    } catch (const Json::exception& exception) {
        return Status(usage_error(std::string("command: ") + exception.what()));
    }
}

Status UnitAddressBook::obey_known(const std::string& what, const Json& command) {
    if (what == "call-units") {
        calls_ = true;
    } else if (what == "own-network") {
        TRY_ASSIGN(const auto address, IpAddress::parse(command.at("operator").get<std::string>()));
        if (operators_.size() < most_addresses) operators_.insert(address);
    } else {
        Question question;
        TRY_ASSIGN(question.address, IpAddress::parse(command.at("address").get<std::string>()));
        if (command.contains("as")) {
            TRY_ASSIGN(question.as, IpAddress::parse(command.at("as").get<std::string>()));
        }
        question.quiet = command.value("quiet", false);
        questions_.push_back(question);
    }
    return {};
}

bool UnitAddressBook::is_bench(const IpAddress& address) const {
    const auto& network = world_.network;
    const std::array fixed{network.router, network.operator_address, network.router6,
                           network.operator_address6, network.link_local6};
    return operators_.contains(address) || std::find(fixed.begin(), fixed.end(), address) != fixed.end();
}

bool UnitAddressBook::is_news(const IpAddress& address, const MacAddress& mac) {
    return told_.size() < 2 * most_addresses && told_.insert({address, mac}).second;
}

void UnitAddressBook::tell(std::string_view kind, const IpAddress& address, const MacAddress& mac,
                           std::string_view by) {
    JsonText fields;
    fields.text("address", address.to_string()).text("mac", mac.to_string()).text("by", by);
    world_.recorder.event(world_.now(), kind, fields);
}

void UnitAddressBook::learn(const IpAddress& own, const MacAddress& mac, std::string_view by) {
    if (own.is_unspecified() || own.is_multicast() || own.is_broadcast() || own.is_loopback()) return;
    const bool news = is_news(own, mac);
    if (is_bench(own)) {
        if (news) tell("address-conflict", own, mac, by);
        return;
    }
    if (own_.size() < most_addresses) own_.insert(own);
    if (awaited_.erase(own) > 0)
        tell("unit-address", own, mac, "answer");
    else if (news)
        tell("unit-address", own, mac, by);
}

void UnitAddressBook::hint(const IpAddress& stated, const MacAddress& mac, std::string_view by) {
    if (!is_bench(stated) && is_news(stated, mac)) tell("unit-address", stated, mac, by);
}

Bytes UnitAddressBook::frame_of(const Question& asked) const {
    return asked.address.is_v4() ? arp_question(world_, asked.address, asked.as.value_or(IpAddress()))
                                 : neighbour_question(world_, asked.address);
}

std::vector<Bytes> UnitAddressBook::take_questions() {
    std::vector<Bytes> frames;
    for (const auto& asked : std::exchange(questions_, {})) {
        if (is_bench(asked.address) || awaited_.size() >= most_addresses) continue;
        if (!asked.quiet) awaited_.insert(asked.address);
        frames.push_back(frame_of(asked));
    }
    if (std::exchange(calls_, false))
        for (auto& frame : calls(world_)) frames.push_back(std::move(frame));
    return frames;
}

}  // namespace cambench::internet
