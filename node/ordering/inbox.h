#pragma once
// Messages of other nodes that the orderer's thread has not processed yet: one queue for each peer, served in turn. A
// peer's messages beyond its share are dropped; the protocol retransmits them.
//
// Messages are kept encoded, as they came; the orderer's thread opens and decodes them. A message that is larger than a
// share is accepted when its peer's queue is empty. A newer request for blocks replaces the older one of the same peer.
// Threads: any.

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "consensus/messages.h"
#include "node/network/frame.h"

namespace tally::node {

struct Incoming {
    consensus::Member from = 0;
    Result<consensus::Message> message;  // malformed: what is wrong with it
};

class Inbox {
  public:
    explicit Inbox(std::size_t bytes_per_peer) : share_(bytes_per_peer) {}

    // False when it was dropped.
    [[nodiscard]] bool put(consensus::Member from, FrameBody message);
    // At most so many, one of each peer in turn, and no more once they are of so many bytes together.
    [[nodiscard]] std::vector<Incoming> take(std::size_t most, std::size_t most_bytes);
    [[nodiscard]] bool empty() const;
    void forget(consensus::Member from);  // what waits of this peer
    void clear();

  private:
    struct Peer {
        std::deque<FrameBody> queue;
        std::size_t cost = 0;
        std::optional<FrameBody> wants;  // blocks
    };
    static std::optional<FrameBody> next_of(Peer& peer);

    const std::size_t share_;
    mutable std::mutex mutex_;
    std::map<consensus::Member, Peer> peers_;  // with something that waits
    consensus::Member last_ = 0;               // whose turn it was
};

}  // namespace tally::node
