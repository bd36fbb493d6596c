#include "harness/analysis/run/console_reader.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "harness/analysis/capture/capture_reader.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_lines = 200'000, most_text = 32U << 20, most_facts = 20'000;

}  // namespace

std::optional<Nanoseconds> ConsoleReader::time_of(std::uint64_t offset) {
    while (stretch_ < stretches_.size() &&
           stretches_[stretch_].offset + stretches_[stretch_].length <= offset)
        ++stretch_;
    if (stretch_ >= stretches_.size() || stretches_[stretch_].offset > offset) return std::nullopt;
    return stretches_[stretch_].time;
}

void ConsoleReader::end_line() {
    ++number_;
    open_line_ = false;
    if (line_.ends_with('\r')) line_.pop_back();
    const auto time = time_of(line_start_);
    for (auto& fact : identity_facts(line_)) {
        if (console_.facts.size() >= most_facts) {
            console_.lines_cut = true;
            break;
        }
        fact.line = number_;
        console_.facts.push_back(std::move(fact));
    }
    kept_ += line_.size();
    if (console_.lines.size() < most_lines && kept_ <= most_text)
        console_.lines.push_back({number_, time, line_, line_length_ > longest_line, line_start_});
    else
        console_.lines_cut = true;
    line_.clear();
    line_length_ = 0;
}

void ConsoleReader::add(ByteView bytes) {
    auto rest = as_text(bytes);
    while (!rest.empty()) {
        if (!open_line_) {
            line_start_ = console_.bytes;
            open_line_ = true;
        }
        const auto end = rest.find('\n');
        const auto piece = rest.substr(0, end);
        line_length_ += piece.size();
        if (line_.size() < longest_line) line_ += piece.substr(0, longest_line - line_.size());
        const auto taken = end == std::string_view::npos ? piece.size() : piece.size() + 1;
        console_.bytes += taken;
        rest.remove_prefix(taken);
        if (end != std::string_view::npos) end_line();
    }
}

Console ConsoleReader::finish() {
    if (open_line_) end_line();
    console_.recorded = true;
    return std::move(console_);
}

Result<Console> read_console(const std::filesystem::path& file, std::span<const ConsoleStretch> stretches) {
    TRY_ASSIGN(const auto source, open_file_source(file));
    ConsoleReader reader(stretches);
    Bytes buffer(1U << 16);
    for (;;) {
        TRY_ASSIGN(const auto got, source->read(buffer));
        reader.add(ByteView(buffer).first(got));
        if (got < buffer.size()) break;
    }
    return reader.finish();
}

}  // namespace cambench::analysis
