#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

/// What a launcher may be asked, as pure functions. The one who asks may be in foreign hands.
namespace cambench::launcher {

/// Verbs of the language: each message is a verb and words, each of them ended by a zero.
inline constexpr std::string_view allow_command = "allow-command", allow_interface = "allow-interface",
                                  seal = "seal", start = "start";
inline constexpr std::string_view done = "ok", refused = "no";
/// On the socket of one child: what it is to get, a byte. The answer is its exit code, an int.
inline constexpr char terminate = 't', kill = 'k';

/// A program to be started; descriptors come in the order of their numbers: standard input, output, 3, 4, ...
struct Order {
    std::string program;  ///< "cambench-sandbox", "cambench-probe", "cambench-viewer", "curl", "sh"
    pid_t sandbox = 0;    ///< the cambench-sandbox whose namespaces it enters
    std::vector<std::string> arguments;
};

[[nodiscard]] std::string to_text(const std::vector<std::string>& words);
/// An error when it is torn: its end is missing.
[[nodiscard]] Result<std::vector<std::string>> words_of(std::string_view text);
[[nodiscard]] std::vector<std::string> to_words(const Order& order);
[[nodiscard]] Result<Order> order_of(const std::vector<std::string>& words);

/// What the bench file names, until the list is sealed; and what may be started after that.
class Permits {
public:
    [[nodiscard]] Status add_command(const std::string& command);
    [[nodiscard]] Status add_interface(const std::string& interface);
    void seal() { sealed_ = true; }
    /// `descriptors`: how many came with it. Whether there is such a sandbox is for the launcher to say.
    [[nodiscard]] Status judge(const Order& order, std::size_t descriptors) const;

private:
    [[nodiscard]] Status may_add(const std::string& text) const;
    std::set<std::string> commands_, interfaces_;
    bool sealed_ = false;
};

}  // namespace cambench::launcher
