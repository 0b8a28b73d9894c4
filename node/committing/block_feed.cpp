#include "node/committing/block_feed.h"

#include "storage/model/read_transaction.h"

namespace tally::node {

Result<std::shared_ptr<const FeedBlock>> BlockFeed::block(storage::BlockNumber number) {
    std::promise<Decoded> promise;
    {
        std::unique_lock lock(mutex_);
        const auto [at, is_new] = entries_.try_emplace(number);
        at->second.used = ++questions_;
        if (!is_new) {
            const auto there = at->second.block;
            lock.unlock();
            return there.get();
        }
        at->second.block = promise.get_future().share();
        ++decoded_;
    }
    auto decoded = decode(number);
    keep(number, decoded);
    promise.set_value(decoded);
    return decoded;
}

BlockFeed::Decoded BlockFeed::decode(storage::BlockNumber number) const {
    const auto feed = std::make_shared<FeedBlock>();
    feed->block = TRY(ledger_.block(number));
    feed->transactions = storage::transactions_of(feed->block);
    for (const auto bytes : feed->transactions) {
        feed->bytes += bytes.size();
        auto& simulation = feed->simulations.emplace_back();
        const auto transaction = storage::read_transaction(bytes, "a transaction");
        if (!transaction) continue;
        if (auto read = storage::read_simulation(transaction->simulation, "a simulation"))
            simulation = std::move(*read);
    }
    return feed;
}

// A failure is not kept: the block may come. Of the others, those that were asked for longest ago go.
void BlockFeed::keep(storage::BlockNumber number, const Decoded& decoded) {
    const std::lock_guard lock(mutex_);
    if (!decoded) {
        entries_.erase(number);
        return;
    }
    auto& entry = entries_.at(number);
    entry.bytes = (*decoded)->bytes + sizeof(FeedBlock);
    bytes_ += entry.bytes;
    while (bytes_ > kKeptBytes) {
        auto oldest = entries_.end();
        for (auto at = entries_.begin(); at != entries_.end(); ++at) {
            if (at->second.bytes > 0 && (oldest == entries_.end() || at->second.used < oldest->second.used))
                oldest = at;
        }
        bytes_ -= oldest->second.bytes;
        entries_.erase(oldest);
    }
}

Result<FeedCursor> BlockFeed::read(FeedCursor at, const Budget& budget, const Visit& visit) {
    const auto tip = ledger_.tip();
    std::uint64_t bytes = 0;
    for (std::uint64_t blocks = 0; tip && at.block <= tip->number && blocks < budget.blocks && bytes < budget.bytes;
         ++blocks) {
        const auto feed = TRY(block(at.block));
        for (; at.transaction < feed->transactions.size(); ++at.transaction) {
            if (!visit(*feed, at.transaction)) return at;
        }
        bytes += feed->bytes;
        at = {at.block + 1, 0};
    }
    return at;
}

void BlockFeed::committed() {
    const std::lock_guard lock(followers_mutex_);
    for (const auto& [number, wake] : followers_) wake();
}

std::shared_ptr<void> BlockFeed::on_commit(std::function<void()> wake) {
    const std::lock_guard lock(followers_mutex_);
    const auto number = next_follower_++;
    followers_.emplace(number, std::move(wake));
    return {nullptr, [this, number](void*) {
                const std::lock_guard inner(followers_mutex_);
                followers_.erase(number);
            }};
}

std::uint64_t BlockFeed::decoded() const {
    const std::lock_guard lock(mutex_);
    return decoded_;
}

}  // namespace tally::node
