#pragma once
// What other nodes ask of this one: endorsements of their clients' proposals, attestations of answers to their clients'
// questions, and signatures on checkpoints. Questions are read, checked and answered on workers, each node in its
// share. Any thread, but stop: the owner's.

#include "node/channel_store.h"
#include "node/endorsing/attester.h"
#include "node/endorsing/endorser.h"
#include "node/endorsing/height_waits.h"
#include "node/network/node_network.h"
#include "node/threads/fair_tasks.h"

namespace tally::node {

class PeerQuestions {
  public:
    using Endorse = std::function<Result<Endorsed>(const chaincode::SignedProposal& proposal)>;
    using Attest =
        std::function<Result<Attested>(const chaincode::SignedProposal& question, storage::BlockNumber block)>;
    // Before the network starts. `endorse` and `attest`: none on a node that does not endorse. What is borrowed must
    // outlive it.
    PeerQuestions(NodeNetwork& network, const ChannelStore& store, crypto::VerifiedSignatures& memo, Endorse endorse,
                  Attest attest);
    // A committer's: it signs checkpoints with this identity.
    void answer_signature_requests(CurrentIdentity signer);

    void reached(storage::BlockNumber height);  // by this node's ledger; from the committer's thread
    void expire();                              // refuses those that have waited long enough for a height
    void stop();                                // answers what was asked

  private:
    struct Question;
    // What is answered when this node is at the question's height: an endorsement, or an attestation.
    using AtHeight = Result<Bytes> (PeerQuestions::*)(const Question& question) const;
    void answer_for(const std::string& peer, FrameBody body, AtHeight how, const NodeNetwork::Answer& answer);
    void take_question(const std::string& peer, FrameBody body, AtHeight how, const NodeNetwork::Answer& answer);
    void answer_at_height(const std::string& peer, std::shared_ptr<const Question> question, AtHeight how,
                          const NodeNetwork::Answer& answer);
    [[nodiscard]] Result<Bytes> endorse(const Question& question) const;
    [[nodiscard]] Result<Bytes> attest(const Question& question) const;

    NodeNetwork& network_;
    const ChannelStore& store_;
    crypto::VerifiedSignatures& memo_;
    const Endorse endorse_;
    const Attest attest_;
    WorkerPool pool_;
    FairTasks tasks_;           // by the node that asks
    HeightWaits height_waits_;  // questions for a height that this node has not reached, by the same
};

}  // namespace tally::node
