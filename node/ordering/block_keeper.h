#pragma once
// In the place of the committer on a node that only orders: keeps final blocks, unvalidated, on a thread of its own.
// deliver may be called from one other thread and waits while the queue is full.

#include <functional>
#include <thread>

#include "node/ordering/orderer.h"
#include "node/threads/full_disk.h"
#include "storage/block_store.h"

namespace tally::node {

class BlockKeeper {
  public:
    // `kept` is called on the keeper's thread after a block can be read.
    BlockKeeper(storage::BlockStore& store, CurrentMembership& membership, Metrics& metrics,
                std::function<void(storage::BlockNumber)> kept)
        : store_(store), membership_(membership), metrics_(metrics), kept_(std::move(kept)) {}
    ~BlockKeeper() { stop(); }

    void start();
    [[nodiscard]] bool deliver(OrderedBlock block) { return blocks_.push(std::move(block)); }
    // As the committer's.
    void give_up_on_full_disk() { disk_.give_up(); }
    void stop();
    [[nodiscard]] bool stuck_on_full_disk() const { return disk_.is_full(); }
    // As Committer::needs_upgrade.
    [[nodiscard]] std::optional<Error> needs_upgrade() const;

  private:
    void run();
    [[nodiscard]] bool keep(const storage::Block& block);

    storage::BlockStore& store_;
    CurrentMembership& membership_;
    Metrics& metrics_;
    std::function<void(storage::BlockNumber)> kept_;
    BoundedQueue<OrderedBlock> blocks_{8};
    FullDisk disk_;
    mutable std::mutex mutex_;
    std::optional<Error> needs_upgrade_;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace tally::node
