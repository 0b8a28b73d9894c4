#pragma once
// What a ChannelNode is made of, in the order in which the parts are needed: each is built from those above that it
// names, and destroyed before them. channel_node.cpp builds them, and starts and stops them.

#include "gateway/mqtt/bridge.h"
#include "gateway/mqtt/registrar.h"
#include "gateway/rest/api.h"
#include "node/channel_committing.h"
#include "node/channel_gateway.h"
#include "node/channel_node.h"
#include "node/channel_store.h"
#include "node/collections/keeper.h"
#include "node/committing/block_feed.h"
#include "node/endorsing/attester.h"
#include "node/operations/disk_watch.h"
#include "node/operations/node_operations.h"
#include "node/operations/own_identities.h"
#include "node/other_nodes.h"
#include "node/peer_questions.h"
#include "node/threads/lifecycle.h"
#include "node/threads/ticker.h"

namespace tally::node {

// What endorsing needs, and what its results save the committer.
struct ChannelEndorsing {
    ChannelEndorsing(const ChannelStore& store, const std::optional<CurrentIdentity>& signer, Metrics& metrics,
                     const storage::KeptSeries* kept);

    crypto::VerifiedSignatures memo;
    RememberedSimulations remembered;
    std::unique_ptr<Evaluator> evaluator;  // with a ledger
    std::unique_ptr<RecentStates> states;  // with a ledger
    std::unique_ptr<BlockFeed> feed;       // with a ledger
    std::unique_ptr<Endorser> endorser;    // of an endorser, and so is
    std::unique_ptr<Attester> attester;
};

struct ChannelNode::Parts {
    Parts(NodeConfig in, NodeIdentities own_identities)
        : config(std::move(in)), identities(std::move(own_identities)) {}
    [[nodiscard]] Status build();  // makes each, and says what calls what
    [[nodiscard]] Status build_api();
    [[nodiscard]] Status build_registrar();
    [[nodiscard]] Status build_mqtt();
    [[nodiscard]] chaincode::Caller own_caller() const;  // of a gateway: its client identity
    [[nodiscard]] gateway::mqtt::AskLedger ask_ledger() const;
    void connect();
    void plan_life();  // the order of start and stop
    void add_gauges();
    void add_mqtt_gauges();

    const NodeConfig config;
    const NodeIdentities identities;
    Metrics metrics;
    std::unique_ptr<ChannelStore> store;
    std::unique_ptr<OwnIdentities> own;
    std::unique_ptr<WorkerPool> pool;
    std::unique_ptr<storage::SeriesStore> series;  // of a gateway
    std::unique_ptr<ChannelEndorsing> endorsing;
    std::unique_ptr<NodeNetwork> network;  // none while the channel has one node
    std::unique_ptr<Keeper> keeper;        // of a gateway
    std::unique_ptr<OtherNodes> others;
    std::unique_ptr<PeerQuestions> questions;  // with a network
    Waiting waiting;
    std::unique_ptr<ChannelCommitting> committing;
    std::unique_ptr<Ordering> ordering;
    std::unique_ptr<ChannelGateway> gateway;  // of a gateway
    std::unique_ptr<DiskWatch> disk;
    std::unique_ptr<NodeStatus> status;
    std::unique_ptr<NodeOperations> operations;
    std::unique_ptr<gateway::mqtt::Registrar> registrar;  // with a broker, for requests of devices
    std::unique_ptr<gateway::RestApi> api;                // with an HTTPS address
    std::unique_ptr<storage::TelemetryStore> telemetry;   // with a broker, for its telemetry
    std::unique_ptr<gateway::mqtt::Bridge> mqtt;          // with a broker
    Ticker ticker{"channel watch"};
    Lifecycle life;
};

}  // namespace tally::node
