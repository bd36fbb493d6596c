#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"
#include "harness/wire/http_message.hpp"

/// MQTT packets, versions 3.1, 3.1.1 and 5, as far as a broker needs them.
namespace cambench::internet::mqtt {

enum class Type : std::uint8_t {
    connect = 1,
    connack,
    publish,
    puback,
    pubrec,
    pubrel,
    pubcomp,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    pingreq,
    pingresp,
    disconnect,
    auth
};
[[nodiscard]] std::string_view to_string(Type type);  ///< "CONNECT"

constexpr std::uint8_t version_5 = 5;

struct FixedHeader {
    Type type = Type::connect;
    std::uint8_t flags = 0;
    std::uint32_t length = 0;  ///< of what follows
    std::size_t size = 0;      ///< of the header itself
};
/// nullopt: more bytes are needed.
[[nodiscard]] Result<std::optional<FixedHeader>> parse_fixed_header(ByteView bytes);

struct Connect {
    std::uint8_t level = 4;  ///< 3: 3.1, 4: 3.1.1, 5: 5
    bool clean = false;
    std::uint16_t keep_alive = 0;  ///< seconds
    std::string client_id;
    std::optional<std::string> will_topic, user, password;
    Bytes will;
    std::string authentication_method;  ///< version 5
};
/// `body`: what follows the fixed header, whole. So in all that follows.
[[nodiscard]] Result<Connect> parse_connect(ByteView body);

struct PublishHead {
    std::string topic;
    std::uint8_t qos = 0;
    bool retain = false;
    std::uint16_t id = 0;  ///< with QoS 1 and 2
    std::size_t size = 0;  ///< of topic, id and properties: the content begins behind
};
/// `begun`: the body as far as it came. nullopt: more bytes are needed.
[[nodiscard]] Result<std::optional<PublishHead>> parse_publish_head(const FixedHeader& header, ByteView begun,
                                                                    std::uint8_t level);

struct Subscription {
    std::string filter;
    std::uint8_t qos = 0;
};
struct Subscribe {
    std::uint16_t id = 0;
    std::vector<Subscription> filters;
};
/// SUBSCRIBE, or UNSUBSCRIBE with every qos 0.
[[nodiscard]] Result<Subscribe> parse_subscribe(Type type, ByteView body, std::uint8_t level);

/// Whether a topic is among what a filter with '+' and '#' means.
[[nodiscard]] bool topic_matches(std::string_view filter, std::string_view topic);

/// Whether these first bytes are a CONNECT.
[[nodiscard]] Likeness likeness(ByteView first_bytes);

[[nodiscard]] std::string connack(const Connect& connect);
[[nodiscard]] std::string suback(const Subscribe& subscribe, std::uint8_t level);
[[nodiscard]] std::string unsuback(const Subscribe& subscribe, std::uint8_t level);
[[nodiscard]] std::string acknowledgement(Type type, std::uint16_t id);
[[nodiscard]] std::string publish(std::string_view topic, std::string_view content, std::uint8_t qos,
                                  std::uint16_t id, std::uint8_t level);

}  // namespace cambench::internet::mqtt
