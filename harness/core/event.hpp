#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/core/time.hpp"

namespace cambench {

using Json = nlohmann::json;

/// Something that happened, on the run's clock. Becomes one line of timeline.jsonl:
/// {"t": <nanoseconds since the run began>, "lane": "network", "kind": "dns-query", ...fields}
struct Event {
    Nanoseconds time{};
    std::string lane;  ///< power, console, network, scenario or bench
    std::string kind;  ///< lower-case words with '-'
    Json fields = Json::object();
};

/// Takes events as they happen. Implementations are thread-safe.
class EventSink {
public:
    virtual ~EventSink() = default;
    virtual void emit(Event event) = 0;
};

/// Emits with the clock's current time.
void emit_now(EventSink& sink, const RunClock& clock, std::string lane, std::string kind, Json fields = Json::object());

}  // namespace cambench
