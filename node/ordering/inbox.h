#pragma once
// What other nodes have sent and the orderer's thread has not taken yet: a queue for each, so that one that sends much
// delays nobody else. Beyond its share a peer's messages are dropped: the protocol sends them again.
//
// Messages wait as they came over the wire, where each byte of theirs takes a byte; the thread that takes them opens
// and decodes them. One that is larger than a share finds room when nothing else of its sender waits. Of requests for
// blocks only the last of a peer waits. Threads: any.

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
