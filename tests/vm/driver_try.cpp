// Uses a slot's drivers the way a run does, over and over: what a start of the program for each command would
// make too slow.
//   driver_try cycles BENCH SLOT COUNT        switches on and off, and compares what the board reads back
//   driver_try listen BENCH SLOT BYTES FILE   keeps the first BYTES of the console; gives up after 20 s of
//   silence
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "drivers/console/console_driver.hpp"
#include "drivers/power/power_driver.hpp"
#include "harness/core/file.hpp"
#include "harness/documents/bench_file.hpp"

namespace {

using namespace cambench;
using State = PowerSwitch::State;

constexpr auto patience = std::chrono::seconds(20);

double seconds_since(Monotonic::time_point start) {
    return std::chrono::duration<double>(Monotonic::now() - start).count();
}

Result<SlotDescription> find_slot(const std::string& file, const std::string& name) {
    markup::Problems problems;
    auto bench = load_bench_file(file, problems);
    if (!bench) return std::move(bench).error();
    if (const auto* slot = bench->find(name)) return *slot;
    return usage_error("no slot " + name);
}

Status cycle(const SlotDescription& slot, unsigned count) {
    TRY_ASSIGN(const auto power, open_power_switch(slot.power, {}));
    const auto start = Monotonic::now();
    unsigned misses = 0;
    for (unsigned i = 0; i < count; ++i) {
        for (const auto wanted : {State::on, State::off}) {
            TRY(power->set(wanted));
            TRY_ASSIGN(const auto state, power->read_back());
            if (state != wanted) ++misses;
        }
    }
    fmt::print("{{\"cycles\": {}, \"misses\": {}, \"seconds\": {:.2f}}}\n", count, misses,
               seconds_since(start));
    return {};
}

Status listen(const SlotDescription& slot, std::size_t wanted, const std::string& file) {
    const auto* driver = find_console_driver(slot.console_driver());
    TRY_ASSIGN(const auto console, driver->open(slot.console, {}));
    Bytes heard;
    std::array<std::byte, 65536> chunk;
    std::optional<Monotonic::time_point> start;
    while (heard.size() < wanted) {
        TRY_ASSIGN(const auto reading, console->read(chunk, Deadline::after(patience)));
        if (reading.kind == Console::Reading::Kind::opened) {
            fmt::print("listening\n");
            std::fflush(stdout);
        }
        if (reading.kind == Console::Reading::Kind::quiet) break;
        if (reading.kind != Console::Reading::Kind::data) continue;
        if (!start) start = Monotonic::now();
        heard.insert(heard.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(reading.count));
    }
    fmt::print("{{\"bytes\": {}, \"seconds\": {:.2f}}}\n", heard.size(), start ? seconds_since(*start) : 0.0);
    return write_file_atomically(file, as_text(heard));
}

Status act(const std::vector<std::string>& words) {
    if (words.size() < 5)
        return usage_error("driver_try cycles BENCH SLOT COUNT | listen BENCH SLOT BYTES FILE");
    TRY_ASSIGN(const auto slot, find_slot(words[2], words[3]));
    if (words[1] == "cycles") return cycle(slot, static_cast<unsigned>(std::stoul(words[4])));
    if (words[1] == "listen" && words.size() == 6) return listen(slot, std::stoul(words[4]), words[5]);
    return usage_error("no such action: " + words[1]);
}

}  // namespace

int main(int count, char** words) {
    const auto done = act({words, words + count});
    if (done) return 0;
    fmt::print(stderr, "driver_try: {}\n", done.error().message);
    return done.error().fault == Fault::usage ? 64 : 3;
}
