#pragma once
// The orderer: takes transactions, agrees with the channel's other orderers on their order (consensus/simplex.h), and
// delivers blocks that are durable in the consensus log.
//
// Threads: submit and receive from any; one thread of its own runs the mempool, the core and the log. Nothing that was
// accepted is dropped: submit refuses with busy (queue full), disk_full or unavailable (stopping) instead. Messages of
// other orderers beyond a peer's share of the inbox are dropped: the protocol sends them again.

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "consensus/mempool.h"
#include "consensus/simplex.h"
#include "node/channel/current_identity.h"
#include "node/channel/current_membership.h"
#include "node/metrics/metrics.h"
#include "node/network/orderer_network.h"
#include "node/ordering/block_server.h"
#include "node/ordering/inbox.h"
#include "node/threads/full_disk.h"
#include "node/threads/queue.h"
#include "node/threads/quotas.h"
#include "storage/chain.h"
#include "storage/consensus_log.h"

namespace tally::node {

// A final block on its way to the committer.
struct OrderedBlock {
    storage::BlockHeader header;
    std::optional<consensus::FinalityProof> proof;  // none: a later block's proof covers it
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
    unsigned submitter_share = 4;              // one submitter's waiting work is at most this part of both: a fourth
    std::int64_t batch_wait_ms = 5;            // a batch that is not full goes when its oldest has waited so long
    std::uint64_t batch_bytes = 512U << 10;    // of a batch on its way to other orderers
    std::uint64_t inbox_bytes = 64U << 20;     // of one peer's messages that wait
    std::filesystem::path first_start_marker;  // where it lies, the log is new by intent; it is removed then
    std::filesystem::path restored_marker;     // where it lies, the log is missing by intent; it is removed then
    consensus::Settings settings;              // what the channel's configuration says of them is filled in
    OrdererNetwork* network = nullptr;         // none: the channel's only orderer
    BlockServer* server = nullptr;             // with `network`
    // On the orderer's thread, after a sealing block and before the next epoch begins.
    std::function<void(std::shared_ptr<const Membership>)> epoch_starts;
};

class Orderer {
  public:
    // Replays the log: final blocks above the chain's tip are delivered again, from the orderer's thread. corrupt when
    // log and ledger cannot belong together; bad_configuration when the identity is no orderer of the channel.
    [[nodiscard]] static Result<std::unique_ptr<Orderer>> start(OrdererOptions options, CurrentIdentity identity,
                                                                std::shared_ptr<const Membership> membership,
                                                                storage::Chain& chain, DeliverBlock deliver,
                                                                Metrics& metrics);
    ~Orderer();

    // All or none are taken. `ordered`, when there is one, is called on the orderer's thread with the block that holds
    // the last of them; never when the node stops before. `shares` says whose they are, where that is known.
    using Ordered = std::function<void(storage::BlockNumber)>;
    [[nodiscard]] Status submit(std::vector<Bytes> transactions, Ordered ordered = nullptr, Quotas::Shares shares = {});
    [[nodiscard]] Status submit(Bytes transaction, Quotas::Shares shares = {});
    // A configuration update, to be ordered alone. Refused when it does not hold now.
    [[nodiscard]] Status submit_configuration(Bytes transaction);
    // An encoded message of another node that the network has authenticated.
    void receive(consensus::Member from, FrameBody message);
    void applied(storage::BlockNumber number);           // the committer has written this block
    void disk_is_full(bool full) { disk_full_ = full; }  // refuses new work while set
    // Intake closes, what was accepted is ordered and delivered, the thread ends. With other orderers it waits for them
    // a few seconds at most: what is in the log goes on after the next start.
    void stop();

    // The channel has gone on without this orderer: it takes no part any more, and only answers requests for blocks.
    [[nodiscard]] bool retired() const { return retired_; }
    [[nodiscard]] storage::BlockNumber delivered() const { return delivered_; }
    [[nodiscard]] std::size_t queued() const { return waiting_; }
    [[nodiscard]] std::uint64_t pending_bytes() const { return pending_bytes_; }
    [[nodiscard]] bool stuck_on_full_disk() const { return log_disk_.is_full(); }
    [[nodiscard]] consensus::Observation observe() const;

