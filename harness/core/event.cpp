#include "harness/core/event.hpp"

#include "harness/core/json.hpp"

namespace cambench {

Event event_of(const EventText& text, std::string_view lane) {
    std::string object("{");
    object.append(text.members)
        .append(text.members.empty() || text.more_members.empty() ? "" : ",")
        .append(text.more_members)
        .append("}");
    auto fields = parse_json(object);
    return {text.time, std::string(lane), std::string(text.kind),
            fields.is_object() ? std::move(fields) : Json::object()};
}

void EventSink::emit_texts(std::string_view lane, std::span<const EventText> events) {
    for (const auto& event : events) emit(event_of(event, lane));
}

void emit_now(EventSink& sink, const RunClock& clock, std::string lane, std::string kind, Json fields) {
    sink.emit({clock.now(), std::move(lane), std::move(kind), std::move(fields)});
}

}  // namespace cambench
