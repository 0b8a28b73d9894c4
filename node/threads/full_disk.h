#pragma once
// Retries a write for as long as the disk is full. The block to be written is final, so it cannot be dropped. A node
// that stops need not wait for room: what it cannot write is in the consensus log.
//
// Threads: `write` belongs to the thread that writes; everything else may be called from any.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>

#include "crypto/error.h"

namespace tally::node {

class FullDisk {
  public:
    // Calls `attempt` until it succeeds. False when the disk is full and the node stops. Any other failure than
    // disk_full ends the process; `what` says in its message what was to be written.
    [[nodiscard]] bool write(const std::function<Status()>& attempt, std::string_view what);
    // From now on a full disk is not waited for, and a wait under way ends.
    void give_up();

    [[nodiscard]] bool is_full() const { return full_; }

  private:
    std::mutex mutex_;  // not held while writing
    std::condition_variable wake_;
    bool given_up_ = false;
    std::atomic<bool> full_{false};
};

}  // namespace tally::node
