#include "drivers/power/relay_board.hpp"

#include <fmt/format.h>

#include <thread>

namespace cambench {
namespace {

/// A try that failed later than this waited for a board that hangs; a second one would only make the error
/// come later.
constexpr auto second_try_time = std::chrono::seconds(4);

class BoardSwitch final : public PowerSwitch {
public:
    BoardSwitch(std::unique_ptr<RelayBoard> board, BoardChannel channel, std::optional<ChannelClaim> claim)
        : board_(std::move(board)), channel_(std::move(channel)), claim_(std::move(claim)) {}

    Status set(State wanted) override {
        const auto begin = Monotonic::now();
        auto status = command(wanted);
        // A camera must not be left with power because of one lost message.
        const bool again = !status && wanted == State::off && Monotonic::now() - begin < second_try_time;
        if (again) status = command(wanted);
        if (!status)
            return framed(again ? after_two_tries(std::move(status).error(), Monotonic::now() - begin)
                                : std::move(status).error());
        std::this_thread::sleep_for(channel_.settle);
        TRY_ASSIGN(const auto state, read_back());
        if (state && *state != wanted)
            return framed(bench_error(fmt::format(
                "switched {}, but reads back {}: the board ignored the command, or the contact is stuck",
                to_string(wanted), to_string(*state))));
        return {};
    }

    Result<std::optional<State>> read_back() override {
        auto lock = BoardLock::take(channel_.key, Deadline::after(channel_.patience));
        if (!lock) return framed(std::move(lock).error());
        const auto begin = Monotonic::now();
        auto state = board_->read(channel_.channel, *lock);
        // One lost message is no broken board: a run of hours looks thousands of times.
        const bool again = !state && Monotonic::now() - begin < second_try_time;
        if (again) state = board_->read(channel_.channel, *lock);
        if (!state)
            return framed(again ? after_two_tries(std::move(state).error(), Monotonic::now() - begin)
                                : std::move(state).error());
        return state;
    }

private:
    Status command(State wanted) {
        TRY_ASSIGN(auto lock, BoardLock::take(channel_.key, Deadline::after(channel_.patience)));
        return board_->set(channel_.channel, wanted, lock);
    }

    static Error after_two_tries(Error error, Nanoseconds time) {
        error.message +=
            fmt::format(" (tried twice within {:.1f} s)", std::chrono::duration<double>(time).count());
        return error;
    }

    /// Whatever keeps a supply from being switched is a fault of the bench, a timeout included.
    [[nodiscard]] Error framed(Error error) const {
        if (error.fault != Fault::usage) error.fault = Fault::bench;
        return std::move(error).in(fmt::format("{}, channel {}", channel_.name, channel_.channel));
    }

    std::unique_ptr<RelayBoard> board_;
    BoardChannel channel_;
    std::optional<ChannelClaim> claim_;
};

}  // namespace

Result<std::unique_ptr<PowerSwitch>> open_board_channel(std::unique_ptr<RelayBoard> board,
                                                        BoardChannel channel,
                                                        const PowerSurroundings& surroundings) {
    std::optional<ChannelClaim> claim;
    const auto what = fmt::format("{}, channel {}", channel.name, channel.channel);
    if (surroundings.use == PowerSurroundings::Use::own && surroundings.claims != nullptr) {
        if (auto taken = surroundings.claims->take(channel.key, channel.channel); !taken)
            return std::move(taken).error().in(what);
    } else if (surroundings.use == PowerSurroundings::Use::own) {
        auto taken = ChannelClaim::take(channel.key, channel.channel);
        if (!taken) return std::move(taken).error().in(what);
        claim = std::move(*taken);
    }
    return std::unique_ptr<PowerSwitch>(
        std::make_unique<BoardSwitch>(std::move(board), std::move(channel), std::move(claim)));
}

}  // namespace cambench
