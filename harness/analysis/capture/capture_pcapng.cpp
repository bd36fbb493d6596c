#include <fmt/format.h>

#include <algorithm>

#include "harness/analysis/capture/capture_format.hpp"

namespace cambench::analysis {
namespace {

// Block types and options: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng
enum Block : std::uint32_t {
    section = 0x0a0d0d0a,
    interface = 1,
    packet = 2,
    simple_packet = 3,
    statistics = 5,
    enhanced_packet = 6,
    journal = 9,
    custom = 0xbad,
    custom_private = 0x40000bad,
    sysdig_event = 0x204,
    sysdig_event_flags = 0x208,
    sysdig_event_v2 = 0x216,
    sysdig_event_v2_flags = 0x217,
    sysdig_event_v2_large = 0x221,
    sysdig_event_v2_flags_large = 0x222,
};
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint16_t option_application = 4, option_packet_flags = 2;
constexpr std::uint16_t option_resolution = 9, option_offset = 14, option_received = 4, option_dropped = 5,
                        option_os_dropped = 7;

struct Interface {
    std::uint16_t link_type = 0;
    std::uint32_t snap_length = 0;
    std::uint64_t units_per_second = 1'000'000;
    std::int64_t offset_seconds = 0;
    std::uint64_t dropped = 0;
    bool statistics_seen = false;
};

/// epb_flags: the lowest two bits; 3 is not assigned.
Direction direction_of(std::uint32_t flags) {
    const auto direction = flags & 3;
    return direction == 1 ? Direction::received : direction == 2 ? Direction::sent : Direction::unknown;
}

/// if_tsresol: a power of ten, or of two when the top bit is set.
std::uint64_t units_of(std::uint8_t resolution) {
    const unsigned exponent = resolution & 0x7f;
    if (resolution & 0x80) return exponent < 63 ? std::uint64_t{1} << exponent : std::uint64_t{1} << 63;
    std::uint64_t units = 1;
    for (unsigned i = 0; i < std::min(exponent, 18U); ++i) units *= 10;
    return units;
}

WallTime stamp(const Interface& source, std::uint64_t units) {
    const auto seconds = static_cast<std::int64_t>(units / source.units_per_second) + source.offset_seconds;
    // A nanosecond clock of 64 bits ends in 2262; a hostile stamp is pinned there instead of overflowing.
    const auto pinned = std::clamp<std::int64_t>(seconds, 0, 9'000'000'000);
    return WallTime(std::chrono::seconds(pinned)) +
           fraction_of_second(units % source.units_per_second, source.units_per_second);
}

class Pcapng final : public CaptureReader::Format {
public:
    using Format::Format;

    /// The section header's type field is already read.
    Status read_first_section() {
        TRY_ASSIGN(const bool whole, read_section_header());
        if (!whole) return usage_error("the capture's section header is torn");
        return {};
    }

    Result<std::optional<RawFrame>> next() override {
        while (!ended_) {
            TRY_ASSIGN(const auto head, fill(4));
            if (head.empty()) break;
            ByteReader type_in(head);
            const auto type = endian_.u32(type_in);
            if (type_in.failed()) return end("the file ends inside a block's header");
            if (type == section) {
                TRY_ASSIGN(const bool whole, read_section_header());
                if (!whole) return end("the file ends inside a section header");
                continue;
            }
            TRY_ASSIGN(const auto body, read_body());
            if (!body) return std::optional<RawFrame>();
            if (auto frame = take_block(type, *body)) return frame;
        }
        ended_ = true;
        sum_up();
        return std::optional<RawFrame>();
    }

private:
    /// A block's body after its type, without the trailing length. nullopt: the file is torn or damaged here.
    Result<std::optional<ByteView>> read_body() {
        TRY_ASSIGN(const auto length_field, fill(4));
        ByteReader in(length_field);
        const auto length = endian_.u32(in);
        const auto torn = [&](std::string note) {
            sum_up();
            (void)end(std::move(note));
            return std::optional<ByteView>();
        };
        if (in.failed()) return torn("the file ends inside a block's header");
        if (length < 12 || length % 4 != 0 || length > longest_block)
            return torn(fmt::format("a block after frame {} claims {} bytes: the file is damaged there",
                                    number_, length));
        TRY_ASSIGN(const auto rest, fill(length - 8));
        if (rest.size() < length - 8)
            return torn(fmt::format("the file ends inside a block after frame {}", number_));
        return std::optional(rest.first(length - 12));
    }

    Result<bool> read_section_header() {
        TRY_ASSIGN(const auto head, fill(8));
        if (head.size() < 8) return false;
        ByteReader order(head.subspan(4));
        const auto magic = order.u32();
        if (magic != byte_order_magic && __builtin_bswap32(magic) != byte_order_magic) return false;
        endian_.little = magic != byte_order_magic;
        ByteReader in(head);
        const auto length = endian_.u32(in);
        if (length < 28 || length % 4 != 0 || length > longest_block) return false;
        TRY_ASSIGN(const auto rest, fill(length - 12));
        if (rest.size() < length - 12) return false;
        sum_up();
        interfaces_.clear();
        ByteReader options(rest.first(rest.size() - 4));
        options.skip(12);  // version and length of the section
        recorder.clear();
        each_option(options, [&](std::uint16_t code, ByteReader value) {
            if (code == option_application)
                recorder = as_text(value.rest().first(std::min<std::size_t>(value.whole().size(), 64)));
        });
        return true;
    }

    std::optional<RawFrame> take_block(std::uint32_t type, ByteView body) {
        switch (type) {
            case interface:
                add_interface(body);
                return std::nullopt;
            case statistics:
                add_statistics(body);
                return std::nullopt;
            case enhanced_packet:
                return take_packet(body, true);
            case packet:
                return take_packet(body, false);
            case simple_packet:
                return take_simple_packet(body);
            case custom:
            case custom_private:
            case journal:
            case sysdig_event:
            case sysdig_event_flags:
            case sysdig_event_v2:
            case sysdig_event_v2_flags:
            case sysdig_event_v2_large:
            case sysdig_event_v2_flags_large: {
                RawFrame record;  // Wireshark numbers these, so we must
                record.number = ++number_;
                record.opaque_record = true;
                return record;
            }
            default:
                return std::nullopt;  // name resolution, decryption secrets, unknown blocks
        }
    }

    template <typename Take>
    void each_option(ByteReader& in, Take take) const {
        while (in.remaining() >= 4) {
            const auto code = endian_.u16(in);
            const auto length = endian_.u16(in);
            if (code == 0) return;
            const auto value = in.take(length);
            in.skip((4 - length % 4) % 4);
            if (in.failed()) return;
            take(code, ByteReader(value));
        }
    }

    void add_interface(ByteView body) {
        Interface added;
        ByteReader in(body);
        added.link_type = endian_.u16(in);
        in.skip(2);
        added.snap_length = endian_.u32(in);
        each_option(in, [&](std::uint16_t code, ByteReader value) {
            if (code == option_resolution) added.units_per_second = units_of(value.u8());
            if (code == option_offset) added.offset_seconds = static_cast<std::int64_t>(endian_.u64(value));
        });
        if (interfaces_.size() < 65536) interfaces_.push_back(added);
    }

    void add_statistics(ByteView body) {
        ByteReader in(body);
        const auto id = endian_.u32(in);
        in.skip(8);
        if (in.failed() || id >= interfaces_.size()) return;
        auto& source = interfaces_[id];
        std::uint64_t by_interface = 0, by_system = 0;
        each_option(in, [&](std::uint16_t code, ByteReader value) {
            if (code == option_dropped) by_interface = endian_.u64(value), source.statistics_seen = true;
            if (code == option_os_dropped) by_system = endian_.u64(value), source.statistics_seen = true;
            if (code == option_received) source.statistics_seen = true;
        });
        source.dropped = std::max(source.dropped, by_interface + by_system);  // counters are cumulative
    }

    std::optional<RawFrame> take_packet(ByteView body, bool enhanced) {
        ByteReader in(body);
        const std::uint32_t id = enhanced ? endian_.u32(in) : endian_.u16(in);
        if (!enhanced) in.skip(2);
        std::uint64_t units = endian_.u32(in);
        units = units << 32 | endian_.u32(in);
        const auto captured = endian_.u32(in);
        RawFrame frame;
        frame.wire_length = endian_.u32(in);
        frame.bytes = in.take(captured);
        if (in.failed() || id >= interfaces_.size()) return damaged();
        frame.number = ++number_;
        frame.link_type = interfaces_[id].link_type;
        frame.time = last_time_ = stamp(interfaces_[id], units);
        if (!enhanced) return frame;
        in.skip((4 - captured % 4) % 4);
        each_option(in, [&](std::uint16_t code, ByteReader value) {
            if (code == option_packet_flags) frame.direction = direction_of(endian_.u32(value));
        });
        return frame;
    }

    std::optional<RawFrame> take_simple_packet(ByteView body) {
        if (interfaces_.empty()) return damaged();
        ByteReader in(body);
        RawFrame frame;
        frame.wire_length = endian_.u32(in);
        auto captured = std::min<std::size_t>(frame.wire_length, in.remaining());
        if (interfaces_[0].snap_length != 0)
            captured = std::min<std::size_t>(captured, interfaces_[0].snap_length);
        frame.bytes = in.take(captured);
        frame.number = ++number_;
        frame.link_type = interfaces_[0].link_type;
        frame.time = last_time_;  // the block has no stamp of its own
        return frame;
    }

    /// Wireshark stops reading here as well.
    std::optional<RawFrame> damaged() {
        sum_up();
        return end(fmt::format("a packet block after frame {} is damaged", number_));
    }

    void sum_up() {
        for (auto& source : interfaces_) {
            if (source.statistics_seen) dropped = dropped.value_or(0) + source.dropped;
            source = Interface{.link_type = source.link_type};
        }
    }

    Endian endian_;
    std::vector<Interface> interfaces_;
    WallTime last_time_{};
};

}  // namespace

Result<std::unique_ptr<CaptureReader::Format>> open_pcapng(std::unique_ptr<ByteSource> source) {
    auto pcapng = std::make_unique<Pcapng>(std::move(source));
    TRY(pcapng->read_first_section());
    return std::unique_ptr<CaptureReader::Format>(std::move(pcapng));
}

}  // namespace cambench::analysis
