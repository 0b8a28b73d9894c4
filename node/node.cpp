#include "node/node.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <thread>

#include "gateway/http/server.h"
#include "gateway/rest/api.h"
#include "node/backend.h"
#include "node/channel/channel_ledger.h"
#include "node/operations/disk_watch.h"
#include "node/roles/committer.h"
#include "node/roles/stopwatch.h"
#include "storage/files.h"
#include "storage/seal.h"

namespace tally::node {
namespace {

constexpr std::size_t kEndorseQueue = 4096;

Result<gateway::TlsIdentity> read_tls(const IdentityFiles& files) {
    return gateway::TlsIdentity{TRY(storage::read_file(files.certificate)), TRY(storage::read_file(files.key))};
}

}  // namespace

// Members are declared in the order in which they are needed, so they are destroyed in the reverse of it.
struct Node::Parts {
    NodeConfig config;
    Metrics metrics;
    crypto::VerifiedSignatures memo;
    std::optional<ChannelLedger> channel;
    std::unique_ptr<CurrentMembership> membership;
    std::unique_ptr<WorkerPool> pool;
    Waiting waiting;
    std::unique_ptr<Evaluator> evaluator;
    std::unique_ptr<Endorser> endorser;
    std::unique_ptr<Committer> committer;
    std::unique_ptr<Orderer> orderer;
    std::unique_ptr<Submitter> submitter;
    std::unique_ptr<NodeBackend> backend;
    std::unique_ptr<gateway::RestApi> api;
    std::unique_ptr<gateway::HttpServer> server;

    std::atomic<bool> low_on_disk{false};
    std::atomic<std::uint64_t> free_bytes{0};
    std::mutex watch_mutex;
    std::condition_variable watch_wake;
    bool stopping = false;
    bool stopped = false;
    std::thread watch;

