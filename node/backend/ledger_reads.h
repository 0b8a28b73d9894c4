#pragma once
// What a gateway's callers read of the ledger itself: blocks, checkpoints, receipts, events, snapshots. Implements
// gateway::LedgerReads' thread rules.

#include <atomic>

#include "gateway/backend.h"
#include "node/channel/current_membership.h"
#include "node/committing/block_feed.h"
#include "node/committing/snapshot_maker.h"
#include "node/committing/waiting.h"
#include "node/threads/fair_tasks.h"
#include "node/threads/waiting_list.h"

namespace tally::node {

struct LedgerReadParts {
    const storage::Ledger& ledger;
    const CurrentMembership& membership;
    const Waiting& waiting;
    FairTasks& tasks;  // by organization
    WorkerPool& pool;  // of these tasks; receipts are made on it
    SnapshotMaker& snapshots;
    BlockFeed& feed;
};

class NodeLedgerReads : public gateway::LedgerReads {
  public:
    explicit NodeLedgerReads(LedgerReadParts parts);

    void signature_came();  // of another committer: receipts may be complete now
    void expire();          // answers those whose receipt did not become complete in time

    Status post(const chaincode::Caller& caller, std::function<void()> task) override;
    Result<gateway::TransactionStatus> status(const storage::TransactionId& id) override;
    Result<Bytes> transaction(const storage::TransactionId& id) override;
    void receipt(const chaincode::Caller& caller, const storage::TransactionId& id, gateway::Done<Bytes> done) override;
    Result<std::uint64_t> height() override;
    Result<boost::json::object> block(std::uint64_t number, bool header_only) override;
    Result<Bytes> raw_block(std::uint64_t number) override;
    Result<boost::json::object> checkpoint(std::optional<std::uint64_t> block) override;
    Result<boost::json::object> consistency(std::uint64_t from_block, std::uint64_t to_block) override;
    Result<boost::json::object> begin_snapshot() override { return parts_.snapshots.begin(); }
    boost::json::object snapshot() override { return parts_.snapshots.status(); }
    Result<Bytes> snapshot_part(std::uint64_t block, std::uint64_t offset) override {
        return parts_.snapshots.part(block, offset);
    }
    Result<gateway::EventPage> events(gateway::EventCursor from, const gateway::EventFilter& filter,
                                      std::size_t limit) override;
    std::shared_ptr<void> on_commit(std::function<void()> wake) override {
        return parts_.feed.on_commit(std::move(wake));
    }

  private:
    struct WaitingReceipt {
        storage::TransactionId id;
        gateway::Done<Bytes> done;
        std::int64_t deadline_ms = 0;
    };
    void look_for_receipts();

    LedgerReadParts parts_;
    std::atomic<bool> receipts_looked_for_{false};  // by a task that has not begun
    WaitingList<WaitingReceipt> receipts_;          // by organization
};

}  // namespace tally::node
