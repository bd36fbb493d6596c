#include "harness/wire/vendor_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/checksum.hpp"
#include "harness/core/event.hpp"
#include "harness/core/json.hpp"

namespace cambench::internet {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t xiongmai_head = 20, dahua_head = 32, tuya_head = 16, longest_vendor_body = 64u << 20;
constexpr std::uint32_t tuya_prefix = 0x000055aa, tuya_suffix = 0x0000aa55;

struct VendorBeginning {
    std::string_view bytes;
    VendorFamily family;
};
constexpr std::array vendor_beginnings{VendorBeginning{"\x20\0\0\0DHIP"sv, VendorFamily::dhip},
                                       VendorBeginning{"\0\0\x55\xaa"sv, VendorFamily::tuya},
                                       VendorBeginning{"\xff\0\0\0"sv, VendorFamily::xiongmai},
                                       VendorBeginning{"\xff\1\0\0"sv, VendorFamily::xiongmai},
                                       VendorBeginning{"\xa0\0\0"sv, VendorFamily::dahua},
                                       VendorBeginning{"\xa0\1\0"sv, VendorFamily::dahua},
                                       VendorBeginning{"\xa0\5\0"sv, VendorFamily::dahua},
                                       VendorBeginning{"\xf6\0\0\0"sv, VendorFamily::dahua}};

std::string bytes_of(ByteWriter& writer) { return std::string(as_text(writer.view())); }

std::string answer_xiongmai(const VendorFrame& frame, ByteView body) {
    const auto json = parse_json(as_text(body.first(
        body.size() - std::min<std::size_t>(body.size(), as_text(body).ends_with("\n\0"sv) ? 2 : 0))));
    const auto name = json.is_object() && json.value("Name", Json()).is_string()
                          ? json["Name"].get<std::string>()
                          : std::string();
    const auto session = frame.session != 0 ? frame.session : 1U;
    const auto text = Json{{"AliveInterval", 20},
                           {"ChannelNum", 1},
                           {"Name", name},
                           {"Ret", 100},
                           {"SessionID", fmt::format("0x{:08X}", session)}}
                          .dump(-1, ' ', false, Json::error_handler_t::replace) +
                      std::string("\n\0", 2);
    ByteWriter writer;
    writer.u8(0xff)
        .u8(1)
        .u16(0)
        .u32_le(session)
        .u32_le(frame.sequence)
        .u16(0)
        .u16_le(static_cast<std::uint16_t>(frame.command + 1));
    return bytes_of(writer.u32_le(static_cast<std::uint32_t>(text.size())).text(text));
}

std::string answer_dahua(const VendorFrame& frame) {
    constexpr std::uint32_t realm_request = 0xa001, login = 0xa005, login_des = 0xa000;
    if (frame.command == realm_request) {
        const auto text = "Realm:Login to server\r\nRandom:1836507419\r\n\r\n"sv;
        ByteWriter writer;
        return bytes_of(writer.u8(0xb0)
                            .u8(1)
                            .u16(0)
                            .u32_le(static_cast<std::uint32_t>(text.size()))
                            .zeros(24)
                            .text(text));
    }
    if (frame.command != login && frame.command != login_des) return {};
    ByteWriter writer;  // accepted, with a session
    return bytes_of(writer.u8(0xb0).u8(0).u16(0).u32_le(0).u8(0).u8(8).u16(0).zeros(4).u32_le(1).zeros(12));
}

std::string answer_dhip(const VendorFrame& frame, ByteView body) {
    const auto json = parse_json(as_text(body));
    Json answer{{"id", json.is_object() ? json.value("id", Json(frame.sequence)) : Json(frame.sequence)},
                {"result", true},
                {"session", 1}};
    if (json.is_object() && json.value("method", Json()) == "global.keepAlive")
        answer["params"] = {{"timeout", 60}};
    const auto text = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
    const auto size = static_cast<std::uint32_t>(text.size());
    ByteWriter writer;
    writer.text("\x20\0\0\0DHIP"sv).u32_le(1).u32_le(frame.sequence).u32_le(size).u32(0).u32_le(size).u32(0);
    return bytes_of(writer.text(text));
}

std::string answer_tuya(const VendorFrame& frame) {
    ByteWriter writer;
    writer.u32(tuya_prefix).u32(frame.sequence).u32(frame.command).u32(12).u32(0);
    const auto crc = crc32_of(writer.view());
    return bytes_of(writer.u32(crc).u32(tuya_suffix));
}

}  // namespace

