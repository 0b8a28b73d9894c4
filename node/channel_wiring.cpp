// How a ChannelNode is built: which roles there are, and what they are given.

#include <spdlog/spdlog.h>

#include "node/channel/config_contract.h"
#include "node/channel_parts.h"
#include "node/committing/signature_request.h"
#include "node/ordering/channel_nodes.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node {
namespace {

constexpr std::size_t kEndorseQueue = 4096;
constexpr std::size_t kQueryQueue = 4096;
// Of one organization among a gateway's callers.
constexpr FairTasks::Share kQueryShare{kQueryQueue / 4, 64U << 20};
constexpr FairTasks::Share kSubmitShare{kEndorseQueue / 4, 256U << 20};
constexpr FairTasks::Share kEndorseShare{kEndorseQueue / 4, 64U << 20};  // of one of the other nodes
constexpr unsigned kSubmitThreads = 32;  // they wait for other nodes' answers most of the time
constexpr unsigned kEndorseThreads = 4;

}  // namespace

Status ChannelNode::Parts::build() {
    const auto genesis = TRY(read_genesis(config.genesis));
    metrics.of_channel(TRY(config_of_genesis(genesis)).channel);
    if (config.roles == std::set<std::string>{"orderer"}) return build_orderer_only(genesis);
    channel = TRY(open_channel_ledger(config.data, genesis, config.cache_bytes));
    membership = std::make_unique<CurrentMembership>(TRY(Membership::from(TRY(config_of_state(*ledger().snapshot())))));
    pool = std::make_unique<WorkerPool>(config.workers, kEndorseQueue);
    evaluator = std::make_unique<Evaluator>(ledger(), *membership, memo);
    if (config.has("endorser")) {
        TRY(check_start(identities.peer->get()));
        endorser =
            std::make_unique<Endorser>(*identities.peer, ledger(), *membership, *evaluator, memo, remembered, metrics);
    }
    if (config.has("committer")) {
        committer =
            std::make_unique<Committer>(ledger(), *membership, memo, remembered, *pool, *identities.peer, metrics);
    }
    TRY(build_network());
    TRY(build_ordering());
    return build_api();
}

// A node that joins may be of an organization that the configuration which it has so far does not know.
Status ChannelNode::Parts::check_member(const Identity& identity) const {
    const auto current = membership->get();
    const auto member = current->identify(identity.chain, now_ms());
    if (member) return {};
    if (current->config().node(config.name) != nullptr) return std::unexpected(member.error());
    spdlog::info("event=not_a_member_yet what=\"{}\"", member.error().message);
    return {};
}

// A node whose certificate, authority or revocation list is out of date by the configuration that it has so far starts
// all the same, and fetches the blocks that mend it. One whose certificate stands for no role or organization does not.
Status ChannelNode::Parts::check_start(const Identity& identity) const {
    auto status = check_member(identity);
    if (status || status.error().code == Code::unauthenticated) return status;
    spdlog::error(
        "event=identity_does_not_count what=\"{}\" advice=\"until it is renewed, or the channel's configuration is "
        "mended, this node follows the channel and its word is void\"",
        status.error().message);
    return {};
}

Status ChannelNode::Parts::build_orderer_only(const storage::Block& genesis) {
    blocks = TRY(open_channel_blocks(config.data, genesis));
    const auto stored = TRY(blocks->store->configuration());
    membership = std::make_unique<CurrentMembership>(
        TRY(Membership::from(stored ? TRY(parse_channel_config(*stored)) : TRY(config_of_genesis(genesis)))));
    pool = std::make_unique<WorkerPool>(config.workers, kEndorseQueue);
    keeper = std::make_unique<BlockKeeper>(*blocks->store, *membership, metrics,
                                           [this](storage::BlockNumber number) { ordering->applied(number); });
    TRY(build_network());
    TRY(build_ordering());
    return build_api();
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
    const auto key = TRY(load_transport_key(*config.transport_key, self == nullptr ? "" : self->transport_key));
    NodeNetwork::Options options{config.name, config.listen, key};
    options.max_message_bytes = 2 * kMaxTransactionBytes + (1U << 20);  // a block's batch, or a question with it
    options.standing = [this] { return standing(); };
    options.sent = [this](const consensus::Message& message, std::size_t times) {
        metrics.consensus_message("sent", consensus::message_name(message), times);
    };
    network = std::make_unique<NodeNetwork>(current->config().channel, nodes_of(current->config()), std::move(options));
    network->on_consensus(
        [this](consensus::Member from, Bytes message) { ordering->receive(from, std::move(message)); });
    if (committer) TRY(build_exchange());
    network->on_question(FrameKind::submit,
                         [this](const std::string& peer, Bytes body, const NodeNetwork::Answer& answer) {
                             ordering->answer(peer, std::move(body), answer);
                         });
    network->on_question(FrameKind::endorse,
                         [this](const std::string& peer, Bytes body, const NodeNetwork::Answer& answer) {
                             endorse_for(peer, std::move(body), answer);
                         });
    endorse_pool = std::make_unique<WorkerPool>(kEndorseThreads, kEndorseQueue, "endorse");
    endorse_tasks = std::make_unique<FairTasks>(*endorse_pool, kEndorseShare);
    submit_pool = std::make_unique<WorkerPool>(kSubmitThreads, kEndorseQueue, "submit");
    return {};
}

