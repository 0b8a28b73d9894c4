#pragma once
// Fetches final blocks from the channel's orderers, verifies their finality, and delivers them in order. It takes the
// place of an Orderer on a node that does not order.
//
// It asks one orderer at a time, its source, for the blocks above its own. An orderer that has none yet answers when it
// has; the question is repeated once when the channel has gone on and no answer came, as it may be lost. A source is
// kept while its answers reach the block that the channel had reached when it was asked, or are as long as an answer
// can be. A source that is silent for a short time, sends few blocks, or sends blocks without a proof is replaced by
// the next one. While there is nothing to fetch, waiting does not count against a source.
//
// It serves blocks as well (block_server.h): the orderers of an epoch that has ended may have no other node to ask.
// Threads: receive from any; one of its own decodes, asks, checks and answers.

#include <atomic>
#include <chrono>
#include <thread>
#include <variant>

#include "node/channel/current_membership.h"
#include "node/ordering/orderer.h"

namespace tally::node {

class BlockPuller {
  public:
    using EpochStarts = std::function<void(std::shared_ptr<const Membership>)>;
    using Highest = std::function<storage::BlockNumber()>;  // that the channel has reached, as far as is known

    // `membership` is that after the chain's last block; `epoch_starts` tells, on the puller's thread, when a sealing
    // block has changed it.
    BlockPuller(const storage::Chain& chain, std::shared_ptr<const Membership> membership, OrdererNetwork& network,
                BlockServer& server, DeliverBlock deliver, EpochStarts epoch_starts, Highest highest)
        : chain_(chain),
          membership_(std::move(membership)),
          network_(network),
          server_(server),
          deliver_(std::move(deliver)),
          epoch_starts_(std::move(epoch_starts)),
          highest_(std::move(highest)) {}
    ~BlockPuller() { stop(); }

    void start();
    void stop();
    void receive(consensus::Member from, FrameBody message);  // encoded
    // How often an orderer was left while there were blocks to fetch.
    [[nodiscard]] std::uint64_t switches() const { return switches_; }
    [[nodiscard]] consensus::Member source() const { return source_; }
    [[nodiscard]] storage::BlockNumber delivered() const { return delivered_; }

  private:
    static constexpr std::size_t kInboxBytes = 64U << 20;  // of one peer's messages that wait
    using Clock = std::chrono::steady_clock;
    void run();
    // Waits for one answer that brings blocks; whether it satisfies.
    [[nodiscard]] bool fetch(storage::BlockNumber wanted, Clock::time_point& until);
    void answer(consensus::Member from, const consensus::Message& question);
    [[nodiscard]] Status take(consensus::FetchedBlocks& answer);

    const storage::Chain& chain_;
    std::shared_ptr<const Membership> membership_;  // after last_; the thread's
    OrdererNetwork& network_;
    BlockServer& server_;
    DeliverBlock deliver_;
    EpochStarts epoch_starts_;
    Highest highest_;
    Inbox inbox_{kInboxBytes};
    BoundedQueue<std::monostate> signal_{1};  // that something has come; closed when it stops
    std::atomic<std::uint64_t> switches_{0};
    std::atomic<consensus::Member> source_{0};
    std::atomic<storage::BlockNumber> delivered_{0};
    storage::BlockHeader last_;  // delivered; the thread's
    std::thread thread_;
};

}  // namespace tally::node
