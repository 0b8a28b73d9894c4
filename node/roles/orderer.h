#pragma once
// The orderer: takes transactions, agrees on their order through the consensus core, and delivers blocks that are
// durable in the consensus log.
//
// Threads: submit from any; one thread of its own runs the mempool, the core and the log. Nothing that was accepted is
// dropped: submit refuses with busy (queue full), disk_full or unavailable (stopping) instead.

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "consensus/core.h"
#include "consensus/mempool.h"
#include "node/operations/metrics.h"
#include "node/roles/identity.h"
#include "node/roles/queue.h"
#include "storage/consensus_log.h"
#include "storage/ledger.h"

namespace tally::node {

// A final block on its way to the committer.
struct OrderedBlock {
    consensus::Proposal proposal;
    consensus::Certificate finalization;
    std::vector<storage::Batch> batches;
    Bytes writer_certificate;
    Bytes writer_signature;
};

// Hands a block on, waiting while the committer is behind; false when it stops.
using DeliverBlock = std::function<bool(OrderedBlock)>;

struct OrdererOptions {
    std::filesystem::path log_directory;
    std::uint64_t segment_bytes = 64U << 20;
    std::size_t queue_capacity = 20'000;
    std::uint64_t mempool_bytes = 256U << 20;  // of accepted transactions that no block holds yet
    std::string channel;
    consensus::BatchLimits limits;
};

class Orderer {
  public:
    // Replays the log: final blocks above the ledger's tip are delivered again, from the orderer's thread. corrupt when
    // log and ledger cannot belong together.
    [[nodiscard]] static Result<std::unique_ptr<Orderer>> start(OrdererOptions options, Identity identity,
                                                                storage::Ledger& ledger, DeliverBlock deliver,
                                                                Metrics& metrics);
    ~Orderer();

    [[nodiscard]] Status submit(Bytes transaction);
    void applied(storage::BlockNumber number);           // the committer has written this block
    void disk_is_full(bool full) { disk_full_ = full; }  // refuses new work while set
    // Intake closes, what was accepted is ordered and delivered, the thread ends.
    void stop();

    [[nodiscard]] std::size_t queued() const { return intake_.size(); }
    [[nodiscard]] bool stuck_on_full_disk() const { return log_is_full_; }

  private:
    struct Recovery;

    Orderer(OrdererOptions options, Identity identity, storage::Ledger& ledger, DeliverBlock deliver, Metrics& metrics);
    [[nodiscard]] Status recover();
    void run();
    void take(std::vector<Bytes> transactions);
    void cut_batch();
    void perform(std::vector<consensus::Action> actions);
    [[nodiscard]] bool sync_log();
    void start_log_segment();
    void sign_and_deliver(OrderedBlock block);
    void hand_over(consensus::Deliver deliver);

    OrdererOptions options_;
    Identity identity_;
    storage::Ledger& ledger_;
    DeliverBlock deliver_;
    Metrics& metrics_;
    BoundedQueue<Bytes> intake_;
    std::atomic<bool> disk_full_{false};
    std::atomic<bool> log_is_full_{false};
    std::atomic<storage::BlockNumber> applied_{0};
    std::atomic<std::uint64_t> pending_bytes_{0};  // accepted and not yet in a final block

    // The thread's own.
    consensus::Mempool mempool_;
    std::unique_ptr<consensus::Core> core_;
    std::unique_ptr<storage::ConsensusLog> log_;
    std::multimap<crypto::Hash, storage::Batch> batches_;  // by digest, until their block is delivered
    std::vector<OrderedBlock> recovered_;
    std::vector<consensus::BatchReference> orphans_;  // batches of the log that no final block has taken
    std::uint64_t last_ticket_ = 0;
    std::uint64_t batch_sequence_ = 0;
    storage::BlockNumber delivered_ = 0;
    std::thread thread_;
};

}  // namespace tally::node
