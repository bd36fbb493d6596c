#pragma once

#include <optional>
#include <string>

#include "harness/core/bytes.hpp"

namespace cambench::internet {

/// Gathers lines that end with LF or CR LF from pieces of a stream. What a line has over its longest length
/// is dropped.
class LineBuffer {
public:
    explicit LineBuffer(std::size_t longest = 4096) : longest_(longest) {}

    /// Takes bytes up to the end of a line: the line without its end, or nullopt when all bytes are taken and
    /// none ended.
    [[nodiscard]] std::optional<std::string> next(ByteView& bytes) {
        const auto text = as_text(bytes);
        const auto end = text.find('\n');
        const auto piece = text.substr(0, end);
        if (line_.size() < longest_) line_.append(piece.substr(0, longest_ - line_.size()));
        if (end == std::string_view::npos) {
            bytes = {};
            return std::nullopt;
        }
        bytes = bytes.subspan(end + 1);
        if (line_.ends_with('\r')) line_.pop_back();
        return std::exchange(line_, {});
    }
    [[nodiscard]] const std::string& unfinished() const { return line_; }

private:
    std::size_t longest_;
    std::string line_;
};

}  // namespace cambench::internet
