#include "bench/internet/world/world.hpp"

#include <fmt/format.h>

namespace cambench::internet {
namespace {

WallTime real_time() { return std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now()); }

Status set_reachability(World& world, const Json& command) {
    const bool block = command.at("command") == "block";
    if (command.contains("address")) {
        TRY_ASSIGN(const auto address, IpAddress::parse(command.at("address").get<std::string>()));
        if (block)
            world.blocked_addresses.insert(address);
        else
            world.blocked_addresses.erase(address);
    }
    if (command.contains("name")) {
        const auto name = canonical_name(command.at("name").get<std::string>());
        if (block)
            world.blocked_names.insert(name);
        else
            world.blocked_names.erase(name);
    }
    return {};
}

Status take_offer(World& world, const Json& command) {
    std::vector<HttpRoute> routes;
    for (const auto& entry : command.at("routes")) {
        TRY_ASSIGN(auto route, http_route_from_json(entry));
        routes.push_back(std::move(route));
    }
    world.web.offer(command.at("number").get<std::uint64_t>(), std::move(routes));
    return {};
}

Status obey_known(World& world, const std::string& what, const Json& command) {
    if (what == "set-clock") {
        TRY_ASSIGN(const auto time, parse_timestamp(command.at("time").get<std::string>()));
        world.clock.set(time);
    } else if (what == "advance-clock") {
        world.clock.advance(Nanoseconds(command.at("by_ns").get<std::int64_t>()));
    } else if (what == "internet") {
        TRY_ASSIGN(world.answers, parse_answers(command.at("answers").get<std::string>()));
    } else if (what == "block" || what == "unblock") {
        return set_reachability(world, command);
    } else if (what == "dns") {
        TRY_ASSIGN(const auto rule, dns_rule_from_json(command));
        world.resolver.add(rule);
    } else if (what == "http-route") {
        TRY_ASSIGN(auto route, http_route_from_json(command));
        world.web.add(std::move(route));
    } else if (what == "offer") {
        return take_offer(world, command);
    } else if (what == "move-leases") {
        ++world.lease_moves;
    } else if (what == "conditions") {
        TRY_ASSIGN(world.conditions, conditions_from_json(command));
    } else {
        return usage_error(fmt::format("'{}' is not a command of the fake internet", what));
    }
    return {};
}

}  // namespace

World::World(const Network& the_network, const Personality& the_personality, const RunClock& the_run_clock,
             Recorder& the_recorder)
    : network(the_network),
      run_clock(the_run_clock),
      recorder(the_recorder),
      clock(the_personality.clock.value_or(real_time())),
      answers(the_personality.answers),
      names(network.name_pool, network.name_pool6),
      personality(the_personality),
      conditions(the_personality.conditions) {
    for (const auto& rule : personality.dns) resolver.add(rule);
    for (const auto& route : personality.http_routes) web.add(route);
    for (const auto& server : personality.dialogues) dialogues.add(server);
}

std::optional<Endpoint> World::expect(const IpAddress& address, Expected make) {
    constexpr std::size_t most_expected = 4096;
    constexpr unsigned first_port = 49152, ports = 16000;
    if (expected.size() >= most_expected) return std::nullopt;
    for (;;) {
        const Endpoint endpoint{address, static_cast<std::uint16_t>(first_port + expected_ports_++ % ports)};
        if (expected.try_emplace(endpoint, std::move(make)).second) return endpoint;
    }
}

bool World::blocked(const IpAddress& destination) const {
    if (blocked_addresses.empty() && blocked_names.empty()) return false;
    if (blocked_addresses.contains(destination)) return true;
    const auto* name = names.name_of(destination);
    return name != nullptr && blocked_names.contains(*name);
}

bool World::reachable(const IpAddress& destination) const {
    return answers == Answers::all && !blocked(destination);
}

bool World::resolver_reachable(const IpAddress& destination) const {
    return answers != Answers::none && !blocked(destination);
}

bool World::may_be_refused(const Flow& flow) const {
    const auto& server = flow.destination.address;
    return server != network.router && server != network.router6;
}

