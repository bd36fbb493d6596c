#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace cambench {

/// A queue from one thread to another that holds at most `most` values: who is ahead waits.
template <typename T>
class Channel {
public:
    explicit Channel(std::size_t most) : most_(most) {}

    /// False: nobody takes any more; the value is gone.
    bool put(T value) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return closed_ || values_.size() < most_; });
        if (closed_) return false;
        values_.push_back(std::move(value));
        lock.unlock();
        arrived_.notify_one();
        return true;
    }
    /// nullopt: it is closed, and what was put before is taken.
    std::optional<T> take() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [&] { return closed_ || !values_.empty(); });
        return values_.empty() ? std::nullopt : take_first(lock);
    }
    /// nullopt: there is none at the moment.
    std::optional<T> take_if_any() {
        std::unique_lock lock(mutex_);
        return values_.empty() ? std::nullopt : take_first(lock);
    }
    /// Either side: nothing more is put.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        arrived_.notify_all();
        room_.notify_all();
    }

private:
    std::optional<T> take_first(std::unique_lock<std::mutex>& lock) {
        std::optional<T> value(std::move(values_.front()));
        values_.pop_front();
        lock.unlock();
        room_.notify_one();
        return value;
    }

    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable arrived_, room_;
    std::deque<T> values_;
    bool closed_ = false;
};

/// Closes a channel when its scope is left, by whatever way, so that the other side does not wait for ever.
template <typename T>
class Closing {
public:
    explicit Closing(Channel<T>& channel) : channel_(channel) {}
    ~Closing() { channel_.close(); }
    Closing(const Closing&) = delete;
    Closing& operator=(const Closing&) = delete;

private:
    Channel<T>& channel_;
};

}  // namespace cambench