  private:
    struct Recovery;
    struct Submission {
        std::vector<Bytes> transactions;
        Ordered ordered;
        Quotas::Shares shares;
        bool sealing = false;
    };
    struct Promise {  // fulfilled once the first `last` accepted transactions are in final blocks
        std::uint64_t last = 0;
        Ordered ordered;
        Quotas::Shares shares;
    };
    struct Cut {  // a batch of this life on its way to a block
        crypto::Hash digest;
        std::uint64_t bytes = 0;
        std::uint64_t last = 0;  // how many transactions were cut with it and before
    };

    Orderer(OrdererOptions options, CurrentIdentity identity, std::shared_ptr<const Membership> membership,
            storage::Chain& chain, DeliverBlock deliver, Metrics& metrics);
    [[nodiscard]] Status recover();
    void begin_epoch();
    [[nodiscard]] consensus::BatchLimits limits() const;
    [[nodiscard]] consensus::Settings settings() const;
    void run();
    void step(consensus::Event event);
    void take(std::vector<Submission> submissions);
    void take_messages();
    void answer_as_retired(consensus::Member from, const consensus::Message& message);
    void cut_batches(bool closed);
    enum class Sync : std::uint8_t { when_awaited, always };
    [[nodiscard]] bool settle(Sync sync = Sync::when_awaited);
    [[nodiscard]] bool must_sync() const;
    void perform(consensus::Action action);
    void release();
    void send(std::optional<consensus::Member> to, const consensus::Message& message);
    void serve(const consensus::ServeBlocks& wanted, bool patient);
    void blame(consensus::Member member, const std::string& why);
    void start_log_segment();
    void release_log();
    void hand_over(consensus::Deliver deliver);
    void own_batch_is_final(const crypto::Hash& digest, storage::BlockNumber number);
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_deadline() const;

    OrdererOptions options_;
    CurrentIdentity identity_;
    storage::Chain& chain_;
    DeliverBlock deliver_;
    Metrics& metrics_;
    BoundedQueue<Submission> intake_;
    std::atomic<std::size_t> waiting_{0};  // transactions that were accepted and are in no batch
    std::atomic<bool> disk_full_{false};
    FullDisk log_disk_;
    std::atomic<storage::BlockNumber> applied_{0};
    std::atomic<std::uint64_t> pending_bytes_{0};  // accepted and not yet in a final block
    std::atomic<std::uint64_t> max_transaction_bytes_{0};
    std::atomic<bool> retired_{false};
    std::atomic<storage::BlockNumber> delivered_{0};
    CurrentMembership membership_;  // after the last delivered block

    Inbox inbox_;
    Quotas quotas_;

    mutable std::mutex observation_mutex_;
    consensus::Observation observation_;

    // The thread's own.
    consensus::Mempool mempool_;
    std::optional<consensus::Simplex> core_;
    std::size_t members_ = 1;
    consensus::Member self_ = 0;
    std::uint64_t lane_ = 0;
    std::unique_ptr<storage::ConsensusLog> log_;
    struct ChainSync {  // under way on a thread of its own
        storage::BlockNumber height = 0;
        std::shared_future<Status> done;
    };
    std::optional<ChainSync> chain_sync_;
    std::int64_t chain_sync_due_ms_ = 0;
    std::deque<consensus::Action> held_;  // blocks to deliver, and messages that wait for the log
    std::uint64_t awaited_ = 0;           // the highest ticket that one of them waits for
    std::uint64_t appended_ = 0;          // tickets
    std::uint64_t synced_ = 0;
    std::optional<consensus::Epoch> next_epoch_;  // a sealing block was delivered
    std::uint64_t taken_ = 0;                     // transactions
    std::uint64_t cut_ = 0;
    std::deque<Cut> cuts_;
    std::deque<Promise> promises_;
    bool backlog_ = false;
    std::thread thread_;
};

}  // namespace tally::node
