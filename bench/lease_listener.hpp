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
        if (event.kind == "dhcp" && event.fields.value("answer", std::string()) == "ack")
            if (const auto mac = MacAddress::parse(event.fields.value("mac", std::string()))) {
                const std::scoped_lock lock(mutex_);
                if (macs_.size() < most_macs) macs_.insert(*mac);
            }
        next_.emit(std::move(event));
    }

    [[nodiscard]] std::set<MacAddress> macs() const {
        const std::scoped_lock lock(mutex_);
        return macs_;
    }

private:
    static constexpr std::size_t most_macs = 64;

    EventSink& next_;
    mutable std::mutex mutex_;
    std::set<MacAddress> macs_;
};

}  // namespace cambench
