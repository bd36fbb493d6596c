#pragma once

#include <filesystem>
#include <span>

#include "harness/analysis/observations/observations.hpp"
#include "harness/analysis/run/timeline_reader.hpp"
#include "harness/core/result.hpp"

namespace cambench::analysis {

/// Cuts a console's recording into lines while it streams by, and gathers what the boot log says about the
/// unit. Lines end at a line feed alone, as text editors count them. Memory is bounded whatever the unit
/// sends.
class ConsoleReader {
public:
    static constexpr std::size_t longest_line = 64U << 10;

    explicit ConsoleReader(std::span<const ConsoleStretch> stretches) : stretches_(stretches) {}
    void add(ByteView bytes);
    [[nodiscard]] Console finish();

private:
    void end_line();
    [[nodiscard]] std::optional<Nanoseconds> time_of(std::uint64_t offset);

    std::span<const ConsoleStretch> stretches_;
    std::size_t stretch_ = 0;
    Console console_;
    std::string line_;
    std::uint64_t line_start_ = 0, line_length_ = 0, number_ = 0, kept_ = 0;
    bool open_line_ = false;
};

[[nodiscard]] Result<Console> read_console(const std::filesystem::path& file,
                                           std::span<const ConsoleStretch> stretches);

/// What one line of a boot log states: zero or more facts. Tolerates bit errors around the statement, not
/// within it.
[[nodiscard]] std::vector<IdentityFact> identity_facts(std::string_view line);

}  // namespace cambench::analysis
