#include <fmt/format.h>
#include <algorithm>

#include "harness/analysis/flows/ledger.hpp"
#include "harness/analysis/flows/tracker.hpp"
#include "harness/analysis/run/console_reader.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"
#include "tests/unit/recorded_run.hpp"

using namespace cambench;
using namespace cambench::analysis;
using namespace cambench::packets;
using namespace std::chrono_literals;

namespace cambench::bounds_of_analysis {
/// What is kept and looked at ends somewhere. Up to there all is judged, and beyond it the recording says so.
namespace {

const ReachedBound* bound_on(const Observations& observations, Subject subject) {
    for (const auto& bound : observations.bounds)
        if (bound.subject == subject) return &bound;
    return nullptr;
}

IpAddress numbered(std::uint32_t base, std::size_t number) {
    return IpAddress::v4(base + static_cast<std::uint32_t>(number));
}

Wire& tries(Wire& wire, const IpAddress& address, std::uint16_t port) {
    wire.out(address, 6, tcp(40000, port, 1000, 0, syn));
    return wire;
}

std::string jpeg() {
    return std::string("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01", 13) + std::string(64, 'p');
}
std::string noise(std::size_t size) {
    std::string text(size, 'n');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 23);
    return text;
}

bool shows_picture(const Observations& observations, std::string_view who) {
    for (const auto& destination : observations.destinations)
        for (const auto& fact : destination.contents)
            if (destination.addresses.front().to_string() == who && fact.kind == ContentKind::media)
                return true;
    return false;
}

}  // namespace

TEST_CASE("as many destinations as the bound are all kept, and one more is counted", "[analysis][bounds]") {
    constexpr auto most = Ledger::most_destinations;
    for (const auto count : {most - 1, most, most + 1, most + 5}) {
        Wire wire;
        wire.lease();
        for (std::size_t i = 0; i < count; ++i) tries(wire, numbered(0xcb007100, i), 8443);
        const auto observations = observe(wire.frames, true);
        const auto* bound = bound_on(observations, Subject::destinations);
        REQUIRE((bound != nullptr) == (count > most));
        if (bound == nullptr) continue;
        CHECK(bound->beyond == count - most);
        CHECK(bound->bound == most);
        CHECK(bound->since.has_value());
    }
}

TEST_CASE("a flood of destinations with names hides none without", "[analysis][bounds]") {
    Wire wire;
    wire.lease();
    for (std::size_t i = 0; i < Ledger::most_destinations + 10; ++i) {
        const auto address = numbered(0xc6120000, i);
        wire.resolve(fmt::format("n{}.cloud.vendor.example", i), address);
        tries(wire, address, 443);
    }
    tries(wire, ip("203.0.113.9"), 9443);
    const auto observations = observe(wire.frames, true);
    REQUIRE(bound_on(observations, Subject::destinations) != nullptr);
    const auto* literal = find(observations, "203.0.113.9", 9443);
    REQUIRE(literal != nullptr);
    CHECK(literal->resolution == Resolution::literal);
}

TEST_CASE("as many names as the bound are all kept, and those beyond still name addresses",
          "[analysis][bounds]") {
    constexpr auto most = NameBook::most_lookups;
    for (const auto count : {most, most + 1}) {
        Wire wire;
        wire.lease();
        for (std::size_t i = 0; i + 1 < count; ++i) wire.ask(fmt::format("n{}.vendor.example", i));
        wire.resolve("last.vendor.example", ip("203.0.113.7"));
        tries(wire, ip("203.0.113.7"), 443);
        const auto observations = observe(wire.frames, true);
        const auto* bound = bound_on(observations, Subject::names);
        CHECK((bound != nullptr) == (count > most));
        CHECK(observations.lookups.size() == std::min(count, most));
        const auto* last = find(observations, "203.0.113.7", 443);
        REQUIRE(last != nullptr);
        CHECK(last->name == "last.vendor.example");
    }
}

TEST_CASE("flows that are open at one time are bounded, and those that give way are said",
          "[analysis][bounds]") {
    constexpr auto most = Tracker::most_flows;
    for (const auto count : {most - 1, most, most + 1}) {
        Wire wire;
        for (std::size_t i = 0; i < count; ++i)
            wire.out(ip("203.0.113.1"), 17,
                     udp(static_cast<std::uint16_t>(1024 + i % 60000),
                         static_cast<std::uint16_t>(9000 + i / 60000), to_bytes("x")));
        const auto observations = observe(wire.frames, true);
        CHECK((bound_on(observations, Subject::everything) != nullptr) == (count > most));
        REQUIRE(observations.destinations.size() == 1);
        CHECK(observations.destinations[0].attempts == count);
    }
}

