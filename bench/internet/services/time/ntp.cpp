#include "bench/internet/services/time/ntp.hpp"
#include "harness/wire/protocols.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cambench::internet {
namespace {

constexpr std::size_t packet_size = 48;
constexpr std::int64_t seconds_1900_to_1970 = 2'208'988'800;
constexpr unsigned mode_symmetric_active = 1, mode_symmetric_passive = 2, mode_client = 3, mode_server = 4;

struct Question {
    unsigned version = 0, mode = 0, poll = 0;
    std::uint64_t transmit = 0;
};

Result<Question> parse_question(ByteView datagram) {
    ByteReader reader(datagram);
    const auto first = reader.u8();
    reader.skip(1);
    Question question{.version = first >> 3 & 7U, .mode = first & 7U, .poll = reader.u8()};
    reader.skip(37);
    question.transmit = reader.u64();
    if (reader.failed())
        return dut_error(fmt::format("ntp: {} bytes instead of {}", datagram.size(), packet_size));
    if (question.version < 1 || question.version > 4)
        return dut_error(fmt::format("ntp: version {} is none", question.version));
    // Version 1 had no modes; its clients leave them zero.
    const bool asks = question.mode == mode_client || question.mode == mode_symmetric_active ||
                      (question.version == 1 && question.mode == 0);
    if (!asks) return dut_error(fmt::format("ntp: mode {} asks nothing", question.mode));
    return question;
}

/// The refusal of a server: no time, and why, in four letters (RFC 5905, 7.4).
Bytes make_refusal(const Question& question, std::string_view why) {
    ByteWriter packet;
    packet.u8(static_cast<std::uint8_t>(3U << 6 | question.version << 3 | mode_server))
        .u8(0)
        .u8(static_cast<std::uint8_t>(question.poll))
        .u8(0xec);
    packet.zeros(8).text(why).zeros(8).u64(question.transmit).zeros(16);
    return packet.take();
}

Bytes make_answer(const Question& question, WallTime now, const TimeTelling& telling) {
    const auto mode = question.mode == mode_symmetric_active ? mode_symmetric_passive
                      : question.mode == 0                   ? 0U
                                                             : mode_server;
    ByteWriter packet;
    packet.u8(
        static_cast<std::uint8_t>(static_cast<unsigned>(telling.leap) << 6 | question.version << 3 | mode));
    packet.u8(static_cast<std::uint8_t>(telling.stratum))
        .u8(static_cast<std::uint8_t>(question.poll))
        .u8(0xec);  // 2^-20 s
    packet.u32(0x00000420)
        .u32(0x00000510)
        .u32(0xc0000201);  // root delay and dispersion 16 and 20 ms, reference 192.0.2.1
    packet.u64(ntp_timestamp(now - std::chrono::seconds(17)))
        .u64(question.transmit)
        .u64(ntp_timestamp(now))
        .u64(ntp_timestamp(now));
    return packet.take();
}

}  // namespace

std::uint64_t ntp_timestamp(WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto fraction = static_cast<std::uint64_t>((time - whole).count());
    const auto seconds = static_cast<std::uint64_t>(whole.time_since_epoch().count() + seconds_1900_to_1970);
    return seconds << 32 | (fraction << 32) / 1'000'000'000;
}

bool looks_like_ntp(ByteView datagram) {
    // Alone, or with a key's number and 16 or 20 bytes of what it signs.
    const bool size = datagram.size() == packet_size || datagram.size() == packet_size + 20 ||
                      datagram.size() == packet_size + 24;
    const auto question = size ? parse_question(datagram) : Result<Question>(dut_error("ntp: another size"));
    if (!question || question->mode != mode_client) return false;
    ByteReader reader(datagram);
    reader.skip(1);
    const auto stratum = reader.u8(), poll = reader.u8();
    const auto precision = static_cast<std::int8_t>(reader.u8());
    const auto delay = reader.u32(), dispersion = reader.u32();
    constexpr std::uint32_t most_seconds = 64U << 16;
    return stratum <= 16 && poll <= 17 && precision <= 32 && delay < most_seconds &&
           dispersion < most_seconds;
}

Bytes answer_ntp(World& world, const Flow& flow, ByteView datagram) {
    const auto time = world.now();
    const auto question = parse_question(datagram);
    auto fields = flow_fields(world, flow, protocol::ntp);
    if (!question) {
        Payload payload(world.recorder);
        payload.append(datagram);
        fields.text("malformed", question.error().message);
        const auto id = payload.finish();
        world.recorder.event(time, "ntp", fields, id);
        return {};
    }
    const auto& telling = world.personality.time_telling;
    const bool reached = world.reachable(flow.destination.address);
    NtpAnswer say;
    if (reached && !telling.answers.empty())
        say = telling.answers[std::min(world.times_told++, telling.answers.size() - 1)];
    const auto gained =
        Nanoseconds(static_cast<std::int64_t>(telling.drift * static_cast<double>(time.count())));
    const auto told = say.time.value_or(world.clock.now() + gained) + say.offset;
    const bool refused = say.kind == NtpAnswer::Kind::rate || say.kind == NtpAnswer::Kind::denied;
    const bool answered = reached && say.kind == NtpAnswer::Kind::time;
    fields.number("version", question->version);
    if (answered) fields.text("time_told", format_timestamp(told));
    if (reached && refused) fields.text("refused", say.kind == NtpAnswer::Kind::rate ? "rate" : "denied");
    world.recorder.event(time, "ntp", fields);
    if (reached && refused)
        return make_refusal(*question, say.kind == NtpAnswer::Kind::rate ? "RATE" : "DENY");
    return answered ? make_answer(*question, told, telling) : Bytes();
}

}  // namespace cambench::internet
