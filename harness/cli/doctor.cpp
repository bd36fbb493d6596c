#include "harness/cli/doctor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>

#include "bench/sandbox/host_interface.hpp"
#include "bench/sandbox/namespaces.hpp"
#include "bench/sandbox/sandbox.hpp"
#include "drivers/power/boards/emulated.hpp"
#include "harness/cli/doctor_boards.hpp"
#include "harness/cli/workplace.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/text.hpp"

namespace cambench::cli {
namespace {

using State = Diagnosis::State;

constexpr auto version_time = std::chrono::seconds(5);
constexpr std::uintmax_t enough_disk = 2ULL << 30;

struct Program {
    const char* name;
    const char* package;
    const char* purpose;
    State when_missing;
    const char* version = "--version";
};
constexpr std::array programs{
    Program{"ip", "iproute2", "sets up a slot's network", State::missing, "-V"},
    Program{"curl", "curl", "asks a camera as its operator would, for <offer-update>", State::limited},
    Program{"nft", "nftables", "keeps a slot tight", State::missing},
    Program{"qemu-system-aarch64", "qemu-system-arm", "runs emulated cameras", State::limited},
    Program{"qemu-img", "qemu-utils", "makes emulated flash", State::limited},
    Program{"tshark", "tshark", "lets people look into captures", State::limited},
    Program{"chromium", "chromium", "makes PDF reports", State::limited}};

/// The first line with a version number in it: programs warn before they answer.
std::string version_line(const std::string& text, const std::string& otherwise) {
    for (const auto& line : split(text, '\n'))
        for (std::size_t i = 1; i + 1 < line.size(); ++i)
            if (line[i] == '.' && std::isdigit(static_cast<unsigned char>(line[i - 1])) &&
                std::isdigit(static_cast<unsigned char>(line[i + 1])))
                return inert(trim(line));
    return otherwise;
}

Diagnosis diagnose_program(const Program& program) {
    const auto what = fmt::format("{} ({})", program.name, program.purpose);
    const auto path = find_program(program.name);
    if (!path)
        return {program.when_missing, what, "not installed",
                fmt::format("apt-get install {}", program.package)};
    const auto said =
        run_command({.command = {path->string(), program.version}}, "", Deadline::after(version_time));
    return {State::good, what, said ? version_line(said->text, path->string()) : path->string(), ""};
}

Diagnosis diagnose_own_programs() {
    std::string absent;
    for (const auto* name : {"cambench-sandbox", "cambench-viewer", "cambench-probe"})
        if (!std::filesystem::exists(companion_program(name)))
            absent += std::string(absent.empty() ? "" : ", ") + name;
    if (absent.empty())
        return {State::good, "cambench's own programs",
                companion_program("cambench-sandbox").parent_path().string(), ""};
    return {State::missing, "cambench's own programs",
            absent + " neither beside cambench nor in ../libexec/cambench",
            "install or build cambench whole"};
}

Diagnosis diagnose_image() {
    const auto image = emulated_camera_image();
    if (image) return {State::good, "the emulated camera's image", image->string(), ""};
    return {State::limited, "the emulated camera's image", image.error().message,
            "bench/quickstart builds it; or ninja -C BUILD camera_image"};
}

Diagnosis diagnose_tun() {
    const FileHandle handle(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
    if (handle.valid())
        return {State::good, "/dev/net/tun (the wire of emulated cameras)", "can be opened", ""};
    const int error = errno;
    return {
        State::limited, "/dev/net/tun (the wire of emulated cameras)", system_error("open", error).message,
        error == EACCES ? "chmod 666 /dev/net/tun (Debian's default; the kernel checks again), or run as root"
                        : "modprobe tun"};
}

/// The whole sandbox: namespaces, nftables with TPROXY, sockets, capture, fake internet, leak self-test.
Diagnosis diagnose_sandbox() {
    const std::string what =
        sandbox::is_privileged() ? "sandbox (as root)" : "sandbox (as an ordinary user, in a user namespace)";
    auto place = Workplace::create();
    if (!place) return {State::missing, what, place.error().message, "make the temporary directory writable"};
    class Deaf final : public EventSink {
        void emit(Event) override {}
    } nobody;
    const auto begin = Monotonic::now();
    auto sandbox = sandbox::Sandbox::start({.evidence = place->directory()}, nobody, RunClock::start());
    if (!sandbox) {
        const auto mend =
            sandbox.error().message.find("user namespace") != std::string::npos
                ? "sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=65536, or run as root"
                : "the kernel needs network namespaces, nf_tables with tproxy, tun and af_packet; run as "
                  "root to see whether privileges are missing";
        return {State::missing, what, inert(sandbox.error().message), mend};
    }
    const auto time = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - begin);
    const auto closing = (*sandbox)->stop();
    if (!closing.status) return {State::missing, what, inert(closing.status.error().message), ""};
    return {State::good, what, fmt::format("came up tight in {} ms", time.count()), ""};
}

Diagnosis diagnose_moving() {
    if (sandbox::is_privileged()) return {State::good, "moving host interfaces into a slot", "allowed", ""};
    return {State::limited, "moving host interfaces into a slot", "needs root",
            "sudo cambench ..., for slots with real cameras"};
}

Diagnosis diagnose_disk() {
    std::error_code code;
    const auto space = std::filesystem::space(".", code);
    const auto found = fmt::format("{} MB free here", space.available / 1'000'000);
    if (!code && space.available >= enough_disk) return {State::good, "room for evidence", found, ""};
    return {State::limited, "room for evidence", found, "free some space or use --out on another disk"};
}

std::vector<Diagnosis> diagnose_leftovers() {
    std::vector<Diagnosis> found;
    for (const auto& line : sandbox::recover_lent_interfaces())
        found.push_back({State::limited, "interfaces lent by a killed run", line, ""});
    if (const auto count = remove_abandoned_workplaces(); count > 0)
        found.push_back({State::good, "left behind by a killed run",
                         fmt::format("{} working directories were removed", count), ""});
    return found;
}

const char* word(State state) {
    switch (state) {
        case State::good:
            return "ok";
        case State::limited:
            return "limited";
        case State::missing:
            return "MISSING";
    }
    return "";
}

}  // namespace

std::vector<Diagnosis> diagnose() {
    auto all = diagnose_leftovers();
    for (const auto& program : programs) all.push_back(diagnose_program(program));
    all.push_back(diagnose_own_programs());
    all.push_back(diagnose_image());
    all.push_back(diagnose_tun());
    all.push_back(diagnose_sandbox());
    all.push_back(diagnose_moving());
    for (auto& one : diagnose_boards()) all.push_back(std::move(one));
    all.push_back(diagnose_disk());
    const auto cores = std::thread::hardware_concurrency();
    all.push_back({cores >= 2 ? State::good : State::limited, "processors",
                   fmt::format("{}; an emulated camera boots on about one", cores),
                   cores >= 2 ? "" : "run one emulated camera at a time"});
    return all;
}

int doctor_command(OutputFormat format) {
    const auto all = diagnose();
    const bool able =
        std::none_of(all.begin(), all.end(), [](const auto& one) { return one.state == State::missing; });
    Json list = Json::array();
    std::string text;
    for (const auto& one : all) {
        list.push_back(
            {{"state", word(one.state)}, {"what", one.what}, {"found", one.found}, {"mend", one.mend}});
        text += fmt::format("{:<8} {}: {}\n", word(one.state), one.what, one.found);
        if (!one.mend.empty()) text += fmt::format("         mend: {}\n", one.mend);
    }
    if (format == OutputFormat::json)
        std::puts(Json{{"able", able}, {"diagnoses", list}}
                      .dump(2, ' ', false, Json::error_handler_t::replace)
                      .c_str());
    else
        std::fputs(
            (text + (able ? "this host can run cambench\n" : "this host cannot run cambench yet\n")).c_str(),
            stdout);
    return able ? 0 : 3;
}

}  // namespace cambench::cli