TEST_CASE("neighbours, visitors and kinds of frames beyond their bounds are counted", "[analysis][bounds]") {
    for (const auto more : {0U, 1U}) {
        Wire wire;
        wire.lease();
        const auto all = mac("ff:ff:ff:ff:ff:ff");
        for (std::size_t i = 0; i < Tracker::most_neighbours + more; ++i)
            wire.put(ethernet(all, wire.camera_mac, 0x0806,
                              arp(1, wire.camera_mac, wire.camera, numbered(0x0a000000, i))));
        for (std::size_t i = 0; i < Tracker::most_other_frames + more; ++i)
            wire.put(ethernet(mac(fmt::format("02:00:00:00:{:02x}:{:02x}", i / 256, i % 256)),
                              wire.camera_mac, 0x9999, to_bytes("data")));
        for (std::size_t i = 0; i < Ledger::most_visitors + more; ++i) {
            const auto port = static_cast<std::uint16_t>(20000 + i);
            wire.in(ip("203.0.113.5"), 6, tcp(port, 80, 100, 0, syn));
            wire.out(ip("203.0.113.5"), 6, tcp(80, port, 500, 101, syn | ack));
            wire.out(ip("203.0.113.5"), 6, tcp(80, port, 501, 101, ack | psh, to_bytes("hello")));
        }
        const auto observations = observe(wire.frames, true, "02:4b:52:00:00:01");
        for (const auto subject : {Subject::neighbours, Subject::destinations, Subject::services}) {
            INFO(static_cast<int>(subject) << " and " << more);
            CHECK((bound_on(observations, subject) != nullptr) == (more > 0));
        }
    }
}

TEST_CASE("a picture is seen however late it comes in an upload in clear", "[analysis][bounds]") {
    for (const std::size_t before : {std::size_t{0}, std::size_t{8} << 20, std::size_t{11} << 20}) {
        Wire wire;
        wire.lease().resolve("cloud.vendor.example", ip("203.0.113.2"));
        const auto to = ip("203.0.113.2");
        wire.out(to, 6, tcp(40001, 8080, 1000, 0, syn));
        wire.in(to, 6, tcp(8080, 40001, 5000, 1001, syn | ack));
        std::uint32_t sequence = 1001;
        const auto send = [&](const std::string& text) {
            wire.out(to, 6, tcp(40001, 8080, sequence, 5001, ack | psh, to_bytes(text)));
            sequence += static_cast<std::uint32_t>(text.size());
        };
        for (std::size_t sent = 0; sent < before; sent += 32768) send(noise(32768));
        send("\n" + jpeg());
        CHECK(shows_picture(observe(wire.frames, true), "203.0.113.2"));
    }
}

TEST_CASE("a program is seen behind the marks of many other things", "[analysis][bounds]") {
    using namespace std::string_literals;
    std::string arriving;
    for (const auto& one :
         {"DHAV\xfd"s, "RIFF1234WAVEfmt "s, "RIFF1234AVI LIST"s, "RIFF1234WEBPVP8"s, "FLV\1\5\0\0\0\x09"s,
          "OggS\0\2"s, "\x89PNG\r\n\x1a\n"s, "AAAAAWdC"s, "AAAAAUABDA"s, jpeg()})
        arriving += noise(50) + one;
    arriving += noise(50) +
                "\x7f"
                "ELF\1\1\1" +
                noise(50);
    Wire wire;
    wire.lease().resolve("cloud.vendor.example", ip("203.0.113.2"));
    wire.connect(ip("203.0.113.2"), 8080, to_bytes("send me"), to_bytes(arriving));
    const auto observations = observe(wire.frames, true);
    const auto& contents = find(observations, "203.0.113.2", 8080)->contents;
    CHECK(std::any_of(contents.begin(), contents.end(), [](const ContentFact& fact) {
        return fact.kind == ContentKind::code && !fact.outgoing;
    }));
}

