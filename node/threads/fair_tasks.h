#pragma once
// Tasks of a worker pool by the party that they are for. Parties take turns, and what one of them has waiting and
// running is bounded in tasks and bytes: a party that floods the pool delays itself and is refused, not the others.
//
// Threads: any. Tasks that wait when the object is destroyed still run; the pool must be stopped before what they use
// is gone.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "crypto/error.h"
#include "node/threads/quotas.h"
#include "node/threads/worker_pool.h"

namespace tally::node {

class FairTasks {
  public:
    // `most`: of one party. A party with nothing waiting may always post one task, however many bytes it holds.
    FairTasks(WorkerPool& pool, Share most);

    // `bytes`: what the task keeps in memory until it has run. busy: the share of `party` is used up, or the pool's
    // queue is full or closed; the task will not run.
    [[nodiscard]] Status post(const std::string& party, std::uint64_t bytes, std::function<void()> task);

  private:
    struct State;
    WorkerPool& pool_;
    const Share most_;
    const std::shared_ptr<State> state_;
};

}  // namespace tally::node
