#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

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

/// An event whose fields are text already: `"camera":"192.0.2.1:80","name":null`, well-formed, without "t",
/// "lane" and "kind". For those who see tens of thousands a second.
struct EventText {
    Nanoseconds time{};
    std::string_view kind;
    std::string_view members;
    std::string_view more_members;  ///< further ones; none of them when empty
};
[[nodiscard]] Event event_of(const EventText& text, std::string_view lane);

/// Takes events as they happen. Implementations are thread-safe.
class EventSink {
public:
    virtual ~EventSink() = default;
    virtual void emit(Event event) = 0;
    /// Many of one lane, in order; the texts are valid during the call. Emits one after the other unless it
    /// is overridden.
    virtual void emit_texts(std::string_view lane, std::span<const EventText> events);
};

/// Emits with the clock's current time.
void emit_now(EventSink& sink, const RunClock& clock, std::string lane, std::string kind,
              Json fields = Json::object());

}  // namespace cambench
