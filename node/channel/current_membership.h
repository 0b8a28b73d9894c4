#pragma once
// The membership as of the last committed block. The committer replaces it; any thread reads it.

#include <memory>
#include <mutex>

#include "node/channel/membership.h"

namespace tally::node {

class CurrentMembership {
  public:
    explicit CurrentMembership(std::shared_ptr<const Membership> initial) : value_(std::move(initial)) {}

    [[nodiscard]] std::shared_ptr<const Membership> get() const {
        const std::lock_guard lock(mutex_);
        return value_;
    }
    void set(std::shared_ptr<const Membership> value) {
        const std::lock_guard lock(mutex_);
        value_.swap(value);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Membership> value_;
};

}  // namespace tally::node
