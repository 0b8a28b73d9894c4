#pragma once
// This node's part in the order of the channel's blocks: an Orderer where the configuration names its key, else a
// BlockPuller, which fetches what the others have ordered. It switches when a configuration changes that.
//
// Threads: any. Blocks go to `deliver` from one thread at a time.

#include <atomic>
#include <memory>
#include <mutex>

#include "crypto/batch_signature.h"
#include "node/network/node_network.h"
#include "node/ordering/block_puller.h"
#include "node/ordering/block_server.h"
#include "node/threads/fair_tasks.h"
#include "node/threads/worker_pool.h"

namespace tally::node {

struct OrderingOptions {
    std::string self;  // this node's id
    OrdererOptions orderer;
    std::vector<CurrentIdentity> identities;  // it orders with the one that the channel names; none: it is no orderer
    storage::Chain* chain = nullptr;          // these outlive it
    CurrentMembership* membership = nullptr;
    NodeNetwork* network = nullptr;  // none: there are no other nodes
    Metrics* metrics = nullptr;
    crypto::VerifiedSignatures* memo = nullptr;
    WorkerPool* pool = nullptr;  // checks what other nodes submit
    DeliverBlock deliver;
    BlockPuller::Highest highest;  // with `network`
};

// From whom a node that does not order has its blocks.
struct Following {
    std::string source;
    std::uint64_t switches = 0;
};

class Ordering {
  public:
    explicit Ordering(OrderingOptions options);
    ~Ordering() { stop(); }

    // bad_configuration when nobody orders for this node; else as Orderer::start.
    [[nodiscard]] Status start();
    void stop();
    // Switches between ordering and pulling when the configuration has changed that; called every second or so.
    void look();

    // A transaction, here or at another orderer: who accepted it. With `behind`, an orderer that had it already, the
    // ones after that one in the configuration are asked first, and all in turn.
    [[nodiscard]] Result<std::string> submit(const Bytes& transaction, const std::string& behind = {});
    // The same with the transaction's proposal, which the caller has decoded.
    [[nodiscard]] Result<std::string> submit(const Bytes& transaction, const chaincode::SignedProposal& proposal);
    [[nodiscard]] Status submit_configuration(const Bytes& transaction);

    // The chain has this block, and `membership` is the one after it.
    void applied(storage::BlockNumber number);
    void receive(consensus::Member from, FrameBody message);  // encoded, of another node
    void answer(const std::string& peer, FrameBody question, const NodeNetwork::Answer& answer);  // FrameKind::submit

    [[nodiscard]] std::optional<consensus::Observation> observe() const;  // none: it does not order
    [[nodiscard]] std::optional<Following> following() const;             // none: it orders
    void disk_is_full(bool full);
    [[nodiscard]] bool stuck_on_full_disk() const;
    [[nodiscard]] std::size_t queued() const;  // transactions that are in no batch
    [[nodiscard]] std::uint64_t pending_bytes() const;

  private:
    [[nodiscard]] std::shared_ptr<Orderer> orderer() const;
    [[nodiscard]] std::shared_ptr<BlockPuller> puller() const;
    [[nodiscard]] const CurrentIdentity* named_identity() const;  // null: the channel names none
    [[nodiscard]] Status start_part();
    [[nodiscard]] Status start_orderer(const CurrentIdentity& identity);
    void start_puller();
    [[nodiscard]] std::vector<std::string> orderers_behind(const std::string& orderer) const;
    [[nodiscard]] Status ask(const std::string& orderer, ByteView question) const;
    [[nodiscard]] Result<std::string> submit(const Bytes& transaction, const std::string& behind,
                                             Quotas::Shares shares);
    [[nodiscard]] Status submit_here(SubmitQuestion question, Orderer::Ordered ordered);

    OrderingOptions options_;
    std::optional<FairTasks> tasks_;     // of other nodes, on the pool
    std::optional<BlockServer> server_;  // with a network
    mutable std::mutex mutex_;
    std::shared_ptr<Orderer> orderer_;     // guarded by mutex_; at most one of the two
    std::shared_ptr<BlockPuller> puller_;  // guarded by mutex_
    std::atomic<storage::BlockNumber> applied_{0};
    std::mutex change_mutex_;             // one change-over, or the stop, at a time
    bool stopped_ = false;                // guarded by change_mutex_
    storage::BlockNumber delivered_ = 0;  // guarded by change_mutex_: by the part that was stopped last
};

}  // namespace tally::node
