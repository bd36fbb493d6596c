#include "harness/evidence/timeline.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace cambench {
namespace {

constexpr std::size_t events_in_memory = 20'000;

std::string line_of(const Event& event) {
    Json json = event.fields.is_object() ? event.fields : Json::object();
    json["t"] = event.time.count();
    json["lane"] = event.lane;
    json["kind"] = event.kind;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string members_of(const EventText& event) {
    std::string members(event.members);
    if (!event.more_members.empty()) members.append(members.empty() ? "" : ",").append(event.more_members);
    return members;
}

void append_line(std::string& lines, std::string_view lane, const EventText& event) {
    const fmt::format_int time(event.time.count());
    lines.append("{\"t\":")
        .append(time.data(), time.size())
        .append(",\"lane\":\"")
        .append(lane)
        .append("\",\"kind\":\"")
        .append(event.kind)
        .append("\"");
    for (const auto members : {event.members, event.more_members})
        if (!members.empty()) lines.append(",").append(members);
    lines.append("}\n");
}

}  // namespace

Result<std::unique_ptr<Timeline>> Timeline::create(const std::filesystem::path& file, const RunClock& clock) {
    FileHandle handle(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
    if (!handle.valid()) return system_error("create " + file.string(), errno);
    return std::unique_ptr<Timeline>(new Timeline(std::move(handle), file, clock));
}

Event Timeline::Remembered::read() const {
    if (members.empty()) return event;
    return event_of(EventText{.time = event.time, .kind = event.kind, .members = members, .more_members = {}},
                    event.lane);
}

/// Whole lines, or nothing.
Status Timeline::write(std::string_view lines) {
    auto status = write_all(file_.get(), as_bytes(lines), path_.string());
    if (status.ok())
        written_bytes_ += lines.size();
    else
        (void)::ftruncate(file_.get(), static_cast<off_t>(written_bytes_));
    return status;
}

void Timeline::note(Status status) {
    if (!status.ok() && health_.ok()) health_ = std::move(status);
}

void Timeline::remember(Remembered remembered) {
    newest_.push_back(std::move(remembered));
    if (newest_.size() > events_in_memory) newest_.pop_front();
    ++count_;
}

void Timeline::emit(Event event) {
    const auto line = line_of(event);
    {
        const std::scoped_lock lock(mutex_);
        note(write(line));
        remember({event, {}});
    }
    arrived_.notify_all();
    if (listener_) listener_(event);
}

void Timeline::emit_texts(std::string_view lane, std::span<const EventText> events) {
    if (events.empty()) return;
    std::string lines;
    std::vector<std::size_t> ends;
    ends.reserve(events.size());
    for (const auto& event : events) {
        append_line(lines, lane, event);
        ends.push_back(lines.size());
    }
    {
        const std::scoped_lock lock(mutex_);
        // On a disk that fills up, as many lines as there is room for.
        if (!write(lines).ok())
            for (std::size_t i = 0, begin = 0; i < ends.size(); begin = ends[i++])
                note(write(std::string_view(lines).substr(begin, ends[i] - begin)));
        for (const auto& event : events)
            remember({{event.time, std::string(lane), std::string(event.kind)}, members_of(event)});
    }
    arrived_.notify_all();
    if (listener_) listener_({events.back().time, std::string(lane), std::string(events.back().kind)});
}

Timeline::Mark Timeline::mark() const {
    const std::scoped_lock lock(mutex_);
    return count_;
}

Result<Event> Timeline::wait_for(const std::function<bool(const Event&)>& fits, Mark from, Deadline deadline,
                                 const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    for (auto next = from;;) {
        for (next = std::max<Mark>(next, count_ - newest_.size()); next < count_; ++next) {
            const auto& remembered = newest_[newest_.size() - (count_ - next)];
            if (remembered.members.empty() ? fits(remembered.event) : fits(remembered.read()))
                return remembered.read();
        }
        if (stop.stop_requested()) return cancelled_error("cancelled");
        if (deadline.passed()) return timeout_error("it did not happen in time");
        arrived_.wait_until(lock, stop, deadline.when(), [&] { return count_ > next; });
    }
}

bool Timeline::wait_until(Deadline deadline, const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    arrived_.wait_until(lock, stop, deadline.when(), [] { return false; });
    return !stop.stop_requested();
}

Status Timeline::health() const {
    const std::scoped_lock lock(mutex_);
    return health_;
}

}  // namespace cambench
