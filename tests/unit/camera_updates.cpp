// The emulated camera's firmware: packages, slots, the boot loader's second stage, the updater.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "fixtures/camera/firmware/update/updater.hpp"
#include "harness/offers/family.hpp"
#include "tests/catch.hpp"

using namespace camera;
namespace offers = cambench::offers;

namespace {

const std::filesystem::path camera_folder = std::filesystem::path(CAMBENCH_SOURCE_DIR) / "fixtures/camera";

Bytes to_camera(cambench::ByteView bytes) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return {begin, begin + bytes.size()};
}

offers::Firmware sample(const std::string& version) {
    auto firmware = offers::load_firmware(camera_folder / "updates" / ("haneul-" + version + ".xml"));
    REQUIRE(firmware.ok());
    return std::move(*firmware);
}

std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A unit with a flash of files, and 1.4.2 in slot A.
class Board {
public:
    Board() {
        char name[] = "/tmp/camera-flash-XXXXXX";
        folder_ = ::mkdtemp(name);
        for (const auto* partition : {"2", "3", "4"})
            std::ofstream(flash() + partition) << std::string(1U << 20, '\0');
        slots_ = std::make_unique<FirmwareSlots>(flash());
        store_ = std::make_unique<BootStateStore>(flash() + "2");
        unit.identity.model = "HV-2100";
        put('A', to_camera(sample("1.4.2").bytes));
    }
    ~Board() { std::filesystem::remove_all(folder_); }
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;

    /// "1.4.2 in A", "nothing"
    [[nodiscard]] std::string start() {
        BootStage stage(unit.updates, unit.identity, key_, *slots_, *store_);
        const auto running = stage.start();
        return running ? running->application.version + " in " + running->slot +
                             (running->whole ? "" : ", in part")
                       : "nothing";
    }
    /// What the updater makes of a package while 1.4.2 runs; "" : it is installed, and the unit restarts.
    std::string install(const Bytes& package) {
        RunningFirmware running{'A', {"1.4.2", ""}};
        BootStage stage(unit.updates, unit.identity, key_, *slots_, *store_);
        NetworkState network;
        Resolver resolver(network, {});
        Updater updater({unit, running, *slots_, *store_, stage, key_, network, resolver, false, [](bool) {},
                         [](const auto&) {}, [this] { ++restarts; }});
        return updater.install(package);
    }
    std::string install(std::string_view kind) {
        const auto newer = sample("1.5.0"), older = sample("1.4.1");
        const auto offer = offers::make_offer(kind, {&newer, &older, "1.4.2"});
        REQUIRE(offer.ok());
        return install(to_camera(offer->bytes));
    }
    void put(char slot, const Bytes& bytes) {
        std::fstream file(flash() + (slot == 'A' ? "3" : "4"),
                          std::ios::binary | std::ios::in | std::ios::out);
        file << as_text(bytes);
    }
    BootStateStore& store() { return *store_; }

    Unit unit;
    int restarts = 0;

private:
    [[nodiscard]] std::string flash() const { return folder_ + "/flash"; }

    std::string folder_, key_ = text_of_file(camera_folder / "pki/haneul-update-laboratory.pem");
    std::unique_ptr<FirmwareSlots> slots_;
    std::unique_ptr<BootStateStore> store_;
};

}  // namespace

TEST_CASE("camera starts what the factory left in slot A", "[unit][camera]") {
    CHECK(Board().start() == "1.4.2 in A");
}

TEST_CASE("camera installs the genuine update and starts it from the other slot", "[unit][camera]") {
    Board board;
    CHECK(board.install("newer").empty());
    CHECK(board.restarts == 1);
    CHECK(board.start() == "1.5.0 in B");
    CHECK(board.start() == "1.5.0 in B");  // the second and last try
    CHECK(board.start() == "1.4.2 in A");  // it was never confirmed
}

TEST_CASE("camera refuses every other member of the family, and its flash stays as it was",
          "[unit][camera]") {
    Board board;
    for (const auto& kind : offers::offer_kinds()) {
        if (kind.genuine || kind.name == "stale-list" || kind.name == "redirected")
            continue;  // their packages are genuine
        CAPTURE(kind.name);
        CHECK_FALSE(board.install(kind.name).empty());
    }
    CHECK(board.restarts == 0);
    CHECK(board.start() == "1.4.2 in A");
}

