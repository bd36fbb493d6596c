#include "harness/core/event.hpp"

namespace cambench {

void emit_now(EventSink& sink, const RunClock& clock, std::string lane, std::string kind, Json fields) {
    sink.emit({clock.now(), std::move(lane), std::move(kind), std::move(fields)});
}

}  // namespace cambench
