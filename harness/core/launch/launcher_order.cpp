#include "harness/core/launch/launcher_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::launcher {
namespace {

constexpr std::size_t most_permits = 1024, longest_permit = 1 << 14;

/// What each program is started with. Its arguments are its own to judge, where no more is said below.
struct Shape {
    std::string_view program;
    bool in_sandbox;
    std::size_t least_arguments, most_arguments;
    std::size_t least_descriptors, most_descriptors;
};
constexpr std::array shapes{Shape{"cambench-sandbox", false, 0, 1, 4, 4},
                            Shape{"cambench-probe", true, 2, 3, 2, 3},
                            Shape{"cambench-viewer", true, 2, 2, 4, 4}, Shape{"curl", true, 1, 64, 2, 4},
                            Shape{"sh", false, 2, 2, 2, 2}};

}  // namespace

std::string to_text(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += word.substr(0, word.find('\0')) + '\0';
    return text;
}

Result<std::vector<std::string>> words_of(std::string_view text) {
    if (text.empty() || text.back() != '\0') return bench_error("the message is torn");
    std::vector<std::string> words;
    for (std::size_t end = 0; !text.empty(); text.remove_prefix(end + 1)) {
        end = text.find('\0');
        words.emplace_back(text.substr(0, end));
    }
    return words;
}

std::vector<std::string> to_words(const Order& order) {
    std::vector<std::string> words{std::string(start), order.program, std::to_string(order.sandbox)};
    words.insert(words.end(), order.arguments.begin(), order.arguments.end());
    return words;
}

Result<Order> order_of(const std::vector<std::string>& words) {
    const auto sandbox = words.size() < 3 ? std::nullopt : whole_number<pid_t>(words[2]);
    if (!sandbox || words[0] != start) return bench_error("the message is torn");
    return Order{words[1], *sandbox, {words.begin() + 3, words.end()}};
}

Status Permits::may_add(const std::string& text) const {
    if (sealed_) return bench_error("the list is sealed");
    const bool room = commands_.size() + interfaces_.size() < most_permits && !text.empty() &&
                      text.size() <= longest_permit;
    return room ? Status() : Status(bench_error("that is more than a bench has"));
}

Status Permits::add_command(const std::string& command) {
    TRY(may_add(command));
    commands_.insert(command);
    return {};
}

Status Permits::add_interface(const std::string& interface) {
    TRY(may_add(interface));
    interfaces_.insert(interface);
    return {};
}

Status Permits::judge(const Order& order, std::size_t descriptors) const {
    const auto refuse = [&](std::string_view why) {
        return Status(bench_error(fmt::format("start {}: {}", inert(order.program), why)));
    };
    if (!sealed_) return refuse("the list is not sealed yet");
    const auto is_it = [&](const Shape& one) { return one.program == order.program; };
    const auto* shape = std::find_if(shapes.begin(), shapes.end(), is_it);
    if (shape == shapes.end()) return refuse("this program is not on the list");
    if (shape->in_sandbox != (order.sandbox > 0)) return refuse("this is not where it is started");
    const auto count = order.arguments.size();
    if (count < shape->least_arguments || count > shape->most_arguments)
        return refuse("it has other arguments");
    if (descriptors < shape->least_descriptors || descriptors > shape->most_descriptors)
        return refuse("it has other descriptors");
    if (order.program == "cambench-sandbox" && count == 1 && !interfaces_.contains(order.arguments[0]))
        return refuse("the bench file names no such interface");
    if (order.program == "sh" && (order.arguments[0] != "-c" || !commands_.contains(order.arguments[1])))
        return refuse("the bench file has no such command");
    return {};
}

}  // namespace cambench::launcher
