#include <unistd.h>

#include <cstdio>

#include "bench/internet/process/run.hpp"
#include "bench/sandbox/keeper.hpp"

/// cambench-sandbox [INTERFACE]: started by cambench, never by hand. Descriptor 3 is the control socket, 4
/// the channel.
int main(int count, char** arguments) {
    constexpr int control = 3, channel = 4;
    if (::isatty(0) != 0 && ::isatty(1) != 0) {
        std::fputs("cambench-sandbox is started by cambench; see cambench --help\n", stderr);
        return 64;
    }
    return cambench::sandbox::keep_sandbox(control, channel, count > 1 ? arguments[1] : "",
                                           cambench::internet::run);
}
