#pragma once
// What a ChannelNode is made of. Its members' functions are in files by idea: channel_wiring.cpp builds it,
// channel_endorsing.cpp is endorsements by and for other nodes, channel_watch.cpp is what it looks at every second and
// tells of itself, channel_node.cpp its life.

#include <condition_variable>
#include <thread>

#include "gateway/rest/api.h"
#include "node/backend/ledger_reads.h"
#include "node/backend/queries.h"
#include "node/backend/submissions.h"
#include "node/channel_node.h"
#include "node/committing/checkpoint_exchange.h"
#include "node/committing/committer.h"
#include "node/committing/pruner.h"
#include "node/committing/snapshot_maker.h"
#include "node/endorsing/height_waits.h"
#include "node/ledgers/channel_ledger.h"
#include "node/network/node_network.h"
#include "node/operations/node_operations.h"
#include "node/operations/standings.h"
#include "node/ordering/block_keeper.h"
#include "node/ordering/ordering.h"
#include "node/threads/fair_tasks.h"

namespace tally::node {

// Members are declared in the order in which they are needed, so they are destroyed in the reverse of it.
struct ChannelNode::Parts {
    NodeConfig config;
    NodeIdentities identities;
    Metrics metrics;
    crypto::VerifiedSignatures memo;
    RememberedSimulations remembered;
    std::optional<ChannelLedger> channel;  // or, on a node that only orders:
    std::optional<ChannelBlocks> blocks;
    std::unique_ptr<CurrentMembership> membership;
    std::unique_ptr<WorkerPool> pool;
    std::unique_ptr<WorkerPool> query_pool;   // what the gateway's callers read
    std::unique_ptr<WorkerPool> submit_pool;  // with other nodes: its tasks wait for their answers
    std::unique_ptr<WorkerPool> endorse_pool;
    std::unique_ptr<FairTasks> endorse_tasks;   // on it, by the node that asks
    HeightWaits height_waits{{64, 16U << 20}};  // questions for endorsements whose asker is ahead, by the same
    Waiting waiting;
    std::unique_ptr<Evaluator> evaluator;
    std::unique_ptr<Endorser> endorser;
    std::unique_ptr<Committer> committer;
    std::unique_ptr<BlockKeeper> keeper;
    std::unique_ptr<NodeNetwork> network;
    std::unique_ptr<CheckpointExchange> exchange;  // between committers
    std::unique_ptr<Ordering> ordering;
    std::unique_ptr<Submitter> submitter;
    std::unique_ptr<NodeStatus> node_status;
    std::unique_ptr<NodeOperations> operations;
    std::unique_ptr<Pruner> pruner;
    std::unique_ptr<SnapshotMaker> snapshots;
    std::unique_ptr<FairTasks> query_tasks;  // on query_pool, by the caller's organization
    std::unique_ptr<NodeQueries> queries;
    std::unique_ptr<NodeSubmissions> submissions;
    std::unique_ptr<NodeLedgerReads> ledger_reads;
    std::unique_ptr<gateway::RestApi> api;

    std::atomic<bool> low_on_disk{false};
    std::atomic<std::uint64_t> free_bytes{0};
    std::mutex watch_mutex;
    std::condition_variable watch_wake;
    bool stopping = false;
    bool stopped = false;
    std::thread watch;

    [[nodiscard]] storage::Ledger& ledger() const { return *channel->ledger; }
    [[nodiscard]] storage::Chain& chain() const {
        return blocks ? static_cast<storage::Chain&>(*blocks->store) : *channel->ledger;
    }
    [[nodiscard]] bool stuck_on_full_disk() const;
    [[nodiscard]] std::optional<Error> needs_upgrade() const;
    [[nodiscard]] Status build();
    [[nodiscard]] Status build_orderer_only(const storage::Block& genesis);
    [[nodiscard]] Status build_network();
    [[nodiscard]] Status build_gateway();
    [[nodiscard]] Status build_api();
    [[nodiscard]] Status build_exchange();
    [[nodiscard]] Status check_member(const Identity& identity) const;
    [[nodiscard]] Status check_start(const Identity& identity) const;
    [[nodiscard]] std::vector<Expiry> expiries() const;
    [[nodiscard]] std::string void_because() const;
    void gather(storage::BlockNumber block);
    void endorse_for(const std::string& peer, Bytes question, const NodeNetwork::Answer& answer);
    void take_question(const std::string& peer, const Bytes& body, const NodeNetwork::Answer& answer);
    void endorse_at_height(const std::string& peer, EndorseQuestion question, const NodeNetwork::Answer& answer);
    [[nodiscard]] Result<Bytes> endorse(const Bytes& proposal);
    [[nodiscard]] std::vector<NodeEntry> other_endorsers() const;
    [[nodiscard]] std::vector<EndorsementSource> endorsement_sources();
    [[nodiscard]] EndorsementSource source_at(const NodeEntry& node);
    [[nodiscard]] Status build_ordering();
    [[nodiscard]] NodeSources sources() const;
    [[nodiscard]] Standing standing() const;  // of this node
    [[nodiscard]] Standings standings() const;
    void add_gauges();
    void watch_disk();
    void look_at_disk();
    void order_overdue();
    [[nodiscard]] gateway::Health health() const;
};

}  // namespace tally::node
