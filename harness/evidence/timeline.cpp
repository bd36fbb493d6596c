#include "harness/evidence/timeline.hpp"

#include <fcntl.h>
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

}  // namespace

Result<std::unique_ptr<Timeline>> Timeline::create(const std::filesystem::path& file, const RunClock& clock) {
    FileHandle handle(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
    if (!handle.valid()) return system_error("create " + file.string(), errno);
    return std::unique_ptr<Timeline>(new Timeline(std::move(handle), file, clock));
}

void Timeline::emit(Event event) {
    const auto line = line_of(event);
    {
        const std::scoped_lock lock(mutex_);
        auto status = write_all(file_.get(), as_bytes(line), path_.string());
        if (status.ok()) written_bytes_ += line.size();
        else (void)::ftruncate(file_.get(), static_cast<off_t>(written_bytes_));
        if (!status.ok() && health_.ok()) health_ = std::move(status);
        newest_.push_back(event);
        if (newest_.size() > events_in_memory) newest_.pop_front();
        ++count_;
    }
    arrived_.notify_all();
    if (listener_) listener_(event);
}

Timeline::Mark Timeline::mark() const {
    const std::scoped_lock lock(mutex_);
    return count_;
}

Result<Event> Timeline::wait_for(const std::function<bool(const Event&)>& fits, Mark from, Deadline deadline, const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    for (auto next = from;;) {
        for (next = std::max<Mark>(next, count_ - newest_.size()); next < count_; ++next) {
            const auto& event = newest_[newest_.size() - (count_ - next)];
            if (fits(event)) return event;
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
