#include "drivers/power/boards/icstation.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace cambench::icstation {
namespace {

using State = PowerSwitch::State;

constexpr std::byte identify{0x50}, start{0x51};
constexpr auto write_time = std::chrono::seconds(2);
/// A board that was just plugged in takes about 8 s until it answers.
constexpr auto greeting_time = std::chrono::seconds(10);

class Board final : public RelayBoard {
public:
    Board(StreamOpener open, std::function<Result<std::string>()> instance)
        : open_(std::move(open)), instance_(std::move(instance)) {}

    Status set(unsigned channel, State wanted, BoardLock& lock) override {
        TRY_ASSIGN(const auto instance, instance_());
        TRY_ASSIGN(const auto stream, open_());
        auto outputs = Outputs::from_note(lock.note(instance));
        if (!outputs) {
            TRY_ASSIGN(outputs, greet(*stream));
            TRY(lock.set_note(instance, outputs->to_note()));
        }
        TRY_ASSIGN(const auto changed, outputs->with(channel, wanted));
        TRY(send(*stream, static_cast<std::byte>(changed.mask)));
        return lock.set_note(instance, changed.to_note());
    }

    Result<std::optional<State>> read(unsigned, BoardLock&) override {
        TRY(instance_());
        return std::optional<State>{};
    }

private:
    static Status send(ByteStream& stream, std::byte byte) {
        return stream.write(std::array{byte}, Deadline::after(write_time));
    }

    static Result<std::optional<Outputs>> greet(ByteStream& stream) {
        TRY(send(stream, identify));
        const auto answer = read_exactly(stream, 1, Deadline::after(greeting_time));
        if (!answer)
            return bench_error(
                "the board does not say what it is: another program has started it since it was plugged in, "
                "or it is another device. Its "
                "outputs are unknown; unplug it and plug it in again");
        TRY_ASSIGN(const auto outputs, Outputs::all_off(std::to_integer<std::uint8_t>(answer->front())));
        TRY(send(stream, start));
        return std::optional(outputs);
    }

    StreamOpener open_;
    std::function<Result<std::string>()> instance_;
};

}  // namespace

std::optional<unsigned> channels_of(std::uint8_t id) {
    switch (id) {
        case 0xab:
            return 4;  // ICSE012A
        case 0xad:
            return 2;  // ICSE013A
        case 0xac:
            return 8;  // ICSE014A
        default:
            return std::nullopt;
    }
}

Result<Outputs> Outputs::all_off(std::uint8_t id) {
    const auto channels = channels_of(id);
    if (!channels)
        return bench_error(fmt::format("the board answers {:02x}, which is no ICStation relay board", id));
    return Outputs{id, static_cast<std::uint8_t>((1U << *channels) - 1)};
}

Result<Outputs> Outputs::with(unsigned channel, State wanted) const {
    const auto channels = channels_of(id).value_or(0);
    if (channel < 1 || channel > channels)
        return usage_error(fmt::format("the board has channels 1 to {}", channels));
    const auto bit = 1U << (channel - 1);
    return Outputs{id, static_cast<std::uint8_t>(wanted == State::on ? mask & ~bit : mask | bit)};
}

std::string Outputs::to_note() const { return fmt::format("{:02x} {:02x}", id, mask); }

std::optional<Outputs> Outputs::from_note(const std::string& note) {
    if (note.size() != 5 || note[2] != ' ') return std::nullopt;
    Outputs outputs;
    const auto* text = note.data();
    if (std::from_chars(text, text + 2, outputs.id, 16).ptr != text + 2) return std::nullopt;
    if (std::from_chars(text + 3, text + 5, outputs.mask, 16).ptr != text + 5) return std::nullopt;
    return channels_of(outputs.id) ? std::optional(outputs) : std::nullopt;
}

std::unique_ptr<RelayBoard> make_board(StreamOpener open, std::function<Result<std::string>()> instance) {
    return std::make_unique<Board>(std::move(open), std::move(instance));
}

}  // namespace cambench::icstation
