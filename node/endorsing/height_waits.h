#pragma once
// Questions that wait until this node's ledger has reached a height. They take no thread while they wait: a commit
// wakes them. What one party has waiting is bounded in number and bytes.
//
// Threads: any. `Run` is called without a lock held, on the thread that called add, reached or expire: it must be
// quick.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/error.h"
#include "node/threads/quotas.h"
#include "storage/model/block.h"

namespace tally::node {

class HeightWaits {
  public:
    using Clock = std::chrono::steady_clock;
    using Run = std::function<void(bool reached)>;
    explicit HeightWaits(Share most) : most_(most) {}  // of one party

    // Calls `run` once: with true when the height is reached (at once if it has been), with false after `until`. busy:
    // the party's share is used up, and `run` is never called.
    [[nodiscard]] Status add(const std::string& party, storage::BlockNumber height, std::uint64_t bytes,
                             Clock::time_point until, Run run);
    void reached(storage::BlockNumber height);
    void expire(Clock::time_point now);

  private:
    struct Question {
        std::string party;
        std::uint64_t bytes = 0;
        Clock::time_point until;
        Run run;
    };
    // Under the mutex.
    [[nodiscard]] Run take(std::multimap<storage::BlockNumber, Question>::iterator at);

    const Share most_;
    std::mutex mutex_;
    storage::BlockNumber reached_ = 0;
    std::multimap<storage::BlockNumber, Question> waiting_;  // by height
    std::map<std::string, Share> taken_;
};

}  // namespace tally::node
