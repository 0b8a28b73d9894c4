#pragma once
// What other nodes ask of this one: endorsements of their clients' proposals, and signatures on checkpoints. Questions
// are read, checked and answered on workers, each node in its share. Any thread, but stop: the owner's.

#include "node/channel_store.h"
#include "node/endorsing/endorser.h"
#include "node/endorsing/height_waits.h"
#include "node/network/node_network.h"
#include "node/threads/fair_tasks.h"

namespace tally::node {

class PeerQuestions {
  public:
    using Endorse = std::function<Result<Endorsed>(const chaincode::SignedProposal& proposal)>;
    // Before the network starts. `endorse`: none on a node that does not endorse. What is borrowed must outlive it.
    PeerQuestions(NodeNetwork& network, const ChannelStore& store, crypto::VerifiedSignatures& memo, Endorse endorse);
    // A committer's: it signs checkpoints with this identity.
    void answer_signature_requests(CurrentIdentity signer);

    void reached(storage::BlockNumber height);  // by this node's ledger; from the committer's thread
    void expire();                              // refuses those that have waited long enough for a height
    void stop();                                // answers what was asked

  private:
    struct Question;
    void endorse_for(const std::string& peer, FrameBody body, const NodeNetwork::Answer& answer);
    void take_question(const std::string& peer, FrameBody body, const NodeNetwork::Answer& answer);
    void endorse_at_height(const std::string& peer, storage::BlockNumber height,
                           std::shared_ptr<const Question> question, const NodeNetwork::Answer& answer);
    [[nodiscard]] Result<Bytes> endorse(const chaincode::SignedProposal& proposal) const;

    NodeNetwork& network_;
    const ChannelStore& store_;
    crypto::VerifiedSignatures& memo_;
    const Endorse endorse_;
    WorkerPool pool_;
    FairTasks tasks_;           // by the node that asks
    HeightWaits height_waits_;  // questions for endorsements whose asker is ahead, by the same
};

}  // namespace tally::node
