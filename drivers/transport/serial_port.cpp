#include "drivers/transport/serial_port.hpp"

#include <fmt/format.h>
#include <libserialport.h>
#include <linux/serial.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "drivers/transport/usb_device.hpp"
#include "harness/core/launch/caller.hpp"

namespace cambench {
namespace {

/// A UART tolerates about 3 % between both ends.
constexpr unsigned tolerated_percent = 3;
/// While bytes are on their way to the adapter.
constexpr auto sending_look_time = std::chrono::milliseconds(1);
/// What the last successful write left behind may go out before the port is closed.
constexpr auto farewell_time = std::chrono::milliseconds(500);
constexpr UsbSetup get_device_descriptor{0x80, 0x06, 0x0100, 0};
constexpr std::size_t device_descriptor_size = 18;

struct PortDeleter {
    void operator()(sp_port* port) const { sp_free_port(port); }
};
using PortHandle = std::unique_ptr<sp_port, PortDeleter>;

struct PortConfigDeleter {
    void operator()(sp_port_config* config) const { sp_free_config(config); }
};
using ConfigHandle = std::unique_ptr<sp_port_config, PortConfigDeleter>;

/// "what: reason" of the library call that has just failed with `code`.
Error library_error(const std::string& what, sp_return code) {
    if (code == SP_ERR_FAIL) return system_error(what, sp_last_error_code());
    if (code == SP_ERR_ARG) return bench_error(what + ": it is no serial port");
    if (code == SP_ERR_SUPP) return bench_error(what + ": the adapter cannot do that");
    return bench_error(fmt::format("{}: libserialport error {}", what, static_cast<int>(code)));
}

class LibrarySerialPort final : public SerialPort {
public:
    LibrarySerialPort(PortHandle port, int descriptor, std::string what)
        : port_(std::move(port)), descriptor_(descriptor), what_(std::move(what)) {}
    ~LibrarySerialPort() override {
        if (!await_sent(Deadline::after(failed_ ? Nanoseconds::zero() : Nanoseconds(farewell_time))))
            drop_unsent();
        sp_close(port_.get());
    }

    Status claim() {
        // Root may open a port in spite of TIOCEXCL, so that a lock is needed as well.
        if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0)
            return errno == EWOULDBLOCK ? Status(bench_error(what_ + ": another program has the port"))
                                        : Status(system_error(what_ + ": lock", errno));
        if (::ioctl(descriptor_, TIOCEXCL) != 0) return system_error(what_ + ": claim", errno);
        return {};
    }

    /// First of all the modem lines, then everything but the rate.
    Status make_raw(SerialSettings::ModemLines lines) {
        const bool asserted = lines == SerialSettings::ModemLines::asserted;
        TRY(line_set(sp_set_dtr(port_.get(), asserted ? SP_DTR_ON : SP_DTR_OFF), lines, "set DTR"));
        TRY(line_set(sp_set_rts(port_.get(), asserted ? SP_RTS_ON : SP_RTS_OFF), lines, "set RTS"));
        TRY(checked(sp_set_xon_xoff(port_.get(), SP_XONXOFF_DISABLED), "switch off XON/XOFF"));
        TRY(checked(sp_set_cts(port_.get(), SP_CTS_IGNORE), "ignore CTS"));
        TRY(checked(sp_set_dsr(port_.get(), SP_DSR_IGNORE), "ignore DSR"));
        TRY(checked(sp_set_bits(port_.get(), 8), "set 8 data bits"));
        TRY(checked(sp_set_parity(port_.get(), SP_PARITY_NONE), "set no parity"));
        return checked(sp_set_stopbits(port_.get(), 1), "set 1 stop bit");
    }

    Status set_baud(unsigned baud) override {
        TRY(checked(sp_set_baudrate(port_.get(), static_cast<int>(baud)), fmt::format("set {} baud", baud)));
        sp_port_config* raw = nullptr;
        TRY(checked(sp_new_config(&raw), "read the settings"));
        const ConfigHandle config(raw);
        TRY(checked(sp_get_config(port_.get(), config.get()), "read the settings"));
        int actual = 0;
        TRY(checked(sp_get_config_baudrate(config.get(), &actual), "read the rate"));
        const auto difference = static_cast<unsigned>(std::abs(actual - static_cast<int>(baud)));
        if (static_cast<std::uint64_t>(difference) * 100 >
            static_cast<std::uint64_t>(baud) * tolerated_percent)
            return bench_error(fmt::format("{}: wanted {} baud, the adapter does {}", what_, baud, actual));
        return {};
    }