bool World::refuses_first_packet(const Flow& flow) {
    const auto& server = flow.destination.address;
    if (flow.destination.port == 53 || !may_be_refused(flow) || !reachable(server)) return false;
    if (personality.servers_dead) return true;
    auto& refused = refused_connections_[server.is_v4() ? 0 : 1];
    if (refused.contains(server)) return true;
    if (refused.size() >= personality.refuse_first) return false;
    refused.insert(server);
    return true;
}

bool World::refuses(const Flow& flow) {
    const bool datagram = flow.transport == Transport::udp;
    if (datagram && personality.servers_dead) return true;
    const auto since = now();
    for (const auto& outage : personality.outages) {
        if (since < outage.after) continue;
        const auto into =
            outage.every > Nanoseconds::zero() ? (since - outage.after) % outage.every : since - outage.after;
        if (into < outage.length) return true;
    }
    if (!datagram || personality.refuse_first == 0 || !may_be_refused(flow)) return false;
    const auto* name = names.name_of(flow.destination.address);
    const auto server = name != nullptr ? *name : flow.destination.address.to_string();
    if (refused_.contains(server)) return true;
    if (refused_.size() >= personality.refuse_first) return false;
    refused_.insert(server);
    return true;
}

void World::record(std::string_view kind, const JsonText& fields, ByteView content) {
    Payload payload(recorder);
    payload.append(content);
    const auto id = payload.finish();
    recorder.event(now(), kind, fields, id);
}

Nanoseconds World::latency() {
    if (conditions.jitter <= Nanoseconds::zero()) return conditions.latency;
    return conditions.latency +
           Nanoseconds(std::uniform_int_distribution<std::int64_t>(0, conditions.jitter.count())(random_));
}

Nanoseconds World::repetitions(std::size_t bytes) {
    constexpr std::size_t segment = 1448, most_segments = 64;
    constexpr Milliseconds first_repetition{
        200};  // Linux's shortest wait; it doubles while the repetition is lost, too
    if (conditions.loss <= 0 || bytes == 0) return {};
    Nanoseconds waited{};
    for (std::size_t i = 0; i < std::min(most_segments, (bytes + segment - 1) / segment); ++i) {
        Nanoseconds wait = first_repetition;
        for (unsigned tries = 0; tries < 6 && chance(conditions.loss); ++tries, wait *= 2) waited += wait;
    }
    return waited;
}

void World::begin_delivery(std::uint64_t connection, std::uint64_t size, ByteRange part) {
    const auto offer = web.offer_number();
    if (part == ByteRange{0, size}) delivered.erase(offer);  // from the beginning
    // Who asks for the next part on the same connection has got the one before, unless that one still waits
    // for its windows.
    if (const auto before = deliveries.find(connection);
        before != deliveries.end() && before->second.held == 0)
        delivered[before->second.offer].add(before->second.part);
    deliveries[connection] = {.offer = offer, .size = size, .part = part, .before = {}};
}

Endpoint World::seen_from_outside(const Endpoint& camera) const {
    const auto& address = personality.public_address;
    return address && address->family() == camera.address.family() ? Endpoint{*address, camera.port} : camera;
}

Flow within(Flow flow, std::string_view layer) {
    flow.layers += (flow.layers.empty() ? "" : "/") + std::string(layer);
    return flow;
}

JsonText flow_fields(const World& world, const Flow& flow, std::string_view protocol) {
    JsonText fields;
    fields.text("camera", flow.camera.to_string()).text("destination", flow.destination.to_string());
    if (const auto* name = world.names.name_of(flow.destination.address))
        fields.text("name", *name);
    else
        fields.null("name");
    fields.text("transport", to_string(flow.transport));
    if (flow.connection != 0) fields.number("connection", static_cast<std::int64_t>(flow.connection));
    fields.text("protocol", protocol);
    if (!flow.inside.empty()) fields.text("inside", flow.inside);
    if (!flow.layers.empty() && flow.layers != flow.inside) fields.text("layers", flow.layers);
    if (!flow.toward.empty()) fields.text("toward", flow.toward);
    return fields;
}

Status obey(World& world, const Json& command) {
    try {
        return obey_known(world, command.at("command").get<std::string>(), command);
    } catch (const Json::exception& exception) {
        return usage_error(fmt::format("command {}: {}", command.dump(), exception.what()));
    }
}

}  // namespace cambench::internet
