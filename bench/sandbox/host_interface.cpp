#include "bench/sandbox/host_interface.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string_view>

#include "bench/sandbox/namespaces.hpp"
#include "harness/core/json.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/text.hpp"

namespace cambench::sandbox {
namespace {

constexpr auto command_time =
    std::chrono::seconds(60);  // they end in milliseconds, unless the machine is starved
constexpr int passed_descriptor = 3;

/// Runs `ip` in a namespace (`where` < 0: this one); `passed` is open as descriptor 3 in it.
Result<std::string> run_ip(std::vector<std::string> arguments, const std::string& input = "", int where = -1,
                           int passed = -1) {
    Launch launch;
    launch.command = {"ip"};
    launch.command.insert(launch.command.end(), arguments.begin(), arguments.end());
    if (where >= 0) launch.network_namespace = where;
    if (passed >= 0) launch.descriptors.emplace_back(passed, passed_descriptor);
    TRY_ASSIGN(auto output, run_command(launch, input, Deadline::after(command_time)));
    if (output.exit_code != 0)
        return bench_error(fmt::format("ip {}: {}", fmt::join(arguments, " "), output.text));
    return output.text;
}

Json parsed(const Result<std::string>& text) {
    if (!text) return Json::array();
    auto json = parse_json(*text);
    return json.is_discarded() ? Json::array() : json;
}

/// "192.0.2.7/24 scope link", as `ip addr replace` takes it.
std::string address_line(const Json& address) {
    auto line = address.value("local", "");
    if (address.contains("address")) line += " peer " + address.value("address", "");
    line += fmt::format("/{}", address.value("prefixlen", 32));
    if (address.contains("broadcast")) line += " broadcast " + address.value("broadcast", "");
    if (address.value("family", "") == "inet") line += " scope " + address.value("scope", "global");
    for (const auto* flag : {"noprefixroute", "nodad"})
        if (address.value(flag, false)) line += fmt::format(" {}", flag);
    if (address.value("dynamic", false))
        line += fmt::format(" valid_lft {} preferred_lft {}", address.value("valid_life_time", 0U),
                            address.value("preferred_life_time", 0U));
    return line;
}

/// `everywhere` is the default route's prefix: a batch takes no family options, so the prefix has to tell it.
std::string route_line(const Json& route, const std::string& everywhere, const std::string& interface) {
    const auto target = route.value("dst", "default");
    auto line = "route replace " + (target == "default" ? everywhere : target);
    if (route.contains("gateway")) line += " via " + route.value("gateway", "");
    line += " dev " + interface;
    if (route.contains("prefsrc")) line += " src " + route.value("prefsrc", "");
    if (route.contains("metric")) line += fmt::format(" metric {}", route.value("metric", 0));
    for (const auto& flag : route.value("flags", Json::array()))
        if (flag == "onlink") line += " onlink";
    return line;
}

/// Settings of the interface that differ from what it will get when it comes home, as `sysctl -p` takes them.
Json own_settings(const std::string& interface) {
    Json settings = Json::array();
    for (const std::string family : {"ipv4", "ipv6"}) {
        const std::filesystem::path all = "/proc/sys/net/" + family + "/conf";
        std::error_code code;
        for (const auto& entry : std::filesystem::directory_iterator(all / interface, code)) {
            const auto name = entry.path().filename();
            const auto value = read_kernel_file(entry.path());
            const auto usual = read_kernel_file(all / "default" / name);
            if (value && usual && *value != *usual)
                settings.push_back(
                    fmt::format("net/{}/conf/{}/{}={}", family, interface, name.string(), trim(*value)));
        }
    }
    return settings;
}

/// Settings a kernel does not let us write stay as it made them.
void restore_settings(const Json& configuration, int home) {
    std::string text;
    for (const auto& setting : configuration.value("settings", Json::array()))
        text += setting.get<std::string>() + "\n";
    Launch launch{.command = {"sysctl", "-e", "-q", "-p", "-"}};
    launch.network_namespace = home;
    if (!text.empty()) (void)run_command(launch, text, Deadline::after(command_time));
}

Result<Json> configuration_of(const std::string& interface) {
    auto shown = run_ip({"-j", "addr", "show", "dev", interface});
    if (!shown) return std::move(shown).error().in("interface " + interface);
    const auto list = parsed(shown);
    if (!list.is_array() || list.empty()) return bench_error("interface " + interface + " was not found");
    Json configuration{{"name", interface},
                       {"mac", list[0].value("address", "")},
                       {"up", false},
                       {"addresses", Json::array()},
                       {"routes", Json::array()},
                       {"settings", own_settings(interface)}};
    if (list[0].contains("master")) configuration["master"] = list[0]["master"];
    for (const auto& flag : list[0].value("flags", Json::array()))
        configuration["up"] = configuration["up"].get<bool>() || flag == "UP";
    for (const auto& address : list[0].value("addr_info", Json::array())) {
        // The kernel gives an interface its own IPv6 link-local address when it comes up.
        if (address.value("family", "") == "inet6" && address.value("scope", "") != "global") continue;
        configuration["addresses"].push_back(address_line(address));
    }
    for (const std::string family : {"-4", "-6"}) {
        for (const auto& route : parsed(run_ip({family, "-j", "route", "show", "dev", interface}))) {
            if (route.value("protocol", "") == "kernel" || route.value("protocol", "") == "ra") continue;
            configuration["routes"].push_back(
                route_line(route, family == "-4" ? "0.0.0.0/0" : "::/0", interface));
        }
    }
    return configuration;
}

/// Start time of a process in clock ticks since boot: with the number it names a process for good. "": it has
/// ended, even if nobody collected it yet.
std::string start_time(int pid) {
    std::ifstream stream(fmt::format("/proc/{}/stat", pid));
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return "";
    std::istringstream fields(text.substr(name_end + 1));
    std::string state, field;
    fields >> state;
    for (int i = 1; i < 20; ++i) fields >> field;
    return state == "Z" || state == "X" ? "" : field;
}

/// Runs that begin and end side by side make and remove the shared folders: what was there a moment ago may
/// be gone.
Status make_directories(const std::filesystem::path& directory) {
    constexpr int most_tries = 100;
    std::error_code code;
    for (int i = 0; i < most_tries; ++i) {
        std::filesystem::create_directories(directory, code);
        if (code != std::errc::no_such_file_or_directory) break;
    }
    if (code) return bench_error(fmt::format("create {}: {}", directory.string(), code.message()));
    return {};
}

/// A record that is still being written, or being removed, has this in front of its name, and behind it the
/// number of the process that does so: whoever starts meanwhile sees whole records alone.
constexpr std::string_view unfinished_mark = ".unfinished-";

std::filesystem::path unfinished(const std::filesystem::path& record) {
    const auto name = fmt::format("{}{}-{}", unfinished_mark, record.filename().string(), ::getpid());
    return record.parent_path() / name;
}

bool is_in_somebodys_hands(const std::filesystem::path& record) {
    const auto name = record.filename().string();
    const auto whose = whole_number<int>(name.substr(name.rfind('-') + 1));
    return name.starts_with(unfinished_mark) && whose && !start_time(*whose).empty();
}

void forget(const std::filesystem::path& record) {
    ::umount2((record / "namespace").c_str(), MNT_DETACH);
    std::error_code code;
    const auto aside = unfinished(record);
    std::filesystem::rename(record, aside, code);
    std::filesystem::remove_all(code ? record : aside, code);
    std::filesystem::remove(record.parent_path(), code);
    std::filesystem::remove(record.parent_path().parent_path(), code);
}

Json links(int where) { return parsed(run_ip({"-j", "link", "show"}, "", where)); }

/// The name of the interface with the lent one's MAC among `links`, those with an index in `others` aside; ""
/// when none has it. A name does not last: device managers give an interface theirs when it comes home, and a
/// VLAN's interface has its parent's MAC.
std::string find_lent(const Json& configuration, const Json& links, const std::set<int>& others = {}) {
    for (const auto& link : links)
        if (link.value("address", "") == configuration.value("mac", "-") &&
            !others.contains(link.value("ifindex", 0)))
            return link.value("ifname", "");
    return "";
}

std::string away_name(const Json& configuration, int away) {
    auto found = find_lent(configuration, links(away));
    return found.empty() ? configuration.value("name", "") : found;
}

/// An interface that comes home is new to the device manager, which may rename it.
void await_device_manager(int home) {
    std::error_code code;
    if (!std::filesystem::exists("/run/udev/control", code)) return;
    (void)run_command({.command = {"udevadm", "settle", "--timeout=5"}, .network_namespace = home}, "",
                      Deadline::after(command_time));
}

Status take_name_back(const Json& configuration, const std::set<int>& others, int home) {
    const auto name = configuration.value("name", "");
    const auto found = find_lent(configuration, links(home), others);
    if (found.empty() || found == name) return {};
    TRY(run_ip({"link", "set", "dev", found, "down"}, "", home));
    auto renamed = run_ip({"link", "set", "dev", found, "name", name}, "", home);
    if (renamed) return {};
    return std::move(renamed).error().in(
        fmt::format("interface {} is home again as {}, without its addresses and routes", name, found));
}

Status bring_home(const Json& configuration, int away, int home) {
    const auto name = configuration.value("name", "");
    std::set<int> others;
    for (const auto& link : links(home)) others.insert(link.value("ifindex", 0));
    TRY(run_ip({"link", "set", "dev", away_name(configuration, away), "netns",
                fmt::format("/proc/self/fd/{}", passed_descriptor)},
               "", away, home));
    await_device_manager(home);
    TRY(take_name_back(configuration, others, home));
    restore_settings(configuration, home);
    auto restored = run_ip({"-force", "-batch", "-"}, restore_commands(configuration), home);
    if (restored) return {};
    return std::move(restored).error().in(
        "interface " + name + " is home again, but not all of its addresses and routes could be set");
}

std::string recover(const std::filesystem::path& record) {
    if (is_in_somebodys_hands(record)) return "";
    const auto text = read_text_file(record / "record.json");
    const auto content = text ? parse_json(*text) : Json();
    if (!content.is_object()) {
        forget(record);
        return fmt::format("an unreadable record of a lent interface was removed: {}", record.string());
    }
    if (start_time(content.value("keeper", 0)) == content.value("started", "-")) return "";
    const auto name = content["interface"].value("name", "");
    if (content.value("home", "") != network_namespace_of(0))
        return fmt::format(
            "interface {} belongs to another namespace ({}); start cambench there to bring it home", name,
            content.value("home", ""));
    const FileHandle away(::open((record / "namespace").c_str(), O_RDONLY | O_CLOEXEC));
    auto home = open_network_namespace();
    auto status =
        home ? bring_home(content["interface"], away.get(), home->get()) : Status(std::move(home).error());
    const bool still_away =
        !status &&
        run_ip({"link", "show", "dev", away_name(content["interface"], away.get())}, "", away.get()).ok();
    if (!still_away) forget(record);
    if (status) return fmt::format("interface {} was brought home after a crash", name);
    return fmt::format("interface {} could not be brought home: {}{}", name, status.error().message,
                       still_away ? "; the next start tries again" : "");
}

}  // namespace

std::filesystem::path runtime_directory() {
    const char* chosen = std::getenv("CAMBENCH_RUNTIME_DIR");
    return chosen != nullptr && *chosen != '\0' ? std::filesystem::path(chosen)
                                                : std::filesystem::path("/run/cambench");
}

std::string restore_commands(const Json& configuration) {
    const auto name = configuration.value("name", "");
    std::string text;
    if (configuration.contains("master"))
        text += fmt::format("link set {} master {}\n", name, configuration.value("master", ""));
    for (const auto& address : configuration.value("addresses", Json::array()))
        text += fmt::format("addr replace {} dev {}\n", address.get<std::string>(), name);
    text += fmt::format("link set {} {}\n", name, configuration.value("up", false) ? "up" : "down");
    for (const auto& route : configuration.value("routes", Json::array()))
        text += route.get<std::string>() + "\n";
    return text;
}

Result<LentInterface> LentInterface::prepare(const std::string& interface) {
    if (!is_privileged())
        return bench_error(
            fmt::format("interface {} can be moved into the sandbox by root only; run with sudo, or use an "
                        "emulated network",
                        interface));
    LentInterface lent;
    lent.name_ = interface;
    TRY_ASSIGN(lent.configuration_, configuration_of(interface));
    TRY_ASSIGN(lent.home_, open_network_namespace());
    return lent;
}

Status LentInterface::keep_record() {
    record_ = runtime_directory() / "lent" / fmt::format("{}-{}", name_, ::getpid());
    const auto draft = unfinished(record_);
    std::error_code code;
    const auto runtime = runtime_directory();
    if (::mkdir(runtime.c_str(), 0755) == 0)
        (void)::chmod(runtime.c_str(), 0755);  // shared, whatever the umask of a run is
    TRY(make_directories(draft));
    TRY(refuse_foreign_directory(runtime));
    const Json content{{"interface", configuration_},
                       {"keeper", ::getpid()},
                       {"started", start_time(::getpid())},
                       {"home", ""}};
    auto complete = content;
    const auto home = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", home_.get()), code);
    complete["home"] = home.string();
    TRY(write_file_atomically(draft / "record.json", complete.dump(2)));
    TRY(write_file_atomically(draft / "namespace", ""));
    if (::rename(draft.c_str(), record_.c_str()) != 0)
        return system_error("create " + record_.string(), errno);
    if (::mount("/proc/self/ns/net", (record_ / "namespace").c_str(), nullptr, MS_BIND, nullptr) != 0)
        return system_error("keep the namespace of " + name_, errno);
    return {};
}

Status LentInterface::move_in() {
    TRY_ASSIGN(away_, open_network_namespace());
    TRY(keep_record());
    auto moved =
        run_ip({"link", "set", "dev", name_, "netns", fmt::format("/proc/self/fd/{}", passed_descriptor)}, "",
               home_.get(), away_.get());
    if (moved) return {};
    forget(record_);
    return std::move(moved).error();
}

Status LentInterface::move_back() {
    (void)run_ip({"addr", "flush", "dev", name_});
    auto status = bring_home(configuration_, away_.get(), home_.get());
    forget(record_);
    return status;
}

std::vector<std::string> recover_lent_interfaces() {
    std::vector<std::string> lines;
    std::error_code code;
    std::vector<std::filesystem::path> records;
    if (!std::filesystem::exists(runtime_directory() / "lent", code)) return lines;
    if (const auto ours = refuse_foreign_directory(runtime_directory()); !ours) return {ours.error().message};
    for (const auto& entry : std::filesystem::directory_iterator(runtime_directory() / "lent", code))
        records.push_back(entry.path());
    for (const auto& record : records)
        if (auto line = recover(record); !line.empty()) lines.push_back(std::move(line));
    return lines;
}

}  // namespace cambench::sandbox
