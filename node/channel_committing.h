#pragma once
// How final blocks get onto this node's disk: by a committer with its exchange of checkpoints and its pruner, or, on a
// node that only orders, by a keeper of blocks.
//
// Threads: deliver as Committer's; start and stop are the owner's; the rest is for any. What is borrowed must outlive
// it.

#include "node/channel_store.h"
#include "node/committing/checkpoint_exchange.h"
#include "node/committing/committer.h"
#include "node/committing/pruner.h"
#include "node/config/node_identities.h"
#include "node/network/node_network.h"
#include "node/ordering/block_keeper.h"

namespace tally::node {

class ChannelCommitting {
  public:
    ChannelCommitting(const NodeConfig& config, const ChannelStore& store, const NodeIdentities& identities,
                      crypto::VerifiedSignatures& memo, const RememberedSimulations& remembered, WorkerPool& pool,
                      Metrics& metrics);
    ~ChannelCommitting() { stop(); }

    // Before start. Listeners are called on the thread that writes, after a block can be read, and must not block.
    void on_block(std::function<void(storage::BlockNumber)> listener) { on_block_.push_back(std::move(listener)); }
    void on_commit(Committer::Listener listener);  // of a committer
    // Before start. Called by the pruner when it has pruned, before the room is given back.
    void on_pruned(std::function<void()> listener) { on_pruned_ = std::move(listener); }
    // A committer's: checkpoints go to the other committers and theirs come. `signature_came`: one of theirs is in the
    // ledger; on a thread of the exchange.
    void exchange_checkpoints(NodeNetwork& network, std::function<void()> signature_came);

    [[nodiscard]] bool deliver(OrderedBlock block);
    void start();
    // To be called before the source of blocks is stopped (Committer).
    void give_up_on_full_disk();
    void stop();  // writes what was delivered

    [[nodiscard]] bool is_stuck_on_full_disk() const;
    [[nodiscard]] std::optional<Error> needs_upgrade() const;
    void add_gauges(Metrics& metrics) const;

  private:
    void written(storage::BlockNumber number) const;

    const NodeConfig& config_;
    const ChannelStore& store_;
    const NodeIdentities& identities_;
    std::vector<std::function<void(storage::BlockNumber)>> on_block_;
    std::function<void()> on_pruned_;
    std::unique_ptr<Committer> committer_;  // or
    std::unique_ptr<BlockKeeper> keeper_;
    std::unique_ptr<CheckpointExchange> exchange_;
    std::unique_ptr<Pruner> pruner_;
};

}  // namespace tally::node