TEST_CASE("camera's weaknesses let in exactly what they are about", "[unit][camera]") {
    using P = UpdatePolicy;
    const auto taken = [](auto&& weaken, std::string_view kind) {
        Board board;
        weaken(board.unit.updates);
        return board.install(kind).empty() && board.restarts == 1;
    };
    const auto if_present = [](P& policy) { policy.signature = P::Signature::if_present; };
    CHECK(taken(if_present, "unsigned"));
    CHECK_FALSE(taken(if_present, "other-key"));
    const auto checksum = [](P& policy) { policy.signature = P::Signature::ignored; };
    CHECK(taken(checksum, "other-key"));
    CHECK(taken(checksum, "flipped-body"));
    CHECK_FALSE(taken(checksum, "truncated"));
    CHECK(taken([](P& policy) { policy.accepts_older = true; }, "older"));
    CHECK(taken([](P& policy) { policy.accepts_other_model = true; }, "other-model"));
    CHECK(taken([](P& policy) { policy.accepts_mixed_parts = true; }, "mixed-parts"));
    CHECK(taken([](P& policy) { policy.boot = P::Boot::warns; }, "unsigned"));
}

TEST_CASE("camera that writes first has the refused package in its flash, and does not choose it",
          "[unit][camera]") {
    Board board;
    board.unit.updates.verification = UpdatePolicy::Verification::after_writing;
    CHECK_FALSE(board.install("unsigned").empty());
    CHECK(board.restarts == 0);
    CHECK(board.start() == "1.4.2 in A");
}

TEST_CASE("camera falls back from a slot that was written in part, unless its boot loader is blind",
          "[unit][camera]") {
    auto half = to_camera(sample("1.5.0").bytes);
    half.resize(half.size() / 2);
    Board board;
    board.put('B', half);
    board.store().save({'A', 'B', 2, ""});
    CHECK(board.start() == "1.4.2 in A");
    Board blind;
    blind.unit.updates.boot = UpdatePolicy::Boot::blind;
    blind.put('B', half);
    blind.store().save({'A', 'B', 2, ""});
    CHECK(blind.start() == "1.5.0 in B, in part");
}

TEST_CASE("camera with one slot has nothing to start after half a write", "[unit][camera]") {
    auto half = to_camera(sample("1.5.0").bytes);
    half.resize(half.size() / 2);
    Board board;
    board.put('A', half);
    CHECK(board.start() == "nothing");
}

TEST_CASE("camera's boot state outlives a torn record", "[unit][camera]") {
    const BootState state{'B', 'A', 2, "1.5.0"};
    const auto record = encode_boot_state(state, 7);
    const auto stored = parse_boot_state(record);
    REQUIRE(stored);
    CHECK(stored->sequence == 7);
    CHECK(stored->state.active == 'B');
    CHECK(stored->state.floor == "1.5.0");
    for (std::size_t size = 0; size < record.size(); ++size)
        CHECK_FALSE(parse_boot_state(ByteView(record).first(size)));
    auto torn = record;
    torn[12] ^= 1;
    CHECK_FALSE(parse_boot_state(torn));
}

TEST_CASE("camera compares versions by their numbers", "[unit][camera]") {
    CHECK(compare_versions("1.10.0", "1.9.9") > 0);
    CHECK(compare_versions("1.4", "1.4.0") == 0);
    CHECK(compare_versions("", "0.0.1") < 0);
}

TEST_CASE("camera reads the list of updates and the places it is sent to", "[unit][camera]") {
    const auto index = parse_update_index(
        R"({"model": "HV-2100", "version": "1.5.0", "path": "/p", "sha256": "ab", "expires": "2030-01-01T00:00:00Z"})");
    REQUIRE(index);
    CHECK(index->version == "1.5.0");
    CHECK_FALSE(parse_update_index("<html>"));
    CHECK_FALSE(parse_update_index(R"({"version": 5})"));
    const auto place = parse_web_place("https://a.example:8443/x?y");
    REQUIRE(place);
    CHECK(place->host == "a.example");
    CHECK(place->port == 8443);
    CHECK(place->path == "/x?y");
    CHECK_FALSE(parse_web_place("ftp://a.example/"));
    CHECK_FALSE(parse_web_place("http://:80/"));
    CHECK_FALSE(parse_web_place("http://a.example:99999/"));
}
