#include "bench/internet/services/clouds/mqtt.hpp"
#include "bench/internet/world/characterise.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/mqtt_message.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_control = 65536 + 16, most_retained_given = 256;

/// A broker for one client: takes every login, keeps every publish whole, acknowledges what it must, and
/// hands out the personality's retained messages to whoever subscribes to them.
class MqttDialogue final : public StreamDialogue {
public:
    MqttDialogue(World& world, Flow flow) : world_(world), flow_(std::move(flow)), content_(world.recorder) {}

    void received(ByteView bytes, Output& output) override {
        auto held = std::exchange(pending_, {});
        if (!held.empty()) {
            held.insert(held.end(), bytes.begin(), bytes.end());
            bytes = held;
        }
        while (!over_ && (content_left_ > 0 ? take_content(bytes, output) : take_packet(bytes, output))) {
        }
        if (!over_) pending_.assign(bytes.begin(), bytes.end());
    }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override {
        if (publish_) record_published("cut short");
        if (!pending_.empty() && !over_) malformed("mqtt: cut short", pending_);
    }

private:
    /// Both take from the beginning of `bytes`; false when more must come first.
    bool take_content(ByteView& bytes, Output& output) {
        const auto now = bytes.first(std::min<std::size_t>(bytes.size(), content_left_));
        content_.append(now);
        content_left_ -= static_cast<std::uint32_t>(now.size());
        bytes = bytes.subspan(now.size());
        if (content_left_ > 0) return false;
        take_published(output);
        return true;
    }

    bool take_packet(ByteView& bytes, Output& output) {
        const auto header = mqtt::parse_fixed_header(bytes);
        if (!header) return refuse(header.error().message, bytes, output);
        if (!*header) return false;
        const auto body = bytes.subspan((*header)->size);
        std::size_t taken = 0;
        if ((*header)->type == mqtt::Type::publish) {
            const auto head = mqtt::parse_publish_head(**header, body, level_);
            if (!head) return refuse(head.error().message, bytes, output);
            if (!*head) return false;
            taken = (*head)->size;
            publish_ = **head;
            content_left_ = (*header)->length - static_cast<std::uint32_t>(taken);
            if (content_left_ == 0) take_published(output);
        } else {
            taken = (*header)->length;
            if (taken > longest_control) return refuse("mqtt: packet too long", bytes, output);
            if (body.size() < taken) return false;
            take_control(**header, body.first(taken), output);
        }
        bytes = body.subspan(taken);
        return true;
    }

    void take_control(const mqtt::FixedHeader& header, ByteView body, Output& output) {
        ByteReader reader(body);
        const auto id = reader.u16();
        switch (header.type) {
            case mqtt::Type::connect:
                return take_connect(body, output);
            case mqtt::Type::subscribe:
                return take_subscribe(body, output);
            case mqtt::Type::unsubscribe: {
                const auto parsed = mqtt::parse_subscribe(header.type, body, level_);
                if (!parsed) return (void)refuse(parsed.error().message, body, output);
                record_filters("unsubscribe", *parsed);
                output.bytes += mqtt::unsuback(*parsed, level_);
                return;
            }
            case mqtt::Type::pubrel:
                output.bytes += mqtt::acknowledgement(mqtt::Type::pubcomp, id);
                return;
            case mqtt::Type::pubrec:
                output.bytes += mqtt::acknowledgement(mqtt::Type::pubrel, id);
                return;
            case mqtt::Type::pingreq:
                output.bytes.append("\xd0\0", 2);
                return;
            case mqtt::Type::disconnect:
                record("disconnect");
                over_ = output.close = true;
                return;
            case mqtt::Type::auth:
                record("auth");
                return;
            default:
                return;
        }
    }

    void take_connect(ByteView body, Output& output) {
        const auto connect = mqtt::parse_connect(body);
        if (!connect) return (void)refuse(connect.error().message, body, output);
        level_ = connect->level;
        auto fields = begin_fields("connect");
        fields.number("version", level_)
            .text("client_id", connect->client_id)
            .number("keep_alive", connect->keep_alive)
            .flag("clean", connect->clean);
        if (connect->user) fields.text("user", *connect->user);
        if (connect->password) fields.text("password", *connect->password);
        if (!connect->authentication_method.empty())
            fields.text("authentication_method", connect->authentication_method);
        if (connect->will_topic) fields.text("will_topic", *connect->will_topic);
        Payload will(world_.recorder);
        will.append(connect->will);
        const auto id = will.finish();
        world_.recorder.event(world_.now(), "mqtt", fields, id);
        output.bytes += mqtt::connack(*connect);
    }

