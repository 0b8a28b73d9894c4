#pragma once
// Removes the transactions of blocks that are older than the node keeps, in small steps in the background, on a
// thread of its own. Headers, log, index and state stay (storage/ledger.h, prune).

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "storage/ledger.h"

namespace tally::node {

class Pruner {
  public:
    // A block is old when its time is `keep_ms` before this node's clock. The ledger must outlive the pruner. `pruned`
    // is called before room is given back: what holds an older state of the ledger keeps that room.
    Pruner(storage::Ledger& ledger, std::int64_t keep_ms, std::function<void()> pruned)
        : ledger_(ledger), keep_ms_(keep_ms), pruned_(std::move(pruned)) {}
    ~Pruner() { stop(); }

    void start();
    void stop();
    // What one round does: prunes all that is old at `now_ms`, and gives the room back.
    [[nodiscard]] Status round(std::int64_t now_ms);

  private:
    void run();
    [[nodiscard]] bool wait(std::chrono::milliseconds time);  // false when told to stop

    storage::Ledger& ledger_;
    std::int64_t keep_ms_;
    std::function<void()> pruned_;
    std::int64_t reclaim_due_ms_ = 0;
    std::int64_t history_due_ms_ = 0;  // its room is given back once a day, as all of it is read
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace tally::node
