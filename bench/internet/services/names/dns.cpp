#include "bench/internet/services/names/dns.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "bench/internet/services/names/dns_tunnel.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/dns_message.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

using dns::Answer;
using dns::Code;
using dns::Query;
namespace type = dns::type;

/// What is said to one query; the texts go into the event.
struct Reply {
    Code code = Code::noerror;
    bool silent = false;
    bool known = true;  ///< false: the name does not exist or has no record of the type
    std::optional<IpAddress> v4, v6;
    std::vector<std::string> answers;
};

std::string parent(std::string_view name) {
    const auto dot = name.find('.');
    return dot == std::string_view::npos ? std::string(".") : std::string(name.substr(dot + 1));
}

/// "1.2.18.198.in-addr.arpa" -> 198.18.2.1; nullopt when it is no such name.
std::optional<IpAddress> reverse_v4(std::string_view name) {
    const auto parts = split(name.substr(0, name.size() - std::string_view(".in-addr.arpa").size()), '.');
    if (parts.size() != 4) return std::nullopt;
    const auto address = IpAddress::parse(fmt::format("{}.{}.{}.{}", parts[3], parts[2], parts[1], parts[0]));
    return address ? std::optional(*address) : std::nullopt;
}

std::optional<IpAddress> reverse_v6(std::string_view name) {
    const auto parts = split(name.substr(0, name.size() - std::string_view(".ip6.arpa").size()), '.');
    if (parts.size() != 32) return std::nullopt;
    std::array<std::byte, 16> bytes{};
    for (std::size_t i = 0; i < 32; ++i) {
        unsigned digit = 0;
        const auto& part = parts[31 - i];
        const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), digit, 16);
        if (code != std::errc{} || part.size() != 1) return std::nullopt;
        bytes[i / 2] |= static_cast<std::byte>(digit << (i % 2 == 0 ? 4 : 0));
    }
    return IpAddress::v6(bytes);
}

/// The port a service record's name asks for, by its first label.
std::uint16_t service_port(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::uint16_t>, 14> ports{{{"_http", 80},
                                                                                       {"_https", 443},
                                                                                       {"_sip", 5060},
                                                                                       {"_sips", 5061},
                                                                                       {"_mqtt", 1883},
                                                                                       {"_secure-mqtt", 8883},
                                                                                       {"_ntp", 123},
                                                                                       {"_stun", 3478},
                                                                                       {"_turn", 3478},
                                                                                       {"_turns", 5349},
                                                                                       {"_xmpp-client", 5222},
                                                                                       {"_rtsp", 554},
                                                                                       {"_ldap", 389},
                                                                                       {"_imap", 143}}};
    const auto label = name.substr(0, name.find('.'));
    for (const auto& [service, port] : ports)
        if (service == label) return port;
    return 443;
}

bool is_router(const World& world, std::string_view name) {
    const auto& domain = world.network.domain;
    return name == "router" || name == "gateway" ||
           (name.ends_with(domain) && (name == "router." + domain || name == "gateway." + domain));
}

void find_addresses(World& world, const std::string& name, Reply& reply) {
    if (const auto* verdict = world.resolver.find(name); verdict != nullptr && verdict->has_address()) {
        reply.v4 = verdict->v4;
        reply.v6 = verdict->v6;
        if (reply.v4) world.names.bind(*reply.v4, name);
        if (reply.v6) world.names.bind(*reply.v6, name);
    } else if (is_router(world, name)) {
        reply.v4 = world.network.router;
        reply.v6 = world.network.router6;
    } else if (name == "localhost") {
        reply.v4 = IpAddress::v4(0x7f000001);
    } else {
        const auto& own = world.names.own(name);
        reply.v4 = own.v4;
        reply.v6 = own.v6;
    }
}

void answer_pointer(World& world, const std::string& name, Reply& reply, Answer& answer) {
    const bool v4 = name.ends_with(".in-addr.arpa"), v6 = name.ends_with(".ip6.arpa");
    const auto address = v4 ? reverse_v4(name) : v6 ? reverse_v6(name) : std::nullopt;
    std::string target;
    if (address && (*address == world.network.router || *address == world.network.router6))
        target = "router." + world.network.domain;
    else if (const auto* known = address ? world.names.name_of(*address) : nullptr)
        target = *known;
    if (target.empty()) {
        reply.known = false;
        return;
    }
    answer.name(type::ptr, target);
    reply.answers.push_back(target);
}

void answer_addresses(World& world, const Query& query, const std::string& name, Reply& reply,
                      Answer& answer) {
    find_addresses(world, name, reply);
    const auto give = [&](const std::optional<IpAddress>& address, std::uint16_t wanted) {
        if (!address || (query.type != wanted && query.type != type::any)) return;
        answer.address(*address);
        reply.answers.push_back(address->to_string());
    };
    give(reply.v4, type::a);
    give(reply.v6, type::aaaa);
}

struct Service {
    std::string host;
    std::uint16_t port;
};

/// Where the service of a name is: what the scenario says, else the name below its labels with underscores.
Service service_of(const World& world, const std::string& name) {
    if (const auto* verdict = world.resolver.find(name); verdict != nullptr && !verdict->service.empty()) {
        const auto colon = verdict->service.rfind(':');
        unsigned port = 0;
        std::from_chars(verdict->service.data() + colon + 1,
                        verdict->service.data() + verdict->service.size(), port);
        return {canonical_name(verdict->service.substr(0, colon)), static_cast<std::uint16_t>(port)};
    }
    auto target = name;
    while (target.starts_with('_')) target = parent(target);
    return {target, service_port(name)};
}

