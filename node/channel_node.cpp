#include "node/channel_node.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "gateway/rest/api.h"
#include "node/backend.h"
#include "node/channel/channel_ledger.h"
#include "node/channel/config_contract.h"
#include "node/channel/next_anchor.h"
#include "node/net/node_network.h"
#include "node/operations/disk_watch.h"
#include "node/roles/block_keeper.h"
#include "node/roles/checkpoint_exchange.h"
#include "node/roles/committer.h"
#include "node/roles/ordering.h"
#include "node/roles/pruner.h"
#include "node/roles/signature_request.h"
#include "node/roles/snapshot_maker.h"
#include "node/roles/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"
#include "storage/seal.h"

namespace tally::node {
namespace {

constexpr std::size_t kEndorseQueue = 4096;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr unsigned kSubmitThreads = 32;  // they wait for other nodes' answers most of the time
constexpr unsigned kEndorseThreads = 4;
constexpr auto kHeightPatience = std::chrono::seconds(1);
constexpr auto kAnswerPatience = std::chrono::seconds(2);

}  // namespace

// Members are declared in the order in which they are needed, so they are destroyed in the reverse of it.
struct ChannelNode::Parts {
    NodeConfig config;
    Metrics metrics;
    crypto::VerifiedSignatures memo;
    std::optional<ChannelLedger> channel;  // or, on a node that only orders:
    std::optional<ChannelBlocks> blocks;
    std::unique_ptr<CurrentMembership> membership;
    std::unique_ptr<WorkerPool> pool;
    std::unique_ptr<WorkerPool> submit_pool;   // with other nodes: its tasks wait for their answers
    std::unique_ptr<WorkerPool> endorse_pool;  // and these for their blocks
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
    std::unique_ptr<Pruner> pruner;
    std::unique_ptr<SnapshotMaker> snapshots;
    std::unique_ptr<NodeBackend> backend;
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
    [[nodiscard]] Status build();
    [[nodiscard]] Status build_orderer_only(const storage::Block& genesis);
    [[nodiscard]] Status build_network();
    [[nodiscard]] Status build_gateway();
    [[nodiscard]] Status build_exchange();
    [[nodiscard]] Status check_member(const Identity& identity) const;
    void gather(storage::BlockNumber block);
    [[nodiscard]] Result<Bytes> endorse(const Bytes& body);
    [[nodiscard]] std::vector<EndorsementSource> endorsement_sources();
    [[nodiscard]] Status build_ordering();
    [[nodiscard]] NodeSources sources() const;
    void add_gauges();
    void watch_disk();
    void look_at_disk();
    void order_overdue();
    [[nodiscard]] gateway::Health health() const;
};

Status ChannelNode::Parts::build() {
    const auto genesis = TRY(read_genesis(config.genesis));
    TRY(config_of_genesis(genesis));
    if (config.roles == std::set<std::string>{"orderer"}) return build_orderer_only(genesis);
    channel = TRY(open_channel_ledger(config.data, genesis, config.cache_bytes));
    membership = std::make_unique<CurrentMembership>(TRY(Membership::from(TRY(config_of_state(*ledger().snapshot())))));
    pool = std::make_unique<WorkerPool>(config.workers, kEndorseQueue);
    const auto& contracts = node_contracts();
    evaluator = std::make_unique<Evaluator>(ledger(), contracts, *membership, memo);
    if (config.has("endorser")) {
        auto identity = TRY(load_identity(config.peer->certificate, config.peer->key));
        TRY(check_member(identity));
        add_certificate_gauge(metrics, "peer", identity.certificate());
        endorser = std::make_unique<Endorser>(std::move(identity), ledger(), contracts, *evaluator, memo, metrics);
    }
    if (config.has("committer")) {
        auto identity = TRY(load_identity(config.peer->certificate, config.peer->key));
        committer =
            std::make_unique<Committer>(ledger(), contracts, *membership, memo, *pool, std::move(identity), metrics);
    }
    TRY(build_network());
    TRY(build_ordering());
    node_status = std::make_unique<NodeStatus>(sources());
    if (config.has("gateway")) TRY(build_gateway());
    return {};
}

// A node that joins may be of an organization that the configuration which it has so far does not know.
Status ChannelNode::Parts::check_member(const Identity& identity) const {
    const auto current = membership->get();
    const auto member = current->identify(identity.chain, now_ms());
    if (member || current->config().node(config.name) != nullptr) {
        if (!member) return std::unexpected(member.error());
        return {};
    }
    spdlog::info("event=not_a_member_yet what=\"{}\"", member.error().message);
    return {};
}

Status ChannelNode::Parts::build_orderer_only(const storage::Block& genesis) {
    blocks = TRY(open_channel_blocks(config.data, genesis));
    const auto stored = TRY(blocks->store->configuration());
    membership = std::make_unique<CurrentMembership>(
        TRY(Membership::from(stored ? TRY(parse_channel_config(*stored)) : TRY(config_of_genesis(genesis)))));
    pool = std::make_unique<WorkerPool>(config.workers, kEndorseQueue);
    keeper = std::make_unique<BlockKeeper>(*blocks->store, *membership,
                                           [this](storage::BlockNumber number) { ordering->applied(number); });
    TRY(build_network());
    TRY(build_ordering());
    node_status = std::make_unique<NodeStatus>(sources());
    return {};
}

bool ChannelNode::Parts::stuck_on_full_disk() const {
    return ordering->stuck_on_full_disk() || (committer && committer->stuck_on_full_disk()) ||
           (keeper && keeper->stuck_on_full_disk());
}

// The way to the channel's other nodes, and what this one does for them. A node that the channel does not name yet
// follows it until it does.
Status ChannelNode::Parts::build_network() {
    const auto current = membership->get();
    const auto* self = current->config().node(config.name);
    if (!config.transport_key) {
        if (self != nullptr && current->config().nodes.size() == 1) return {};
        return fail(Code::bad_configuration,
                    "{}: the channel has several nodes: a table [network] with a key is needed", config.file.string());
    }
    auto key = TRY(transport_key_of(TRY(storage::read_file(*config.transport_key))));
    if (self != nullptr && self->transport_key != key.public_key) {
        return fail(Code::bad_configuration, "{}: the channel names a node \"{}\" with another transport key",
                    config.file.string(), config.name);
    }
    network = std::make_unique<NodeNetwork>(current->config(), NodeNetwork::Options{config.name, config.listen, key});
    network->on_consensus([this](consensus::Member from, consensus::Message message, std::size_t bytes) {
        ordering->receive(from, std::move(message), bytes);
    });
    if (committer) TRY(build_exchange());
    network->on_question(FrameKind::submit, [this](Bytes body, const NodeNetwork::Answer& answer) {
        ordering->answer(std::move(body), answer);
    });
    network->on_question(FrameKind::endorse, [this](Bytes body, const NodeNetwork::Answer& answer) {
        if (!endorser) return answer(fail(Code::unavailable, "this node does not endorse"));
        const bool posted = endorse_pool->post([this, body = std::move(body), answer] { answer(endorse(body)); });
        if (!posted) answer(fail(Code::busy, "too many endorsements are waiting"));
    });
    endorse_pool = std::make_unique<WorkerPool>(kEndorseThreads, kEndorseQueue);
    submit_pool = std::make_unique<WorkerPool>(kSubmitThreads, kEndorseQueue);
    return {};
}

Status ChannelNode::Parts::build_exchange() {
    const auto signer = TRY(load_identity(config.peer->certificate, config.peer->key));
    CheckpointExchange::Ways ways;
    ways.send = [this](const std::string& node, ByteView body) { network->tell(node, FrameKind::checkpoint, body); };
    ways.is_there = [this](const std::string& node) { return network->is_there(node); };
    ways.signature_came = [this] {
        if (backend) backend->signature_came();
    };
    ways.minority = [this](const storage::Checkpoint& own, const storage::Checkpoint& theirs) {
        const auto text = fmt::format("own:    {}\ntheirs: {}\n", described(own), described(theirs));
        (void)storage::write_file(disagreement_file(config.data), as_bytes(text));
        broken_invariant("most committers signed another checkpoint than this node: " + text, __FILE__, __LINE__);
    };
    exchange = std::make_unique<CheckpointExchange>(ledger(), *membership, config.name, signer.certificate().der(),
                                                    std::move(ways));
    network->on_notice(FrameKind::checkpoint,
                       [this](const std::string& node, ByteView body) { exchange->receive(node, body); });
    network->on_question(FrameKind::sign, [this, certificate = signer.certificate().der()](
                                              Bytes body, const NodeNetwork::Answer& answer) {
        const bool posted = endorse_pool->post([this, certificate, body = std::move(body), answer] {
            answer(answer_signature_request(ledger(), certificate, body));
        });
        if (!posted) answer(fail(Code::busy, "too much is waiting"));
    });
    return {};
}

// The other committers' signatures on the checkpoint of this height.
void ChannelNode::Parts::gather(storage::BlockNumber block) {
    if (!network) return;
    gather_signatures(ledger(), *membership->get(), config.name, block,
                      [this](const std::string& node, ByteView question) -> Result<Bytes> {
                          if (!network->is_there(node)) return fail(Code::unavailable, "{} is out of reach", node);
                          return network->ask(node, FrameKind::sign, question, kAnswerPatience).wait();
                      });
}

// For another node.
Result<Bytes> ChannelNode::Parts::endorse(const Bytes& body) {
    const auto question = TRY(storage::decode<EndorseQuestion>(body, "a question for an endorsement"));
    const auto limit = membership->get()->config().batch.absolute_max_bytes;
    const auto proposal = TRY(chaincode::SignedProposal::decode(question.proposal, limit));
    const auto until = std::chrono::steady_clock::now() + kHeightPatience;
    while (chain().tip()->number < question.height) {
        if (std::chrono::steady_clock::now() > until) {
            return fail(Code::unavailable, "this node is at block {}, the asker at block {}", chain().tip()->number,
                        question.height);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return storage::encode(TRY(endorser->endorse(proposal, now_ms())));
}

// This node first, then one node of each other organization, then their other nodes.
std::vector<EndorsementSource> ChannelNode::Parts::endorsement_sources() {
    std::vector<EndorsementSource> sources;
    std::map<std::string, std::size_t> of_organization;
    std::vector<std::pair<std::size_t, EndorsementSource>> others;
    if (endorser) {
        ++of_organization[endorser->organization()];
        sources.push_back({endorser->name(), endorser->organization(), true,
                           [this](const chaincode::SignedProposal& proposal, const Bytes&) {
                               return [this, &proposal] { return endorser->endorse(proposal, now_ms()); };
                           },
                           [] { return true; }});
    }
    const auto current = membership->get();
    for (const auto& node : current->config().nodes) {
        const bool endorses = std::find(node.roles.begin(), node.roles.end(), "endorser") != node.roles.end();
        if (!network || node.id == config.name || !endorses) continue;
        const auto ask = [this, id = node.id](const chaincode::SignedProposal&, const Bytes& bytes) {
            const auto body = storage::encode(EndorseQuestion{chain().tip()->number, bytes});
            auto question =
                std::make_shared<NodeNetwork::Question>(network->ask(id, FrameKind::endorse, body, kAnswerPatience));
            return [question]() -> Result<Endorsed> {
                return storage::decode<Endorsed>(TRY(question->wait()), "an endorsement");
            };
        };
        others.push_back({of_organization[node.organization]++,
                          {fmt::format("{} of {}", node.id, node.organization), node.organization, false, ask,
                           [this, id = node.id] { return network->is_there(id); }}});
    }
    std::stable_sort(others.begin(), others.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [rank, source] : others) sources.push_back(std::move(source));
    return sources;
}

Status ChannelNode::Parts::build_ordering() {
    OrderingOptions options;
    options.self = config.name;
    options.orderer.log_directory = log_path(config.data);
    options.orderer.first_start_marker = first_start_marker(config.data);
    options.orderer.segment_bytes = config.log_segment_bytes;
    options.orderer.queue_capacity = config.order_queue;
    options.orderer.mempool_bytes = config.order_bytes;
    if (config.has("orderer")) {
        options.identity = TRY(load_identity(config.orderer->certificate, config.orderer->key));
        add_certificate_gauge(metrics, "orderer", options.identity->certificate());
    }
    options.chain = &chain();
    options.membership = membership.get();
    options.network = network.get();
    options.metrics = &metrics;
    options.memo = &memo;
    options.pool = pool.get();
    options.deliver = [this](OrderedBlock block) {
        return keeper ? keeper->deliver(std::move(block)) : committer->deliver(std::move(block));
    };
    ordering = std::make_unique<Ordering>(std::move(options));
    return {};
}

Status ChannelNode::Parts::build_gateway() {
    auto client = TRY(load_identity(config.client->certificate, config.client->key));
    TRY(check_member(client));
    add_certificate_gauge(metrics, "client", client.certificate());
    submitter = std::make_unique<Submitter>(
        ledger(), *membership, submit_pool ? *submit_pool : *pool, waiting, memo,
        [this] { return endorsement_sources(); },
        [this](const Bytes& transaction) { return ordering->submit(transaction); }, metrics);
    snapshots = std::make_unique<SnapshotMaker>(ledger(), config.data / "snapshots",
                                                [this](storage::BlockNumber block) { gather(block); });
    backend = std::make_unique<NodeBackend>(
        BackendParts{ledger(), node_contracts(), *membership, *evaluator, *submitter, waiting, *pool, metrics,
                     std::move(client), [this] { return health(); }, *node_status,
                     [this](const Bytes& update) { return ordering->submit_configuration(update); }, *snapshots});
    gateway::RestOptions rest;
    const auto rate = gateway::Rate{config.gateway.requests_per_second, config.gateway.burst};
    rest.per_identity = rate;
    api = std::make_unique<gateway::RestApi>(*backend, rest);
    return {};
}

NodeSources ChannelNode::Parts::sources() const {
    return {config,
            *membership,
            chain(),
            [this] { return ordering->observe(); },
            [this] { return network ? network->traffic() : std::vector<PeerTraffic>{}; },
            [this] { return network ? network->strangers() : 0; }};
}

void ChannelNode::Parts::add_gauges() {
    node_status->add_gauges(metrics);
    const auto depth = [this](const char* name, std::function<double()> read) {
        metrics.gauge("tally_queue_depth", "Work that waits, by queue", "queue", name, std::move(read));
    };
    depth("workers", [this] { return static_cast<double>(pool->queued()); });
    depth("clients", [this] { return static_cast<double>(waiting.size()); });
    depth("order", [this] { return static_cast<double>(ordering->queued()); });
    if (committer) depth("commit", [this] { return static_cast<double>(committer->queued()); });
    if (exchange) {
        metrics.gauge("tally_disagreeing_committers", "Committers that signed another checkpoint than this node", "",
                      "", [this] { return static_cast<double>(exchange->disagreeing()); });
    }
    metrics.gauge("tally_disk_free_bytes", "Room where the data lies", "", "",
                  [this] { return static_cast<double>(free_bytes.load()); });
    metrics.gauge("tally_signatures_remembered_total", "Signature checks saved because this node had verified them", "",
                  "", [this] { return static_cast<double>(memo.hits()); });
}

void ChannelNode::Parts::look_at_disk() {
    const auto room = disk_room(config.data);
    if (!room) return;
    free_bytes = room->free_bytes;
    const bool low = room->free_bytes < config.min_free_bytes;
    if (low != low_on_disk.exchange(low)) {
        spdlog::log(low ? spdlog::level::err : spdlog::level::info, "event={} free_bytes={} wanted={}",
                    low ? "disk_full" : "disk_has_room", room->free_bytes, config.min_free_bytes);
    }
    ordering->disk_is_full(low || (committer && committer->stuck_on_full_disk()) ||
                           (keeper && keeper->stuck_on_full_disk()));
}

// What an orderer accepted and no block holds goes to another one: that orderer may be lost, or lie, or not be one any
// more.
void ChannelNode::Parts::order_overdue() {
    if (!network || !submit_pool) return;
    for (auto& late : waiting.overdue(now_ms())) {
        (void)submit_pool->post([this, late] {
            const auto orderer = ordering->submit(*late.transaction, late.orderer);
            if (orderer) waiting.ordered(late.id, *orderer, now_ms());
            spdlog::info("event=ordered_again id={} after={} at={} what=\"{}\"", late.id.hex(), late.orderer,
                         orderer.value_or("none"), orderer ? "" : orderer.error().message);
        });
    }
}

void ChannelNode::Parts::watch_disk() {
    std::unique_lock lock(watch_mutex);
    while (!stopping) {
        lock.unlock();
        look_at_disk();
        ordering->look();
        waiting.expire(now_ms());
        if (backend) backend->expire();
        order_overdue();
        lock.lock();
        watch_wake.wait_for(lock, std::chrono::seconds(1), [this] { return stopping; });
    }
}

gateway::Health ChannelNode::Parts::health() const {
    gateway::Health health;
    const bool full = low_on_disk || stuck_on_full_disk();
    health.ok = !full;
    health.details = {{"disk", full ? "full: new work is refused until there is room" : "ok"},
                      {"free_bytes", free_bytes.load()}};
    if (const auto tip = chain().tip()) health.details.emplace("height", tip->number);
    return health;
}

ChannelNode::ChannelNode(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ChannelNode::~ChannelNode() { stop(); }

Result<std::unique_ptr<ChannelNode>> ChannelNode::open(NodeConfig config) {
    auto parts = std::make_unique<Parts>();
    parts->config = std::move(config);
    TRY(parts->build());
    return std::unique_ptr<ChannelNode>(new ChannelNode(std::move(parts)));
}

Status ChannelNode::start() {
    auto& parts = *parts_;
    parts.look_at_disk();
    if (parts.committer) {
        parts.committer->on_commit([&parts](const CommittedBlock& block) {
            parts.waiting.committed(block);
            parts.ordering->applied(block.number);
            if (parts.backend) parts.backend->committed();
            if (parts.exchange) parts.exchange->committed();
        });
    }
    if (parts.network) TRY(parts.network->start());
    TRY(parts.ordering->start());
    if (parts.committer) parts.committer->start();
    if (parts.committer && parts.config.keep_days > 0) {
        parts.pruner = std::make_unique<Pruner>(parts.ledger(), parts.config.keep_days * kDayMs);
        parts.pruner->start();
    }
    if (parts.keeper) parts.keeper->start();
    if (parts.exchange) parts.exchange->start();
    parts.add_gauges();
    parts.watch = std::thread([&parts] { parts.watch_disk(); });
    return {};
}

void ChannelNode::stop() {
    auto& parts = *parts_;
    if (std::exchange(parts.stopped, true)) return;
    if (parts.snapshots) parts.snapshots->stop();
    if (parts.pruner) parts.pruner->stop();
    if (parts.submit_pool) parts.submit_pool->stop();
    if (parts.ordering) parts.ordering->stop();
    if (parts.network) parts.network->stop();
    if (parts.committer) parts.committer->stop();
    if (parts.exchange) parts.exchange->stop();
    if (parts.keeper) parts.keeper->stop();
    if (parts.endorse_pool) parts.endorse_pool->stop();
    if (parts.pool) parts.pool->stop();
    parts.waiting.fail_all({Code::unavailable, "the node is stopping"});
    {
        const std::lock_guard lock(parts.watch_mutex);
        parts.stopping = true;
    }
    parts.watch_wake.notify_all();
    if (parts.watch.joinable()) parts.watch.join();
    if (!parts.channel && !parts.blocks) return;
    auto status = parts.blocks ? parts.blocks->store->close() : parts.ledger().close();
    if (status) status = storage::write_seal(parts.config.data);
    if (!status) spdlog::error("event=unclean_stop what=\"{}\"", status.error().message);
}

std::string ChannelNode::channel() const { return parts_->membership->get()->config().channel; }
gateway::Handler* ChannelNode::api() const { return parts_->api.get(); }
Metrics& ChannelNode::metrics() const { return parts_->metrics; }

void ChannelNode::anchor_on(ChannelNode& root) const {
    if (!parts_->backend || !root.parts_->backend) return;
    const auto& client = root.parts_->backend->client();
    const auto anchored = root.parts_->evaluator->query(
        {client.certificate().subject().organization, "client", client.certificate().subject().common_name,
         client.certificate().der()},
        "anchor", "latest", chaincode::json_text(boost::json::object{{"channel", channel()}}), now_ms());
    const auto next = anchored ? next_anchor(parts_->ledger(), *anchored, client.certificate().subject().organization)
                               : Result<std::optional<std::string>>(std::unexpected(anchored.error()));
    if (!next) return spdlog::warn("event=not_anchored channel={} what=\"{}\"", channel(), next.error().message);
    if (!*next) return;
    auto sign = [&client, on = root.channel(), arguments = **next] {
        return chaincode::sign_proposal(client.key, client.chain, {on, "anchor", "put", arguments, {}, {}, now_ms()});
    };
    root.parts_->submitter->submit_own(
        std::move(sign), client.key.public_key(), true, [name = channel()](const Result<Submission>& outcome) {
            if (outcome) return;
            spdlog::warn("event=not_anchored channel={} what=\"{}\"", name, outcome.error().message);
        });
}

}  // namespace tally::node
