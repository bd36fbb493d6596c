#include "drivers/transport/usb_device.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <libusb.h>

#include <cerrno>
#include <mutex>
#include <optional>

#include "harness/core/file.hpp"
#include "harness/core/launch/caller.hpp"

namespace cambench {
namespace {

constexpr unsigned transfer_milliseconds = 1000;

/// "what: LIBUSB_ERROR_BUSY (-6)"
Error usb_error(std::string_view what, int code) {
    return bench_error(fmt::format("{}: {} ({})", what, libusb_error_name(code), code));
}

struct ContextDeleter {
    void operator()(libusb_context* context) const { libusb_exit(context); }
};
struct HandleDeleter {
    void operator()(libusb_device_handle* handle) const { libusb_close(handle); }
};
struct ConfigDeleter {
    void operator()(libusb_config_descriptor* config) const { libusb_free_config_descriptor(config); }
};
using Context = std::unique_ptr<libusb_context, ContextDeleter>;
using Handle = std::unique_ptr<libusb_device_handle, HandleDeleter>;
using Config = std::unique_ptr<libusb_config_descriptor, ConfigDeleter>;

struct Endpoint {
    unsigned char address = 0;
    bool is_interrupt = false;
};

unsigned char* writable(ByteView bytes) {
    // The library takes a plain pointer in both directions and only reads from it here.
    return const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
}

/// One interface, ours for the object's life.
class Claim {
public:
    Claim(libusb_device_handle* handle, unsigned interface)
        : handle_(handle),
          interface_(static_cast<int>(interface)),
          code_(libusb_claim_interface(handle, interface_)) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() {
        if (code_ == 0) libusb_release_interface(handle_, interface_);
    }
    [[nodiscard]] int code() const { return code_; }

private:
    libusb_device_handle* handle_;
    int interface_;
    int code_;
};

class LibraryUsbDevice final : public UsbDevice {
public:
    LibraryUsbDevice(FileHandle file, Context context, Handle handle)
        : file_(std::move(file)), context_(std::move(context)), handle_(std::move(handle)) {
        libusb_set_auto_detach_kernel_driver(handle_.get(), 1);
    }

    Result<Bytes> control_in(const UsbSetup& setup, std::size_t length) override {
        Bytes bytes(length);
        const int count =
            libusb_control_transfer(handle_.get(), setup.request_type, setup.request, setup.value,
                                    setup.index, reinterpret_cast<unsigned char*>(bytes.data()),
                                    static_cast<std::uint16_t>(length), transfer_milliseconds);
        if (count < 0)
            return usb_error(fmt::format("control request {:02x} {:02x}", setup.request_type, setup.request),
                             count);
        bytes.resize(static_cast<std::size_t>(count));
        return bytes;
    }

    Status control_out(const UsbSetup& setup, ByteView bytes) override {
        const int count = libusb_control_transfer(
            handle_.get(), setup.request_type, setup.request, setup.value, setup.index, writable(bytes),
            static_cast<std::uint16_t>(bytes.size()), transfer_milliseconds);
        const auto what = fmt::format("control request {:02x} {:02x}", setup.request_type, setup.request);
        if (count < 0) return usb_error(what, count);
        if (static_cast<std::size_t>(count) != bytes.size())
            return bench_error(fmt::format("{}: the device took {} of {} bytes", what, count, bytes.size()));
        return {};
    }

    Result<Bytes> exchange(unsigned interface, ByteView bytes, std::size_t answer) override {
        const Claim claim(handle_.get(), interface);
        if (claim.code() != 0) return usb_error(fmt::format("claim interface {}", interface), claim.code());
        auto received = talk(interface, bytes, answer);
        // Given the interface back, the kernel's driver would ask a board that does not answer, usbhid for 20
        // s. It gets the interface after the next exchange that succeeds, or when the board is plugged in
        // anew.
        if (!received) libusb_set_auto_detach_kernel_driver(handle_.get(), 0);
        return received;
    }

private:
    Result<Bytes> talk(unsigned interface, ByteView bytes, std::size_t answer) {
        TRY(send(interface, bytes));
        Bytes received(answer);
        if (answer == 0) return received;
        TRY_ASSIGN(const auto in, endpoint(interface, LIBUSB_ENDPOINT_IN));
        if (!in) return bench_error(fmt::format("interface {} has no IN endpoint", interface));
        int count = 0;
        const int read =
            transfer(*in, reinterpret_cast<unsigned char*>(received.data()), static_cast<int>(answer), count);
        if (read != 0) return usb_error(fmt::format("read from endpoint {:02x}", in->address), read);
        received.resize(static_cast<std::size_t>(count));
        return received;
    }