/// The name offers HTTP/2 and HTTP/1.1 over TLS; HTTP/3 is not offered, as QUIC is refused.
void answer_binding(World& world, const Query& query, const std::string& name, Reply& reply, Answer& answer) {
    const auto service = service_of(world, name);
    const bool elsewhere = service.host != name;
    std::vector<IpAddress> hints;
    if (!elsewhere) {
        find_addresses(world, name, reply);
        if (reply.v4) hints.push_back(*reply.v4);
        if (reply.v6) hints.push_back(*reply.v6);
    }
    const std::vector<std::string> protocols =
        query.type == type::https ? std::vector<std::string>{"h2", "http/1.1"} : std::vector<std::string>{};
    const auto port = elsewhere || service.port != 443 ? service.port : std::uint16_t{0};
    answer.binding(query.type, elsewhere ? service.host : ".", protocols, port, hints);
    reply.answers.push_back(fmt::format("1 {}{}{}", elsewhere ? service.host : ".",
                                        protocols.empty() ? "" : " alpn=h2,http/1.1",
                                        port != 0 ? fmt::format(" port={}", port) : std::string()));
}

void answer_records(World& world, const Query& query, const std::string& name, Reply& reply, Answer& answer) {
    const auto say = [&](std::string text) { reply.answers.push_back(std::move(text)); };
    if (const auto tunnel = answer_tunnel(world, query, name)) {
        give_tunnel_data(query, *tunnel, answer);
        return say(tunnel->what);
    }
    switch (query.type) {
        case type::a:
        case type::aaaa:
        case type::any:
            return answer_addresses(world, query, name, reply, answer);
        case type::ptr:
            return answer_pointer(world, name, reply, answer);
        case type::txt: {
            const auto* verdict = world.resolver.find(name);
            const auto text =
                verdict != nullptr && !verdict->text.empty() ? verdict->text : std::string("v=spf1 -all");
            answer.text(text);
            return say(text);
        }
        case type::srv: {
            const auto service = service_of(world, name);
            answer.service(service.port, service.host);
            return say(fmt::format("0 0 {} {}", service.port, service.host));
        }
        case type::svcb:
        case type::https:
            return answer_binding(world, query, name, reply, answer);
        case type::mx:
            answer.mail_exchange(10, "mail." + name);
            return say("10 mail." + name);
        case type::ns:
            answer.name(type::ns, "ns1." + name);
            return say("ns1." + name);
        default:
            return;
    }
}

/// Codes and silences that do not depend on the records asked for.
Reply first_verdict(World& world, const Flow& flow, const Query& query, const std::string& name) {
    Reply reply;
    reply.silent = !world.resolver_reachable(flow.destination.address);
    if (query.opcode != 0)
        reply.code = Code::notimp;
    else if (query.edns_version != 0)
        reply.code = Code::badvers;
    else if (query.klass != 1 || query.type == type::axfr || query.type == type::ixfr)
        reply.code = Code::refused;
    else if (name.ends_with(".local") || name.ends_with(".invalid"))
        reply.code = Code::nxdomain;
    if (reply.code != Code::noerror) return reply;
    auto* verdict = world.resolver.find(name);
    if (verdict == nullptr) return reply;
    const bool fails = verdict->fails_first > 0;
    if (fails && !reply.silent) --verdict->fails_first;
    switch (fails ? verdict->failure : verdict->answer) {
        case DnsAnswer::address:
            break;
        case DnsAnswer::nxdomain:
            reply.code = Code::nxdomain;
            break;
        case DnsAnswer::servfail:
            reply.code = Code::servfail;
            break;
        case DnsAnswer::refused:
            reply.code = Code::refused;
            break;
        case DnsAnswer::silent:
            reply.silent = true;
            break;
    }
    return reply;
}

void record_query(World& world, const Flow& flow, const Query& query, const Reply& reply, Nanoseconds time) {
    auto fields = flow_fields(world, flow, protocol::dns);
    fields.text("question", query.name)
        .text("type", dns::type_name(query.type))
        .text("resolver", flow.destination.address.to_string());
    if (!reply.silent) fields.text("rcode", to_string(reply.code));
    fields.texts("answers", reply.answers);
    world.recorder.event(time, "dns-query", fields);
}

void record_malformed(World& world, const Flow& flow, ByteView message, const Error& error) {
    auto fields = flow_fields(world, flow, protocol::dns);
    fields.text("malformed", error.message);
    world.record("dns-query", fields, message);
}

}  // namespace

Bytes answer_dns(World& world, const Flow& flow, ByteView message) {
    const auto time = world.now();
    const auto parsed = dns::parse_query(message);
    if (!parsed) {
        record_malformed(world, flow, message, parsed.error());
        return world.resolver_reachable(flow.destination.address) ? dns::complaint(message, Code::formerr)
                                                                  : Bytes();
    }
    const auto& query = *parsed;
    const auto name = canonical_name(query.name);
    auto reply = first_verdict(world, flow, query, name);
    Bytes bytes;
    if (!reply.silent) {
        Answer answer(query, reply.code);
        if (reply.code == Code::noerror) answer_records(world, query, name, reply, answer);
        if (!reply.known) {
            reply.code = Code::nxdomain;
            answer.set_code(reply.code);
        }
        if (reply.answers.empty() && (reply.code == Code::noerror || reply.code == Code::nxdomain))
            answer.authority(parent(name));
        const std::size_t limit = flow.transport == Transport::tcp
                                      ? 65535
                                      : std::max<std::size_t>(512, query.edns_size.value_or(512));
        bytes = answer.finish(limit);
    }
    record_query(world, flow, query, reply, time);
    return bytes;
}

}  // namespace cambench::internet