std::string_view to_string(VendorFamily family) {
    switch (family) {
        case VendorFamily::xiongmai:
            return "xiongmai-dvrip";
        case VendorFamily::dahua:
            return "dahua-dvrip";
        case VendorFamily::dhip:
            return "dahua-dhip";
        case VendorFamily::tuya:
            break;
    }
    return "tuya";
}

Likeness vendor_likeness(ByteView first_bytes) {
    const auto text = as_text(first_bytes);
    if (const auto family = vendor_family(first_bytes)) {
        const auto frame = parse_vendor_frame(*family, first_bytes);
        if (!frame) return Likeness::no;
        return *frame ? Likeness::yes : Likeness::perhaps;
    }
    const bool open = std::any_of(vendor_beginnings.begin(), vendor_beginnings.end(),
                                  [&](const auto& one) { return one.bytes.starts_with(text); });
    return open ? Likeness::perhaps : Likeness::no;
}

std::optional<VendorFamily> vendor_family(ByteView first_bytes) {
    for (const auto& [bytes, family] : vendor_beginnings)
        if (as_text(first_bytes).starts_with(bytes)) return family;
    return std::nullopt;
}

Result<std::optional<VendorFrame>> parse_vendor_frame(VendorFamily family, ByteView bytes) {
    static constexpr std::array heads{xiongmai_head, dahua_head, dahua_head, tuya_head};
    VendorFrame frame{.family = family};
    frame.head = heads.at(static_cast<std::size_t>(family));
    if (bytes.size() < frame.head) return std::optional<VendorFrame>();
    ByteReader reader(bytes);
    switch (family) {
        case VendorFamily::xiongmai: {
            const auto magic = reader.u8();
            reader.skip(3);
            frame.session = reader.u32_le();
            frame.sequence = reader.u32_le();
            reader.skip(2);
            frame.command = reader.u16_le();
            frame.body = reader.u32_le();
            if (magic != 0xff) return dut_error("xiongmai-dvrip: frame without its magic");
            break;
        }
        case VendorFamily::dahua: {
            frame.command = reader.u16();
            reader.skip(2);
            frame.body = reader.u32_le();
            frame.sequence = reader.u32_le();
            break;
        }
        case VendorFamily::dhip:
            if (reader.u32() != 0x20000000 || reader.u32() != 0x44484950)
                return dut_error("dahua-dhip: frame without its magic");
            frame.session = reader.u32_le();
            frame.sequence = reader.u32_le();
            frame.body = reader.u32_le();
            break;
        case VendorFamily::tuya:
            if (reader.u32() != tuya_prefix) return dut_error("tuya: frame without its prefix");
            frame.sequence = reader.u32();
            frame.command = reader.u32();
            frame.body = reader.u32();
            break;
    }
    if (frame.body > longest_vendor_body)
        return dut_error(fmt::format("{}: body too long", to_string(family)));
    frame.size = frame.head + frame.body;
    return std::optional(frame);
}

std::string answer_vendor_frame(const VendorFrame& frame, ByteView body) {
    switch (frame.family) {
        case VendorFamily::xiongmai:
            return answer_xiongmai(frame, body);
        case VendorFamily::dahua:
            return answer_dahua(frame);
        case VendorFamily::dhip:
            return answer_dhip(frame, body);
        case VendorFamily::tuya:
            break;
    }
    return answer_tuya(frame);
}

}  // namespace cambench::internet
