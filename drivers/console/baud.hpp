#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// "57600": that rate; "auto": the rates cameras use, the likeliest first.
[[nodiscard]] Result<std::vector<unsigned>> parse_baud(std::string_view text);

/// Finds the rate of a line by listening: at the right one a boot log is text, at a wrong one it is noise.
class BaudFinder {
public:
    /// `rates`: at least one. A single one is right from the start.
    explicit BaudFinder(std::vector<unsigned> rates)
        : rates_(std::move(rates)), settled_(rates_.size() < 2) {}

    enum class Advice {
        listen,   ///< too little to tell
        settled,  ///< this rate is right; said once
        next,     ///< noise: rate() is now another one
    };
    /// Takes bytes received at rate().
    [[nodiscard]] Advice take(ByteView bytes);
    /// rate() cannot be had: goes on to the next.
    void skip();

    [[nodiscard]] unsigned rate() const { return rates_[index_]; }
    [[nodiscard]] bool settled() const { return settled_; }
    /// Bytes that came at wrong rates.
    [[nodiscard]] std::size_t unreadable() const { return unreadable_; }

private:
    void start_over();

    std::vector<unsigned> rates_;
    std::size_t index_ = 0;
    bool settled_;
    std::size_t unreadable_ = 0;

    std::size_t seen_ = 0;      ///< at this rate
    std::size_t judged_ = 0;    ///< of these, without the first few
    std::size_t readable_ = 0;  ///< of the judged
    std::array<bool, 256> different_{};
};

}  // namespace cambench
