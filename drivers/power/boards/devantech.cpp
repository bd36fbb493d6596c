#include "drivers/power/boards/devantech.hpp"

#include <fmt/format.h>

#include <array>

namespace cambench::devantech {
namespace {

using State = PowerSwitch::State;

constexpr std::uint8_t get_module = 0x10, switch_on = 0x20, switch_off = 0x21, get_outputs = 0x24,
                       password_entry = 0x79, log_out = 0x7b;
/// A login is acknowledged by 1, every other command by 0.
constexpr std::uint8_t logged_in = 1, done = 0;
constexpr std::size_t module_size = 3;
constexpr auto answer_time = std::chrono::seconds(3);

/// One connection: identified, and logged in if there is a password.
class Connection {
public:
    static Result<Connection> open(const StreamOpener& opener, const std::string& password) {
        TRY_ASSIGN(auto stream, opener());
        Connection connection(std::move(stream));
        if (!password.empty()) {
            TRY_ASSIGN(const auto answer, connection.ask(encode_password(password), 1));
            if (std::to_integer<std::uint8_t>(answer.front()) != logged_in)
                return bench_error("the board refuses the password");
            connection.logged_in_ = true;
        }
        TRY_ASSIGN(const auto module, connection.ask(Bytes{std::byte{get_module}}, module_size));
        const auto model = model_of(std::to_integer<std::uint8_t>(module.front()));
        if (!model)
            return bench_error(fmt::format(
                "the board says it is module {}, which is no relay board known here", hex(module)));
        connection.model_ = model;
        return connection;
    }

    [[nodiscard]] const Model& model() const { return *model_; }

    Result<Bytes> ask(ByteView command, std::size_t answer) {
        const auto deadline = Deadline::after(answer_time);
        TRY(stream_->write(command, deadline));
        return read_exactly(*stream_, answer, deadline);
    }

    /// Without it the board stays unlocked, for everybody, until its timer ends.
    Status finish() {
        if (!logged_in_) return {};
        TRY(ask(Bytes{std::byte{log_out}}, 1));
        return {};
    }

private:
    explicit Connection(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}
    std::unique_ptr<ByteStream> stream_;
    std::optional<Model> model_;
    bool logged_in_ = false;
};

class Board final : public RelayBoard {
public:
    Board(StreamOpener open, std::string password) : open_(std::move(open)), password_(std::move(password)) {}

    Status set(unsigned channel, State wanted, BoardLock&) override {
        TRY_ASSIGN(auto connection, connect(channel));
        TRY_ASSIGN(const auto answer, connection.ask(encode(channel, wanted), 1));
        if (std::to_integer<std::uint8_t>(answer.front()) != done)
            return bench_error(fmt::format("the board refuses the command: {}{}", hex(answer),
                                           password_.empty() ? "; does it want a password?" : ""));
        return connection.finish();
    }

    Result<std::optional<State>> read(unsigned channel, BoardLock&) override {
        TRY_ASSIGN(auto connection, connect(channel));
        TRY_ASSIGN(const auto outputs,
                   connection.ask(Bytes{std::byte{get_outputs}}, connection.model().state_bytes));
        TRY(connection.finish());
        TRY_ASSIGN(const auto state, parse_outputs(outputs, connection.model(), channel));
        return std::optional(state);
    }

private:
    Result<Connection> connect(unsigned channel) {
        TRY_ASSIGN(auto connection, Connection::open(open_, password_));
        if (channel > connection.model().channels)
            return usage_error(fmt::format("an {} has channels 1 to {}", connection.model().name,
                                           connection.model().channels));
        return connection;
    }

    StreamOpener open_;
    std::string password_;
};

}  // namespace

std::optional<Model> model_of(std::uint8_t id) {
    switch (id) {
        case 18:
            return Model{"ETH002", 2, 1};
        case 19:
            return Model{"ETH008", 8, 1};
        case 20:
            return Model{"ETH484", 16, 2};
        case 21:
            return Model{"ETH8020", 20, 3};
        case 22:
            return Model{"WIFI484", 16, 2};
        case 24:
            return Model{"WIFI8020", 20, 3};
        default:
            return std::nullopt;
    }
}

Bytes encode_password(const std::string& password) {
    ByteWriter writer;
    writer.u8(password_entry).text(password);
    return writer.take();
}

Bytes encode(unsigned channel, State wanted) {
    ByteWriter writer;
    // The third byte is a pulse's length; 0: for good.
    writer.u8(wanted == State::on ? switch_on : switch_off).u8(static_cast<std::uint8_t>(channel)).u8(0);
    return writer.take();
}

Result<State> parse_outputs(ByteView bytes, const Model& model, unsigned channel) {
    if (bytes.size() != model.state_bytes || channel < 1 || channel > model.channels)
        return bench_error(fmt::format("'{}' are not the outputs of an {}", hex(bytes), model.name));
    const auto byte = std::to_integer<unsigned>(bytes[(channel - 1) / 8]);
    return (byte >> ((channel - 1) % 8) & 1) != 0 ? State::on : State::off;
}

std::unique_ptr<RelayBoard> make_board(StreamOpener open, std::string password) {
    return std::make_unique<Board>(std::move(open), std::move(password));
}

}  // namespace cambench::devantech
