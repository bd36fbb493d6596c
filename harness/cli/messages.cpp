#include "harness/cli/messages.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "harness/core/text.hpp"

namespace cambench::cli {

std::string printable(std::string_view message) {
    std::string text;
    for (std::size_t begin = 0; begin <= message.size();) {
        const auto end = std::min(message.find('\n', begin), message.size());
        if (begin > 0) text += '\n';
        text += inert(message.substr(begin, end - begin));
        begin = end + 1;
    }
    return text;
}

bool output_arrived() {
    errno = 0;
    std::cout.flush();
    const bool flushed = std::fflush(stdout) == 0;
    if (flushed && std::cout.good() && std::ferror(stdout) == 0) return true;
    const auto text = fmt::format("cambench: the result could not be written to standard output{}\n",
                                  errno != 0 ? fmt::format(": {}", std::strerror(errno)) : "");
    std::fputs(text.c_str(), stderr);
    return false;
}

}  // namespace cambench::cli