Status ChannelNode::Parts::build_exchange() {
    CheckpointExchange::Ways ways;
    ways.send = [this](const std::string& node, ByteView body) { network->tell(node, FrameKind::checkpoint, body); };
    ways.is_there = [this](const std::string& node) { return network->is_there(node); };
    ways.signature_came = [this] {
        if (ledger_reads) ledger_reads->signature_came();
    };
    ways.minority = [this](const storage::Checkpoint& own, const storage::Checkpoint& theirs) {
        const auto text = fmt::format("own:    {}\ntheirs: {}\n", described(own), described(theirs));
        (void)storage::write_file(disagreement_file(config.data), as_bytes(text));
        broken_invariant("most committers signed another checkpoint than this node: " + text, __FILE__, __LINE__);
    };
    ways.blame = [this](const std::string& node, const Error& error) { network->blame(node, error); };
    exchange =
        std::make_unique<CheckpointExchange>(ledger(), *membership, config.name, *identities.peer, std::move(ways));
    network->on_notice(FrameKind::checkpoint,
                       [this](const std::string& node, ByteView body) { exchange->receive(node, body); });
    network->on_question(
        FrameKind::sign, [this](const std::string& peer, Bytes body, const NodeNetwork::Answer& answer) {
            const auto bytes = body.size();
            const auto posted = endorse_tasks->post(peer, bytes, [this, body = std::move(body), answer] {
                answer(answer_signature_request(ledger(), *identities.peer, body));
            });
            if (!posted) answer(std::unexpected(posted.error()));
        });
    return {};
}

Status ChannelNode::Parts::build_ordering() {
    OrderingOptions options;
    options.self = config.name;
    options.orderer.log_directory = log_path(config.data);
    options.orderer.first_start_marker = first_start_marker(config.data);
    options.orderer.segment_bytes = config.log_segment_bytes;
    options.orderer.queue_capacity = config.order_queue;
    options.orderer.mempool_bytes = config.order_bytes;
    options.identity = identities.orderer;
    options.chain = &chain();
    options.membership = membership.get();
    options.network = network.get();
    options.metrics = &metrics;
    options.memo = &memo;
    options.pool = pool.get();
    options.deliver = [this](OrderedBlock block) {
        return keeper ? keeper->deliver(std::move(block)) : committer->deliver(std::move(block));
    };
    options.highest = [this] { return standings().highest; };
    ordering = std::make_unique<Ordering>(std::move(options));
    return {};
}

Status ChannelNode::Parts::build_gateway() {
    TRY(check_start(identities.client->get()));
    query_pool = std::make_unique<WorkerPool>(config.workers, kQueryQueue, "query");
    submitter = std::make_unique<Submitter>(
        ledger(), *membership, submit_pool ? *submit_pool : *pool, kSubmitShare, waiting, memo,
        [this] { return endorsement_sources(); },
        [this](const Bytes& transaction) { return ordering->submit(transaction); }, metrics);
    snapshots = std::make_unique<SnapshotMaker>(ledger(), config.data / "snapshots",
                                                [this](storage::BlockNumber block) { gather(block); });
    query_tasks = std::make_unique<FairTasks>(*query_pool, kQueryShare);
    queries = std::make_unique<NodeQueries>(*membership, *evaluator, *query_tasks);
    submissions = std::make_unique<NodeSubmissions>(
        SubmissionParts{ledger(), *membership, *evaluator, *submitter, waiting, *query_tasks, *identities.client,
                        [this](const Bytes& update) { return ordering->submit_configuration(update); }});
    ledger_reads = std::make_unique<NodeLedgerReads>(
        LedgerReadParts{ledger(), *membership, waiting, *query_tasks, *query_pool, *snapshots});
    return {};
}

// What the node's HTTPS address serves of this channel: a gateway everything, another node how it is.
Status ChannelNode::Parts::build_api() {
    node_status = std::make_unique<NodeStatus>(sources());
    operations = std::make_unique<NodeOperations>(*membership, metrics, *node_status, [this] { return health(); });
    if (config.has("gateway")) TRY(build_gateway());
    if (!config.serves()) return {};
    gateway::RestOptions rest;
    rest.per_identity = gateway::Rate{config.gateway.requests_per_second, config.gateway.burst};
    api = submissions ? std::make_unique<gateway::RestApi>(
                            *operations, gateway::Backend{*submissions, *queries, *ledger_reads}, rest)
                      : std::make_unique<gateway::RestApi>(*operations, rest);
    return {};
}

}  // namespace tally::node
