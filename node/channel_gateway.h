#pragma once
// A gateway's part in a channel: it submits what its clients want on the ledger, runs their queries, and serves what
// they read. Threads: as gateway/backend.h; construction and stop are the owner's. What is borrowed must outlive it.

#include "node/backend/ledger_reads.h"
#include "node/backend/queries.h"
#include "node/backend/submissions.h"
#include "node/channel_store.h"
#include "node/config/node_identities.h"
#include "node/endorsing/submitter.h"
#include "node/ordering/ordering.h"
#include "node/other_nodes.h"

namespace tally::node {

struct ChannelGatewayParts {
    const NodeConfig& config;
    const ChannelStore& store;
    Evaluator& evaluator;
    const RecentStates& states;
    BlockFeed& feed;
    Endorser* endorser = nullptr;  // of this node, if it has one
    const OtherNodes& others;
    Ordering& ordering;
    WorkerPool& pool;
    Waiting& waiting;
    crypto::VerifiedSignatures& memo;
    Metrics& metrics;
    CurrentIdentity client;               // signs the proposals that carry device records
    std::optional<CurrentIdentity> peer;  // of an endorser: attests its clients' answers
    const Keeper& keeper;
};

class ChannelGateway {
  public:
    explicit ChannelGateway(ChannelGatewayParts parts);
    ~ChannelGateway() { stop(); }

    [[nodiscard]] gateway::Backend backend() { return {submissions_, queries_, reads_}; }
    [[nodiscard]] Submitter& submitter() { return submitter_; }

    void committed();       // from the committer's thread
    void signature_came();  // another committer's is in the ledger
    void look();            // once a second: what has waited too long is answered, or ordered again
    void stop();            // what was posted runs; new work is refused

  private:
    [[nodiscard]] std::vector<EndorsementSource> endorsement_sources() const;
    void order_overdue();

    ChannelGatewayParts parts_;
    WorkerPool query_pool_;                    // what its callers read
    FairTasks query_tasks_;                    // on it, by the caller's organization
    std::unique_ptr<WorkerPool> asking_pool_;  // with other nodes: its tasks wait for their answers
    FairTasks asking_tasks_;                   // on it, by the caller's organization
    Submitter submitter_;
    AnswerCollector answers_;
    SnapshotMaker snapshots_;
    NodeQueries queries_;
    NodeSubmissions submissions_;
    NodeLedgerReads reads_;
};

}  // namespace tally::node
