#include "harness/wire/websocket_message.hpp"

namespace cambench::internet::websocket {
namespace {

constexpr std::uint8_t last_bit = 0x80, mask_bit = 0x80, opcode_bits = 0x0f, length_bits = 0x7f,
                       two_more = 126, eight_more = 127, most_inline = 125;

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

}  // namespace

Result<std::optional<FrameHead>> parse_frame_head(ByteView bytes) {
    ByteReader reader(bytes);
    const auto first = reader.u8(), second = reader.u8();
    if (reader.failed()) return std::optional<FrameHead>();
    const auto opcode = static_cast<std::uint8_t>(first & opcode_bits);
    if (!is_known(opcode)) return dut_error("websocket: unknown opcode");
    FrameHead head{.opcode = static_cast<Opcode>(opcode),
                   .last = (first & last_bit) != 0,
                   .length = static_cast<std::uint64_t>(second & length_bits)};
    if (opcode >= 8 && (head.length > most_inline || !head.last))
        return dut_error("websocket: control frame too long or in parts");
    if (head.length == two_more)
        head.length = reader.u16();
    else if (head.length == eight_more)
        head.length = reader.u64();
    if ((second & mask_bit) != 0) {
        const auto key = reader.take(head.key.size());
        if (!reader.failed()) std::copy(key.begin(), key.end(), head.key.begin());
    }
    if (reader.failed()) return std::optional<FrameHead>();
    if (head.length >> 63 != 0) return dut_error("websocket: length beyond 63 bits");
    head.size = bytes.size() - reader.rest().size();
    return std::optional(head);
}

std::string frame(Opcode opcode, std::string_view content) {
    ByteWriter writer;
    writer.u8(static_cast<std::uint8_t>(last_bit | static_cast<std::uint8_t>(opcode)));
    if (content.size() <= most_inline)
        writer.u8(static_cast<std::uint8_t>(content.size()));
    else if (content.size() <= 0xffff)
        writer.u8(two_more).u16(static_cast<std::uint16_t>(content.size()));
    else
        writer.u8(eight_more)
            .u32(static_cast<std::uint32_t>(content.size() >> 32))
            .u32(static_cast<std::uint32_t>(content.size()));
    writer.text(content);
    return std::string(as_text(writer.view()));
}

}  // namespace cambench::internet::websocket
