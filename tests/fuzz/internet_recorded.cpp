#include <cstddef>
#include <cstdint>

#include "bench/internet/world/dialogue_book.hpp"
#include "harness/core/bytes.hpp"

using namespace cambench;
using namespace cambench::internet;

/// Up to the first NUL the request of a turn as it is written; then what a camera says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(text.find('\0'), text.size());
    const auto request = DialogueTemplate::parse(text.substr(0, end));
    if (!request) return 0;
    if (*DialogueTemplate::parse(request->to_string()) != *request) __builtin_trap();
    const auto input = text.substr(std::min(end + 1, text.size()));
    DialogueBook::Served served;
    served.server.turns.push_back({*request, {*request}});
    served.taken.resize(1);
    for (const auto patience : {DialogueBook::Patience::exact, DialogueBook::Patience::alike}) {
        const auto choice = DialogueBook::take(served, input, patience);
        if (!choice) continue;
        if (choice->match.size > input.size()) __builtin_trap();
        (void)fill_in(*request, choice->match, WallTime());
    }
    return 0;
}
