#include "drivers/power/boards/numato.hpp"

#include <fmt/format.h>

#include "harness/core/text.hpp"

namespace cambench::numato {
namespace {

using State = PowerSwitch::State;

constexpr unsigned most_letters = 32;
constexpr std::size_t longest_reply = 512;
constexpr auto answer_time = std::chrono::seconds(2);
constexpr char prompt = '>';

class Board final : public RelayBoard {
public:
    Board(StreamOpener open, Index index) : open_(std::move(open)), index_(index) {}

    Status set(unsigned channel, State wanted, BoardLock&) override {
        TRY(ask(command_text(channel, wanted, index_)));
        return {};
    }

    Result<std::optional<State>> read(unsigned channel, BoardLock&) override {
        TRY_ASSIGN(const auto word, ask(query_text(channel, index_)));
        TRY_ASSIGN(const auto state, parse_state(word));
        return std::optional(state);
    }

private:
    Result<std::string> ask(const std::string& command) {
        TRY_ASSIGN(const auto stream, open_());
        const auto deadline = Deadline::after(answer_time);
        // An empty line first: whatever somebody typed before ends there.
        TRY(stream->write(as_bytes("\r"), deadline));
        TRY(read_until(*stream, prompt, longest_reply, deadline));
        TRY(stream->write(as_bytes(command + "\r"), deadline));
        TRY_ASSIGN(const auto reply, read_until(*stream, prompt, longest_reply, deadline));
        return parse_reply(reply, command);
    }

    StreamOpener open_;
    Index index_;
};

}  // namespace

Index usual_index(unsigned channels) { return channels <= most_letters ? Index::letter : Index::two_digits; }

std::string index_text(unsigned channel, Index index) {
    if (index == Index::two_digits) return fmt::format("{:02}", channel);
    return std::string(1, static_cast<char>(channel < 10 ? '0' + channel : 'A' + (channel - 10)));
}

std::string command_text(unsigned channel, State wanted, Index index) {
    return fmt::format("relay {} {}", to_string(wanted), index_text(channel, index));
}

std::string query_text(unsigned channel, Index index) { return "relay read " + index_text(channel, index); }

Result<std::string> parse_reply(std::string_view reply, std::string_view command) {
    const auto end = reply.rfind(prompt);
    if (end == std::string_view::npos)
        return bench_error(fmt::format("the answer '{}' has no prompt", inert(reply)));
    auto text = trim(reply.substr(0, end));
    if (!text.starts_with(command))
        return bench_error(
            fmt::format("the board answers '{}' to '{}'; it is another device", inert(text), command));
    text = trim(text.substr(command.size()));
    return std::string(text);
}

Result<State> parse_state(std::string_view word) {
    if (word == "on") return State::on;
    if (word == "off") return State::off;
    return bench_error(fmt::format("the board answers '{}'; on or off was expected", inert(word)));
}

std::unique_ptr<RelayBoard> make_board(StreamOpener open, Index index) {
    return std::make_unique<Board>(std::move(open), index);
}

}  // namespace cambench::numato
