#include "node/threads/worker_pool.h"

#include <atomic>
#include <memory>

#include "crypto/thread_name.h"

namespace tally::node {

WorkerPool::WorkerPool(unsigned threads, std::size_t queue_capacity, const char* name) : tasks_(queue_capacity) {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
        threads_.emplace_back([this, name] {
            name_thread(name);
            while (auto task = tasks_.pop()) (*task)();
        });
    }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::stop() {
    tasks_.close();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void WorkerPool::for_each(std::size_t count, const std::function<void(std::size_t)>& task) {
    struct Shared {
        std::atomic<std::size_t> next{0};
        std::atomic<std::size_t> done{0};
    };
    // Helpers may start after this call has returned; then there is nothing left and `task` is not touched.
    const auto shared = std::make_shared<Shared>();
    const auto work = [shared, count, &task] {
        for (;;) {
            const auto index = shared->next.fetch_add(1);
            if (index >= count) return;
            task(index);
            if (shared->done.fetch_add(1) + 1 == count) shared->done.notify_all();
        }
    };
    for (std::size_t i = 1; i < std::min(count, threads_.size()); ++i) (void)tasks_.try_push(work);
    work();
    for (auto done = shared->done.load(); done < count; done = shared->done.load()) shared->done.wait(done);
}

}  // namespace tally::node
