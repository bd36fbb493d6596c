#include <array>

#include "bench/sandbox/heartbeat.hpp"
#include "bench/sandbox/rules.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::sandbox;

namespace {

Bytes frame_from(std::uint8_t last, std::uint8_t content) {
    Bytes frame(60, std::byte{content});
    const std::array<std::uint8_t, 6> mac{0x02, 0x63, 0x62, 0, 0, last};
    for (std::size_t i = 0; i < mac.size(); ++i) frame[6 + i] = std::byte{mac[i]};
    return frame;
}

}  // namespace

TEST_CASE("the recorder leaves out the bench's own frames alone, each once and to the byte", "[heartbeat]") {
    OwnFrames own(RunClock::start());
    own.expect(3, frame_from(1, 7));
    CHECK_FALSE(own.take(frame_from(1, 8)));
    CHECK_FALSE(own.take(frame_from(2, 7)));
    CHECK_FALSE(own.take(ByteView(frame_from(1, 7)).first(59)));
    CHECK_FALSE(own.take({}));
    CHECK(own.count() == 0);
    CHECK(own.take(frame_from(1, 7)));
    CHECK_FALSE(own.take(frame_from(1, 7)));
    CHECK(own.newest().first == 3);
    CHECK(own.count() == 1);
}

TEST_CASE("all that comes in by the pulse interface is turned onto the camera's wire", "[heartbeat]") {
    const auto commands = pulse_commands({.interface = "cam7"});
    CHECK(commands.find("qdisc add dev bench-pulse clsact") != std::string::npos);
    CHECK(commands.find("dev bench-pulse ingress") != std::string::npos);
    CHECK(commands.find("mirred ingress redirect dev cam7") != std::string::npos);
}
