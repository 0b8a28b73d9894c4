#pragma once
// The committer: validates final blocks and writes them, one after another, on a thread of its own.
//
// deliver may be called from one other thread and waits while the queue is full. Listeners are called on the
// committer's thread after a block is readable, and must not block.

#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "node/channel/current_identity.h"
#include "node/channel/current_membership.h"
#include "node/channel/validator.h"
#include "node/metrics/metrics.h"
#include "node/ordering/orderer.h"
#include "node/threads/full_disk.h"
#include "storage/ledger.h"

namespace tally::node {

struct CommittedTransaction {
    storage::TransactionId id;
    storage::ValidationCode code = storage::ValidationCode::VALID;  // final, after the serial part
    std::string reason;                                             // why not VALID, if the transaction itself says it
    std::string result;                                             // what the contract answered, JSON
    std::optional<crypto::Hash> bytes;                              // its SHA-256, when its id is not used up
};

struct CommittedBlock {
    storage::BlockNumber number = 0;
    std::int64_t time_ms = 0;
    std::vector<CommittedTransaction> transactions;
};

class Committer {
  public:
    using Listener = std::function<void(const CommittedBlock&)>;

    // `signer` signs checkpoints; `pool` and everything else borrowed must outlive the committer.
    Committer(storage::Ledger& ledger, CurrentMembership& membership, crypto::VerifiedSignatures& memo,
              const RememberedSimulations& remembered, WorkerPool& pool, CurrentIdentity signer, Metrics& metrics);
    ~Committer();

    void on_commit(Listener listener) { listeners_.push_back(std::move(listener)); }  // before start
    void start();
    [[nodiscard]] bool deliver(OrderedBlock block) { return blocks_.push(std::move(block)); }
    // To be called before the source of blocks is stopped: from now on it does not wait for room on a full disk, and
    // what is delivered then is refused. The next start finds it in the log.
    void give_up_on_full_disk() { disk_.give_up(); }
    // Writes what was delivered, then ends; on a full disk it ends at once.
    void stop();

    [[nodiscard]] std::size_t queued() const { return blocks_.size(); }
    [[nodiscard]] bool stuck_on_full_disk() const { return disk_.is_full(); }
    // Why it has stopped: the configuration in the next block names what this program does not know.
    [[nodiscard]] std::optional<Error> needs_upgrade() const;

  private:
    void run();
    [[nodiscard]] bool commit(OrderedBlock ordered);
    void stop_before(storage::BlockNumber number, const Error& why);

    storage::Ledger& ledger_;
    CurrentMembership& membership_;
    crypto::VerifiedSignatures& memo_;
    const RememberedSimulations& remembered_;
    WorkerPool& pool_;
    CurrentIdentity signer_;
    Metrics& metrics_;
    std::vector<Listener> listeners_;
    BoundedQueue<OrderedBlock> blocks_{8};
    FullDisk disk_;
    mutable std::mutex mutex_;
    std::optional<Error> needs_upgrade_;  // guarded by mutex_
    std::thread thread_;
};

// A committer's signature on a checkpoint, in the form that receipts carry.
[[nodiscard]] storage::CheckpointSignature sign_checkpoint(const Identity& signer,
                                                           const storage::Checkpoint& checkpoint);

}  // namespace tally::node
