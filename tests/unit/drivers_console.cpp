#include <deque>
#include <mutex>
#include <random>

#include "drivers/console/baud.hpp"
#include "drivers/console/console_driver.hpp"
#include "drivers/console/serial.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

const std::string boot_log =
    "U-Boot 2016.11 (Apr 03 2019 - 18:54:33 +0800)hi3516ev200\r\nDRAM:  64 MiB\r\nHit any key to stop "
    "autoboot:  1\r\n";

/// What a UART makes of text that comes at another rate: bytes of all values.
std::string noise(std::size_t length) {
    std::mt19937 random(7);
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += static_cast<char>(random() & 0xff);
    return text;
}

/// An adapter on a camera that talks at one rate; unplugged when the test says so.
struct Adapter {
    unsigned right_rate = 115200;
    bool plugged = true;
    std::deque<unsigned> opened_at;
    std::string written;
};

class AdapterPort final : public SerialPort {
public:
    AdapterPort(std::shared_ptr<Adapter> adapter, unsigned baud)
        : adapter_(std::move(adapter)), baud_(baud) {}
    Result<std::size_t> read(std::span<std::byte> into, Deadline) override {
        if (!adapter_->plugged) return bench_error("the adapter has gone");
        const auto text = baud_ == adapter_->right_rate ? boot_log : noise(64);
        const auto count = std::min(into.size(), text.size());
        std::copy_n(as_bytes(text).begin(), count, into.begin());
        return count;
    }
    Status write(ByteView bytes, Deadline) override {
        adapter_->written += as_text(bytes);
        return {};
    }
    Status set_baud(unsigned baud) override {
        baud_ = baud;
        return {};
    }

private:
    std::shared_ptr<Adapter> adapter_;
    unsigned baud_;
};

SerialPortOpener opener(const std::shared_ptr<Adapter>& adapter) {
    return [adapter](unsigned baud) -> Result<std::unique_ptr<SerialPort>> {
        if (!adapter->plugged) return bench_error("no such file");
        adapter->opened_at.push_back(baud);
        return std::unique_ptr<SerialPort>(std::make_unique<AdapterPort>(adapter, baud));
    };
}

using Kind = Console::Reading::Kind;

/// Reads until something of that kind comes; the data on the way.
std::string read_until(Console& console, Kind wanted, int most = 400) {
    std::string data;
    Bytes buffer(256);
    for (int i = 0; i < most; ++i) {
        const auto reading = console.read(buffer, Deadline::after(std::chrono::milliseconds(1)));
        REQUIRE(reading.ok());
        if (reading->kind == wanted) return data;
        if (reading->kind == Kind::data) data += as_text(ByteView(buffer).first(reading->count));
    }
    FAIL("it never came");
    return data;
}

BaudFinder::Advice feed(BaudFinder& finder, std::string_view text) { return finder.take(as_bytes(text)); }

}  // namespace

TEST_CASE("a rate is a number or 'auto'") {
    CHECK(parse_baud("57600").value() == std::vector<unsigned>{57600});
    CHECK(parse_baud("1500000").ok());
    CHECK(parse_baud("auto").value().size() > 4);
    for (const auto* wrong : {"", "fast", "12", "115200x", "-1", "99999999999"})
        CHECK_FALSE(parse_baud(wrong).ok());
}

TEST_CASE("text settles the rate and noise passes on to the next") {
    BaudFinder finder({115200, 57600});
    CHECK(feed(finder, noise(64)) == BaudFinder::Advice::next);
    CHECK(finder.rate() == 57600);
    CHECK(feed(finder, boot_log) == BaudFinder::Advice::settled);
    CHECK(finder.settled());
    CHECK(finder.unreadable() == 64);
    CHECK(feed(finder, noise(512)) == BaudFinder::Advice::listen);
    CHECK(finder.rate() == 57600);
}

TEST_CASE("blanks or one byte over and over prove no rate") {
    BaudFinder finder({115200, 57600});
    CHECK(feed(finder, std::string(300, ' ')) == BaudFinder::Advice::listen);
    CHECK_FALSE(finder.settled());
    BaudFinder other({115200, 57600});
    CHECK(feed(other, std::string(300, '\xf0')) == BaudFinder::Advice::next);
}

TEST_CASE("a damaged log at the right rate is not given up at once") {
    auto damaged = boot_log;
    for (std::size_t i = 5; i < damaged.size(); i += 9) damaged[i] = static_cast<char>(damaged[i] | 0x80);
    BaudFinder finder({115200, 57600});
    CHECK(feed(finder, damaged) == BaudFinder::Advice::listen);
    CHECK(finder.rate() == 115200);
}

TEST_CASE("a serial console finds the rate of a camera and says what it could not read") {
    const auto adapter = std::make_shared<Adapter>();
    adapter->right_rate = 38400;
    auto console = std::move(open_serial_console(opener(adapter), {115200, 57600, 38400})).value();
    CHECK(console->line().chosen == Console::Line::Chosen::not_yet);
    read_until(*console, Kind::opened);
    const auto before = read_until(*console, Kind::retuned);
    CHECK(console->line().baud == 38400U);
    CHECK(console->line().chosen == Console::Line::Chosen::by_text);
    CHECK(before.find("U-Boot") != std::string::npos);
}

TEST_CASE("a serial console closes when its adapter goes and opens again under the same name") {
    const auto adapter = std::make_shared<Adapter>();
    auto console = std::move(open_serial_console(opener(adapter), {115200})).value();
    read_until(*console, Kind::opened);
    adapter->plugged = false;
    read_until(*console, Kind::closed);
    CHECK_FALSE(console->write(as_bytes("x")).ok());
    adapter->plugged = true;
    read_until(*console, Kind::opened);
    CHECK(adapter->opened_at.size() == 2);
    CHECK(console->write(as_bytes("x")).ok());
    CHECK(adapter->written == "x");
}

TEST_CASE("a serial console that was tuned opens again at the rate it found") {
    const auto adapter = std::make_shared<Adapter>();
    adapter->right_rate = 57600;
    auto console = std::move(open_serial_console(opener(adapter), {115200, 57600})).value();
    read_until(*console, Kind::retuned);
    adapter->plugged = false;
    read_until(*console, Kind::closed);
    adapter->plugged = true;
    read_until(*console, Kind::opened);
    CHECK(adapter->opened_at.back() == 57600);
}

TEST_CASE("a port that is none is a fault of the bench that names it") {
    for (const auto* port : {"/dev/serial/by-id/usb-nobody-has-this", "/dev/null"}) {
        const auto console = open_serial_console(std::filesystem::path(port), {115200});
        REQUIRE_FALSE(console.ok());
        CHECK(console.error().fault == Fault::bench);
        CHECK(console.error().message.find(port) != std::string::npos);
    }
}

TEST_CASE("every console driver is found by its name") {
    for (const auto* name : {"emulated", "none", "rfc2217", "serial", "tcp", "unix"}) {
        REQUIRE(find_console_driver(name) != nullptr);
        CHECK(find_console_driver(name)->element.name == "console");
    }
    CHECK(find_console_driver("carrier-pigeon") == nullptr);
}