    void take_subscribe(ByteView body, Output& output) {
        const auto parsed = mqtt::parse_subscribe(mqtt::Type::subscribe, body, level_);
        if (!parsed) return (void)refuse(parsed.error().message, body, output);
        record_filters("subscribe", *parsed);
        output.bytes += mqtt::suback(*parsed, level_);
        for (const auto& one : parsed->filters)
            for (const auto& message : world_.personality.mqtt_retained)
                if (const auto topic = topic_for(one.filter, message.topic);
                    topic && given_ < most_retained_given)
                    deliver(message, *topic, one.qos, output);
    }

    /// The topic under which a retained message reaches a subscriber; nullopt when it does not. One with '*'
    /// in it goes to whatever filter fits, under a topic that filter takes: so a device can be told something
    /// whose name is in its topics.
    static std::optional<std::string> topic_for(const std::string& filter, const std::string& retained) {
        if (retained.find('*') == std::string::npos)
            return mqtt::topic_matches(filter, retained) ? std::optional(retained) : std::nullopt;
        auto topic = filter;
        for (auto& letter : topic)
            if (letter == '+' || letter == '#') letter = '1';
        return fits(retained, topic) ? std::optional(topic) : std::nullopt;
    }

    void deliver(const MqttMessage& message, const std::string& topic, std::uint8_t wanted, Output& output) {
        const auto qos = std::min<std::uint8_t>(wanted, static_cast<std::uint8_t>(message.qos));
        output.bytes +=
            mqtt::publish(topic, message.content, qos, static_cast<std::uint16_t>(++given_), level_);
        auto fields = begin_fields("deliver");
        fields.text("topic", topic).number("qos", qos);
        Payload content(world_.recorder);
        content.append(as_bytes(message.content));
        const auto id = content.finish();
        world_.recorder.event(world_.now(), "mqtt", fields, id);
    }

    void take_published(Output& output) {
        const auto head = *publish_;
        record_published("");
        if (head.qos == 1) output.bytes += mqtt::acknowledgement(mqtt::Type::puback, head.id);
        if (head.qos == 2) output.bytes += mqtt::acknowledgement(mqtt::Type::pubrec, head.id);
    }

    void record_published(std::string_view trouble) {
        auto fields = begin_fields("publish");
        fields.text("topic", publish_->topic).number("qos", publish_->qos).flag("retain", publish_->retain);
        if (!trouble.empty()) fields.text("malformed", trouble);
        publish_.reset();
        const auto id = content_.finish();
        world_.recorder.event(world_.now(), "mqtt", fields, id);
    }

    void record_filters(std::string_view message, const mqtt::Subscribe& subscribe) {
        std::vector<std::string> filters;
        for (const auto& one : subscribe.filters) filters.push_back(one.filter);
        auto fields = begin_fields(message);
        fields.texts("filters", filters);
        world_.recorder.event(world_.now(), "mqtt", fields);
    }

    JsonText begin_fields(std::string_view message) const {
        auto fields =
            flow_fields(world_, flow_, flow_.inside == protocol::tls ? protocol::mqtts : protocol::mqtt);
        fields.text("message", message);
        return fields;
    }
    void record(std::string_view message) {
        world_.recorder.event(world_.now(), "mqtt", begin_fields(message));
    }

    void malformed(std::string_view why, ByteView bytes) {
        Payload rest(world_.recorder);
        rest.append(bytes);
        auto fields = begin_fields("malformed");
        fields.text("malformed", why).text("first_bytes", hex(bytes, first_bytes_shown));
        const auto id = rest.finish();
        world_.recorder.event(world_.now(), "mqtt", fields, id);
    }
    bool refuse(std::string_view why, ByteView bytes, Output& output) {
        malformed(why, bytes);
        over_ = output.close = true;
        return false;
    }

    World& world_;
    Flow flow_;
    std::uint8_t level_ = 4;
    Bytes pending_;
    Payload content_;
    std::optional<mqtt::PublishHead> publish_;
    std::uint32_t content_left_ = 0;
    std::size_t given_ = 0;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_mqtt_dialogue(World& world, Flow flow) {
    return std::make_unique<MqttDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
