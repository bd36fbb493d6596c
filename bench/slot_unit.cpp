// Whether the unit is there at all: who says nothing by himself is asked now and then.
#include <algorithm>

#include "bench/slot.hpp"

namespace cambench {
namespace {

/// A unit that has said nothing for so long is asked; so long after a question an answer is one to it.
constexpr auto silent_for = std::chrono::seconds(2);
constexpr auto answer_within = std::chrono::seconds(1);
constexpr std::size_t most_asked = 4;

}  // namespace

bool Slot::heard_since(Monotonic::time_point when) const {
    const auto senders = sandbox_->senders();
    return std::any_of(senders.begin(), senders.end(), [&](const auto& one) { return one.last >= when; });
}

/// Asks the wire who has the unit's addresses, as any host of its network does. What became of each question
/// is told.
Status Slot::look_after_unit() {
    const auto now = Monotonic::now();
    if (unit_asked_ && (heard_since(*unit_asked_) || now >= *unit_asked_ + answer_within)) {
        emit_now(events_, clock_, "bench", "unit-asked",
                 {{"at", Nanoseconds(*unit_asked_ - clock_.zero).count()},
                  {"answered", heard_since(*unit_asked_)}});
        unit_asked_.reset();
    }
    if (unit_asked_ || !next_question_.passed() || heard_since(now - silent_for)) return {};
    auto addresses = addresses_.all();
    if (const auto current = addresses_.current()) addresses.push_back(*current);
    if (addresses.empty()) return {};
    for (std::size_t i = 0; i < std::min(addresses.size(), most_asked); ++i)
        TRY(sandbox_->command({{"command", "ask-address"},
                               {"address", addresses[addresses.size() - 1 - i].to_string()},
                               {"quiet", true}}));
    unit_asked_ = now;
    next_question_ = Deadline::after(silent_for);
    return {};
}

void Slot::begin_watching() {
    if (!watched_from_) watched_from_ = Monotonic::now();
}

/// An emulated unit is made anew for each scenario, by the bench itself.
void Slot::tell_heard_before() {
    if (!host_interface_ || tenancy_->macs_before.empty()) return;
    Json macs = Json::array();
    for (const auto& mac : tenancy_->macs_before) macs.push_back(mac.to_string());
    emit_now(events_, clock_, "bench", "unit-before", {{"macs", std::move(macs)}});
}

void Slot::remember_heard() {
    if (!watched_from_) return;
    std::vector<MacAddress> macs;
    for (const auto& sender : sandbox_->senders())
        if (sender.last >= *watched_from_) macs.push_back(sender.mac);
    if (!macs.empty()) tenancy_->macs_before = std::move(macs);
}

}  // namespace cambench
