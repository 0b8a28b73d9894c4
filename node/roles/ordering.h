#pragma once
// This node's part in the order of the channel's blocks: an Orderer where the configuration names its key, else a
// BlockPuller, which takes what the others have ordered. When the configuration changes that, it changes over.
//
// Threads: any. Blocks go to `deliver` from one thread at a time.

#include <memory>
#include <mutex>

#include "node/net/node_network.h"
#include "node/roles/block_puller.h"

namespace tally::node {

struct OrderingOptions {
    std::string self;  // this node's id
    OrdererOptions orderer;
    std::optional<Identity> identity;  // none: this node is no orderer
    storage::Chain* chain = nullptr;   // these outlive it
    CurrentMembership* membership = nullptr;
    NodeNetwork* network = nullptr;  // none: there are no other nodes
    Metrics* metrics = nullptr;
    DeliverBlock deliver;
};

class Ordering {
  public:
    explicit Ordering(OrderingOptions options);
    ~Ordering() { stop(); }

    // bad_configuration when nobody orders for this node; else as Orderer::start.
    [[nodiscard]] Status start();
    void stop();
    // Changes over when it must; called every second or so.
    void look();

    // A transaction, here or at another orderer. `avoid` is asked last.
    [[nodiscard]] Status submit(const Bytes& transaction, const std::string& avoid = {});
    [[nodiscard]] Status submit_configuration(const Bytes& transaction);
    // Where a transaction that is submitted now would go first.
    [[nodiscard]] std::string first_orderer() const;

    void applied(storage::BlockNumber number);
    void receive(consensus::Member from, consensus::Message message, std::size_t bytes);
    void answer(const Bytes& question, const NodeNetwork::Answer& answer);  // FrameKind::submit

    [[nodiscard]] std::optional<consensus::Observation> observe() const;  // none: it does not order
    void disk_is_full(bool full);
    [[nodiscard]] bool stuck_on_full_disk() const;
    [[nodiscard]] std::size_t queued() const;

  private:
    [[nodiscard]] std::shared_ptr<Orderer> orderer() const;
    [[nodiscard]] std::shared_ptr<BlockPuller> puller() const;
    [[nodiscard]] bool is_member() const;
    [[nodiscard]] Status start_orderer();
    void start_puller();
    [[nodiscard]] Status elsewhere(const Bytes& transaction, bool configuration, const std::string& avoid) const;

    OrderingOptions options_;
    mutable std::mutex mutex_;
    std::shared_ptr<Orderer> orderer_;     // guarded by mutex_; at most one of the two
    std::shared_ptr<BlockPuller> puller_;  // guarded by mutex_
    std::mutex change_mutex_;              // one change-over, or the stop, at a time
    bool stopped_ = false;                 // guarded by change_mutex_
};

}  // namespace tally::node
