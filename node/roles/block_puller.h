#pragma once
// In the place of an orderer on a node that only follows: fetches final blocks from the channel's orderers, one after
// another, proves them, and hands them on.
//
// It asks one orderer for the blocks behind its own and waits; an orderer that has none answers when it has. One that
// is silent, slow, withholds blocks or sends what proves nothing is left for the next after a short patience. Threads:
// receive from any; one of its own asks and checks.

#include <atomic>
#include <thread>

#include "node/roles/current_membership.h"
#include "node/roles/orderer.h"

namespace tally::node {

class BlockPuller {
  public:
    BlockPuller(const storage::Chain& chain, const CurrentMembership& membership, OrdererNetwork& network,
                DeliverBlock deliver)
        : chain_(chain), membership_(membership), network_(network), deliver_(std::move(deliver)) {}
    ~BlockPuller() { stop(); }

    void start();
    void stop();
    void receive(consensus::Member from, consensus::FetchedBlocks blocks);
    // How often an orderer was left for another because it was silent or its blocks proved nothing.
    [[nodiscard]] std::uint64_t switches() const { return switches_; }

  private:
    struct Answer {
        consensus::Member from = 0;
        consensus::FetchedBlocks blocks;
    };
    void run();
    [[nodiscard]] Status take(consensus::FetchedBlocks& answer);

    const storage::Chain& chain_;
    const CurrentMembership& membership_;
    OrdererNetwork& network_;
    DeliverBlock deliver_;
    BoundedQueue<Answer> answers_{16};
    std::atomic<std::uint64_t> switches_{0};
    storage::BlockHeader last_;  // delivered; the thread's
    std::thread thread_;
};

}  // namespace tally::node
