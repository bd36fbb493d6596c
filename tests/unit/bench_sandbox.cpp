#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/sandbox/host_interface.hpp"
#include "bench/sandbox/own_network.hpp"
#include "bench/sandbox/pcapng_writer.hpp"
#include "bench/sandbox/rules.hpp"
#include "bench/sandbox/steady_stamps.hpp"
#include "tests/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace cambench;
using namespace cambench::sandbox;

namespace {

struct TemporaryFile {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("cambench-test-" + std::to_string(::getpid()) + ".pcapng");
    ~TemporaryFile() { std::filesystem::remove(path); }
    Bytes content() const {
        std::ostringstream text;
        text << std::ifstream(path, std::ios::binary).rdbuf();
        return to_bytes(text.str());
    }
};

/// The types of the blocks of a pcapng file; empty when a block's two lengths differ or the file is torn.
std::vector<std::uint32_t> block_types(ByteView bytes) {
    std::vector<std::uint32_t> types;
    ByteReader reader(bytes);
    while (!reader.empty()) {
        const auto start = reader.position();
        const auto type = reader.u32_le();
        const auto length = reader.u32_le();
        if (length < 12 || length % 4 != 0) return {};
        reader.seek(start + length - 4);
        if (reader.u32_le() != length || reader.failed()) return {};
        types.push_back(type);
    }
    return types;
}

constexpr std::uint32_t section = 0x0a0d0d0a, description = 1, statistics = 5, packet = 6, secrets = 10;

}  // namespace

TEST_CASE("the counters of what tried to leave are added up") {
    CHECK(escaped_packets("") == 0);
    CHECK(escaped_packets("table inet cambench {\n counter escaped_forward {\n packets 0 bytes 0\n }\n "
                          "counter escaped_output {\n packets 0 bytes 0\n}}") == 0);
    CHECK(escaped_packets("counter a { packets 3 bytes 180 }\ncounter b { packets 40 bytes 2400 }") == 43);
}

TEST_CASE("the firewall drops by default and sends every port to the fake internet") {
    const auto rules = firewall_rules(Layout{});
    for (const auto* hook :
         {"hook input priority filter; policy drop", "hook forward priority filter; policy drop",
          "hook output priority filter; policy drop"})
        CHECK(rules.find(hook) != std::string::npos);
    CHECK(rules.find("ip tproxy") == std::string::npos);
    CHECK(rules.find("meta nfproto ipv6 meta l4proto udp tproxy ip6 to :9001") != std::string::npos);
}

TEST_CASE(
    "servers out of reach refuse the first packet; whoever tells names, and the router, are no such "
    "servers") {
    CHECK(refusal_rules(Layout{}, {}).empty());
    const auto dead = refusal_rules(Layout{}, {.all = true});
    CHECK(dead.ends_with("meta l4proto tcp reject with tcp reset\n"));
    CHECK(dead.find("tcp dport 53 return") < dead.find("reject"));
    const auto first = refusal_rules(Layout{}, {.first = 3});
    CHECK(first.find("add set inet cambench refused6 { type ipv6_addr; size 3; flags dynamic; }") !=
          std::string::npos);
    CHECK(first.find("add @refused4 { ip daddr } reject with tcp reset") != std::string::npos);
}

