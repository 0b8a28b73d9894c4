#pragma once
// Committers send each other their signed checkpoints: receipts then carry several organizations' signatures, and a
// ledger that differs from the others is detected.
//
// The newest checkpoint goes to every other committer, at most once per kAnnounceEvery, and again until it says that it
// holds it; an idle channel is silent. One checkpoint covers all before it, so not every height is exchanged. What
// comes is compared with the ledger's own checkpoint of that height, and a good signature is kept with it; heights
// below the last change of the configuration are not, as others may have been members then.
//
// Whether this node is wrong is decided by organizations, not by nodes. `minority` is called, once, with both
// checkpoints, when the organizations that have signed one other checkpoint of a height satisfy the channel's receipt
// policy and those that agree with this node do not. An organization whose nodes contradict each other counts for
// neither. Who agrees at a height agrees at all before it, as the log's root and the state follow from everything
// before.
//
// Threads: committed and receive from any, and neither blocks; one of its own compares, verifies and sends. The ledger
// and everything else borrowed must outlive it.

#include <functional>
#include <map>
#include <string>
#include <thread>

#include "node/channel/current_identity.h"
#include "node/channel/current_membership.h"
#include "node/threads/queue.h"
#include "storage/ledger.h"

namespace tally::node {

// The body of FrameKind::checkpoint.
struct CheckpointMessage {
    storage::Checkpoint checkpoint;  // with the sender's signature alone
    storage::BlockNumber held = 0;   // the newest of the receiver's that the sender has

    template <class A>
    void serialize(A& a) {
        a(checkpoint, held);
    }
};

// For logs.
[[nodiscard]] std::string described(const storage::Checkpoint& checkpoint);

class CheckpointExchange {
  public:
    struct Ways {
        std::function<void(const std::string& node, ByteView body)> send;
        std::function<bool(const std::string& node)> is_there;
        std::function<void()> signature_came;                                                  // and is in the ledger
        std::function<void(const storage::Checkpoint&, const storage::Checkpoint&)> minority;  // own, theirs
        std::function<void(const std::string& node, const Error&)> blame;  // for what cannot be read; may be empty
    };
    // `self` is this node's id; `signer` signs its checkpoints.
    CheckpointExchange(storage::Ledger& ledger, const CurrentMembership& membership, std::string self,
                       CurrentIdentity signer, Ways ways);
    ~CheckpointExchange() { stop(); }

    void start();
    void stop();
    void committed() { inbox_.wake(); }
    void receive(const std::string& node, ByteView body);
    // How many committers have signed something else than this node.
    [[nodiscard]] std::size_t disagreeing() const { return disagreeing_; }

  private:
    using Clock = std::chrono::steady_clock;
    struct Incoming {
        std::string node;
        CheckpointMessage message;
    };
    struct Peer {
        std::vector<storage::Checkpoint>
            waiting;                            // two at most, ascending: the first and the newest that are not judged
        storage::BlockNumber held = 0;          // theirs that this node has
        storage::BlockNumber told = 0;          // held, as they know it
        storage::BlockNumber acknowledged = 0;  // ours that they have
        Clock::time_point again;                // when to say it again
        Clock::time_point deaf_until;
        storage::BlockNumber agreed = 0;  // the highest checkpoint of theirs that is this node's too
        bool disagrees = false;           // the last one was not
    };
    void run();
    void take(Incoming incoming);
    void judge_waiting();
    void judge(const std::string& node, Peer& peer, const storage::Checkpoint& theirs);
    void disagree(const std::string& node, const storage::Checkpoint& own, const storage::Checkpoint& theirs);
    [[nodiscard]] bool is_outvoted(storage::BlockNumber height, const crypto::Hash& statement) const;
    void announce();
    void tell(const std::string& node, Peer& peer);
    void follow_membership();
    [[nodiscard]] Clock::time_point next_deadline() const;

    storage::Ledger& ledger_;
    const CurrentMembership& membership_;
    std::string self_;
    CurrentIdentity signer_;
    Ways ways_;
    BoundedQueue<Incoming> inbox_{1024};
    std::atomic<std::size_t> disagreeing_{0};

    // The thread's own.
    std::map<std::string, Peer> peers_;  // the other committers
    // What differs from this node's checkpoints, by height and node; the highest kMostHeights of them.
    std::map<storage::BlockNumber, std::map<std::string, crypto::Hash>> differing_;
    std::shared_ptr<const Membership> followed_;
    storage::BlockNumber since_ = 0;  // the membership holds from this block on, or from an earlier one
    storage::BlockNumber announced_ = 0;
    Clock::time_point next_announcement_;
    bool outvoted_ = false;
    std::thread thread_;
};

}  // namespace tally::node
