#include "node/channel_node.h"

#include <spdlog/spdlog.h>

#include "node/anchoring.h"
#include "node/channel_parts.h"
#include "node/collections/upkeep.h"
#include "node/ordering/channel_nodes.h"
#include "node/own_calls.h"
#include "node/settling/scheduler.h"
#include "node/threads/stopwatch.h"

namespace tally::node {
namespace {

constexpr std::size_t kTaskQueue = 4096;

// The way to the channel's other nodes. A node that the channel does not name yet follows it until it does.
Result<std::unique_ptr<NodeNetwork>> make_network(const NodeConfig& config, const ChannelStore& store,
                                                  Metrics& metrics) {
    const auto current = store.membership().get();
    const auto* self = current->config().node(config.name);
    if (!config.transport_key) {
        if (self != nullptr && current->config().nodes.size() == 1) return nullptr;
        return fail(Code::bad_configuration,
                    "{}: the channel has several nodes: a table [network] with a key is needed", config.file.string());
    }
    const auto key = TRY(load_transport_key(*config.transport_key, self == nullptr ? "" : self->transport_key));
    NodeNetwork::Options options{config.name, config.listen, key};
    options.max_message_bytes = 2 * kMaxTransactionBytes + (1U << 20);  // a block's batch, or a question with it
    options.standing = [&store] { return store.standing(); };
    options.sent = [&metrics](const consensus::Message& message, std::size_t times) {
        metrics.consensus_message("sent", consensus::message_name(message), times);
    };
    return std::make_unique<NodeNetwork>(current->config().channel, nodes_of(current->config()), std::move(options));
}

OrdererOptions orderer_options(const NodeConfig& config) {
    OrdererOptions options;
    options.log_directory = log_path(config.data);
    options.first_start_marker = first_start_marker(config.data);
    options.restored_marker = restored_marker(config.data);
    options.segment_bytes = config.log_segment_bytes;
    options.queue_capacity = config.order_queue;
    options.mempool_bytes = config.order_bytes;
    return options;
}

std::vector<CurrentIdentity> orderers_of(const NodeIdentities& identities) {
    std::vector<CurrentIdentity> all;
    if (identities.orderer) all.push_back(*identities.orderer);
    if (identities.next_orderer) all.push_back(*identities.next_orderer);
    return all;
}

}  // namespace

ChannelEndorsing::ChannelEndorsing(const ChannelStore& store, const std::optional<CurrentIdentity>& signer,
                                   Metrics& metrics, const storage::KeptSeries* kept) {
    if (!store.has_ledger()) return;
    evaluator = std::make_unique<Evaluator>(store.ledger(), store.membership(), memo, kept);
    states = std::make_unique<RecentStates>(store.ledger(), store.membership());
    feed = std::make_unique<BlockFeed>(store.ledger());
    if (!signer) return;
    attester = std::make_unique<Attester>(*signer, *states, *evaluator);
    endorser =
        std::make_unique<Endorser>(*signer, store.ledger(), store.membership(), *evaluator, memo, remembered, metrics);
}

ChannelNode::ChannelNode(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ChannelNode::~ChannelNode() { stop(); }

Result<std::unique_ptr<ChannelNode>> ChannelNode::open(NodeConfig config, NodeIdentities identities) {
    auto parts = std::make_unique<Parts>(std::move(config), std::move(identities));
    TRY(parts->build());
    parts->connect();
    parts->plan_life();
    return std::unique_ptr<ChannelNode>(new ChannelNode(std::move(parts)));
}

Status ChannelNode::Parts::build() {
    store = TRY(ChannelStore::open(config));
    TRY(check_residency(store->membership().get()->config(), config.residency));
    metrics.of_channel(store->channel());
    auto* const ledger = store->has_ledger() ? &store->ledger() : nullptr;
    own = std::make_unique<OwnIdentities>(config, identities, store->membership(), ledger);
    pool = std::make_unique<WorkerPool>(config.workers, kTaskQueue);
    if (config.has("endorser")) TRY(own->check_start(identities.peer->get()));
    if (config.has("gateway")) series = TRY(storage::SeriesStore::open(config.data / "collections"));
    endorsing = std::make_unique<ChannelEndorsing>(*store, config.has("endorser") ? identities.peer : std::nullopt,
                                                   metrics, series.get());
    network = TRY(make_network(config, *store, metrics));
    if (series) {
        keeper =
            std::make_unique<Keeper>(Keeper::Parts{config.name, identities.client->certificate().subject().organization,
                                                   store->membership(), *endorsing->evaluator, *series, network.get()});
    }
    others = std::make_unique<OtherNodes>(config.name, *store, network.get());
    if (network) {
        PeerQuestions::Endorse endorse;
        PeerQuestions::Attest attest;
        if (endorsing->endorser) {
            endorse = [this](const chaincode::SignedProposal& proposal) {
                return endorsing->endorser->endorse(proposal, now_ms());
            };
            attest = [this](const chaincode::SignedProposal& question, storage::BlockNumber block) {
                return endorsing->attester->attest(question, block, now_ms());
            };
        }
        questions =
            std::make_unique<PeerQuestions>(*network, *store, endorsing->memo, std::move(endorse), std::move(attest));
    }
    committing = std::make_unique<ChannelCommitting>(config, *store, identities, endorsing->memo, endorsing->remembered,
                                                     *pool, metrics);
    ordering = std::make_unique<Ordering>(
        OrderingOptions{config.name, orderer_options(config), orderers_of(identities), &store->chain(),
                        &store->membership(), network.get(), &metrics, &endorsing->memo, pool.get(),
                        [this](OrderedBlock block) { return committing->deliver(std::move(block)); },
                        [this] { return others->standings().highest; }});
    if (config.has("gateway")) {
        TRY(own->check_start(identities.client->get()));
        gateway = std::make_unique<ChannelGateway>(
            ChannelGatewayParts{config, *store, *endorsing->evaluator, *endorsing->states, *endorsing->feed,
                                endorsing->endorser.get(), *others, *ordering, *pool, waiting, endorsing->memo, metrics,
                                *identities.client, endorsing->endorser ? identities.peer : std::nullopt, *keeper});
    }
    TRY(build_registrar());
    TRY(build_api());
    return build_mqtt();
}

// What the node's HTTPS address serves of this channel: a gateway everything, another node how it is.
Status ChannelNode::Parts::build_api() {
    disk = std::make_unique<DiskWatch>(config.data, config.min_free_bytes);
    const auto disk_is_full = [this] {
        return disk->is_low() || ordering->stuck_on_full_disk() || committing->is_stuck_on_full_disk();
    };
    status = std::make_unique<NodeStatus>(NodeSources{
        config, store->membership(), store->chain(), [this] { return ordering->observe(); },
        [this] { return others->traffic(); }, [this] { return others->strangers(); },
        [this] { return ordering->following(); }, disk_is_full, [this] { return committing->needs_upgrade(); },
        [this] { return own->expiries(); }, [this] { return own->void_because(); }});
    operations = std::make_unique<NodeOperations>(store->membership(), metrics, *status, [this, disk_is_full] {
        // An orchestrator restarts a process that is not well: that makes no room on a disk.
        gateway::Health health;
        health.ok = true;
        health.details = {{"disk", disk_is_full() ? "full: new work is refused until there is room" : "ok"},
                          {"free_bytes", disk->free_bytes()}};
        if (const auto tip = store->chain().tip()) health.details.emplace("height", tip->number);
        return health;
    });
    if (!config.serves()) return {};
    gateway::RestOptions rest;
    rest.registrations = registrar.get();
    rest.per_identity = gateway::Rate{config.gateway.requests_per_second, config.gateway.burst};
    api = gateway ? std::make_unique<gateway::RestApi>(*operations, gateway->backend(), rest)
                  : std::make_unique<gateway::RestApi>(*operations, rest);
    return {};
}

// Which part calls which, beside those that were built from each other.
void ChannelNode::Parts::connect() {
    if (store->has_ledger()) {
        committing->on_commit([this](const CommittedBlock& block) { waiting.committed(block); });
    }
    if (endorsing->states) {
        committing->on_block([this](storage::BlockNumber) { endorsing->states->committed(); });
        committing->on_pruned([this] { endorsing->states->pruned(); });
        committing->on_block([this](storage::BlockNumber) { endorsing->feed->committed(); });
    }
    committing->on_block([this](storage::BlockNumber number) { ordering->applied(number); });
    if (questions) committing->on_block([this](storage::BlockNumber number) { questions->reached(number); });
    if (gateway) committing->on_block([this](storage::BlockNumber) { gateway->committed(); });
    if (network) {
        network->on_consensus(
            [this](consensus::Member from, FrameBody message) { ordering->receive(from, std::move(message)); });
        network->on_question(FrameKind::submit,
                             [this](const std::string& peer, FrameBody body, const NodeNetwork::Answer& answer) {
                                 ordering->answer(peer, std::move(body), answer);
                             });
    }
    if (network && store->has_ledger()) {
        questions->answer_signature_requests(*identities.peer);
        committing->exchange_checkpoints(*network, [this] {
            if (gateway) gateway->signature_came();
        });
    }
    const auto look_at_disk = [this] {
        disk->look();
        ordering->disk_is_full(disk->is_low() || committing->is_stuck_on_full_disk());
    };
    ticker.add(look_at_disk);
    ticker.add([this] { ordering->look(); });
    ticker.add([this] { waiting.expire(steady_ms()); });
    if (questions) ticker.add([this] { questions->expire(); });
    if (gateway) ticker.add([this] { gateway->look(); });
    ticker.add([this] { status->watch(); });
}

void ChannelNode::Parts::plan_life() {
    life.add_running([this] { store->close(); });
    if (endorsing->states) life.add_running([this] { endorsing->states->clear(); });
    life.add_running([this] { waiting.fail_all({Code::unavailable, "the node is stopping"}); });
    life.add_running([this] { pool->stop(); });
    if (questions) life.add_running([this] { questions->stop(); });
    if (keeper) life.add_running([this] { keeper->stop(); });
    life.add(
        [this] {
            committing->start();
            return Status();
        },
        [this] { committing->stop(); });
    if (network) life.add([this] { return network->start(); }, [this] { network->stop(); });
    life.add([this] { return ordering->start(); },
             [this] {
                 // On a full disk the committer (or keeper) waits for room, and ordering waits for the committer.
                 committing->give_up_on_full_disk();
                 ordering->stop();
             });
    if (gateway) life.add_running([this] { gateway->stop(); });
    if (mqtt) {
        life.add(
            [this] {
                mqtt->start();
                return Status();
            },
            [this] { mqtt->stop(); });
    }
    // A queue of submissions may wait for a node that is silent.
    if (network) life.add_running([this] { network->stop_asking(); });
    life.add(
        [this] {
            add_gauges();
            ticker.start();
            return Status();
        },
        [this] { ticker.stop(); });
}

void ChannelNode::Parts::add_gauges() {
    status->add_gauges(metrics);
    committing->add_gauges(metrics);
    const auto depth = [this](const char* name, std::function<double()> read) {
        metrics.figure(Metrics::Kind::gauge, "tally_queue_depth", "Work that waits, by queue", "queue", name,
                       std::move(read));
    };
    depth("workers", [this] { return static_cast<double>(pool->queued()); });
    depth("clients", [this] { return static_cast<double>(waiting.size()); });
    depth("order", [this] { return static_cast<double>(ordering->queued()); });
    metrics.gauge("tally_mempool_transactions", "Accepted transactions that are in no batch yet",
                  [this] { return static_cast<double>(ordering->queued()); });
    metrics.gauge("tally_mempool_bytes", "Of accepted transactions that are in no final block yet",
                  [this] { return static_cast<double>(ordering->pending_bytes()); });
    if (mqtt) add_mqtt_gauges();
    metrics.gauge("tally_disk_free_bytes", "Room where the data lies",
                  [this] { return static_cast<double>(disk->free_bytes()); });
    metrics.counter("tally_signatures_remembered_total", "Signature checks saved because this node had verified them",
                    [this] { return static_cast<double>(endorsing->memo.hits()); });
}

Status ChannelNode::start() { return parts_->life.start(); }
void ChannelNode::stop() { parts_->life.stop(); }

std::size_t ChannelNode::peers() const { return parts_->store->membership().get()->config().nodes.size() - 1; }
std::string ChannelNode::channel() const { return parts_->store->channel(); }
gateway::Handler* ChannelNode::api() const { return parts_->api.get(); }
Metrics& ChannelNode::metrics() const { return parts_->metrics; }
Status ChannelNode::check_member(const Identity& identity) const { return parts_->own->check_member(identity); }

bool ChannelNode::names_orderer(const crypto::PublicKey& key) const {
    return parts_->store->membership().get()->orderer_with(key).has_value();
}

bool ChannelNode::anchor_on(ChannelNode& root) const {
    auto& there = *root.parts_;
    if (!parts_->gateway || !there.gateway || !there.identities.peer) return true;
    return anchor_checkpoint(*parts_->store, parts_->config.genesis,
                             {there.identities.peer->get(), there.store->channel(), *there.endorsing->evaluator,
                              there.gateway->submitter()});
}

void ChannelNode::settle(std::stop_token stop) const {
    const auto& identities = parts_->identities;
    const auto& identity = identities.client ? identities.client : identities.peer;
    if (!parts_->gateway || !identity) return;
    OwnCalls calls({*identity, parts_->store->channel(), parts_->store->ledger(), *parts_->endorsing->evaluator,
                    parts_->gateway->submitter(), stop});
    run_scheduler(calls, std::chrono::seconds(parts_->config.settle_every_s), std::move(stop));
}

void ChannelNode::keep(std::stop_token stop) const {
    if (!parts_->keeper) return;
    OwnCalls calls({*parts_->identities.client, parts_->store->channel(), parts_->store->ledger(),
                    *parts_->endorsing->evaluator, parts_->gateway->submitter(), stop});
    const auto height = [this] { return parts_->store->ledger().tip()->number; };
    keep_collections(*parts_->keeper, calls, height, stop);
}

}  // namespace tally::node
