#include "bench/internet/services/clouds/turn.hpp"

#include <algorithm>
#include <array>

#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::string_view turn_realm = "turn", turn_nonce = "5f1d3c2b9a";
constexpr std::uint32_t usual_lifetime = 600, connection_number = 1;
constexpr std::uint16_t relay_port = 49160;
constexpr std::size_t most_turn_clients = 256, most_turn_channels = 64, longest_turn_frame = 70'000;
constexpr std::uint64_t relays_told_singly = 8;
constexpr std::chrono::seconds turn_idle{60};

/// What devices and their makers put in where a password is asked for. The name itself is tried, too.
constexpr std::array<std::string_view, 16> usual_passwords{
    "",       "password", "admin", "123456",  "12345678", "1234", "test",         "turn",
    "webrtc", "secret",   "guest", "default", "pass",     "user", "turnpassword", "0000"};

std::string_view turn_method_name(std::uint16_t method) {
    switch (method) {
        case TurnMethod::binding:
            return "binding";
        case TurnMethod::allocate:
            return "allocate";
        case TurnMethod::refresh:
            return "refresh";
        case TurnMethod::send:
            return "send";
        case TurnMethod::create_permission:
            return "create-permission";
        case TurnMethod::channel_bind:
            return "channel-bind";
        case TurnMethod::connect:
            return "connect";
        case TurnMethod::connection_bind:
            return "connection-bind";
        default:
            return "other";
    }
}

IpAddress relay_address(const World& world, const Flow& flow, unsigned family) {
    if (family == 2 && flow.destination.address.is_v4()) return world.network.router6;
    if (family == 1 && !flow.destination.address.is_v4())
        return IpAddress::parse("198.51.100.1").value_or(world.network.router);
    return flow.destination.address;
}

}  // namespace

Turn::Client& Turn::client_of(World& world, const Flow& flow) {
    const Key key{flow.camera, flow.destination};
    auto found = clients_.find(key);
    if (found == clients_.end()) {
        if (clients_.size() >= most_turn_clients) finish(world, Which::all);
        found = clients_.try_emplace(key, world.recorder).first;
        found->second.flow = flow;
    }
    found->second.last = world.now();
    return found->second;
}

void Turn::learn_password(Client& client, ByteView bytes, const TurnMessage& message) {
    if (message.integrity.empty() || (!client.key.empty() && is_signed_with(bytes, message, client.key)))
        return;
    client.key.clear();
    const auto attempt = [&](std::string_view password) {
        auto key = turn_key(message.user, message.realm, password);
        if (!is_signed_with(bytes, message, key)) return false;
        client.key = std::move(key);
        client.password = password;
        return true;
    };
    if (!attempt(message.user)) (void)std::any_of(usual_passwords.begin(), usual_passwords.end(), attempt);
}

Bytes Turn::answer(World& world, Client& client, const TurnMessage& message) {
    constexpr unsigned success = 2, failure = 3, unauthorized = 401;
    if (message.user.empty() && message.method != TurnMethod::binding) {
        // Who is asked for a name and a password tells at least the name.
        TurnWriter refusal(message.method, failure, message.transaction);
        return refusal.error(unauthorized, "Unauthorized")
            .text(TurnAttribute::realm, turn_realm)
            .text(TurnAttribute::nonce, turn_nonce)
            .take({}, message.fingerprint);
    }
    TurnWriter reply(message.method, success, message.transaction);
    const auto outside = world.seen_from_outside(client.flow.camera);
    if (message.method == TurnMethod::allocate) {
        client.allocated = true;
        reply
            .endpoint(TurnAttribute::relayed, {relay_address(world, client.flow, message.family), relay_port})
            .endpoint(TurnAttribute::mapped, outside);
    }
    if (message.method == TurnMethod::binding) reply.endpoint(TurnAttribute::mapped, outside);
    if (message.method == TurnMethod::allocate || message.method == TurnMethod::refresh)
        reply.number(TurnAttribute::lifetime, message.lifetime.value_or(usual_lifetime));
    if (message.method == TurnMethod::connect) reply.number(TurnAttribute::connection, connection_number);
    return reply.take(message.integrity.empty() ? ByteView() : ByteView(client.key), message.fingerprint);
}

