#include "harness/wire/mqtt_message.hpp"

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet::mqtt {
namespace {

constexpr std::size_t longest_length = 4;  ///< bytes of a variable length

/// A variable byte integer: nullopt when it does not end within the bytes.
std::optional<std::uint32_t> variable(ByteReader& reader) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < longest_length && !reader.empty(); ++i) {
        const auto byte = reader.u8();
        value |= static_cast<std::uint32_t>(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
}

std::string text(ByteReader& reader) { return std::string(as_text(reader.take(reader.u16()))); }

/// What lies behind a property's identifier; false for an unknown one.
bool skip_property(ByteReader& reader, unsigned identifier) {
    switch (identifier) {
        case 0x01:
        case 0x17:
        case 0x19:
        case 0x24:
        case 0x25:
        case 0x28:
        case 0x29:
        case 0x2a:
            reader.skip(1);
            return true;
        case 0x13:
        case 0x21:
        case 0x22:
        case 0x23:
            reader.skip(2);
            return true;
        case 0x02:
        case 0x11:
        case 0x18:
        case 0x27:
            reader.skip(4);
            return true;
        case 0x0b:
            return variable(reader).has_value();
        case 0x03:
        case 0x08:
        case 0x09:
        case 0x12:
        case 0x15:
        case 0x16:
        case 0x1a:
        case 0x1c:
        case 0x1f:
            reader.skip(reader.u16());
            return true;
        case 0x26:
            reader.skip(reader.u16());
            reader.skip(reader.u16());
            return true;
        default:
            return false;
    }
}

constexpr unsigned authentication_method = 0x15, assigned_client_identifier = 0x12;

/// The properties; `method` takes the authentication method. False when they are malformed.
bool read_properties(ByteReader& reader, std::string* method = nullptr) {
    const auto length = variable(reader);
    if (!length) return false;
    ByteReader properties(reader.take(*length));
    while (!reader.failed() && !properties.empty()) {
        const auto identifier = properties.u8();
        if (identifier == authentication_method && method != nullptr)
            *method = text(properties);
        else if (!skip_property(properties, identifier))
            return false;
    }
    return !reader.failed() && !properties.failed();
}

std::string packet(Type type, std::uint8_t flags, std::string_view body) {
    std::string bytes{static_cast<char>(static_cast<unsigned>(type) << 4 | flags)};
    auto length = body.size();
    do {
        const auto byte = static_cast<unsigned>(length & 0x7f);
        length >>= 7;
        bytes += static_cast<char>(byte | (length > 0 ? 0x80U : 0U));
    } while (length > 0);
    return bytes.append(body);
}

std::string number(std::uint16_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

}  // namespace

std::string_view to_string(Type type) {
    static constexpr std::array<std::string_view, 15> names{
        "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP", "SUBSCRIBE",
        "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};
    const auto index = static_cast<std::size_t>(type) - 1;
    return index < names.size() ? names[index] : "?";
}

Result<std::optional<FixedHeader>> parse_fixed_header(ByteView bytes) {
    if (bytes.empty()) return std::optional<FixedHeader>();
    ByteReader reader(bytes);
    const auto first = reader.u8();
    if (first >> 4 == 0) return dut_error("mqtt: packet of the reserved type");
    const auto length = variable(reader);
    if (!length) {
        if (bytes.size() > longest_length) return dut_error("mqtt: malformed length");
        return std::optional<FixedHeader>();
    }
    return std::optional(FixedHeader{static_cast<Type>(first >> 4), static_cast<std::uint8_t>(first & 0x0f),
                                     *length, reader.position()});
}

Result<Connect> parse_connect(ByteView body) {
    constexpr unsigned clean_flag = 0x02, will_flag = 0x04, password_flag = 0x40, user_flag = 0x80;
    ByteReader reader(body);
    Connect connect;
    const auto protocol = text(reader);
    connect.level = reader.u8() & 0x7f;  // the highest bit marks a bridge
    const unsigned flags = reader.u8();
    connect.keep_alive = reader.u16();
    if (protocol != "MQTT" && protocol != "MQIsdp") return dut_error("mqtt: CONNECT of another protocol");
    connect.clean = (flags & clean_flag) != 0;
    if (connect.level == version_5 && !read_properties(reader, &connect.authentication_method))
        return dut_error("mqtt: malformed properties in CONNECT");
    connect.client_id = text(reader);
    if ((flags & will_flag) != 0) {
        if (connect.level == version_5 && !read_properties(reader))
            return dut_error("mqtt: malformed properties of a will");
        connect.will_topic = text(reader);
        const auto will = reader.take(reader.u16());
        connect.will.assign(will.begin(), will.end());
    }
    if ((flags & user_flag) != 0) connect.user = text(reader);
    if ((flags & password_flag) != 0) connect.password = text(reader);
    if (reader.failed()) return dut_error("mqtt: CONNECT ends too early");
    return connect;
}

Result<std::optional<PublishHead>> parse_publish_head(const FixedHeader& header, ByteView begun,
                                                      std::uint8_t level) {
    PublishHead head;
    head.qos = header.flags >> 1 & 3;
    head.retain = (header.flags & 1) != 0;
    if (head.qos == 3) return dut_error("mqtt: PUBLISH with QoS 3");
    ByteReader reader(begun.first(std::min<std::size_t>(begun.size(), header.length)));
    head.topic = text(reader);
    if (head.qos > 0) head.id = reader.u16();
    const bool whole = begun.size() >= header.length;
    if (level == version_5 && !reader.failed() && !read_properties(reader)) {
        if (whole || begun.size() > 65536) return dut_error("mqtt: malformed properties in PUBLISH");
        return std::optional<PublishHead>();
    }
    if (reader.failed()) {
        if (whole) return dut_error("mqtt: PUBLISH ends too early");
        return std::optional<PublishHead>();
    }
    head.size = reader.position();
    return std::optional(head);
}

Result<Subscribe> parse_subscribe(Type type, ByteView body, std::uint8_t level) {
    ByteReader reader(body);
    Subscribe subscribe;
    subscribe.id = reader.u16();
    if (level == version_5 && !read_properties(reader))
        return dut_error("mqtt: malformed properties in SUBSCRIBE");
    while (!reader.empty() && subscribe.filters.size() < 1024) {
        Subscription one{text(reader), 0};
        if (type == Type::subscribe) one.qos = std::min<std::uint8_t>(reader.u8() & 3, 2);
        subscribe.filters.push_back(std::move(one));
    }
    if (reader.failed() || subscribe.filters.empty()) return dut_error("mqtt: SUBSCRIBE ends too early");
    return subscribe;
}

bool topic_matches(std::string_view filter, std::string_view topic) {
    if (filter.starts_with("$share/")) {
        const auto group_end = filter.find('/', 7);
        filter = group_end == std::string_view::npos ? std::string_view() : filter.substr(group_end + 1);
    }
    if (topic.starts_with('$') && !filter.starts_with('$')) return false;
    for (;;) {
        if (filter == "#") return true;
        const auto filter_end = filter.find('/'), topic_end = topic.find('/');
        const auto level = filter.substr(0, filter_end);
        if (level != "+" && level != topic.substr(0, topic_end)) return false;
        if (topic_end == std::string_view::npos)
            return filter_end == std::string_view::npos || filter.substr(filter_end) == "/#";
        if (filter_end == std::string_view::npos) return false;
        filter = filter.substr(filter_end + 1);
        topic = topic.substr(topic_end + 1);
    }
}

Likeness likeness(ByteView first_bytes) {
    using namespace std::string_view_literals;
    const auto said = as_text(first_bytes);
    if (said.empty()) return Likeness::perhaps;
    if (said[0] != 0x10) return Likeness::no;
    std::size_t at = 1;
    while (at < said.size() && at <= longest_length && (said[at] & 0x80) != 0) ++at;
    if (at > longest_length) return Likeness::no;
    const auto name = said.substr(std::min(said.size(), at + 1));
    for (const auto known : {"\0\4MQTT"sv, "\0\6MQIsdp"sv}) {
        if (name.starts_with(known)) return Likeness::yes;
        if (known.starts_with(name)) return Likeness::perhaps;
    }
    return Likeness::no;
}

std::string connack(const Connect& connect) {
    if (connect.level != version_5) return packet(Type::connack, 0, std::string(2, '\0'));
    std::string properties;
    if (connect.client_id.empty()) {
        const std::string given = "client-1";
        properties = static_cast<char>(assigned_client_identifier) +
                     number(static_cast<std::uint16_t>(given.size())) + given;
    }
    return packet(Type::connack, 0, std::string(2, '\0') + static_cast<char>(properties.size()) + properties);
}

std::string suback(const Subscribe& subscribe, std::uint8_t level) {
    auto body = number(subscribe.id);
    if (level == version_5) body += '\0';
    for (const auto& one : subscribe.filters) body += static_cast<char>(one.qos);
    return packet(Type::suback, 0, body);
}

std::string unsuback(const Subscribe& subscribe, std::uint8_t level) {
    auto body = number(subscribe.id);
    if (level == version_5) body.append(1 + subscribe.filters.size(), '\0');
    return packet(Type::unsuback, 0, body);
}

std::string acknowledgement(Type type, std::uint16_t id) {
    return packet(type, type == Type::pubrel ? 2 : 0, number(id));
}

std::string publish(std::string_view topic, std::string_view content, std::uint8_t qos, std::uint16_t id,
                    std::uint8_t level) {
    topic = topic.substr(0, 65535);
    auto body = number(static_cast<std::uint16_t>(topic.size()));
    body.append(topic);
    if (qos > 0) body += number(id);
    if (level == version_5) body += '\0';
    return packet(Type::publish, static_cast<std::uint8_t>(qos << 1 | 1), body.append(content));
}

}  // namespace cambench::internet::mqtt
