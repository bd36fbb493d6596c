#include "bench/sandbox/keeper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "bench/sandbox/confinement.hpp"
#include "bench/sandbox/containment.hpp"
#include "bench/sandbox/control.hpp"
#include "bench/sandbox/host_interface.hpp"
#include "bench/sandbox/link_news.hpp"
#include "bench/sandbox/namespaces.hpp"
#include "bench/sandbox/own_network.hpp"
#include "bench/sandbox/privileges.hpp"
#include "bench/sandbox/pulse_inlet.hpp"
#include "bench/sandbox/rules.hpp"
#include "bench/sandbox/sockets.hpp"
#include "bench/sandbox/wire.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/launch/rights.hpp"

namespace cambench::sandbox {
namespace {

constexpr auto command_time =
    std::chrono::seconds(60);  // they end in milliseconds, unless the machine is starved
constexpr std::size_t most_capture_bytes = std::size_t{1} << 30;

Status run_script(std::vector<std::string> command, const std::string& script) {
    TRY_ASSIGN(const auto output, run_command({.command = command}, script, Deadline::after(command_time)));
    if (output.exit_code != 0) return bench_error(fmt::format("{}: {}", command[0], output.text));
    return {};
}

Status apply_rules(const std::string& rules) { return run_script({"nft", "-f", "-"}, rules); }

Status apply_settings(const Layout& layout) {
    for (const auto& setting : kernel_settings(layout)) {
        const auto path = "/proc/sys/" + setting.path;
        const FileHandle handle(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (!handle.valid()) return system_error("open " + path, errno);
        TRY(write_all(handle.get(), as_bytes(setting.value), path));
    }
    return {};
}

Result<MacAddress> mac_of(const std::string& interface) {
    const FileHandle socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
    if (::ioctl(socket.get(), SIOCGIFHWADDR, &request) != 0)
        return system_error("read the MAC of " + interface, errno);
    return MacAddress::from(ByteView(reinterpret_cast<const std::byte*>(request.ifr_hwaddr.sa_data), 6));
}

Result<internet::Network> network_of(const Layout& layout) {
    internet::Network network;
    network.interface = layout.interface;
    network.interface_index = static_cast<int>(::if_nametoindex(layout.interface.c_str()));
    TRY_ASSIGN(network.mac, mac_of(layout.interface));
    TRY_ASSIGN(network.router, IpAddress::parse(layout.router));
    TRY_ASSIGN(network.operator_address, IpAddress::parse(layout.operator_address));
    TRY_ASSIGN(network.lan, Cidr::parse(layout.lan));
    TRY_ASSIGN(network.first_lease, IpAddress::parse(layout.first_lease));
    TRY_ASSIGN(network.last_lease, IpAddress::parse(layout.last_lease));
    TRY_ASSIGN(network.router6, IpAddress::parse(layout.router6));
    TRY_ASSIGN(network.operator_address6, IpAddress::parse(layout.operator_address6));
    TRY_ASSIGN(network.link_local6, IpAddress::parse(layout.link_local6));
    TRY_ASSIGN(network.lan6, Cidr::parse(layout.lan6));
    TRY_ASSIGN(network.name_pool, Cidr::parse(layout.name_pool));
    TRY_ASSIGN(network.name_pool6, Cidr::parse(layout.name_pool6));
    return network;
}

class Keeper {
public:
    Keeper(ControlSocket control, FileHandle channel, const Internet& internet)
        : control_(std::move(control)), channel_(std::move(channel)), serve_internet_(internet) {}

    Status set_up(const std::string& interface, const Json& wishes) {
        host_namespace_ = network_namespace_of(0);
        layout_ = layout_beside(addresses(wishes.value("stated_addresses", Json::array())));
        if (!interface.empty()) {
            TRY_ASSIGN(lent_, LentInterface::prepare(interface));
            layout_.interface = interface;
        }
        TRY(enter_new_network_namespace());
        if (lent_)
            TRY(lent_->move_in());
        else
            TRY(make_tap(layout_.interface));
        TRY(apply_settings(layout_));
        TRY(run_script({"ip", "-batch", "-"}, address_commands(layout_)));
        TRY(run_script({"ip", "-6", "-batch", "-"}, route_commands6(layout_)));
        TRY(apply_rules(firewall_rules(layout_)));
        TRY(check_containment(layout_, host_namespace_));
        try_to_leak(canaries(wishes));
        // Before anybody answers: no event without its frame.
        TRY_ASSIGN(capture_, open_capture(layout_.interface,
                                          std::min(wishes.value("capture_bytes", std::size_t{8} << 20),
                                                   most_capture_bytes)));
        return begin_internet(wishes);
    }

    /// Tells the engine that all stands, with the namespaces and the recorder's socket. From then on this
    /// process has few rights.
    Status report_ready() {
        TRY_ASSIGN(const auto network, open_network_namespace());
        TRY_ASSIGN(const auto user, open_user_namespace());
        TRY_ASSIGN(const auto mac, mac_of(layout_.interface));
        TRY_ASSIGN(inlet_, PulseInlet::open(layout_));
        TRY_ASSIGN(const auto link_news, open_link_news());
        TRY(check_containment(layout_, host_namespace_));
        TRY(give_up_rights());
        TRY(control_.send({{"ready", true},
                           {"interface", layout_.interface},
                           {"mac", mac.to_string()},
                           {"lan", layout_.lan},
                           {"lan6", layout_.lan6}},
                          std::array{network.get(), user.get(), capture_.get(), inlet_.engines_end().get(),
                                     link_news.get()}));
        inlet_.close_engines_end();
        capture_.close();
        return {};
    }

    /// Until the engine says stop or is gone.
    void serve() {
        while (true) {
            pass_heartbeats();
            auto message = control_.receive(Deadline::after(std::chrono::hours(24)));
            if (!message || !*message) return;
            const auto command = (*message)->body.value("command", "");
            if (command == "stop") {
                stopped_ = true;
                return;
            }
            answer(command, (*message)->body);
        }
    }

    void tear_down() {
        if (internet_ > 0) {
            ::kill(internet_, SIGKILL);
            ::waitpid(internet_, nullptr, 0);
        }
        const auto counted = escaped();
        Json last{{"escaped", counted ? *counted : 0}, {"counted", counted.ok()}};
        if (lent_)
            if (const auto status = lent_->move_back(); !status) last["error"] = status.error().message;
        if (stopped_) (void)control_.send(last);
    }

    ControlSocket& control() { return control_; }

private:
    /// Until the engine says something else, or is gone.
    void pass_heartbeats() {
        for (;;) {
            std::array<pollfd, 2> entries{{{control_.descriptor(), POLLIN, 0}, {inlet_.awaits(), POLLIN, 0}}};
            if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) return;
            if (entries[1].revents != 0) inlet_.pass();
            if (entries[0].revents != 0) return;
        }
    }

    /// The sandbox's network is changed and its counters are read until the end; a lent interface is brought
    /// home to another namespace. "nobody", where the kernel gives no user namespaces, is ended by force.
    Status give_up_rights() const {
        std::vector<cap_value_t> kept{CAP_NET_ADMIN, CAP_KILL};
        if (lent_) kept.push_back(CAP_SYS_ADMIN);
        return keep_capabilities(kept);
    }

    static std::vector<Endpoint> canaries(const Json& wishes) {
        std::vector<Endpoint> endpoints;
        for (const auto& canary : wishes.value("canaries", Json::array()))
            if (auto address = IpAddress::parse(canary.value("address", "")))
                endpoints.push_back({*address, canary.value("port", std::uint16_t{0})});
        return endpoints;
    }

    static std::vector<IpAddress> addresses(const Json& texts) {
        std::vector<IpAddress> list;
        for (const auto& text : texts)
            if (const auto address = text.is_string() ? IpAddress::parse(text.get<std::string>())
                                                      : Result<IpAddress>(usage_error(""));
                address)
                list.push_back(*address);
        return list;
    }

    Status begin_internet(const Json& wishes) {
        TRY_ASSIGN(auto sockets, open_sockets(layout_));
        TRY_ASSIGN(const auto network, network_of(layout_));
        pulse_key_ = wishes.value("pulse_key", "");
        TRY_ASSIGN(const auto personality,
                   internet::personality_from_json(wishes.value("personality", Json::object())));
        const Refusal refusal{personality.servers_dead, personality.refuse_first};
        if (const auto rules = refusal_rules(layout_, refusal); !rules.empty()) TRY(apply_rules(rules));
        const RunClock clock{Monotonic::time_point(Nanoseconds(wishes.value("clock_zero", std::int64_t{0}))),
                             WallTime(Nanoseconds(wishes.value("clock_wall", std::int64_t{0})))};
        return start_internet(sockets_of(sockets), network, personality, clock);
    }

    Status start_internet(const internet::Sockets& sockets, const internet::Network& network,
                          const internet::Personality& personality, const RunClock& clock) {
        Confinement confinement{.name = "cambench-net",
                                .duty = Duty::serve,
                                .network = Confinement::Network::none,
                                .descriptors = {channel_.get()},
                                .channel = channel_.get()};
        for (const int one : {sockets.tcp4, sockets.tcp6, sockets.udp4, sockets.udp6, sockets.raw4,
                              sockets.raw6, sockets.packet})
            confinement.descriptors.push_back(one);
        for (const auto* calling : {&sockets.calling4, &sockets.calling6})
            confinement.descriptors.insert(confinement.descriptors.end(), calling->begin(), calling->end());
        TRY_ASSIGN(internet_, start_confined(confinement, [&] {
                       return serve_internet_(sockets, network, personality, clock, channel_.get(),
                                              pulse_key_);
                   }));
        channel_.close();
        return {};
    }

    static internet::Sockets sockets_of(const OpenSockets& open) {
        internet::Sockets sockets{open.tcp4.get(), open.tcp6.get(), open.udp4.get(),  open.udp6.get(),
                                  open.raw4.get(), open.raw6.get(), open.packet.get()};
        for (const auto& calling : open.calling4) sockets.calling4.push_back(calling.get());
        for (const auto& calling : open.calling6) sockets.calling6.push_back(calling.get());
        return sockets;
    }

    Result<std::uint64_t> escaped() const {
        TRY_ASSIGN(const auto output,
                   run_command({.command = {"nft", "list", "counters"}}, "", Deadline::after(command_time)));
        if (output.exit_code != 0) return bench_error("read the escape counters: " + output.text);
        return escaped_packets(output.text);
    }

    void answer(const std::string& command, const Json& body) {
        if (command == "open-tap") {
            auto tap = lent_ ? Result<FileHandle>(
                                   bench_error("the slot's network is a host interface, not an emulated one"))
                             : open_tap(layout_.interface);
            if (tap)
                (void)control_.send({{"ok", true}}, std::array{tap->get()});
            else
                (void)control_.send({{"error", tap.error().message}});
            return;
        }
        Status status = bench_error("unknown command " + command);
        if (command == "isolate")
            status = apply_rules(
                isolation_rules(body.value("answers", "all") == "none" ? Answers::none : Answers::all));
        if (command == "block" || command == "unblock") {
            const auto address = IpAddress::parse(body.value("address", ""));
            status =
                address
                    ? apply_rules(blocking_rules(*address, command == "block" ? Blocking::on : Blocking::off))
                    : Status(address.error());
        }
        if (command == "own-network") status = take_own_network(body);
        if (command == "wire") status = set_wire(body.value("up", true) ? Wire::up : Wire::down);
        (void)control_.send(status ? Json{{"ok", true}} : Json{{"error", status.error().message}});
    }

    /// Addresses alone: no way out comes with them, which is looked at again.
    Status take_own_network(const Json& body) {
        OwnNetwork network;
        TRY_ASSIGN(network.operator_address, IpAddress::parse(body.value("operator", "")));
        TRY_ASSIGN(network.subnet, Cidr::parse(body.value("subnet", "")));
        TRY(run_script({"ip", "-batch", "-"}, address_commands(layout_, network)));
        TRY(apply_rules(operator_rules(network)));
        own_networks_.push_back(network);
        return check_containment(layout_, host_namespace_);
    }

    /// The kernel forgets routes and IPv6 addresses of an interface that goes down.
    Status set_wire(Wire wanted) {
        if (wanted == Wire::down)
            return run_script({"ip", "-batch", "-"}, fmt::format("link set {} down\n", layout_.interface));
        auto script = address_commands_again(layout_);
        for (const auto& network : own_networks_) script += address_commands(layout_, network);
        TRY(run_script({"ip", "-batch", "-"}, script));
        return run_script({"ip", "-6", "-batch", "-"}, route_commands6_again(layout_));
    }

    ControlSocket control_;
    FileHandle channel_, capture_;
    const Internet& serve_internet_;
    std::string host_namespace_, pulse_key_;
    Layout layout_;
    std::vector<OwnNetwork> own_networks_;
    std::optional<LentInterface> lent_;
    PulseInlet inlet_;
    pid_t internet_ = -1;
    bool stopped_ = false;
};

}  // namespace

int keep_sandbox(int control, int channel, const std::string& interface, const Internet& internet) {
    // The engine's end of the control socket says when it is gone; signals of its terminal are not for us.
    ::prctl(PR_SET_PDEATHSIG, 0);
    ::setsid();
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    ::fcntl(control, F_SETFD, FD_CLOEXEC);
    ::fcntl(channel, F_SETFD, FD_CLOEXEC);
    Keeper keeper{ControlSocket(FileHandle(control)), FileHandle(channel), internet};
    auto wishes = keeper.control().receive(Deadline::after(std::chrono::seconds(10)));
    if (!wishes || !*wishes) return 3;
    auto status = keeper.set_up(interface, (*wishes)->body);
    if (status) status = keeper.report_ready();
    if (!status)
        (void)keeper.control().send({{"error", status.error().message}});
    else
        keeper.serve();
    keeper.tear_down();
    return status ? 0 : 3;
}

}  // namespace cambench::sandbox