    [[nodiscard]] storage::Ledger& ledger() const { return *channel->ledger; }
    [[nodiscard]] Status build();
    [[nodiscard]] Status build_gateway();
    void add_gauges();
    void add_certificate_gauge(const std::string& name, const crypto::Certificate& certificate);
    void watch_disk();
    void look_at_disk();
    [[nodiscard]] gateway::Health health() const;
};

Status Node::Parts::build() {
    const auto genesis = TRY(read_genesis(config.genesis));
    TRY(config_of_genesis(genesis));
    channel = TRY(open_channel_ledger(config.data, genesis, config.cache_bytes));
    membership = std::make_unique<CurrentMembership>(TRY(Membership::from(TRY(config_of_state(*ledger().snapshot())))));
    pool = std::make_unique<WorkerPool>(config.workers, kEndorseQueue);
    const auto& contracts = chaincode::standard_contracts();
    evaluator = std::make_unique<Evaluator>(ledger(), contracts, *membership, memo);
    if (config.has("endorser")) {
        auto identity = TRY(load_identity(config.peer->certificate, config.peer->key));
        TRY(membership->get()->identify(identity.chain, now_ms()));
        add_certificate_gauge("peer", identity.certificate());
        endorser = std::make_unique<Endorser>(std::move(identity), ledger(), contracts, *evaluator, memo, metrics);
    }
    if (config.has("committer")) {
        auto identity = TRY(load_identity(config.peer->certificate, config.peer->key));
        committer =
            std::make_unique<Committer>(ledger(), contracts, *membership, memo, *pool, std::move(identity), metrics);
    }
    if (config.has("gateway")) TRY(build_gateway());
    return {};
}

Status Node::Parts::build_gateway() {
    auto client = TRY(load_identity(config.client->certificate, config.client->key));
    TRY(membership->get()->identify(client.chain, now_ms()));
    add_certificate_gauge("client", client.certificate());
    std::vector<EndorsementSource> sources;
    if (endorser) {
        sources.push_back({endorser->name(), [this](const chaincode::SignedProposal& proposal) {
                               return endorser->endorse(proposal, now_ms());
                           }});
    }
    const auto order = [this](Bytes transaction) -> Status {
        if (!orderer) return fail(Code::unavailable, "no orderer is within reach of this node");
        return orderer->submit(std::move(transaction));
    };
    submitter =
        std::make_unique<Submitter>(ledger(), *membership, *pool, waiting, memo, std::move(sources), order, metrics);
    backend = std::make_unique<NodeBackend>(BackendParts{ledger(), chaincode::standard_contracts(), *membership,
                                                         *evaluator, *submitter, waiting, *pool, metrics,
                                                         std::move(client), [this] { return health(); }});
    gateway::RestOptions rest;
    const auto rate = gateway::Rate{config.gateway.requests_per_second, config.gateway.burst};
    rest.per_identity = rate;
    api = std::make_unique<gateway::RestApi>(*backend, rest);
    gateway::ServerOptions options;
    options.address = config.gateway.address;
    options.port = config.gateway.port;
    options.tls = TRY(read_tls(config.gateway.tls));
    options.threads = config.gateway.threads;
    options.limits.max_body_bytes = config.gateway.max_body_bytes;
    options.limits.max_connections = static_cast<unsigned>(config.gateway.max_connections);
    options.limits.max_connections_per_address = static_cast<unsigned>(config.gateway.max_connections_per_address);
    options.limits.idle_timeout = std::chrono::milliseconds(config.gateway.idle_timeout_ms);
    options.observer = [this](const gateway::RequestRecord& record) {
        metrics.request(record.route.empty() ? "none" : record.route, record.status, record.seconds);
    };
    if (config.gateway.access_log || spdlog::default_logger()->should_log(spdlog::level::debug))
        options.access_log = spdlog::default_logger();
    const auto tls_certificate = TRY(crypto::Certificate::chain_from_pem(options.tls.certificate_pem));
    add_certificate_gauge("tls", tls_certificate.front());
    server = std::make_unique<gateway::HttpServer>(std::move(options), *api);
    return {};
}

void Node::Parts::add_certificate_gauge(const std::string& name, const crypto::Certificate& certificate) {
    metrics.gauge("tally_certificate_expiry_seconds", "Seconds until a certificate of this node expires", "certificate",
                  name, [until = certificate.not_after_ms()] { return static_cast<double>(until - now_ms()) / 1000; });
}

void Node::Parts::add_gauges() {
    const auto depth = [this](const char* name, std::function<double()> read) {
        metrics.gauge("tally_queue_depth", "Work that waits, by queue", "queue", name, std::move(read));
    };
    depth("workers", [this] { return static_cast<double>(pool->queued()); });
    depth("clients", [this] { return static_cast<double>(waiting.size()); });
    if (orderer) depth("order", [this] { return static_cast<double>(orderer->queued()); });
    if (committer) depth("commit", [this] { return static_cast<double>(committer->queued()); });
    if (server) {
        metrics.gauge("tally_http_connections", "Open HTTP connections", "", "",
                      [this] { return static_cast<double>(server->connections()); });
    }
    metrics.gauge("tally_disk_free_bytes", "Room where the data lies", "", "",
                  [this] { return static_cast<double>(free_bytes.load()); });
    metrics.gauge("tally_signatures_remembered_total", "Signature checks saved because this node had verified them", "",
                  "", [this] { return static_cast<double>(memo.hits()); });
}

void Node::Parts::look_at_disk() {
    const auto room = disk_room(config.data);
    if (!room) return;
    free_bytes = room->free_bytes;
    const bool low = room->free_bytes < config.min_free_bytes;
    if (low != low_on_disk.exchange(low)) {
        spdlog::log(low ? spdlog::level::err : spdlog::level::info, "event={} free_bytes={} wanted={}",
                    low ? "disk_full" : "disk_has_room", room->free_bytes, config.min_free_bytes);
    }
    if (orderer) orderer->disk_is_full(low || (committer && committer->stuck_on_full_disk()));
}

void Node::Parts::watch_disk() {
    std::unique_lock lock(watch_mutex);
    while (!stopping) {
        lock.unlock();
        look_at_disk();
        waiting.expire(now_ms());
        lock.lock();
        watch_wake.wait_for(lock, std::chrono::seconds(1), [this] { return stopping; });
    }
}

gateway::Health Node::Parts::health() const {
    gateway::Health health;
    const bool full =
        low_on_disk || (orderer && orderer->stuck_on_full_disk()) || (committer && committer->stuck_on_full_disk());
    health.ok = !full;
    health.details = {{"disk", full ? "full: new work is refused until there is room" : "ok"},
                      {"free_bytes", free_bytes.load()}};
    if (const auto tip = ledger().tip()) health.details.emplace("height", tip->number);
    return health;
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() { stop(); }

Result<std::unique_ptr<Node>> Node::open(NodeConfig config) {
    auto parts = std::make_unique<Parts>();
    parts->config = std::move(config);
    TRY(parts->build());
    return std::unique_ptr<Node>(new Node(std::move(parts)));
}

Status Node::start() {
    auto& parts = *parts_;
    parts.look_at_disk();
    if (parts.committer) {
        parts.committer->on_commit([&parts](const CommittedBlock& block) {
            parts.waiting.committed(block);
            if (parts.orderer) parts.orderer->applied(block.number);
            if (parts.backend) parts.backend->committed();
        });
    }
    if (parts.config.has("orderer")) {
        auto identity = TRY(load_identity(parts.config.orderer->certificate, parts.config.orderer->key));
        parts.add_certificate_gauge("orderer", identity.certificate());
        const auto membership = parts.membership->get();
        const auto& channel_config = membership->config();
        OrdererOptions options;
        options.log_directory = log_path(parts.config.data);
        options.segment_bytes = parts.config.log_segment_bytes;
        options.queue_capacity = parts.config.order_queue;
        options.mempool_bytes = std::max(parts.config.order_bytes, channel_config.batch.absolute_max_bytes);
        options.limits = channel_config.batch_limits();
        const auto deliver = [&parts](OrderedBlock block) {
            return parts.committer && parts.committer->deliver(std::move(block));
        };
        parts.orderer =
            TRY(Orderer::start(std::move(options), std::move(identity), *membership, parts.ledger(), deliver, parts.metrics));
    }
    if (parts.committer) parts.committer->start();
    parts.add_gauges();
    parts.watch = std::thread([&parts] { parts.watch_disk(); });
    if (parts.server) TRY(parts.server->start());
    return {};
}

void Node::stop() {
    auto& parts = *parts_;
    if (std::exchange(parts.stopped, true)) return;
    if (parts.server) parts.server->stop();
    if (parts.orderer) parts.orderer->stop();
    if (parts.committer) parts.committer->stop();
    if (parts.pool) parts.pool->stop();
    parts.waiting.fail_all({Code::unavailable, "the node is stopping"});
    {
        const std::lock_guard lock(parts.watch_mutex);
        parts.stopping = true;
    }
    parts.watch_wake.notify_all();
    if (parts.watch.joinable()) parts.watch.join();
    if (!parts.channel) return;
    auto status = parts.ledger().close();
    if (status) status = storage::write_seal(parts.config.data);
    if (!status) spdlog::error("event=unclean_stop what=\"{}\"", status.error().message);
}

std::uint16_t Node::gateway_port() const { return parts_->server ? parts_->server->port() : 0; }

Status Node::reload() {
    if (!parts_->server) return {};
    return parts_->server->reload_tls(TRY(read_tls(parts_->config.gateway.tls)));
}

}  // namespace tally::node
