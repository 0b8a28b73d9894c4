#pragma once
// What other nodes have sent and the orderer's thread has not taken yet: a queue for each, so that one that sends much
// delays nobody else. Beyond its share a peer's messages are dropped: the protocol sends them again.
//
// A message is charged what it takes in memory, not on the wire; one that is larger than a share finds room when
// nothing else of its sender waits. Of requests for blocks only the last of a peer waits. Threads: any.

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "consensus/messages.h"

namespace tally::node {

struct Incoming {
    consensus::Member from = 0;
    consensus::Message message;
};

class Inbox {
  public:
    explicit Inbox(std::size_t bytes_per_peer) : share_(bytes_per_peer) {}

    // With its size on the wire. False when it was dropped.
    [[nodiscard]] bool put(consensus::Member from, consensus::Message message, std::size_t bytes);
    // At most so many, one of each peer in turn.
    [[nodiscard]] std::vector<Incoming> take(std::size_t most);
    [[nodiscard]] bool empty() const;
    void forget(consensus::Member from);  // what waits of this peer
    void clear();

  private:
    struct Waiting {
        consensus::Message message;
        std::size_t cost = 0;
    };
    struct Peer {
        std::deque<Waiting> queue;
        std::size_t cost = 0;
        std::optional<consensus::FetchBlocks> wants;
    };
    static std::optional<consensus::Message> next_of(Peer& peer);

    const std::size_t share_;
    mutable std::mutex mutex_;
    std::map<consensus::Member, Peer> peers_;  // with something that waits
    consensus::Member last_ = 0;               // whose turn it was
};

}  // namespace tally::node
