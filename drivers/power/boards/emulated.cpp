#include "drivers/power/boards/emulated.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/core/json.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr auto emulator = "qemu-system-aarch64";
constexpr int wire_descriptor = 3, monitor_descriptor = 4;
/// U-Boot keeps its environment in the first sector of the board's second flash chip.
constexpr std::size_t environment_size = 0x40000, flash_chip_size = 64U << 20;
constexpr std::uintmax_t sector_size = 512;
constexpr auto prepare_time = std::chrono::seconds(60);

struct Image {
    std::filesystem::path bootloader, flash, environment;
};

Result<Image> read_image(const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto text, read_text_file(directory / "image.json"));
    const auto json = parse_json(text);
    if (!json.is_object() || !json.contains("bootloader") || !json.contains("flash") ||
        !json.contains("environment"))
        return bench_error((directory / "image.json").string() + " does not describe an image");
    return Image{json["bootloader"].get<std::string>(), directory / json["flash"].get<std::string>(),
                 directory / json["environment"].get<std::string>()};
}

/// A copy-on-write file over the image: the unit's own flash.
Status make_overlay(const std::filesystem::path& base, const std::filesystem::path& overlay) {
    if (std::filesystem::exists(overlay)) return {};
    const Launch launch{.command = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b",
                                    std::filesystem::absolute(base).string(), overlay.string()}};
    TRY_ASSIGN(const auto output, run_command(launch, "", Deadline::after(prepare_time)));
    if (output.exit_code != 0)
        return bench_error(fmt::format("qemu-img create {}: {}", overlay.string(), trim(output.text)));
    return {};
}

class EmulatedPower final : public PowerSwitch {
public:
    EmulatedPower(EmulatedUnit unit, Image image) : unit_(std::move(unit)), image_(std::move(image)) {}

    Status prepare() {
        TRY(make_overlay(image_.flash, unit_.directory / "flash.qcow2"));
        TRY_ASSIGN(const auto environment, own_environment());
        TRY(make_overlay(environment, unit_.directory / "uboot-env.qcow2"));
        return write_file_atomically(unit_.directory / "factory.img", unit_.factory_data);
    }

    Status set(State wanted) override {
        if (wanted == State::off) {
            process_.reset();
            unit_.monitor->close();
            return {};
        }
        if (process_ && process_->running()) return {};
        TRY_ASSIGN(const auto wire, unit_.open_wire());
        TRY_ASSIGN(const auto monitor, unit_.monitor->open());
        TRY_ASSIGN(auto process, Process::start({.command = command_line(),
                                                 .descriptors = {{wire.get(), wire_descriptor},
                                                                 {monitor.get(), monitor_descriptor}},
                                                 .output = log()}));
        process_.emplace(std::move(process));
        return {};
    }

    Result<std::optional<State>> read_back() override {
        if (!process_) return std::optional(State::off);
        if (process_->running()) return std::optional(State::on);
        const auto said = read_text_file(log());
        return bench_error(fmt::format("emulated camera: {}{}{}", process_->ending(),
                                       said && !trim(*said).empty() ? ": " : "",
                                       said ? inert(trim(*said)) : std::string()));
    }

    Result<bool> restore() override {
        for (const auto* file : {"flash.qcow2", "uboot-env.qcow2"}) {
            std::error_code failure;
            std::filesystem::remove(unit_.directory / file, failure);
            if (failure) return bench_error(fmt::format("emulated camera: {}: {}", file, failure.message()));
        }
        TRY(prepare());
        return true;
    }

    Result<bool> put_card(const std::optional<std::filesystem::path>& content) override {
        card_.reset();
        if (!content) return true;
        const auto card = unit_.directory / "card.img";
        std::error_code failure;
        std::filesystem::copy_file(*content, card, std::filesystem::copy_options::overwrite_existing,
                                   failure);
        if (!failure)
            std::filesystem::resize_file(
                card, (std::filesystem::file_size(card) + sector_size - 1) / sector_size * sector_size,
                failure);
        if (failure)
            return bench_error(fmt::format("emulated camera: {}: {}", card.string(), failure.message()));
        card_ = card;
        return true;
    }

private:
    std::filesystem::path log() const { return unit_.directory / "qemu.log"; }

