#include "harness/wire/coap_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cambench {
namespace {

constexpr std::size_t longest_token = 8, most_options = 128;
constexpr std::uint8_t payload_marker = 0xff;

/// A nibble and what extends it (RFC 7252, 3.1); the reader fails where it is none.
std::uint32_t extended(ByteReader& reader, unsigned nibble) {
    if (nibble < 13) return nibble;
    if (nibble == 13) return reader.u8() + 13U;
    if (nibble == 14) return reader.u16() + 269U;
    reader.skip(reader.remaining() + 1);
    return 0;
}

bool is_plain(ByteView value) {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](std::byte byte) {
        const auto letter = std::to_integer<unsigned>(byte);
        return letter >= 0x20 && letter != 0x7f;
    });
}

/// Of options that nobody knows, those with even numbers may be there (RFC 7252, 5.4.1).
bool is_possible_option(std::uint32_t number) {
    static constexpr std::array<std::uint32_t, 13> critical{1, 3, 5, 7, 9, 11, 15, 17, 23, 27, 35, 39, 2053};
    return number > 0 &&
           (number % 2 == 0 || std::find(critical.begin(), critical.end(), number) != critical.end());
}

std::string joined(const CoapMessage& message, std::uint16_t number, std::string_view before,
                   std::string_view between) {
    std::string text;
    for (const auto& option : message.options) {
        if (option.number != number) continue;
        text += text.empty() ? before : between;
        text += as_text(option.value);
    }
    return text;
}

}  // namespace

const CoapOption* CoapMessage::option(std::uint16_t number) const {
    const auto found = std::find_if(options.begin(), options.end(),
                                    [&](const CoapOption& one) { return one.number == number; });
    return found == options.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> CoapMessage::number_of(std::uint16_t wanted) const {
    const auto* found = option(wanted);
    if (found == nullptr || found->value.size() > 4) return std::nullopt;
    std::uint32_t value = 0;
    for (const auto byte : found->value) value = value << 8 | std::to_integer<std::uint32_t>(byte);
    return value;
}

std::optional<CoapBlock> CoapMessage::block(std::uint16_t wanted) const {
    const auto value = number_of(wanted);
    if (!value || (*value & 7) == 7) return std::nullopt;
    return CoapBlock{*value >> 4, (*value & 8) != 0, *value & 7};
}

std::string CoapMessage::path() const {
    const auto text = joined(*this, CoapOption::uri_path, "/", "/");
    return text.empty() ? "/" : text;
}

std::string CoapMessage::query() const { return joined(*this, CoapOption::uri_query, "", "&"); }

Result<CoapMessage> parse_coap(ByteView datagram) {
    ByteReader reader(datagram);
    const auto first = reader.u8();
    CoapMessage message;
    message.type = static_cast<CoapMessage::Type>(first >> 4 & 3);
    message.code = reader.u8();
    message.id = reader.u16();
    if (reader.failed() || first >> 6 != 1 || (first & 15U) > longest_token)
        return dut_error("coap: no message of version 1");
    message.token = reader.take(first & 15U);
    if (message.code == 0 && datagram.size() != 4)
        return dut_error("coap: an empty message that is not empty");
    std::uint32_t number = 0;
    while (!reader.empty()) {
        const auto byte = reader.u8();
        if (byte == payload_marker) {
            message.payload = reader.rest();
            if (message.payload.empty()) return dut_error("coap: no payload behind its marker");
            break;
        }
        number += extended(reader, byte >> 4);
        const auto length = extended(reader, byte & 15U);
        message.options.push_back({number, reader.take(length)});
        if (reader.failed() || number > 0xffff || message.options.size() > most_options)
            return dut_error("coap: malformed options");
    }
    if (reader.failed()) return dut_error("coap: message ends too early");
    return message;
}

bool is_surely_coap(ByteView datagram) {
    constexpr unsigned last_method = 7;
    const auto message = parse_coap(datagram);
    if (!message || message->code < 1 || message->code > last_method ||
        message->type > CoapMessage::Type::non_confirmable)
        return false;
    bool names = false;
    for (const auto& option : message->options) {
        if (!is_possible_option(option.number)) return false;
        const bool text = option.number == CoapOption::uri_host || option.number == CoapOption::uri_path ||
                          option.number == CoapOption::uri_query || option.number == CoapOption::proxy_uri;
        if (text && !is_plain(option.value) && !option.value.empty()) return false;
        names = names || (text && !option.value.empty());
    }
    return names;
}

std::string coap_code_name(unsigned code) {
    static constexpr std::array<std::string_view, 8> methods{"empty",  "GET",   "POST",  "PUT",
                                                             "DELETE", "FETCH", "PATCH", "iPATCH"};
    return code < methods.size() ? std::string(methods[code]) : fmt::format("{}.{:02}", code >> 5, code & 31);
}

CoapWriter::CoapWriter(CoapMessage::Type type, unsigned code, std::uint16_t id, ByteView token) {
    token = token.first(std::min(token.size(), longest_token));
    writer_.u8(static_cast<std::uint8_t>(0x40 | static_cast<unsigned>(type) << 4 | token.size()))
        .u8(static_cast<std::uint8_t>(code))
        .u16(id)
        .bytes(token);
}

CoapWriter& CoapWriter::option(std::uint16_t number, ByteView value) {
    const auto nibble = [](std::size_t size) {
        return size < 13 ? static_cast<unsigned>(size) : size < 269 ? 13U : 14U;
    };
    const auto extend = [this](std::size_t size) {
        if (size >= 269)
            writer_.u16(static_cast<std::uint16_t>(size - 269));
        else if (size >= 13)
            writer_.u8(static_cast<std::uint8_t>(size - 13));
    };
    const std::size_t delta = number - last_;
    writer_.u8(static_cast<std::uint8_t>(nibble(delta) << 4 | nibble(value.size())));
    extend(delta);
    extend(value.size());
    writer_.bytes(value);
    last_ = number;
    return *this;
}

CoapWriter& CoapWriter::option(std::uint16_t number, std::uint32_t value) {
    ByteWriter whole;
    whole.u32(value);
    auto bytes = whole.view();
    while (!bytes.empty() && bytes[0] == std::byte{}) bytes = bytes.subspan(1);
    return option(number, bytes);
}

Bytes CoapWriter::take(ByteView payload) {
    if (!payload.empty()) writer_.u8(payload_marker).bytes(payload);
    return writer_.take();
}

}  // namespace cambench
