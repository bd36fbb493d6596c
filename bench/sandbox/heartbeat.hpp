#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/sandbox/link_news.hpp"
#include "bench/sandbox/wire.hpp"
#include "harness/core/event.hpp"
#include "harness/core/file.hpp"

namespace cambench::sandbox {

/// The frames that the bench itself puts onto the camera's side of the wire and that the recorder has not met
/// yet. Thread-safe.
class OwnFrames {
public:
    explicit OwnFrames(const RunClock& clock) : clock_(clock) {}
    void expect(std::uint64_t number, Bytes frame);
    /// Whether the recorder has met one of them. Each counts once and to the byte: what looks like it is the
    /// camera's.
    [[nodiscard]] bool take(ByteView frame);
    /// The newest one that was met, and when.
    [[nodiscard]] std::pair<std::uint64_t, Nanoseconds> newest() const;
    [[nodiscard]] std::uint64_t count() const;

private:
    static constexpr std::size_t most_expected = 1024;
    RunClock clock_;
    mutable std::mutex mutex_;
    std::map<std::uint64_t, Bytes> expected_;
    std::uint64_t newest_ = 0, count_ = 0;
    Nanoseconds when_{};
};

/// What a run's attestation is made of, as events of lane "bench":
/// "pulse": a heartbeat went the way of the camera's packets, engine, keeper, wire, recorder, fake internet,
/// engine; with who was heard on the wire; "pulse-late": one that has not come through for a while, and who
/// owes it; "link": the carrier of the wire.
class Heartbeat {
public:
    struct Parts {
        FileHandle inlet;      ///< PulseInlet's end for the engine
        FileHandle link_news;  ///< open_link_news() of the wire's namespace
        std::string interface;
        MacAddress bench_mac;  ///< of the interface
        std::string key;       ///< make_pulse_key()
        std::function<std::vector<Sender>()> senders;
    };
    /// Beats until it is stopped. `own` is what the recorder asks.
    Heartbeat(Parts parts, std::shared_ptr<OwnFrames> own, EventSink& events, const RunClock& clock);
    ~Heartbeat();

    /// Thread-safe: the fake internet has heard that one.
    void internet_heard(std::uint64_t number);
    /// Thread-safe: while the wire is off no heartbeat comes through.
    void wire_is(Wire wire);
    /// Thread-safe. How long nothing has come through; zero while the wire is off or has no carrier, as that
    /// of a camera without power.
    [[nodiscard]] Nanoseconds silence() const;
    /// Thread-safe. Who owes the oldest heartbeat under way: "the keeper or the recorder", "the fake
    /// internet".
    [[nodiscard]] std::string debtor() const;
    /// One last heartbeat; whether it came through. Idempotent.
    bool stop();

private:
    void beat_on(const std::stop_token& stop);
    void beat();
    void look_at_link();
    void carrier_is(bool there);
    void tell();
    [[nodiscard]] Json heard();
    [[nodiscard]] bool all_through() const;
    [[nodiscard]] bool is_awaited() const;
    /// With mutex_ held.
    [[nodiscard]] bool carries() const { return !wire_off_ && !no_carrier_; }
    [[nodiscard]] Bytes frame_of(std::uint64_t number) const;

    Parts parts_;
    std::shared_ptr<OwnFrames> own_;
    EventSink& events_;
    RunClock clock_;

    mutable std::mutex mutex_;
    std::uint64_t sent_ = 0, internet_ = 0;
    Nanoseconds internet_when_{}, through_when_{};
    std::map<std::uint64_t, Nanoseconds> under_way_;
    bool wire_off_ = false, no_carrier_ = false;

    // Of the beating thread alone.
    std::uint64_t told_ = 0;
    bool late_told_ = false;
    std::optional<LinkNews> link_;
    std::map<MacAddress, std::uint64_t> heard_frames_;
    bool last_came_ = false;
    std::jthread thread_;
};

}  // namespace cambench::sandbox