TEST_CASE("a picture is seen however long a kept content is, and however many came before",
          "[analysis][bounds]") {
    const auto fields = std::string(
        R"("camera":"192.168.7.20:40001","destination":"203.0.113.2:443","name":"cloud.vendor.example","transport":"tcp","protocol":"https","inside":"tls")");
    const auto begun = [] {
        Wire wire;
        wire.lease().resolve("cloud.vendor.example", ip("203.0.113.2"));
        wire.connect(ip("203.0.113.2"), 443, client_hello("cloud.vendor.example"));
        return RecordedRun(wire);
    };
    SECTION("behind eight megabytes") {
        auto run = begun();
        run.event("http-request", fields + R"(,"method":"PUT","target":"/a","host":"cloud.vendor.example")",
                  noise(9U << 20) + "\n" + jpeg());
        CHECK(shows_picture(run.observe(), "203.0.113.2"));
    }
    SECTION("over the edge of two pieces that are read") {
        auto run = begun();
        run.event("tcp-payload", fields, noise((256U << 10) + 1024 - 5) + jpeg());
        CHECK(shows_picture(run.observe(), "203.0.113.2"));
    }
    SECTION("behind twenty thousand others") {
        auto run = begun();
        run.event("tcp-payload", fields, "nothing of interest");
        const auto again = fields + ",\"payload\":\"" + std::string(63, '0') + "1\",\"payload_bytes\":19";
        for (int i = 0; i < 20'001; ++i) run.event("tcp-payload", again);
        run.event("tcp-payload", fields, jpeg());
        CHECK(shows_picture(run.observe(), "203.0.113.2"));
    }
}

TEST_CASE("lines of the console beyond the bound, and a line that is too long, are said",
          "[analysis][bounds]") {
    const auto with_console = [](const std::string& text) {
        Wire wire;
        wire.lease();
        const TemporaryFile capture(pcap(wire.frames)), console(text);
        Inputs inputs;
        inputs.captures = {{capture.path(), "capture.pcap"}};
        inputs.console = console.path();
        return analyze(inputs).value();
    };
    CHECK(bound_on(with_console("one\ntwo\n"), Subject::console) == nullptr);
    CHECK(bound_on(with_console(std::string(ConsoleReader::longest_line, 'x') + "\n"), Subject::console) ==
          nullptr);
    CHECK(bound_on(with_console(std::string(ConsoleReader::longest_line + 1, 'x') + "\n"),
                   Subject::console) != nullptr);
    CHECK(bound_on(with_console(std::string(200'000, '\n')), Subject::console) == nullptr);
    CHECK(bound_on(with_console(std::string(200'001, '\n')), Subject::console) != nullptr);
}

TEST_CASE("a camera with two thousand names and much traffic reaches no bound", "[analysis][bounds]") {
    Wire wire;
    wire.lease();
    for (std::size_t i = 0; i < 2000; ++i) {
        const auto name = fmt::format("n{}.cloud.vendor.example", i);
        wire.resolve(name, numbered(0xc6120000, i));
        wire.connect(numbered(0xc6120000, i), 443, client_hello(name));
    }
    for (int i = 0; i < 5000; ++i)
        wire.wait(1s).connect(numbered(0xc6120000, 7), 443, client_hello("n7.cloud.vendor.example"));
    const auto observations = observe(wire.frames, true);
    for (const auto& bound : observations.bounds) INFO(bound.what);
    CHECK(observations.bounds.empty());
    CHECK(observations.destinations.size() > 2000);
}

TEST_CASE("when the time is up, what was found so far stands, and that it is not all is said",
          "[analysis][bounds]") {
    Wire wire;
    wire.lease();
    for (std::size_t i = 0; i < 6000; ++i)
        tries(wire, numbered(0xcb007100, i % 100), static_cast<std::uint16_t>(1000 + i));
    const TemporaryFile capture(pcap(wire.frames));
    Inputs inputs;
    inputs.captures = {{capture.path(), "capture.pcap"}};
    inputs.complete = true;
    int asked = 0;
    inputs.go_on = [&] { return ++asked < 3; };
    const auto observations = analyze(inputs).value();
    const auto* bound = bound_on(observations, Subject::everything);
    REQUIRE(bound != nullptr);
    CHECK(bound->since.has_value());
    CHECK(observations.destinations.size() > 1000);
    CHECK(observations.destinations.size() < 5000);
    inputs.go_on = [] { return true; };
    CHECK(analyze(inputs).value().bounds.empty());
}

}  // namespace cambench::bounds_of_analysis
