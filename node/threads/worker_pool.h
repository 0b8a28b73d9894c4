#pragma once
// Threads for what takes CPU and shares nothing: signatures, simulation, hashing.

#include <functional>
#include <thread>
#include <vector>

#include "node/threads/queue.h"

namespace tally::node {

class WorkerPool {
  public:
    // `name` is the threads', see name_thread.
    WorkerPool(unsigned threads, std::size_t queue_capacity, const char* name = "worker");
    ~WorkerPool();  // runs what was posted, then joins
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False when the queue is full or the pool stops: the task will not run.
    [[nodiscard]] bool post(std::function<void()> task) { return tasks_.try_push(std::move(task)); }

    // Runs task(0) .. task(count - 1) on the calling thread and on idle workers, and returns when all have run.
    void for_each(std::size_t count, const std::function<void(std::size_t)>& task);

    [[nodiscard]] std::size_t queued() const { return tasks_.size(); }
    void stop();

  private:
    BoundedQueue<std::function<void()>> tasks_;
    std::vector<std::thread> threads_;
};

}  // namespace tally::node
