#pragma once
// The feed of committed blocks, for all followers of the channel (events, blocks): each block is decoded once for all
// of them.
//
// A follower keeps a cursor, the place of the next transaction, and reads on from there; a cursor counts for ever and
// on every node of the channel, so it survives restarts of both sides. Nothing is kept for a follower: one that is slow
// costs the feed no memory.
//
// Any thread. A block that is asked for by several at once is read and decoded by one of them, and the others wait for
// it. The blocks that were asked for last stay decoded, up to kKeptBytes of transactions. The ledger must outlive the
// feed.

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/ledger.h"

namespace tally::node {

struct FeedCursor {
    storage::BlockNumber block = 0;
    std::uint32_t transaction = 0;

    friend auto operator<=>(const FeedCursor&, const FeedCursor&) = default;
};

struct FeedBlock {
    storage::Block block;
    std::vector<ByteView> transactions;  // of the block, in order
    // One for each; none where the bytes are no transaction of a contract.
    std::vector<std::optional<storage::Simulation>> simulations;
    std::uint64_t bytes = 0;  // of the transactions
};

class BlockFeed {
  public:
    // Followers mostly read the newest blocks; those that catch up read each block once.
    static constexpr std::uint64_t kKeptBytes = 16U << 20;

    explicit BlockFeed(const storage::Ledger& ledger) : ledger_(ledger) {}

    // not_found: there is no such block yet. not_kept: its transactions were pruned.
    [[nodiscard]] Result<std::shared_ptr<const FeedBlock>> block(storage::BlockNumber number);

    // At most so much is looked at in one call; the first block may be larger.
    struct Budget {
        std::uint64_t blocks = 64;
        std::uint64_t bytes = 8U << 20;
    };
    // The transactions from the cursor on, until `visit` returns false, the budget is used up, or there are no more.
    // The cursor of the next one: that of the transaction for which `visit` returned false, or the one after the last.
    using Visit = std::function<bool(const FeedBlock& block, std::uint32_t index)>;
    [[nodiscard]] Result<FeedCursor> read(FeedCursor from, const Budget& budget, const Visit& visit);

    // One more block is there: wakes the followers. From the committer's thread.
    void committed();
    // Calls `wake` (from any thread; it must not block) after each commit, until the handle is destroyed. The feed must
    // outlive the handle.
    [[nodiscard]] std::shared_ptr<void> on_commit(std::function<void()> wake);

    [[nodiscard]] std::uint64_t decoded() const;  // blocks, since the start

  private:
    using Decoded = Result<std::shared_ptr<const FeedBlock>>;
    struct Entry {
        std::shared_future<Decoded> block;
        std::uint64_t bytes = 0;  // 0 while it is being decoded
        std::uint64_t used = 0;   // when, counted in questions
    };
    [[nodiscard]] Decoded decode(storage::BlockNumber number) const;
    void keep(storage::BlockNumber number, const Decoded& decoded);

    const storage::Ledger& ledger_;
    mutable std::mutex mutex_;
    std::map<storage::BlockNumber, Entry> entries_;  // and the rest: guarded by mutex_
    std::uint64_t bytes_ = 0;
    std::uint64_t questions_ = 0;
    std::uint64_t decoded_ = 0;
    std::mutex followers_mutex_;
    std::uint64_t next_follower_ = 0;
    std::map<std::uint64_t, std::function<void()>> followers_;  // guarded by followers_mutex_
};

}  // namespace tally::node
