#pragma once
// A bounded queue of one kind of message between threads: many producers, one or many consumers.
// try_push refuses when the queue is full; push waits. After close, pushes are
// refused and pops drain what is left.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace tally::node {

template <class T>
class BoundedQueue {
  public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    [[nodiscard]] bool try_push(T&& item) {
        {
            const std::lock_guard lock(mutex_);
            if (closed_ || items_.size() >= capacity_) return false;
            items_.push_back(std::move(item));
        }
        not_empty_.notify_one();
        return true;
    }

    [[nodiscard]] bool push(T&& item) {
        {
            std::unique_lock lock(mutex_);
            not_full_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
            if (closed_) return false;
            items_.push_back(std::move(item));
        }
        not_empty_.notify_one();
        return true;
    }

    // Waits for an item; none once the queue is closed and empty.
    [[nodiscard]] std::optional<T> pop() {
        std::unique_lock lock(mutex_);
        not_empty_.wait(lock, [&] { return closed_ || !items_.empty(); });
        return take(lock);
    }

    // Everything that is there, waiting at most until `deadline` for something; `closed()` tells whether more can come.
    [[nodiscard]] std::vector<T> pop_all(std::optional<std::chrono::steady_clock::time_point> deadline) {
        std::unique_lock lock(mutex_);
        const auto ready = [&] { return closed_ || woken_ || !items_.empty(); };
        if (deadline)
            not_empty_.wait_until(lock, *deadline, ready);
        else
            not_empty_.wait(lock, ready);
        woken_ = false;
        std::vector<T> all(std::make_move_iterator(items_.begin()), std::make_move_iterator(items_.end()));
        items_.clear();
        lock.unlock();
        not_full_.notify_all();
        return all;
    }

    // Makes a waiting pop_all return, empty-handed if need be.
    void wake() {
        {
            const std::lock_guard lock(mutex_);
            woken_ = true;
        }
        not_empty_.notify_all();
    }

    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        not_empty_.notify_all();
        not_full_.notify_all();
    }

    [[nodiscard]] bool closed() const {
        const std::lock_guard lock(mutex_);
        return closed_;
    }
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return items_.size();
    }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

  private:
    std::optional<T> take(std::unique_lock<std::mutex>& lock) {
        if (items_.empty()) return std::nullopt;
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        lock.unlock();
        not_full_.notify_one();
        return item;
    }

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable not_empty_;
    std::condition_variable not_full_;
    std::deque<T> items_;
    bool closed_ = false;
    bool woken_ = false;
};

}  // namespace tally::node
