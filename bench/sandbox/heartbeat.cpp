#include "bench/sandbox/heartbeat.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "bench/internet/link/pulse.hpp"
#include "bench/sandbox/pulse_inlet.hpp"
#include "harness/wire/packets.hpp"

namespace cambench::sandbox {
namespace {

constexpr auto beat_period = std::chrono::seconds(1);
constexpr int look_milliseconds = 50;
constexpr auto late_after = std::chrono::milliseconds(2500);
constexpr auto last_beat_time = std::chrono::seconds(4);
constexpr std::size_t most_heard = 16, most_under_way = 4096;
const MacAddress pulse_mac({std::byte{0x02}, std::byte{0x63}, std::byte{0x62}, std::byte{0}, std::byte{0},
                            std::byte{1}});

}  // namespace

void OwnFrames::expect(std::uint64_t number, Bytes frame) {
    const std::scoped_lock lock(mutex_);
    if (expected_.size() < most_expected) expected_.emplace(number, std::move(frame));
}

bool OwnFrames::take(ByteView frame) {
    if (frame.size() < 12 ||
        !std::equal(pulse_mac.bytes().begin(), pulse_mac.bytes().end(), frame.begin() + 6))
        return false;
    const std::scoped_lock lock(mutex_);
    const auto found = std::find_if(expected_.begin(), expected_.end(), [&](const auto& one) {
        return std::equal(frame.begin(), frame.end(), one.second.begin(), one.second.end());
    });
    if (found == expected_.end()) return false;
    newest_ = std::max(newest_, found->first);
    when_ = clock_.now();
    ++count_;
    expected_.erase(found);
    return true;
}

std::pair<std::uint64_t, Nanoseconds> OwnFrames::newest() const {
    const std::scoped_lock lock(mutex_);
    return {newest_, when_};
}

std::uint64_t OwnFrames::count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
}

Heartbeat::Heartbeat(Parts parts, std::shared_ptr<OwnFrames> own, EventSink& events, const RunClock& clock)
    : parts_(std::move(parts)),
      own_(std::move(own)),
      events_(events),
      clock_(clock),
      through_when_(clock.now()) {
    emit_now(events_, clock_, "bench", "attestation", {{"state", "begin"}, {"interface", parts_.interface}});
    (void)ask_for_links(parts_.link_news.get());
    thread_ = std::jthread([this](const std::stop_token& stop) { beat_on(stop); });
}

Heartbeat::~Heartbeat() { (void)stop(); }

bool Heartbeat::stop() {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
        emit_now(events_, clock_, "bench", "attestation", {{"state", "end"}, {"last_pulse", last_came_}});
    }
    return last_came_;
}

void Heartbeat::internet_heard(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    internet_ = std::max(internet_, std::min(number, sent_));
    internet_when_ = clock_.now();
}

void Heartbeat::wire_is(Wire wire) {
    const std::scoped_lock lock(mutex_);
    wire_off_ = wire == Wire::down;
    through_when_ = clock_.now();
}

Nanoseconds Heartbeat::silence() const {
    const std::scoped_lock lock(mutex_);
    return carries() ? clock_.now() - through_when_ : Nanoseconds::zero();
}

std::string Heartbeat::debtor() const {
    const auto met = own_->newest().first;
    const std::scoped_lock lock(mutex_);
    if (under_way_.empty() || under_way_.begin()->first > met) return "the sandbox's keeper or the recorder";
    return "the fake internet";
}

void Heartbeat::beat_on(const std::stop_token& stop) {
    auto next = Monotonic::now();
    while (!stop.stop_requested()) {
        if (Monotonic::now() >= next) {
            beat();
            next = Monotonic::now() + beat_period;
        }
        look_at_link();
        tell();
    }
    // What came since the last heartbeat is attested by one more.
    beat();
    const auto deadline = Deadline::after(last_beat_time);
    while (is_awaited() && !deadline.passed()) {
        look_at_link();
        tell();
    }
    tell();
    last_came_ = all_through();
}

void Heartbeat::beat() {
    std::uint64_t number = 0;
    {
        const std::scoped_lock lock(mutex_);
        number = ++sent_;
        if (under_way_.size() < most_under_way) under_way_.emplace(number, clock_.now());
    }
    const auto frame = frame_of(number);
    own_->expect(number, frame);
    (void)::send(parts_.inlet.get(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

Bytes Heartbeat::frame_of(std::uint64_t number) const {
    const auto payload = internet::pulse_payload(parts_.key, number);
    const auto packets =
        internet::udp_packets(internet::pulse_source(), internet::pulse_destination(), payload, 1500);
    return internet::ethernet_frame(MacAddress::parse(pulse_inlet_mac).value(), pulse_mac, 0x0800,
                                    packets.front());
}

void Heartbeat::look_at_link() {
    pollfd entry{parts_.link_news.get(), POLLIN, 0};
    if (::poll(&entry, 1, look_milliseconds) <= 0) return;
    const auto reading = read_link_news(parts_.link_news.get(), parts_.interface);
    if (reading.lost) (void)ask_for_links(parts_.link_news.get());
    for (const auto& news : reading.news) {
        if (link_ && link_->carrier == news.carrier && link_->changes == news.changes) continue;
        link_ = news;
        // Whoever was heard until now is told here: the next heartbeat may be long in coming.
        emit_now(events_, clock_, "bench", "link",
                 {{"state", news.carrier ? "up" : "down"}, {"changes", news.changes}, {"heard", heard()}});
        carrier_is(news.carrier);
    }
}

/// What was sent onto a wire without a carrier is lost, and nobody owes it.
void Heartbeat::carrier_is(bool there) {
    const std::scoped_lock lock(mutex_);
    no_carrier_ = !there;
    through_when_ = clock_.now();
    under_way_.clear();
}

bool Heartbeat::all_through() const {
    const auto met = own_->newest().first;
    const std::scoped_lock lock(mutex_);
    return met >= sent_ && internet_ >= sent_;
}

bool Heartbeat::is_awaited() const {
    if (all_through()) return false;
    const std::scoped_lock lock(mutex_);
    return carries();
}

/// Who was heard on the camera's side since the last time, and when last.
Json Heartbeat::heard() {
    Json list = Json::array();
    for (const auto& sender : parts_.senders()) {
        if (sender.mac == parts_.bench_mac) continue;
        auto& known = heard_frames_[sender.mac];
        if (sender.frames == known || list.size() >= most_heard) continue;
        known = sender.frames;
        list.push_back(
            {{"mac", sender.mac.to_string()}, {"at", Nanoseconds(sender.last - clock_.zero).count()}});
    }
    return list;
}

void Heartbeat::tell() {
    const auto [met, met_when] = own_->newest();
    std::uint64_t through = 0;
    Nanoseconds when{};
    bool late = false;
    {
        const std::scoped_lock lock(mutex_);
        through = std::min(met, internet_);
        when = std::max(met_when, internet_when_);
        under_way_.erase(under_way_.begin(), under_way_.upper_bound(through));
        if (through > told_) through_when_ = when;
        late = carries() && !under_way_.empty() && clock_.now() - under_way_.begin()->second > late_after;
    }
    if (through > told_) {
        told_ = through;
        late_told_ = false;
        events_.emit({when, "bench", "pulse", {{"number", through}, {"heard", heard()}}});
    } else if (late && !late_told_) {
        late_told_ = true;
        emit_now(events_, clock_, "bench", "pulse-late", {{"number", through + 1}, {"owed_by", debtor()}});
    }
}

}  // namespace cambench::sandbox
