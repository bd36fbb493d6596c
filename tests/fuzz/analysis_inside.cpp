// What is carried inside of streams, and what tells a shell.
#include <cstdint>
#include <cstdlib>

#include "harness/analysis/flows/content.hpp"
#include "harness/analysis/flows/inner_talk.hpp"
#include "harness/core/shell_talk.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cambench;
    using namespace cambench::analysis;
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto half = bytes.subspan(size / 2);
    for (const auto in : {ByteView(), ByteView(half)}) {
        if (find_inner_talks(bytes, in, "http").size() > 32 || find_talk(bytes, in, "tls").size() > 32)
            std::abort();
        (void)find_given_shell(bytes, in);
    }
    (void)find_carried(bytes, "tls/http/body");
    const auto plain = without_terminal_codes(as_text(bytes));
    if (plain.size() > size) std::abort();
    (void)shell_greeting(as_text(bytes));
    (void)shell_output(as_text(bytes), as_text(half));
    (void)repeats_prompt(as_text(bytes));
    return 0;
}
