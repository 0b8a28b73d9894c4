#pragma once
// Runs tasks once a second, one after another, on a thread of its own. They are added before start.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tally::node {

class Ticker {
  public:
    explicit Ticker(const char* thread_name) : thread_name_(thread_name) {}
    ~Ticker() { stop(); }

    void add(std::function<void()> task) { tasks_.push_back(std::move(task)); }
    void start();
    void stop();  // waits for the task that runs

  private:
    void run();

    const char* const thread_name_;
    std::vector<std::function<void()>> tasks_;
    std::mutex mutex_;  // not held while a task runs
    std::condition_variable wake_;
    bool stopping_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace tally::node