    /// The flash chip with the boot loader's environment as the unit left the factory.
    Result<std::filesystem::path> own_environment() {
        if (!unit_.boot_environment) return image_.environment;
        const auto file = unit_.directory / "uboot-env.img";
        if (std::filesystem::exists(file)) return file;
        std::ifstream image(image_.environment, std::ios::binary);
        std::string sector(environment_size, '\0');
        if (!image.read(sector.data(), static_cast<std::streamsize>(sector.size())))
            return bench_error("cannot read " + image_.environment.string());
        TRY_ASSIGN(const auto environment, unit_.boot_environment(sector));
        TRY(write_file_atomically(file, environment));
        std::error_code failure;
        std::filesystem::resize_file(file, flash_chip_size, failure);
        if (failure) return bench_error(fmt::format("{}: {}", file.string(), failure.message()));
        return file;
    }

    std::vector<std::string> command_line() const {
        const auto in_unit = [this](const char* name) { return (unit_.directory / name).string(); };
        std::vector<std::string> words{
            emulator,
            "-M",
            "virt",
            "-cpu",
            "cortex-a53",
            "-m",
            "128",
            "-accel",
            "tcg,thread=single,tb-size=32",
            "-nodefaults",
            "-display",
            "none",
            "-no-user-config",
            "-action",
            "shutdown=pause",
            "-chardev",
            fmt::format("socket,id=monitor,fd={}", monitor_descriptor),
            "-mon",
            "chardev=monitor,mode=control",
            "-bios",
            image_.bootloader.string(),
            "-drive",
            fmt::format("if=pflash,unit=1,format=qcow2,file={}", in_unit("uboot-env.qcow2")),
            "-drive",
            fmt::format("if=none,id=factory,format=raw,readonly=on,file={}", in_unit("factory.img")),
            "-device",
            "virtio-blk-device,drive=factory,serial=factory"};
        if (card_)
            words.insert(
                words.end(),
                {"-drive", fmt::format("if=none,id=card,format=raw,readonly=on,file={}", card_->string()),
                 "-device", "virtio-blk-device,drive=card,serial=card"});
        // The flash is the last drive: the board numbers its slots backwards, and U-Boot boots from the
        // first.
        words.insert(
            words.end(),
            {"-drive",
             fmt::format("if=none,id=flash,format=qcow2,cache=writeback,file={}", in_unit("flash.qcow2")),
             "-device", "virtio-blk-device,drive=flash,serial=flash", "-chardev",
             fmt::format("socket,id=uart,path={}", unit_.console.string()), "-serial", "chardev:uart",
             "-netdev", fmt::format("tap,id=wire,fd={}", wire_descriptor), "-device",
             fmt::format("virtio-net-device,netdev=wire,mac={}", unit_.mac.to_string())});
        return words;
    }

    EmulatedUnit unit_;
    Image image_;
    std::optional<Process> process_;
    std::optional<std::filesystem::path> card_;
};

}  // namespace

Result<std::filesystem::path> emulated_camera_image() {
    const char* chosen = std::getenv("CAMBENCH_CAMERA_IMAGE");
    const auto above = program_directory().parent_path();
    const auto installed = above / "share/cambench/fixtures/camera/image";
    const auto shipped =
        std::filesystem::exists(installed / "image.json") ? installed : above / "fixtures/camera/image";
    const auto directory = chosen != nullptr && *chosen != '\0' ? std::filesystem::path(chosen) : shipped;
    if (std::filesystem::exists(directory / "image.json")) return std::filesystem::absolute(directory);
    return bench_error(fmt::format(
        "emulated camera: no image in {}; build the target camera_image or set CAMBENCH_CAMERA_IMAGE",
        directory.string()));
}

Result<std::unique_ptr<PowerSwitch>> open_emulated_power(EmulatedUnit unit) {
    if (!find_program(emulator))
        return bench_error(
            fmt::format("emulated camera: {} is not installed; apt-get install qemu-system-arm", emulator));
    auto image = read_image(unit.image);
    if (!image) return std::move(image).error().in("emulated camera");
    auto power = std::make_unique<EmulatedPower>(std::move(unit), std::move(*image));
    if (auto status = power->prepare(); !status) return std::move(status).error().in("emulated camera");
    return std::unique_ptr<PowerSwitch>(std::move(power));
}

}  // namespace cambench
