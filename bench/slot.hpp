#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bench/console_recorder.hpp"
#include "bench/internet/world/personality.hpp"
#include "bench/sandbox/sandbox.hpp"
#include "bench/slot_tenancy.hpp"
#include "bench/supply_witness.hpp"
#include "bench/unit_addresses.hpp"
#include "drivers/power/emulator_monitor.hpp"
#include "drivers/power/power_switch.hpp"
#include "harness/core/event.hpp"
#include "harness/core/markup/markup.hpp"

namespace cambench {

class ChannelClaims;
class Launcher;

/// What stands at a slot, as its bench file says: one node for each part, whose `driver` selects the driver.
struct SlotSettings {
    std::string name;
    markup::Node power, console, network;
};

/// The unit to put into a slot of emulated parts.
struct EmulatedUnitSettings {
    std::string factory_data;
    MacAddress mac;
    /// Its boot loader's environment, made from the image's; empty: the image's as it is.
    std::function<Result<std::string>(std::string_view image)> boot_environment = {};
};

/// One place for a camera during a run: its power switch, its console and its sandbox, opened, recording,
/// power off.
///
/// Recorders first, power last; closing goes the other way round.
class Slot {
public:
    struct Opening {
        SlotSettings settings;
        std::optional<EmulatedUnitSettings> unit;  ///< needed when a part is emulated
        internet::Personality personality;
        std::filesystem::path evidence;   ///< receives console.log, capture.pcapng, payloads/
        ChannelClaims* claims = nullptr;  ///< as in PowerSurroundings
        SlotTenancy* tenancy =
            nullptr;  ///< keeps the slot from one opening to the next; nullptr: it is had for this one alone
        StatedNetwork network = {};    ///< of a unit with an address of its own, as far as it is known
        Launcher* launcher = nullptr;  ///< starts what needs rights; nullptr: this process has them
        std::filesystem::path
            workplace;  ///< exists; keeps the emulated unit's flash from one opening to the next
    };
    struct Closing {
        sandbox::Sandbox::Closing sandbox;
        Status status;  ///< the first fault while closing
    };

    [[nodiscard]] static Result<std::unique_ptr<Slot>> open(const Opening& opening, EventSink& events,
                                                            const RunClock& clock);
    ~Slot();

    [[nodiscard]] Status power_on();
    [[nodiscard]] Status power_off();
    /// Puts an emulated unit back as it left the factory; false: the unit is real. Only without power.
    [[nodiscard]] Result<bool> restore();
    /// Puts a memory card into the unit, or takes it out, while it is off. False: only hands can do that.
    [[nodiscard]] Result<bool> put_card(const std::optional<std::filesystem::path>& content);
    /// Takes the camera's network cable out, or puts it in again. A lent interface goes down: the camera
    /// loses its link.
    [[nodiscard]] Status set_cable(Cable cable);
    [[nodiscard]] Result<std::optional<PowerSwitch::State>> power_state() { return power_->read_back(); }
    [[nodiscard]] bool powered() const { return powered_; }

    [[nodiscard]] ConsoleRecorder& console() { return *console_; }
    [[nodiscard]] bool has_console() const { return has_console_; }
    /// Where the unit can be reached. Who starts it, or sees it start, says so there.
    [[nodiscard]] UnitAddresses& addresses() { return addresses_; }
    /// Asks the wire whether the unit has this address; the answer shows in addresses().
    [[nodiscard]] Status ask_for(const IpAddress& address);
    /// Calls whoever is there by the searches that cameras answer, and with a ping to all nodes.
    [[nodiscard]] Status call_units();
    [[nodiscard]] sandbox::Sandbox& sandbox() { return *sandbox_; }
    [[nodiscard]] const std::string& name() const { return name_; }

    /// The unit is watched from now on: who is heard is the unit, and not its boot loader.
    void begin_watching();

    /// The first bench fault so far: a recorder that cannot write, a sandbox that died, a supply that went
    /// away. Whoever waits calls it again and again; what has to be done meanwhile is done here, too: the
    /// sandbox joins the subnet of a unit that has shown its own.
    [[nodiscard]] Status health();

    /// Power off, then the recorders. Idempotent; always runs to its end.
    Closing close();

private:
    Slot(std::string name, EventSink& events, const RunClock& clock)
        : name_(std::move(name)), events_(events), clock_(clock), addresses_(events) {}
    [[nodiscard]] Status open_console(const Opening& opening);
    [[nodiscard]] static std::filesystem::path console_socket(const Opening& opening) {
        return opening.workplace / "uart";
    }
    [[nodiscard]] Status open_power(const Opening& opening);
    [[nodiscard]] Status look_after_unit();
    void tell_heard_before();
    void remember_heard();
    [[nodiscard]] bool heard_since(Monotonic::time_point when) const;
    [[nodiscard]] Status join_networks();
    [[nodiscard]] Status join_network_of(const IpAddress& unit);
    void tell_addresses();
    [[nodiscard]] Status begin_without_power();
    [[nodiscard]] Status confirm_off();
    [[nodiscard]] bool await_silent_console();
    [[nodiscard]] std::optional<bool> await_fallen_link();
    [[nodiscard]] bool await_silent_wire(std::optional<bool> carrier);
    [[nodiscard]] Status check_silence();
    [[nodiscard]] Error still_powered(const std::string& sign) const;
    [[nodiscard]] std::optional<std::string> talks_while_off();
    void ask_witnesses_before_power_on();
    void ask_witnesses_before_power_off();
    [[nodiscard]] std::optional<bool> carrier() const;

    std::string name_;
    EventSink& events_;
    RunClock clock_;
    UnitAddresses addresses_;
    std::vector<sandbox::OwnNetwork> own_networks_;  ///< that the sandbox has joined
    std::vector<IpAddress> neighbours_;              ///< stated ones: never the operator's
    std::vector<StatedNetwork::Own> stated_;
    std::unique_ptr<sandbox::Sandbox> sandbox_;
    std::unique_ptr<ConsoleRecorder> console_;
    std::unique_ptr<PowerSwitch> power_;
    std::shared_ptr<EmulatorMonitor> monitor_;  ///< of an emulated unit
    std::string contact_;  ///< what power_ switches, in words; "" when the driver has no contacts
    bool has_console_ = false;
    bool powered_ = false;
    bool power_can_be_confirmed_ = false;  ///< the supply says how long it takes to settle
    bool host_interface_ = false;
    std::optional<std::uint64_t>
        silent_from_;  ///< console offset from which a unit without power must not talk
    std::uint64_t console_before_power_ = 0;  ///< console offset at power-on
    LinkWitness link_;
    FrameWitness frames_;
    Deadline negotiated_ = Deadline::after(Nanoseconds::zero());  ///< then the link is what it is
    Deadline next_look_ = Deadline::after(Nanoseconds::zero());
    SlotTenancy own_tenancy_;
    SlotTenancy* tenancy_ = &own_tenancy_;
    std::optional<Monotonic::time_point> watched_from_;
    std::optional<Monotonic::time_point> unit_asked_;  ///< and the answer is still to be told
    Deadline next_question_ = Deadline::after(Nanoseconds::zero());
    std::optional<Closing> closing_;
};

}  // namespace cambench
