#pragma once
// Callers whose question has no answer yet: it is looked at again when something has come. What one party has waiting
// is bounded, and what all have.
//
// Threads: any. No lock is held while an entry is looked at.

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "node/threads/quotas.h"

namespace tally::node {

// What one party of a channel may have waiting, and all.
inline constexpr Share kWaitingOfOne{250, 16U << 20}, kWaiting{1000, 64U << 20};

template <class T>
class WaitingList {
  public:
    explicit WaitingList(std::string_view what, Share of_one, Share all) : quotas_(what, of_one, all) {}

    // `bytes`: what the entry keeps in memory. busy: the share of `party`, or of all, is used up; `entry` is as it was.
    [[nodiscard]] Status add(const std::string& party, std::uint64_t bytes, T& entry) {
        TRY(quotas_.take({{party, {1, bytes}}}));
        const std::lock_guard lock(mutex_);
        waiting_.push_back({party, bytes, std::move(entry)});
        return {};
    }
    // Those that `answered` answers (true) leave. An entry that is looked at keeps its place in the share.
    template <class Answered>
    void look(Answered answered) {
        std::vector<Waiting> waiting;
        {
            const std::lock_guard lock(mutex_);
            waiting.swap(waiting_);
        }
        for (auto& each : waiting) {
            if (answered(each.entry)) {
                quotas_.give_back({{each.party, {1, each.bytes}}});
                continue;
            }
            const std::lock_guard lock(mutex_);
            waiting_.push_back(std::move(each));
        }
    }
    template <class Condition>
    [[nodiscard]] bool any(Condition condition) {
        const std::lock_guard lock(mutex_);
        for (const auto& each : waiting_) {
            if (condition(each.entry)) return true;
        }
        return false;
    }

  private:
    struct Waiting {
        std::string party;
        std::uint64_t bytes = 0;
        T entry;
    };
    Quotas quotas_;
    std::mutex mutex_;
    std::vector<Waiting> waiting_;
};

}  // namespace tally::node
