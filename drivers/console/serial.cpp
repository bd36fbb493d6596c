#include "drivers/console/serial.hpp"

#include <mutex>
#include <thread>

#include "drivers/console/baud.hpp"

namespace cambench {
namespace {

constexpr auto retry_time = std::chrono::milliseconds(100);
constexpr auto write_time = std::chrono::seconds(5);

class SerialConsole final : public Console {
public:
    SerialConsole(std::shared_ptr<SerialPort> port, SerialPortOpener open, std::vector<unsigned> rates)
        : port_(std::move(port)),
          open_(std::move(open)),
          searched_(rates.size() > 1),
          finder_(std::move(rates)) {}

    Result<Reading> read(std::span<std::byte> into, Deadline deadline) override {
        if (!port_) return reopen(deadline);
        if (!announced_) {
            announced_ = true;
            return Reading{Reading::Kind::opened, 0};
        }
        if (turning_) return turn();
        const auto count = port_->read(into, deadline);
        if (!count && count.error().fault == Fault::timeout) return Reading{};
        if (!count) return close();
        note(into.first(*count));
        return Reading{Reading::Kind::data, *count};
    }

    Status write(ByteView bytes) override {
        const auto port = current();
        if (!port) return bench_error("write to the console: the adapter is away");
        return port->write(bytes, Deadline::after(write_time));
    }

    Line line() const override {
        const std::scoped_lock lock(mutex_);
        const auto chosen = !searched_          ? Line::Chosen::by_settings
                            : finder_.settled() ? Line::Chosen::by_text
                                                : Line::Chosen::not_yet;
        return {finder_.rate(), chosen};
    }

private:
    void note(ByteView bytes) {
        const std::scoped_lock lock(mutex_);
        if (finder_.settled()) return;
        const auto advice = finder_.take(bytes);
        turning_ = advice != BaudFinder::Advice::listen;
    }

    /// Sets the finder's rate, or says that it is right.
    Result<Reading> turn() {
        turning_ = false;
        unsigned rate = 0;
        std::size_t unreadable = 0;
        bool settled = false;
        {
            const std::scoped_lock lock(mutex_);
            rate = finder_.rate();
            unreadable = finder_.unreadable();
            settled = finder_.settled();
        }
        if (settled) return Reading{Reading::Kind::retuned, unreadable};
        return port_->set_baud(rate) ? Result<Reading>(Reading{})
                                     : close();  // gone, or deaf at this rate: reopening goes on from here
    }

    Result<Reading> close() {
        const std::scoped_lock lock(mutex_);
        port_.reset();
        announced_ = false;
        turning_ = false;
        return Reading{Reading::Kind::closed, 0};
    }

    Result<Reading> reopen(Deadline deadline) {
        auto port = open_(line().baud.value_or(0));
        if (!port) {
            skip_rate();
            std::this_thread::sleep_until(deadline.sooner(Deadline::after(retry_time)).when());
            return Reading{};
        }
        const std::scoped_lock lock(mutex_);
        port_ = std::move(*port);
        announced_ = true;
        return Reading{Reading::Kind::opened, 0};
    }

    /// The adapter may be there and not know the rate.
    void skip_rate() {
        const std::scoped_lock lock(mutex_);
        if (!finder_.settled()) finder_.skip();
    }

    [[nodiscard]] std::shared_ptr<SerialPort> current() const {
        const std::scoped_lock lock(mutex_);
        return port_;
    }

    mutable std::mutex mutex_;
    std::shared_ptr<SerialPort> port_;  ///< nullptr: away
    SerialPortOpener open_;
    bool searched_;  ///< the rate is, or was, found by the text
    BaudFinder finder_;
    bool announced_ = false;
    bool turning_ = false;
};

}  // namespace

Result<std::unique_ptr<Console>> open_serial_console(SerialPortOpener open, std::vector<unsigned> rates) {
    TRY_ASSIGN(auto port, open(rates.front()));
    return std::unique_ptr<Console>(
        std::make_unique<SerialConsole>(std::move(port), std::move(open), std::move(rates)));
}

Result<std::unique_ptr<Console>> open_serial_console(const std::filesystem::path& port,
                                                     std::vector<unsigned> rates) {
    auto open = [port](unsigned baud) {
        return open_tunable_serial_port({.port = port.string(), .baud = baud});
    };
    auto console = open_serial_console(std::move(open), std::move(rates));
    if (!console) return std::move(console).error().in("console");
    return console;
}

}  // namespace cambench
