#pragma once
// The roles of a node on a directory of its own, without a gateway: transactions go in at submit, blocks come out at
// the listener, and stopping closes and seals as a node does.

#include <condition_variable>
#include <map>
#include <mutex>

#include "node/committing/committer.h"
#include "node/ledgers/channel_ledger.h"
#include "node/ordering/orderer.h"
#include "tests/unit/node/small_channel.h"

namespace tally::node {

class SmallNode {
  public:
    // Nothing runs before start. The directory outlives the node, so that another can be started on it.
    SmallNode(const SmallChannel& channel, std::filesystem::path data);
    ~SmallNode();

    OrdererOptions options;  // a test may change it before start

    [[nodiscard]] Status start();
    // As a node stops: the intake closes, queues drain, the ledger closes; then the seal.
    void stop();
    // As a process that is killed: what was accepted and not committed is only in the log.
    void stop_without_closing();

    [[nodiscard]] Status submit(Bytes transaction) { return orderer_->submit(std::move(transaction)); }
    [[nodiscard]] Status submit_configuration(Bytes update) {
        return orderer_->submit_configuration(std::move(update));
    }
    // Waits until this many transactions of blocks above the genesis are committed.
    void wait_for(std::size_t transactions);
    // The committer rests in the listener until it may go on.
    void hold_commits();
    void release_commits();

    [[nodiscard]] storage::Ledger& ledger() { return *channel_ledger_->ledger; }
    [[nodiscard]] Orderer& orderer() { return *orderer_; }
    [[nodiscard]] Committer& committer() { return *committer_; }
    // How often each transaction was committed, by id.
    [[nodiscard]] std::map<storage::TransactionId, int> committed();
    [[nodiscard]] std::vector<storage::BlockNumber> blocks();

  private:
    void on_commit(const CommittedBlock& block);

    const SmallChannel& channel_;
    std::filesystem::path data_;
    std::optional<ChannelLedger> channel_ledger_;
    std::unique_ptr<CurrentMembership> membership_;
    crypto::VerifiedSignatures memo_;
    RememberedSimulations remembered_;
    WorkerPool pool_{2, 64};
    Metrics metrics_;
    std::unique_ptr<Committer> committer_;
    std::unique_ptr<Orderer> orderer_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<storage::TransactionId, int> committed_;
    std::vector<storage::BlockNumber> blocks_;
    std::size_t transactions_ = 0;
    bool held_ = false;
};

}  // namespace tally::node
