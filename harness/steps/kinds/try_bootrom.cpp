#include <algorithm>

#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/core/bytes.hpp"
#include "harness/steps/console_dialogue.hpp"

namespace cambench::steps::try_bootrom {
namespace {

// HiSilicon and Goke boot ROMs: at power-on some blanks announce that a host may answer within about 0.1 s.
// The host answers with 0xaa; the ROM then takes frames and acknowledges each with 0xaa (OpenIPC's defib and
// burn).
constexpr auto answer_pause = std::chrono::milliseconds(4);
constexpr auto frame_patience = std::chrono::milliseconds(60);
constexpr int frame_tries = 16;

/// CRC-16 of XMODEM: polynomial 0x1021, begun with 0.
std::uint16_t checksum(ByteView bytes) {
    std::uint16_t sum = 0;
    for (const auto byte : bytes) {
        sum = static_cast<std::uint16_t>(sum ^ std::to_integer<unsigned>(byte) << 8);
        for (int bit = 0; bit < 8; ++bit)
            sum = static_cast<std::uint16_t>(sum & 0x8000 ? sum << 1 ^ 0x1021 : sum << 1);
    }
    return sum;
}

/// Announces a file of 64 bytes for the chip's own memory. Without its data and its end nothing is written or
/// run.
std::string head_frame() {
    ByteWriter frame;
    frame.u8(0xfe).u8(0x00).u8(0xff).u8(0x01).u32(64).u32(0x04010500);
    frame.u16(checksum(frame.view()));
    return std::string(as_text(frame.view()));
}

Result<bool> acknowledged(StepContext& context) {
    const auto frame = head_frame();
    for (int attempt = 0; attempt < frame_tries; ++attempt) {
        const auto from = context.slot().console().end();
        TRY(context.slot().console().write(as_bytes(frame)));
        TRY_ASSIGN(const bool answered, await_sign(context, R"(\xaa)", from, frame_patience));
        if (answered) return true;
    }
    return false;
}

Status knock(const markup::Node& node, StepContext& context) {
    ProbeRecord record(context, "bootrom");
    context.note_power_on();
    TRY(context.slot().power_on());
    const auto deadline = Deadline::after(node.duration("within"));
    const std::vector<std::string> answers(8, "\xaa");
    bool announced = false, answered = false;
    while (!deadline.passed() && !answered) {
        TRY(context.slot().console().write(answers, answer_pause));
        if (context.stop().stop_requested()) return cancelled_error("cancelled");
        if (!analysis::offers_download(context.slot().console().text_since(record.from()))) continue;
        announced = true;
        TRY_ASSIGN(answered, acknowledged(context));
        break;
    }
    record.fields()["announced"] = announced;
    record.fields()["acknowledged"] = answered;
    record.finish();
    return {};
}

Status cycle(const markup::Node& node, StepContext& context) {
    TRY(context.slot().power_off());
    return context.pause(node.duration("off-for"));
}

Status run(const markup::Node& node, StepContext& context) {
    if (!context.slot().has_console()) return dut_error("the slot has no console");
    if (context.slot().powered()) TRY(cycle(node, context));
    TRY(knock(node, context));
    TRY(cycle(node, context));
    context.note_power_on();
    return context.slot().power_on();
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "try-bootrom",
                    .doc = "Gives power and answers the boot ROM's offer of a download (HiSilicon, Goke); "
                           "then boots the unit as usual.",
                    .attributes = {{.name = "off-for",
                                    .kind = markup::Kind::duration,
                                    .doc = "How long the power is off before each start.",
                                    .fallback = "10s"},
                                   {.name = "within",
                                    .kind = markup::Kind::duration,
                                    .doc = "How long to wait for the offer.",
                                    .fallback = "1s"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::begun_anew,
        .takes =
            [](const markup::Node& node) { return 2 * node.duration("off-for") + node.duration("within"); },
        .run = run};
    return type;
}

}  // namespace cambench::steps::try_bootrom
