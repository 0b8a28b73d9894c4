#include "node/threads/ticker.h"

#include <chrono>

#include "crypto/thread_name.h"

namespace tally::node {

void Ticker::start() {
    thread_ = std::thread([this] { run(); });
}

void Ticker::run() {
    name_thread(thread_name_);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        for (const auto& task : tasks_) task();
        lock.lock();
        wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; });
    }
}

void Ticker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

}  // namespace tally::node