TEST_CASE("the operator is the nearest neighbour of a unit with an address of its own, and nobody else") {
    const auto address = [](std::string_view text) { return IpAddress::parse(text).value(); };
    const auto beside = [&](std::string_view unit, std::vector<IpAddress> taken = {},
                            std::optional<std::string> subnet = {}) -> std::string {
        const auto found = operator_address_beside(
            address(unit), subnet ? Cidr::parse(*subnet).value() : usual_subnet(address(unit)), taken);
        return found ? found->to_string() : "";
    };
    CHECK(beside("192.168.1.108") == "192.168.1.107");
    CHECK(beside("192.168.1.108", {address("192.168.1.107")}) == "192.168.1.109");
    CHECK(beside("192.168.1.2") == "192.168.1.3");      // .1 is the router's, as a rule
    CHECK(beside("192.168.1.253") == "192.168.1.252");  // and .254
    CHECK(beside("10.0.0.111") == "10.0.0.110");
    CHECK(beside("10.0.0.112") == "10.0.0.113");  // 111 would be the broadcast address of a /28
    CHECK(beside("169.254.12.7") == "169.254.12.6");
    CHECK(beside("2001:db8:5::108") == "2001:db8:5::107");
    CHECK(beside("10.0.0.5", {address("10.0.0.6")}, "10.0.0.4/30").empty());  // a full subnet
    CHECK(beside("10.0.0.6", {}, "10.0.0.4/30") == "10.0.0.5");
    CHECK(beside("10.0.0.5", {}, "10.0.0.5/32").empty());
    CHECK(address_commands(Layout{}, {address("fd00::108"), Cidr::parse("fd00::108/64").value(),
                                      address("fd00::107")}) == "addr replace fd00::107/64 dev cam0 nodad\n");
    CHECK(operator_rules({address("10.0.0.5"), usual_subnet(address("10.0.0.5")), address("10.0.0.4")}) ==
          "add element inet cambench operators4 { 10.0.0.4 }\n");
}

TEST_CASE("the bench keeps clear of addresses that the unit or its neighbours are said to have") {
    const std::vector nowhere{IpAddress::parse("192.168.1.108").value()},
        there{IpAddress::parse("192.168.77.2").value()},
        everywhere{IpAddress::parse("192.168.77.2").value(), IpAddress::parse("192.168.177.1").value()};
    CHECK(layout_beside(nowhere).lan == "192.168.77.0/24");
    CHECK(layout_beside(there).lan == "192.168.177.0/24");
    CHECK(layout_beside(there).router == "192.168.177.1");
    CHECK(layout_beside(there).first_lease == "192.168.177.100");
    CHECK(layout_beside(everywhere).operator_address == "172.27.77.2");
}

TEST_CASE("isolation begins with an empty chain each time") {
    CHECK(isolation_rules(Answers::all) == "flush chain inet cambench isolation\n");
    CHECK(isolation_rules(Answers::none).starts_with("flush chain inet cambench isolation\n"));
    CHECK(isolation_rules(Answers::none).find("drop") != std::string::npos);
}

TEST_CASE("an interface gets back its addresses, state and routes in that order") {
    const Json configuration{{"name", "enx0"},
                             {"up", true},
                             {"addresses", {"192.0.2.7/24", "2001:db8::7/64"}},
                             {"routes", {"route replace 0.0.0.0/0 via 192.0.2.1 dev enx0"}}};
    CHECK(restore_commands(configuration) ==
          "addr replace 192.0.2.7/24 dev enx0\n"
          "addr replace 2001:db8::7/64 dev enx0\n"
          "link set enx0 up\n"
          "route replace 0.0.0.0/0 via 192.0.2.1 dev enx0\n");
    CHECK(restore_commands({{"name", "enx0"}, {"up", false}}) == "link set enx0 down\n");
}

TEST_CASE("a capture is made of whole blocks after every flush") {
    TemporaryFile file;
    auto writer = PcapngWriter::create(file.path, "cam0");
    REQUIRE(writer.ok());
    CHECK(block_types(file.content()) == std::vector<std::uint32_t>{section, description});
    const auto frame = to_bytes("odd length frame!");
    writer->append(WallTime(Nanoseconds(1'795'251'600'123'456'789)), Direction::from_camera, frame.size(),
                   frame, {});
    writer->append_statistics(WallTime{}, 1, 0);
    REQUIRE(writer->flush().ok());
    CHECK(block_types(file.content()) ==
          std::vector<std::uint32_t>{section, description, packet, statistics});
    CHECK(writer->frames() == 1);
    CHECK(writer->bytes() == file.content().size());
}