void Turn::record(World& world, const Client& client, const TurnMessage& message, bool answered) {
    auto fields = flow_fields(world, client.flow, protocol::turn);
    fields.text("method", turn_method_name(message.method))
        .text("user", message.user)
        .text("realm", message.realm)
        .text("software", message.software);
    fields.text("peer", message.peers.empty() ? std::string() : message.peers.front().to_string());
    if (message.peers.size() > 1) {
        std::vector<std::string> peers;
        for (const auto& peer : message.peers) peers.push_back(peer.to_string());
        fields.texts("peers", peers);
    }
    if (message.channel) fields.number("channel", *message.channel);
    if (!message.integrity.empty()) {
        fields.flag("password_known", !client.key.empty());
        if (!client.key.empty()) fields.text("password", client.password);
    }
    fields.flag("answered", answered);
    world.recorder.event(world.now(), "stun", fields);
}

/// The first pieces are told one by one, with what they hold; the others are joined.
void Turn::relay(World& world, Client& client, const Endpoint& peer, std::string_view method, ByteView data) {
    if (++client.relayed > relays_told_singly) {
        if (client.further.size() > 0 && client.peer != peer) record_further(world, client);
        client.peer = peer;
        return client.further.append(data);
    }
    auto fields = flow_fields(world, client.flow, protocol::turn);
    fields.text("method", method).text("peer", peer.to_string()).flag("answered", false);
    world.record("stun", fields, data);
}

void Turn::record_further(World& world, Client& client) {
    if (client.further.size() == 0) return;
    auto fields = flow_fields(world, client.flow, protocol::turn);
    fields.text("method", "relay").text("peer", client.peer.to_string()).flag("answered", false);
    const auto id = client.further.finish();
    world.recorder.event(world.now(), "stun", fields, id);
}

std::optional<Bytes> Turn::received(World& world, const Flow& flow, ByteView bytes) {
    ByteReader head(bytes);
    if (const auto number = head.u16(); number >> 14 == 1) {
        const auto data = head.take(head.u16());
        const auto found = clients_.find({flow.camera, flow.destination});
        if (head.failed() || found == clients_.end()) return std::nullopt;
        const auto channel = found->second.channels.find(number);
        if (channel == found->second.channels.end()) return std::nullopt;
        found->second.last = world.now();
        relay(world, found->second, channel->second, "channel-data", data);
        return Bytes();
    }
    const auto message = parse_turn(bytes);
    const bool stream = flow.transport == Transport::tcp;
    if (!message || message->kind > 1 || (message->method == TurnMethod::binding && !stream))
        return std::nullopt;
    auto& client = client_of(world, flow);
    if (message->kind == 1) {
        if (message->method == TurnMethod::send && !message->peers.empty())
            relay(world, client, message->peers.front(), "send", message->data);
        else
            record(world, client, *message, false);
        return Bytes();
    }
    learn_password(client, bytes, *message);
    const bool answered = world.reachable(flow);
    if (message->method == TurnMethod::channel_bind && message->channel && !message->peers.empty() &&
        client.channels.size() < most_turn_channels)
        client.channels.insert_or_assign(*message->channel, message->peers.front());
    record(world, client, *message, answered);
    return answered ? answer(world, client, *message) : Bytes();
}

void Turn::finish(World& world, Which which) {
    for (auto place = clients_.begin(); place != clients_.end();) {
        auto& client = place->second;
        const bool idle = world.now() - client.last > turn_idle;
        if (which == Which::all || idle) record_further(world, client);
        const bool over = which == Which::all || (idle && !client.allocated) ||
                          world.now() - client.last > std::chrono::seconds(usual_lifetime);
        place = over ? clients_.erase(place) : std::next(place);
    }
}

namespace {

/// The same over a stream, where nothing parts the messages but their lengths.
class TurnDialogue final : public StreamDialogue {
public:
    TurnDialogue(World& world, Flow flow) : world_(world), flow_(std::move(flow)) {}

    void received(ByteView bytes, Output& output) override {
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
        std::size_t done = 0;
        while (!output.close) {
            const auto rest = ByteView(pending_).subspan(done);
            const auto frame = next_turn_frame(rest);
            if (!frame || rest.size() > longest_turn_frame + (1U << 16)) return give_up(rest, output);
            if (frame->size == 0) break;
            const auto answer = turn_.received(world_, flow_, rest.first(frame->size));
            if (!answer) return give_up(rest, output);
            output.bytes += as_text(*answer);
            done += frame->padded;
        }
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
    }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override { turn_.finish(world_, Turn::Which::all); }

private:
    void give_up(ByteView rest, Output& output) {
        auto fields = flow_fields(world_, flow_, protocol::turn);
        fields.text("malformed", "turn: neither a message nor data of a channel");
        world_.record("stun", fields, rest);
        pending_.clear();
        output.close = true;
    }

    World& world_;
    Flow flow_;
    Turn turn_;
    Bytes pending_;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_turn_dialogue(World& world, Flow flow) {
    return std::make_unique<TurnDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