    Result<std::size_t> read(std::span<std::byte> into, Deadline deadline) override {
        while (true) {
            pollfd entry{descriptor_, POLLIN, 0};
            const int ready = ::poll(&entry, 1, static_cast<int>(deadline.remaining().count()));
            if (ready < 0 && errno != EINTR) return system_error(what_ + ": wait", errno);
            if (ready > 0) {
                const auto count = sp_nonblocking_read(port_.get(), into.data(), into.size());
                if (count > 0) return static_cast<std::size_t>(count);
                if (count < 0) return library_error(what_ + ": read", count);
                if ((entry.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
                    return bench_error(what_ + ": the adapter has gone");
            }
            if (deadline.passed()) return timeout_error(what_ + ": nothing came");
        }
    }

    Status write(ByteView bytes, Deadline deadline) override {
        while (!bytes.empty()) {
            const auto count = sp_nonblocking_write(port_.get(), bytes.data(), bytes.size());
            if (count < 0) return library_error(what_ + ": write", count);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            if (count > 0) continue;
            if (deadline.passed()) return not_taken();
            pollfd entry{descriptor_, POLLOUT, 0};
            if (::poll(&entry, 1, static_cast<int>(deadline.remaining().count())) > 0 &&
                (entry.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
                return bench_error(what_ + ": the adapter has gone");
        }
        return {};
    }

    /// Until the adapter has taken all that was written.
    Status await_sent(Deadline deadline) {
        int waiting = 0;
        while (::ioctl(descriptor_, TIOCOUTQ, &waiting) == 0 && waiting > 0) {
            if (deadline.passed()) return not_taken();
            std::this_thread::sleep_for(sending_look_time);
        }
        return {};
    }

private:
    /// Closing, the kernel would wait 30 s for bytes that the adapter does not take. Not all drivers can drop
    /// them (cdc_acm); not to wait may be told by root only.
    void drop_unsent() {
        sp_flush(port_.get(), SP_BUF_OUTPUT);
        serial_struct settings{};
        if (::ioctl(descriptor_, TIOCGSERIAL, &settings) != 0) return;
        settings.closing_wait = ASYNC_CLOSING_WAIT_NONE;
        (void)::ioctl(descriptor_, TIOCSSERIAL, &settings);
    }

    Status not_taken() {
        failed_ = true;
        return timeout_error(what_ + ": the adapter takes no more bytes");
    }

    [[nodiscard]] Status checked(sp_return code, const std::string& action) const {
        return code == SP_OK ? Status() : Status(library_error(what_ + ": " + action, code));
    }

    /// A port without modem lines has none that could reset a camera.
    [[nodiscard]] Status line_set(sp_return code, SerialSettings::ModemLines lines,
                                  const std::string& action) const {
        const bool absent =
            code == SP_ERR_FAIL && (sp_last_error_code() == ENOTTY || sp_last_error_code() == EINVAL);
        return absent && lines == SerialSettings::ModemLines::inactive ? Status() : checked(code, action);
    }

    PortHandle port_;
    int descriptor_;  ///< of the library, which owns it
    std::string what_;
    bool failed_ = false;  ///< the adapter takes no bytes
};

/// A board's port: a write has succeeded when the adapter took the bytes.
class BoardPort final : public ByteStream {
public:
    explicit BoardPort(std::unique_ptr<LibrarySerialPort> port) : port_(std::move(port)) {}
    Result<std::size_t> read(std::span<std::byte> into, Deadline deadline) override {
        return port_->read(into, deadline);
    }
    Status write(ByteView bytes, Deadline deadline) override {
        TRY(port_->write(bytes, deadline));
        return port_->await_sent(deadline);
    }

private:
    std::unique_ptr<LibrarySerialPort> port_;
};

/// Opening the port of an adapter that hangs takes the kernel a minute: each of its requests waits for 5 s.
/// Asked by us, the adapter has a second. What cannot be asked is not judged.
Status check_adapter_answers(const std::filesystem::path& device, const std::string& what) {
    const auto ttys = list_serial_ports();
    const auto tty = std::find_if(ttys.begin(), ttys.end(),
                                  [&](const auto& one) { return one.device == device.string(); });
    if (tty == ttys.end() || tty->usb_port.empty()) return {};
    for (const auto& entry : list_usb_devices()) {
        if (entry.port != tty->usb_port) continue;
        const auto adapter = open_usb_device(entry);
        if (!adapter) return {};
        auto descriptor = (*adapter)->control_in(get_device_descriptor, device_descriptor_size);
        if (!descriptor)
            return std::move(descriptor)
                .error()
                .in(fmt::format("{}: the adapter at USB port {} does not answer", what, entry.port));
    }
    return {};
}

Result<std::unique_ptr<LibrarySerialPort>> open_library_port(const SerialSettings& settings) {
    const auto what = "serial port " + settings.port;
    std::error_code failure;
    // The library knows a port by the kernel's name only.
    const auto device = std::filesystem::canonical(settings.port, failure);
    if (failure) return bench_error(fmt::format("{}: {}", what, failure.message()));
    TRY(check_adapter_answers(device, what));
    sp_port* raw = nullptr;
    if (const auto code = sp_get_port_by_name(device.c_str(), &raw); code != SP_OK)
        return library_error(what, code);
    PortHandle handle(raw);
    if (const auto code = sp_open(handle.get(), SP_MODE_READ_WRITE); code != SP_OK) {
        const bool denied = code == SP_ERR_FAIL && sp_last_error_code() == EACCES;
        auto error = library_error("open " + what, code);
        if (denied) error.message += missing_group(device);
        return error;
    }
    int descriptor = -1;
    if (const auto code = sp_get_port_handle(handle.get(), &descriptor); code != SP_OK) {
        sp_close(handle.get());
        return library_error(what, code);
    }
    auto port = std::make_unique<LibrarySerialPort>(std::move(handle), descriptor, what);
    TRY(port->claim());
    TRY(port->make_raw(settings.modem_lines));
    TRY(port->set_baud(settings.baud));
    return port;
}

}  // namespace

Result<std::unique_ptr<SerialPort>> open_tunable_serial_port(const SerialSettings& settings) {
    TRY_ASSIGN(auto port, open_library_port(settings));
    return std::unique_ptr<SerialPort>(std::move(port));
}

Result<std::unique_ptr<ByteStream>> open_serial_port(const SerialSettings& settings) {
    TRY_ASSIGN(auto port, open_library_port(settings));
    return std::unique_ptr<ByteStream>(std::make_unique<BoardPort>(std::move(port)));
}

}  // namespace cambench
