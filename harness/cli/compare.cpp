#include "harness/cli/compare.hpp"

#include <fmt/format.h>
#include <ostream>

#include "harness/checks/comparison.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/cli/print_json.hpp"
#include "harness/cli/recordings.hpp"
#include "harness/core/text.hpp"

namespace cambench::cli {
namespace {

constexpr int differs_exit_code = 1;

std::string line_of(const Difference& difference) {
    const auto what = fmt::format("{} {}", difference.subject, inert(difference.what));
    const auto after = [](const std::string& text) {
        return text.empty() ? std::string() : ": " + inert(text);
    };
    switch (difference.kind) {
        case Difference::Kind::only_first:
            return "- " + what + after(difference.first);
        case Difference::Kind::only_second:
            return "+ " + what + after(difference.second);
        default:
            return fmt::format("~ {}: {} -> {}", what, inert(difference.first), inert(difference.second));
    }
}

void print(const std::vector<Difference>& differences, const CompareOptions& options, std::ostream& out) {
    if (options.format == OutputFormat::json) {
        const Json json{{"first", options.first.string()},
                        {"second", options.second.string()},
                        {"same", differences.empty()},
                        {"differences", to_json(differences)}};
        print_json(json, out);
        return;
    }
    out << fmt::format("- {}\n+ {}\n", inert(options.first.string()), inert(options.second.string()));
    if (differences.empty()) out << "nothing differs: the same destinations, names, identity and contents\n";
    for (const auto& difference : differences) out << line_of(difference) << '\n';
}

}  // namespace

int compare_command(const CompareOptions& options, std::ostream& out, std::ostream& errors) {
    std::vector<analysis::Observations> sides;
    for (const auto& recording : {options.first, options.second}) {
        auto side = observe({recording}, options.camera);
        if (!side) {
            errors << "cambench: " << printable(recording.string() + ": " + side.error().message) << '\n';
            return side.error().fault == Fault::usage ? usage_exit_code : bench_error_exit_code;
        }
        sides.push_back(std::move(*side));
    }
    const auto differences = compare(sides[0], sides[1]);
    print(differences, options, out);
    return differences.empty() ? 0 : differs_exit_code;
}

}  // namespace cambench::cli
