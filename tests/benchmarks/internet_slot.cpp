// One slot's network as a run has it, without a camera or a scenario: sandbox, capture, fake internet,
// payloads, timeline. Lends INTERFACE to the slot, prints "ready", and ends with its standard input; then
// prints what was recorded as a JSON object.
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>

#include "bench/sandbox/sandbox.hpp"
#include "harness/evidence/timeline.hpp"

int main(int count, char** arguments) {
    using namespace cambench;
    if (count < 3)
        return std::fprintf(stderr, "usage: internet_slot INTERFACE DIRECTORY [PERSONALITY-JSON]\n"), 64;
    const std::filesystem::path directory = arguments[2];
    std::filesystem::create_directories(directory);
    const auto fail = [](const Error& error) {
        return std::fprintf(stderr, "%s\n", error.message.c_str()), 3;
    };
    const auto clock = RunClock::start();
    const auto personality = internet::personality_from_json(Json::parse(count > 3 ? arguments[3] : "{}"));
    if (!personality) return fail(personality.error());
    const auto timeline = Timeline::create(directory / "timeline.jsonl", clock);
    if (!timeline) return fail(timeline.error());
    sandbox::Wishes wishes;
    wishes.interface = arguments[1];
    wishes.personality = *personality;
    wishes.evidence = directory;
    const auto slot = sandbox::Sandbox::start(wishes, **timeline, clock);
    if (!slot) return fail(slot.error());
    std::printf("ready\n");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
    }
    const auto closing = (*slot)->stop();
    std::cout << Json{{"frames", closing.capture.frames},
                      {"frames_dropped", closing.capture.dropped},
                      {"capture_bytes", closing.capture.bytes},
                      {"events", (*timeline)->mark()},
                      {"escaped", closing.escaped},
                      {"fault", closing.status ? "" : closing.status.error().message}}
              << '\n';
    return closing.status ? 0 : 3;
}