    /// HID devices may lack the OUT endpoint: then an output report goes by SET_REPORT (HID 1.11,
    /// section 7.2.2).
    Status send(unsigned interface, ByteView bytes) {
        TRY_ASSIGN(const auto out, endpoint(interface, LIBUSB_ENDPOINT_OUT));
        if (!out) return control_out({0x21, 0x09, 0x0200, static_cast<std::uint16_t>(interface)}, bytes);
        int sent = 0;
        const auto size = static_cast<int>(bytes.size());
        const int written = transfer(*out, writable(bytes), size, sent);
        if (written != 0) return usb_error(fmt::format("write to endpoint {:02x}", out->address), written);
        if (sent != size)
            return bench_error(fmt::format("write to endpoint {:02x}: the device took {} of {} bytes",
                                           out->address, sent, size));
        return {};
    }

    int transfer(const Endpoint& endpoint, unsigned char* data, int length, int& done) {
        const auto function = endpoint.is_interrupt ? libusb_interrupt_transfer : libusb_bulk_transfer;
        return function(handle_.get(), endpoint.address, data, length, &done, transfer_milliseconds);
    }

    /// The interface's first endpoint of that direction, if it has one.
    Result<std::optional<Endpoint>> endpoint(unsigned interface, unsigned direction) {
        libusb_config_descriptor* raw = nullptr;
        if (const int code = libusb_get_active_config_descriptor(libusb_get_device(handle_.get()), &raw);
            code != 0)
            return usb_error("read the configuration", code);
        const Config config(raw);
        for (int i = 0; i < config->bNumInterfaces; ++i) {
            const auto& candidate = config->interface[i];
            if (candidate.num_altsetting < 1 || candidate.altsetting[0].bInterfaceNumber != interface)
                continue;
            for (int k = 0; k < candidate.altsetting[0].bNumEndpoints; ++k) {
                const auto& one = candidate.altsetting[0].endpoint[k];
                const auto type = one.bmAttributes & LIBUSB_TRANSFER_TYPE_MASK;
                if ((one.bEndpointAddress & LIBUSB_ENDPOINT_DIR_MASK) != direction) continue;
                if (type == LIBUSB_TRANSFER_TYPE_INTERRUPT || type == LIBUSB_TRANSFER_TYPE_BULK)
                    return std::optional(
                        Endpoint{one.bEndpointAddress, type == LIBUSB_TRANSFER_TYPE_INTERRUPT});
            }
        }
        return std::optional<Endpoint>{};
    }

    FileHandle file_;
    Context context_;
    Handle handle_;
};

/// A context that does not look for devices: ours are opened by their file.
Result<Context> make_context() {
    static std::once_flag once;
    std::call_once(once, [] { libusb_set_option(nullptr, LIBUSB_OPTION_NO_DEVICE_DISCOVERY); });
    libusb_context* raw = nullptr;
    if (const int code = libusb_init(&raw); code != 0) return usb_error("start libusb", code);
    return Context(raw);
}

}  // namespace

std::filesystem::path usb_device_file(const UsbEntry& entry) {
    return fmt::format("/dev/bus/usb/{:03}/{:03}", entry.bus, entry.address);
}

Result<std::unique_ptr<UsbDevice>> open_usb_device(const UsbEntry& entry) {
    const auto path = usb_device_file(entry);
    FileHandle file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file.valid()) {
        const int code = errno;
        auto error = system_error("open " + path.string(), code);
        if (code == EACCES)
            error.message +=
                missing_group(path) + "; install bench/udev/60-cambench.rules (see: cambench doctor)";
        return error;
    }
    TRY_ASSIGN(auto context, make_context());
    libusb_device_handle* raw = nullptr;
    if (const int code = libusb_wrap_sys_device(context.get(), file.get(), &raw); code != 0)
        return usb_error("open " + path.string(), code);
    Handle handle(raw);
    libusb_device_descriptor descriptor{};
    if (const int code = libusb_get_device_descriptor(libusb_get_device(raw), &descriptor); code != 0)
        return usb_error("read the descriptor", code);
    if (descriptor.idVendor != entry.vendor || descriptor.idProduct != entry.product)
        return bench_error(fmt::format("{}: another device was plugged in meanwhile", path.string()));
    return std::unique_ptr<UsbDevice>(
        std::make_unique<LibraryUsbDevice>(std::move(file), std::move(context), std::move(handle)));
}

}  // namespace cambench
