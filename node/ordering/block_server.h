#pragma once
// Sends final blocks to nodes that lack some: other orderers, and nodes that only follow.
//
// Of each node the last request counts, and answers to one node are spaced (block_requests.h): a node that asks often
// does not keep the server busy. Reading and encoding blocks takes long, so it happens on a thread of the server's own,
// and not where the order of blocks is agreed on. Threads: any.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "consensus/messages.h"
#include "node/ordering/block_requests.h"
#include "storage/chain.h"

namespace tally::node {

// Of one epoch, from `from` on, with a proof of the last; none when there is no such block. The answer fits into a
// message: a few megabytes, or one block. Safe from any thread.
[[nodiscard]] std::optional<consensus::FetchedBlocks> blocks_from(const storage::Chain& chain,
                                                                  storage::BlockNumber from);

class BlockServer {
  public:
    using Send = std::function<void(consensus::Member to, consensus::FetchedBlocks blocks)>;

    // `chain` outlives it; `send` is called on its thread and must not block.
    BlockServer(const storage::Chain& chain, Send send);
    ~BlockServer() { stop(); }
    BlockServer(const BlockServer&) = delete;
    BlockServer& operator=(const BlockServer&) = delete;

    // `patient`: who asks waits for a block that is not there yet; else its request is forgotten.
    void add(const consensus::ServeBlocks& wanted, bool patient);
    void applied();  // the chain has more blocks
    void clear();    // members have other numbers now: a node that still wants blocks asks again
    void stop();

  private:
    void run();

    const storage::Chain& chain_;
    const Send send_;
    std::mutex mutex_;
    std::condition_variable changed_;
    BlockRequests requests_;  // guarded by mutex_
    bool stopping_ = false;   // guarded by mutex_
    std::thread thread_;
};

}  // namespace tally::node