TEST_CASE("secrets move in front of the frames and the frames stay as they are") {
    TemporaryFile file;
    auto writer = PcapngWriter::create(file.path, "cam0");
    REQUIRE(writer.ok());
    const auto frame = to_bytes("a frame");
    writer->append(WallTime{}, Direction::to_camera, frame.size(), frame, {});
    writer->append_secrets("CLIENT_RANDOM 00 11\n");
    writer->append(WallTime{}, Direction::to_camera, frame.size(), frame, {});
    REQUIRE(writer->flush().ok());
    REQUIRE(put_secrets_first(file.path, "CLIENT_RANDOM 00 11\n").ok());
    CHECK(block_types(file.content()) ==
          std::vector<std::uint32_t>{section, description, secrets, packet, secrets, packet});
}

TEST_CASE("frames keep the run's time when the host's clock is set") {
    using namespace std::chrono_literals;
    const RunClock clock{Monotonic::time_point(100s), WallTime(1'000'000s)};
    const auto at = [](auto offset) { return Monotonic::time_point(100s) + offset; };
    SteadyStamps stamps(clock);
    stamps.read(WallTime(1'000'001s), at(1s));
    CHECK(stamps.steady(WallTime(1'000'000'900ms)) == WallTime(1'000'000'900ms));

    // Forwards by an hour: a frame stamped before it was set, and one after.
    stamps.read(WallTime(1'003'601'100ms), at(1100ms));
    CHECK(stamps.steady(WallTime(1'000'001'020ms)) == WallTime(1'000'001'020ms));
    CHECK(stamps.steady(WallTime(1'003'601'080ms)) == WallTime(1'000'001'080ms));
    CHECK(stamps.stepped() == 3600s);

    // Backwards by two hours; the same mistake of reading two clocks is no step.
    stamps.read(WallTime(996'401'200ms), at(1200ms));
    CHECK(stamps.steady(WallTime(996'401'190ms)) == WallTime(1'000'001'190ms));
    stamps.read(WallTime(996'401'300ms + 5us), at(1300ms));
    CHECK(stamps.steady(WallTime(996'401'290ms)) == WallTime(1'000'001'290ms));
    CHECK(stamps.stepped() == -3600s);
}

TEST_CASE("a slewed clock moves frames without being called set") {
    using namespace std::chrono_literals;
    const RunClock clock{Monotonic::time_point(0s), WallTime(5'000s)};
    SteadyStamps stamps(clock);
    const auto slewed = [](Nanoseconds t) { return WallTime(5'000s) + t + t / 2000; };
    for (Nanoseconds t = 50ms; t <= 100s; t += 50ms) stamps.read(slewed(t), Monotonic::time_point(t));
    CHECK(stamps.stepped() == 0s);
    const auto last = stamps.steady(slewed(100s));
    CHECK(std::chrono::abs(last - WallTime(5'100s)) <= 2ms);
}

TEST_CASE("a record of a lent interface that another run is writing is left to it") {
    const temporary::Folder folder;
    const auto& runtime = folder.path();
    ::setenv("CAMBENCH_RUNTIME_DIR", runtime.c_str(), 1);
    const auto being_written = runtime / "lent" / (".unfinished-cam0-" + std::to_string(::getpid()));
    const auto abandoned = runtime / "lent/.unfinished-cam0-999999999",
               unreadable = runtime / "lent/cam1-999999999";
    for (const auto& one : {being_written, abandoned, unreadable}) std::filesystem::create_directories(one);
    CHECK(recover_lent_interfaces().size() == 2);
    CHECK(std::filesystem::exists(being_written));
    CHECK_FALSE(std::filesystem::exists(abandoned));
    CHECK_FALSE(std::filesystem::exists(unreadable));
    ::unsetenv("CAMBENCH_RUNTIME_DIR");
}

TEST_CASE("a full disk leaves whole blocks") {
    auto writer = PcapngWriter::create("/dev/full", "cam0");
    REQUIRE_FALSE(writer.ok());
    CHECK(writer.error().message.find("No space left on device") != std::string::npos);
}
