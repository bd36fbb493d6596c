#pragma once

#include <mutex>
#include <set>
#include <string>

#include "harness/core/event.hpp"
#include "harness/core/ip.hpp"

namespace cambench {

/// Hands events on, and remembers who took a DHCP lease. Thread-safe.
class LeaseListener final : public EventSink {
public:
    explicit LeaseListener(EventSink& next) : next_(next) {}

    void emit(Event event) override {
        hear(event);
        next_.emit(std::move(event));
    }

    void emit_texts(std::string_view lane, std::span<const EventText> events) override {
        for (const auto& event : events)
            if (event.kind == "dhcp") hear(event_of(event, lane));
        next_.emit_texts(lane, events);
    }

    [[nodiscard]] std::set<MacAddress> macs() const {
        const std::scoped_lock lock(mutex_);
        return macs_;
    }

private:
    static constexpr std::size_t most_macs = 64;

    void hear(const Event& event) {
        if (event.kind != "dhcp" || event.fields.value("answer", std::string()) != "ack") return;
        const auto mac = MacAddress::parse(event.fields.value("mac", std::string()));
        const std::scoped_lock lock(mutex_);
        if (mac && macs_.size() < most_macs) macs_.insert(*mac);
    }

    EventSink& next_;
    mutable std::mutex mutex_;
    std::set<MacAddress> macs_;
};

}  // namespace cambench
