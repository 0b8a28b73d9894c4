#include "node/committing/pruner.h"

#include <spdlog/spdlog.h>

#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/threads/stopwatch.h"

namespace tally::node {
namespace {

constexpr storage::BlockNumber kPruneStep = 100;  // blocks in one write
constexpr auto kBetweenSteps = std::chrono::milliseconds(20);
constexpr auto kBetweenRounds = std::chrono::minutes(1);
constexpr std::int64_t kBetweenReclaims = 3'600'000;
constexpr std::int64_t kBetweenHistories = 86'400'000;

// The first block at or after `time_ms`, of those from `low` to the tip: times never fall from block to block.
Result<storage::BlockNumber> first_since(const storage::Ledger& ledger, storage::BlockNumber low,
                                         std::int64_t time_ms) {
    auto high = ledger.tip()->number;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (TRY(ledger.block_header(middle)).header.time_ms < time_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

}  // namespace

void Pruner::start() {
    thread_ = std::thread([this] { run(); });
}

void Pruner::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Pruner::run() {
    name_thread("pruner");
    do {
        if (const auto status = round(now_ms()); !status) {
            spdlog::warn("event=not_pruned what={}", gateway::log_value(status.error().message));
        }
    } while (wait(kBetweenRounds));
}

Status Pruner::round(std::int64_t now_ms) {
    const auto from = ledger_.first_whole_block();
    const auto before = TRY(first_since(ledger_, from, now_ms - keep_ms_));
    if (before <= from) return {};
    for (auto next = from; next < before;) {
        next = std::min(before, next + kPruneStep);
        TRY(ledger_.prune(next));
        if (next < before && !wait(kBetweenSteps)) return {};
    }
    pruned_();
    if (steady_ms() >= reclaim_due_ms_) {
        TRY(ledger_.reclaim(storage::Reclaim::whole_files));
        reclaim_due_ms_ = steady_ms() + kBetweenReclaims;
    }
    if (steady_ms() >= history_due_ms_) {
        TRY(ledger_.reclaim_history());
        history_due_ms_ = steady_ms() + kBetweenHistories;
    }
    spdlog::info("event=pruned from={} before={}", from, before);
    return {};
}

bool Pruner::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace tally::node
